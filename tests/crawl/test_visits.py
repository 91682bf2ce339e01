"""Visits as the daemon makes them: real workers, real servers, one worker's memory between the visits."""

import gzip
import socket
import time
import zlib
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from itertools import count, pairwise
from threading import Event
from typing import Any

import brotli
import pytest
from crew import Crew
from farm import TEXT, Answer, Asked, Site, article, job, listing, source

from yuqing_daemon.bus import Job, Result, Visit

NUMBERS = count()
TITLES = {f"/2026-05/{number}.html": f"星河食品公司第{number}号生产线停产检修的通知" for number in range(1001, 1006)}
PATHS = tuple(TITLES)


def news(site: Site, *paths: str) -> None:
    """Fill a site with a list and its articles."""
    chosen = paths or tuple(TITLES)
    site.pages["/"] = listing(*((path, TITLES[path]) for path in chosen))
    for path in chosen:
        site.pages[path] = article(TITLES[path])


def a_job(site: Site, state: Mapping[str, Any] | None = None, **given: Any) -> Job:
    options = given.pop("options", {})
    of = source(site, spider=given.pop("spider", "page"), options=options, **given.pop("of", {}))
    number = next(NUMBERS)
    return job(of, id=f"v{number}", state=state or {}, **given)


def paths(result: Result) -> list[str]:
    return sorted(post.url.removeprefix("http://").partition("/")[2] for post in result.posts)


# -- what is new


def test_the_second_visit_reads_only_what_is_new(crew: Crew, site: Site) -> None:
    old, new = PATHS[:3], PATHS[3]
    news(site, *old)
    first = crew.result(a_job(site, first_visit=True))
    assert first.visit is Visit.READ and len(first.posts) == 3 and first.links == 3
    assert first.posts[0].text.startswith("星河食品公司昨日发布公告") and first.posts[0].site == "example.com"
    news(site, new, *old)
    site.all_asked.clear()
    second = crew.result(a_job(site, first.state))
    assert [post.title for post in second.posts] == [TITLES[new]]
    assert site.asked == ["/", new]


def test_a_list_with_the_same_links_is_unchanged_though_the_page_is_not(crew: Crew, site: Site) -> None:
    news(site)
    first = crew.result(a_job(site, first_visit=True))
    site.pages["/"] = str(site.pages["/"]).replace("</body>", "<p>12:34:56</p></body>")
    site.all_asked.clear()
    second = crew.result(a_job(site, first.state))
    assert second.visit is Visit.UNCHANGED and site.asked == ["/"] and second.links == 5


def test_tracking_parameters_that_change_each_time_make_no_duplicates(crew: Crew, site: Site) -> None:
    news(site)
    first = crew.result(a_job(site, first_visit=True))
    for spm in ("a.1", "b.2"):
        site.pages["/"] = listing(*((f"{path}?spm={spm}&utm_source=x", title) for path, title in TITLES.items()))
        again = crew.result(a_job(site, first.state))
        assert not again.posts and again.visit is Visit.UNCHANGED
    assert first.posts[0].url.endswith(".html")


def test_validators_are_sent_back_exactly_as_received_and_304_is_unchanged(crew: Crew, site: Site) -> None:
    news(site)
    page, odd = str(site.pages["/"]), 'W/"a,b c"'
    stamp = "Fri, 01 May 2026 01:30:00 GMT"

    def front(asked: Asked) -> Answer:
        same = asked.headers.get("If-None-Match") == odd and asked.headers.get("If-Modified-Since") == stamp
        return Answer("", 304) if same else Answer(page, headers={"ETag": odd, "Last-Modified": stamp})

    site.pages["/"] = front
    first = crew.result(a_job(site, first_visit=True))
    second = crew.result(a_job(site, first.state))
    assert second.visit is Visit.UNCHANGED and not second.error
    assert second.state is None  # nothing to store
    third = crew.result(a_job(site, first.state))
    assert third.visit is Visit.UNCHANGED
    assert site.asked.count("/") == 3 and len(site.asked) == 8
    sent = site.all_asked[-1].headers
    assert (sent["If-None-Match"], sent["If-Modified-Since"]) == (odd, stamp)


def test_an_article_that_cannot_be_read_is_retried_and_in_the_end_left_with_its_title(crew: Crew, site: Site) -> None:
    news(site)
    path = PATHS[0]
    site.pages[path] = Answer("", 500)
    result = crew.result(a_job(site, first_visit=True))
    assert len(result.posts) == 4
    for tries in (1, 2, 3):
        (unread,) = result.unread
        assert (unread.tries, unread.error) == (tries, "HTTP 500") and unread.url.endswith(path)
        result = crew.result(a_job(site, result.state))
    assert [(post.title, post.text) for post in result.posts] == [(TITLES[path], "")] and not result.unread
    assert not crew.result(a_job(site, result.state)).posts


def test_what_the_page_budget_leaves_is_read_at_the_next_visit(crew: Crew, site: Site) -> None:
    news(site, PATHS[0])
    state = crew.result(a_job(site, first_visit=True)).state
    news(site)
    found = []
    for _ in range(3):
        result = crew.result(a_job(site, state, max_pages=3))
        found.append(len(result.posts))
        state = result.state
    assert found == [2, 2, 0]


def test_the_first_visit_stores_all_that_is_listed_the_rest_by_title(crew: Crew, site: Site) -> None:
    news(site)
    result = crew.result(a_job(site, first_visit=True, max_pages=3))
    assert len(result.posts) == 5 and sum(bool(post.text) for post in result.posts) == 2
    assert [post.title for post in result.posts][:2] == list(TITLES.values())[:2]
    assert not crew.result(a_job(site, result.state)).posts


def test_posts_due_again_give_readings_and_changed_texts(crew: Crew, site: Site) -> None:
    news(site)
    one, two = PATHS[:2]
    state = crew.result(a_job(site, first_visit=True)).state
    site.pages[one] = article(TITLES[one], more="阅读 1.2万")
    site.pages[two] = article(TITLES[two], TEXT, "后来又补充了一段：检修已经提前完成，供应恢复正常，请放心购买。")
    result = crew.result(a_job(site, state, revisit=(site.url + one, site.url + two)))
    assert [(reading.reads, reading.comments) for reading in result.readings] == [(12000, None)]
    assert [post.url for post in result.posts] == [site.url + two]


def test_a_deadline_gives_what_was_found_until_then(crew: Crew, site: Site) -> None:
    news(site)
    stuck, never = PATHS[-1], Event()
    site.pages[stuck] = lambda asked: (never.wait(6), Answer(""))[1]
    first = crew.result(a_job(site, {"recent": {}}, deadline=timedelta(seconds=1)))
    never.set()
    assert len(first.posts) == 4 and "deadline" in first.error
    site.pages[stuck] = article(TITLES[stuck])
    again = crew.result(a_job(site, first.state))
    assert [post.title for post in again.posts] == [TITLES[stuck]]


# -- politeness


def test_robots_txt_is_obeyed_and_asked_for_once(crew: Crew, site: Site) -> None:
    news(site)
    closed = PATHS[0]
    site.pages["/robots.txt"] = Answer(f"User-agent: yuqing-daemon\nDisallow: {closed}\n", label="text/plain")
    result = crew.result(a_job(site, first_visit=True))
    assert closed not in site.asked and len(result.posts) == 4
    assert result.unread[0].error == f"robots.txt disallows {site.url}{closed}"
    crew.result(a_job(site, result.state))
    assert sum(asked.path == "/robots.txt" for asked in site.all_asked) == 1
    assert site.all_asked[0].headers["User-Agent"] == "yuqing-daemon/0.1 (+https://example.com/about)"


def test_a_closed_site_fails_visibly_unless_there_is_a_written_reason(crew: Crew, site: Site) -> None:
    news(site)
    site.pages["/robots.txt"] = Answer("User-agent: *\nDisallow: /\n", label="text/plain")
    result = crew.result(a_job(site, first_visit=True))
    assert result.visit is Visit.FAILED and "robots.txt disallows" in result.error and not site.asked
    allowed = crew.result(a_job(site, first_visit=True, of={"ignore_robots": "our own site, agreed on 1 May"}))
    assert len(allowed.posts) == 5


def test_a_robots_txt_that_answers_with_an_error_closes_the_site_for_now(crew: Crew, site: Site) -> None:
    news(site)
    site.pages["/robots.txt"] = Answer("", 503)
    result = crew.result(a_job(site, first_visit=True))
    assert result.visit is Visit.FAILED and "robots.txt cannot be read: HTTP 503" in result.error and not site.asked


def test_crawl_delay_spaces_the_requests_out(crew: Crew, site: Site) -> None:
    news(site)
    at: list[float] = []
    for path, page in list(site.pages.items()):
        site.pages[path] = lambda asked, page=page: (at.append(time.monotonic()), Answer(str(page)))[1]
    site.pages["/robots.txt"] = Answer("User-agent: *\nCrawl-delay: 0.2\n", label="text/plain")
    assert len(crew.result(a_job(site, first_visit=True)).posts) == 5
    assert all(later - earlier >= 0.19 for earlier, later in pairwise(at))


@pytest.mark.parametrize(("status", "headers", "seconds"), [(429, {"Retry-After": "120"}, 120), (503, {}, 300)])
def test_a_site_that_asks_to_wait_is_left_alone(
    crew: Crew, site: Site, status: int, headers: dict[str, str], seconds: int
) -> None:
    site.pages["/"] = Answer("", status, headers)
    result = crew.result(a_job(site))
    assert result.visit is Visit.FAILED and result.retry_after is not None
    assert result.retry_after.total_seconds() == seconds
    again = crew.result(a_job(site))
    assert "asked to be left alone" in again.error and site.asked == ["/"]


def test_a_pause_in_the_middle_costs_the_rest_no_try(crew: Crew, site: Site) -> None:
    news(site, *PATHS[3:])
    state = crew.result(a_job(site, first_visit=True)).state
    news(site)
    site.pages[PATHS[1]] = Answer("", 429, {"Retry-After": "0"})
    result = crew.result(a_job(site, state))
    assert result.retry_after is not None and not result.unread
    news(site)
    again = crew.result(a_job(site, result.state))
    assert len(result.posts) + len(again.posts) == 3


def test_a_slow_crawl_delay_leaves_pages_for_the_next_visit_and_no_error(crew: Crew, site: Site) -> None:
    news(site)
    site.pages["/robots.txt"] = Answer("User-agent: *\nCrawl-delay: 0.3\n", label="text/plain")
    found, state = 0, {"recent": {}}
    while found < 5:
        result = crew.result(a_job(site, state, deadline=timedelta(seconds=1.5)))
        assert not result.error and result.posts
        found, state = found + len(result.posts), result.state  # type: ignore[assignment]
    assert not crew.result(a_job(site, state)).posts


# -- where it must not go


INSIDE = [
    *("http://127.0.0.1:{other}/", "http://127.1:{other}/", "http://0x7f000001:{other}/", "http://2130706433:{other}/"),
    *("http://localhost:{other}/", "http://[::1]:{other}/", "http://[::ffff:127.0.0.1]:{other}/", "http://127.0.0.2/"),
    *("http://169.254.169.254/latest/meta-data/", "http://100.100.100.200/", "http://[64:ff9b::7f00:1]/", "http://0/"),
    *(
        "http://10.0.0.1/",
        "http://user@127.0.0.1:{other}/",
        "http://127.0.0.1.:{other}/",
        "http://１２７.0.0.1:{other}/",
    ),
]


def test_no_crawled_address_leads_inside(crew: Crew, site: Site, other: Site) -> None:
    port = other.url.rpartition(":")[2]
    site.pages["/"] = "<title>hello</title>"
    jobs = []
    for number, target in enumerate(INSIDE):
        there = target.format(other=port)
        site.pages[f"/go{number}"] = Answer("", 302, {"Location": there.encode().decode("latin-1")})
        for what in (there, f"{site.url}/go{number}"):
            for of in ({}, {"ignore_robots": "tried without robots.txt"}):
                options = {"args": {"what": what}}
                jobs.append(a_job(site, spider="asks", options=options, of=of, host=f"h{len(jobs)}"))
    for each in crew.crawl(*jobs):
        assert isinstance(each, Result)
        assert [post.title for post in each.posts] == ["asked"]
    assert other.all_asked == []


def test_a_list_that_redirects_inside_says_so(crew: Crew, site: Site, other: Site) -> None:
    other.pages["/"] = listing(*((path, title) for path, title in TITLES.items()))
    for target, words in ((other.url, "127.0.0.1 is refused"), ("http://localhost/", "localhost is refused")):
        site.pages["/"] = Answer("", 302, {"Location": target + "/"})
        result = crew.result(a_job(site))
        assert result.visit is Visit.FAILED and words in result.error, result.error
    for target in ("file:///etc/passwd", "data:text/html,x", "ftp://127.0.0.1/"):
        site.pages["/"] = Answer("", 302, {"Location": target})
        assert "its redirects lead nowhere" in crew.result(a_job(site)).error
    assert other.all_asked == []


def test_only_an_internal_source_may_visit_an_inside_address(crew: Crew, site: Site) -> None:
    news(site)
    result = crew.result(a_job(site, of={"internal": False}))
    assert result.visit is Visit.FAILED and "127.0.0.1 is refused" in result.error and not site.all_asked


def test_a_name_that_resolves_to_an_inside_address_is_refused_at_connecting(crew: Crew, site: Site) -> None:
    name = socket.gethostname()  # not spelled like an address, and leads to this machine
    try:
        socket.gethostbyname(name)
    except OSError:
        pytest.skip("this machine does not know its own name")
    port = site.url.rpartition(":")[2]
    of = {"internal": False, "urls": (f"http://{name}:{port}/",)}
    result = crew.result(a_job(site, of=of))
    assert result.visit is Visit.FAILED and "is refused" in result.error and not site.all_asked


def test_redirects_end(crew: Crew, site: Site) -> None:
    for number in range(20):
        site.pages[f"/r{number}"] = Answer("", 302, {"Location": f"/r{number + 1}"})
    site.pages["/"] = Answer("", 302, {"Location": "/r0"})
    result = crew.result(a_job(site))
    assert result.visit is Visit.FAILED and len(site.asked) == 6


def test_robots_txt_applies_after_a_redirect(crew: Crew, site: Site) -> None:
    news(site)
    site.pages["/private"] = site.pages["/"]
    site.pages["/robots.txt"] = Answer("User-agent: *\nDisallow: /private\n", label="text/plain")
    site.pages["/"] = Answer("", 301, {"Location": "/private"})
    result = crew.result(a_job(site))
    assert "robots.txt disallows" in result.error and site.asked == ["/"]


# -- what comes back


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
def test_a_decompression_bomb_costs_its_page_only(crew: Crew, site: Site, encoding: str) -> None:
    pack = {"gzip": gzip.compress, "deflate": zlib.compress, "br": partial(brotli.compress, quality=1)}[encoding]
    news(site)
    bomb = PATHS[0]
    site.pages[bomb] = Answer(pack(b"<p>" + b"\0" * 60_000_000), headers={"Content-Encoding": encoding})
    result = crew.result(a_job(site, first_visit=True))
    assert len(result.posts) == 4 and [unread.error for unread in result.unread] == ["the page is too large"]


def test_a_page_without_end_is_cut_off(crew: Crew, site: Site) -> None:
    news(site)
    site.pages[PATHS[0]] = Answer(b"x" * 6_000_000)
    result = crew.result(a_job(site, first_visit=True))
    assert [unread.error for unread in result.unread] == ["the page is too large"]


@pytest.mark.parametrize("label", ["text/html; charset=utf-8", "text/html; charset=iso-8859-1", "text/html"])
def test_a_gbk_page_with_a_wrong_header_is_read_right(crew: Crew, site: Site, label: str) -> None:
    news(site)
    for path in ("/", *TITLES):
        site.pages[path] = Answer(str(site.pages[path]).encode("gbk"), label=label)
    built_in = crew.result(a_job(site, first_visit=True))
    own = crew.result(a_job(site, spider="good", first_visit=True))
    assert {post.title for post in built_in.posts} == set(TITLES.values()) == {post.title for post in own.posts}


def test_a_site_that_is_down_or_forbids_fails_with_the_reason(crew: Crew, site: Site) -> None:
    site.pages["/"] = Answer("", 403)
    assert "HTTP 403" in crew.result(a_job(site)).error
    gone = a_job(site)
    site.close()
    result = crew.result(gone)
    assert result.visit is Visit.FAILED and "the connection was refused" in result.error and result.state is None


# -- an organisation's own spiders


def test_an_own_spider_is_filtered_by_what_was_seen_and_its_readings_are_kept(crew: Crew, site: Site) -> None:
    rows = '<li><a href="/a">食堂的汤</a><b class="reads">{}</b></li><li><a href="/b">食堂的饭</a></li>'
    site.pages["/"] = rows.format("1.2万")
    first = crew.result(a_job(site, spider="good", first_visit=True))
    assert [post.title for post in first.posts] == ["食堂的汤", "食堂的饭"]
    assert [reading.reads for reading in first.readings] == [12000]
    site.pages["/"] = rows.format("1.3万") + '<li><a href="/c?spm=1">食堂的面</a></li>'
    second = crew.result(a_job(site, first.state, spider="good"))
    assert [post.url for post in second.posts] == [site.url + "/c"]
    assert [reading.reads for reading in second.readings] == [13000]


def test_a_spider_that_waits_at_a_queue_ends_its_visit_when_the_queue_is_empty(
    crew: Crew, site: Site, other: Site
) -> None:
    site.pages["/"] = "<title>x</title>"
    fed = a_job(site, spider="fed", options={"args": {"queue": f"{site.url}/"}}, deadline=timedelta(seconds=20))
    one, other_one = crew.crawl(fed, a_job(other, spider="fed"))
    assert isinstance(one, Result) and [post.title for post in one.posts] == ["fed"] and not one.error
    assert isinstance(other_one, Result) and other_one.visit is Visit.READ, "an empty queue is no failure"


def test_a_spider_with_only_start_requests_works_and_gets_its_arguments(crew: Crew, site: Site) -> None:
    site.pages["/"] = "<title>hello</title>"
    result = crew.result(a_job(site, spider="old", options={"args": {"word": " world"}}))
    assert [post.title for post in result.posts] == ["hello world"]


def test_a_spider_that_passes_its_meta_on_makes_no_list_of_other_pages(crew: Crew, site: Site) -> None:
    site.pages["/"] = Answer("<title>hello</title>", headers={"ETag": '"list"'})
    site.pages["/more"] = Answer("<title>more</title>", headers={"ETag": '"more"'})
    result = crew.result(a_job(site, spider="passes-meta-on"))
    assert result.state is not None and result.posts
    assert result.state["validators"] == {f"{site.url}/": {"ETag": '"list"'}}


def test_items_without_url_or_title_are_refused_visibly(crew: Crew, site: Site) -> None:
    site.pages["/"] = "<title>hello</title>"
    result = crew.result(a_job(site, spider="bad-items"))
    assert [post.title for post in result.posts] == ["good"]
    assert "refused an item without url: its fields are title" in result.error


def test_a_spiders_own_settings_cannot_lift_the_guards(crew: Crew, site: Site) -> None:
    site.pages["/"] = "<title>hello</title>"
    site.pages["/robots.txt"] = Answer("User-agent: *\nDisallow: /other\n", label="text/plain")
    result = crew.result(a_job(site, spider="own-settings"))
    assert {post.title for post in result.posts} == {
        "TELNETCONSOLE_ENABLED=False",
        "REMOTE_CONTROL_ENABLED=False",
        "DOWNLOAD_MAXSIZE=5242880",
    }
    assert "/robots.txt" in [asked.path for asked in site.all_asked]


def test_an_unknown_spider_fails_with_the_names_there_are(crew: Crew, site: Site) -> None:
    result = crew.result(a_job(site, spider="no-such"))
    assert "there is no spider 'no-such'; there are" in result.error and "good" in result.error


def test_broken_files_are_told_and_hide_nobody(crew: Crew) -> None:
    told = "\n".join(crew.bus.problems)
    for name, words in (
        ("broken_syntax.py", "SyntaxError"),
        ("broken_import.py", "No module named 'no_such_module'"),
        ("broken_name.py", "NameError"),
        ("broken_exit.py", "SystemExit: 3"),
        ("twin.py", "spider 'good' is already there"),
        ("odd.py", "has the name 'Not A Name'"),
    ):
        assert any(name in line and words in line for line in told.splitlines()), (name, told)
