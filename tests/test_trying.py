"""Trying a source or a page out, on a real site with a real worker: what a person who configures gets to see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from farm import Answer, Site, article, listing

from yuqing_daemon import Source
from yuqing_daemon.bus import Visit
from yuqing_daemon.cli import run
from yuqing_daemon.config import Settings
from yuqing_daemon.errors import RequestError
from yuqing_daemon.plugins import Plugins
from yuqing_daemon.store import Store, sources
from yuqing_daemon.trying import Trial, try_out

BODY = (
    "昨天在超市买了两盒青禾酸奶，孩子喝了半盒就开始拉肚子，夜里又吐了三次，家里人都很担心。",
    "今天打开另一盒一看，里面有一块黑色的异物，像是塑料碎片，打客服电话说要等三个工作日。",
)
LINKS = [(f"/news/2026/0501/{number}.html", f"青禾酸奶里发现异物的第{number}次后续报道") for number in range(8)]


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site({"/robots.txt": "User-agent: *\nDisallow: /secret/\n", "/news/": listing(*LINKS)})
    for path, title in LINKS:
        site.pages[path] = article(title, *BODY, more="阅读：1.2万 评论：36")
    site.pages["/gbk.html"] = Answer(
        article("青禾酸奶里有异物", *BODY).encode("gb18030"), label="text/html; charset=gbk"
    )
    site.pages["/none.html"] = "<html><title>登录</title><body><p>请登录</p></body></html>"
    yield site
    site.close()


@pytest.fixture
def try_(settings: Settings, plugins: Plugins) -> Callable[..., Trial]:
    def try_(target: str, *sources: Source, internal: bool = True) -> Trial:
        known = replace(settings, sources=sources)
        return try_out(target, known, plugins, internal=internal, others=False)

    return try_


def test_a_page_is_read_as_an_article_and_every_topic_says_why_or_why_not(
    try_: Callable[..., Trial], site: Site
) -> None:
    trial = try_(site.url + LINKS[0][0])
    assert (trial.source.spider, trial.result.visit, trial.hints) == ("article", Visit.READ, ())
    (tried,) = trial.posts
    assert tried.post.title == LINKS[0][1]
    assert BODY[0] in tried.post.text
    assert tried.post.confidence
    assert tried.reading and (tried.reading.reads, tried.reading.comments, tried.reading.reposts) == (12000, 36, None)
    assert tried.decoding == "as the page says or shows, clean"
    assert {(plugin, match.topic) for plugin, match in tried.matches} == {("keywords", "quality")}
    (verdict,) = tried.verdicts
    assert (verdict.matched, verdict.why) == (True, "title:异物 AND title:青禾")


def test_a_page_that_is_no_article_is_read_as_a_list_of_which_some_pages_are_shown(
    try_: Callable[..., Trial], site: Site
) -> None:
    trial = try_(site.url + "/news/")
    assert (trial.source.spider, trial.result.links) == ("auto", len(LINKS))
    texts = [tried.post.text for tried in trial.posts]
    assert len(texts) == len(LINKS)
    assert 0 < len([text for text in texts if text]) <= 5
    assert all(tried.matches for tried in trial.posts), "a title alone can match"


def test_the_bytes_are_decoded_as_the_page_says_and_a_wrong_encoding_shows(
    try_: Callable[..., Trial], site: Site
) -> None:
    (tried,) = try_(site.url + "/gbk.html").posts
    assert (tried.post.title, tried.decoding) == ("青禾酸奶里有异物", "as the page says or shows, clean")
    wrong = Source(id="gbk", urls=(site.url + "/gbk.html",), internal=True, spider="article", encoding="utf-8")
    tried = try_("gbk", wrong).posts[0]
    assert tried.decoding.startswith("as utf-8, by sources.toml, ")
    assert "characters unreadable" in tried.decoding


def test_what_robots_txt_disallows_is_not_asked_for_and_said(try_: Callable[..., Trial], site: Site) -> None:
    trial = try_(site.url + "/secret/1.html")
    assert "robots.txt disallows" in trial.result.error
    assert trial.hints == (
        "robots.txt is obeyed; what the site's owner allows in writing goes under ignore_robots in sources.toml",
    )
    assert site.asked == []


def test_an_inside_address_is_refused_with_the_way_to_allow_it(try_: Callable[..., Trial], site: Site) -> None:
    trial = try_(site.url + LINKS[0][0], internal=False)
    assert (trial.result.visit, trial.posts) == (Visit.FAILED, ())
    assert "is refused" in trial.result.error
    assert trial.hints == ("if it is the organisation's own: internal = true in sources.toml, or here --internal",)
    assert site.all_asked == []


def test_a_page_with_nothing_to_read_says_what_would_help(try_: Callable[..., Trial], site: Site) -> None:
    trial = try_(site.url + "/none.html")
    assert trial.posts == ()
    assert [hint.partition(";")[0].partition(":")[0] for hint in trial.hints] == [
        "neither an article nor links to articles were found",
        "if a script draws the page",
    ]


def test_a_source_is_tried_with_its_own_settings_and_unread_pages_are_told(
    try_: Callable[..., Trial], site: Site
) -> None:
    del site.pages[LINKS[1][0]]
    source = Source(
        id="board", urls=(site.url + "/news/",), internal=True, spider="page", options={"link_pattern": r"/0501/[01]\."}
    )
    trial = try_("board", source)
    assert [tried.post.title for tried in trial.posts if tried.post.text] == [LINKS[0][1]]
    assert [(page.url, page.error) for page in trial.result.unread] == [(site.url + LINKS[1][0], "HTTP 404")]


def test_what_the_daemon_has_pinned_is_compared_with_what_the_address_is_now(
    try_: Callable[..., Trial], site: Site, settings: Settings
) -> None:
    url = site.url + "/news/"
    store = Store.open(settings.state)
    with store.write() as connection:
        sources.ensure(connection, {"board": "example.com"}, now=datetime(2026, 5, 1, tzinfo=UTC))
        sources.save(connection, "board", state={"kind": {url: f"feed {site.url}/rss"}})
    store.close()
    trial = try_("board", Source(id="board", urls=(url,), internal=True))
    assert [str(pin) for pin in trial.pinned] == [f"{url} is a feed at {site.url}/rss"]
    assert [pin.kind for pin in trial.found] == ["page"] and trial.result.robots == "allowed"


@pytest.mark.parametrize("target", ["nowhere", "ftp://example.com/x", "", "/etc/passwd", "javascript:x"])
def test_what_is_neither_a_source_nor_an_address_is_refused(try_: Callable[..., Trial], target: str) -> None:
    with pytest.raises(RequestError, match=r"neither a source in sources\.toml nor an http address"):
        try_(target)


def test_the_command_shows_it_all_and_exits_1_if_nothing_was_read(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "conf"
    assert run(["init", str(folder)]) == 0
    site.pages["/nasty.html"] = article("示例公司[bold]食堂[/bold] [/red]", *BODY)
    capsys.readouterr()
    assert run(["-c", str(folder), "try", "--internal", site.url + "/nasty.html"]) == 0
    out = capsys.readouterr().out
    assert "示例公司[bold]食堂[/bold] [/red]\n" in out
    assert "topic company: yes, by keywords: title:示例公司\n    title: [示例公司][bold]食堂[/bold]" in out
    assert "topic canteen: yes, by keywords: title:食堂 AND title:示例公司\n" in out
    for label in (
        "published   2026-05-01 09:30:00, 星河晚报",
        "counters    none found",
        "decoding    as the page says",
    ):
        assert f"  {label}" in out
    assert run(["-c", str(folder), "try", "--internal", site.url + "/gone.html"]) == 1
    assert "HTTP 404" in capsys.readouterr().out
    assert not (folder / "state").exists()


def test_a_source_is_tried_with_all_a_person_needs_to_know_before_it_goes_live(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "conf"
    assert run(["init", str(folder)]) == 0
    site.pages["/robots.txt"] = "User-agent: *\nCrawl-delay: 0.1\n"
    capsys.readouterr()
    assert run(["-c", str(folder), "sources", "add", "--internal", f"{site.url}/news/"]) == 0
    drafted = capsys.readouterr().out
    assert "# Looked at on 20" in drafted and ": 8 articles listed, 3 read.\n" in drafted
    assert f"# {site.url}/news/ is a page with links to articles: " in drafted
    assert "# robots.txt: allowed, with 0.1 s between two requests.\n" in drafted
    assert drafted.count("confidence") == 3 and "published 2026-05-01 09:30, reads 12000, comments 36" in drafted
    with (folder / "sources.toml").open("a") as file:
        file.write(drafted)
    assert run(["-c", str(folder), "try", "127-0-0-1-news"]) == 0
    out = capsys.readouterr().out
    assert "found       " in out and "robots.txt  allowed, with 0.1 s" in out
    assert "next visit  as soon as the daemon knows of it, then every 5 min\n" in out
    assert "would take 8 links:\n" in out and out.count("  counters    reads 12,000, comments 36") == 3
    gone = "".join(f'<a href="/gone/{n}.html">青禾乳业召回第{n}批次产品</a>' for n in range(501, 507))
    site.pages["/old/"] = gone
    run(["-c", str(folder), "sources", "add", "--internal", f"{site.url}/old/"])
    assert f"# could not read {site.url}/gone/501.html: HTTP 404" in capsys.readouterr().out
    first = next(line.split()[-1] for line in out.splitlines() if line.startswith("  ") and f"{site.url}/" in line)
    assert run(["-c", str(folder), "sources", "add", "--internal", first]) == 1
    assert "# it is an article itself, " in capsys.readouterr().out
    site.pages["/empty/"] = "<p>nothing</p>"
    assert run(["-c", str(folder), "sources", "add", "--internal", f"{site.url}/empty/"]) == 1
    assert '# links = "ul.news a" ' in capsys.readouterr().out
