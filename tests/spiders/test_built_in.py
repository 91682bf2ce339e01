"""The built-in spiders, each against a small site of its kind."""

import gzip
import json
import sys
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any

from yuqing_daemon.bus import Job, Visit

sys.path.append(str(Path(__file__).parents[1] / "crawl"))

import crew as workers
from crew import Crew
from farm import TEXT, Answer, Site, article, job, listing, source

crew, site, other = workers.crew, workers.site, workers.other
NUMBERS = count()
LONG = TEXT * 3


def a_job(site: Site, spider: str, state: Mapping[str, Any] | None = None, path: str = "/", **given: Any) -> Job:
    of = source(site, path, spider=spider, options=given.pop("options", {}))
    return job(of, id=f"b{next(NUMBERS)}", state=state or {}, **given)


def rss(*items: str) -> Answer:
    feed = f'<?xml version="1.0"?><rss version="2.0"><channel><title>要闻</title>{"".join(items)}</channel></rss>'
    return Answer(feed, label="application/rss+xml")


def item(path: str, title: str, text: str = "") -> str:
    at = "Fri, 01 May 2026 08:00:00 +0800"
    said = f"<pubDate>{at}</pubDate><description>{text}</description>"
    return f"<item><title>{title}</title><link>{path}</link>{said}</item>"


class TestPage:
    def test_options_name_the_links_the_fields_and_the_counters(self, crew: Crew, site: Site) -> None:
        site.pages["/"] = '<div class="box"><a href="/x1">甲</a><a href="/x2">乙</a></div><a href="/y">丙</a>'
        site.pages["/x1"] = (
            f'<title>站点</title><h1>别的</h1><h2 class="t">食堂的汤</h2><i class="w">2026-05-02 10:00</i>'
            f'<div class="c">{TEXT}</div><b class="n">看过 321 次</b>'
        )
        selectors = {"title": "h2.t", "time": ".w", "body": ".c", "reads": "b.n"}
        options = {"links": ".box", "link_exclude": "x2", "article": selectors}
        result = crew.result(a_job(site, "page", options=options))
        (post,) = result.posts
        assert (post.title, post.text, f"{post.published_at:%d %H:%M}") == ("食堂的汤", TEXT, "02 02:00")
        assert [reading.reads for reading in result.readings] == [321]

    def test_a_document_to_download_is_a_post_with_its_title(self, crew: Crew, site: Site) -> None:
        site.pages["/"] = listing(("/n/2026-05/notice1.pdf", "关于星河食品停产的通知"))
        site.pages["/n/2026-05/notice1.pdf"] = Answer(b"%PDF-1.7 \x00\x01", label="application/pdf")
        result = crew.result(a_job(site, "page", options={"links": "li"}))
        assert [(post.title, post.text) for post in result.posts] == [("关于星河食品停产的通知", "")]

    def test_an_article_that_leads_to_the_front_page_is_not_read(self, crew: Crew, site: Site) -> None:
        site.pages["/"] = listing(("/gone", "星河食品停产"))
        site.pages["/gone"] = Answer("", 302, {"Location": "/"})
        result = crew.result(a_job(site, "page", options={"links": "li"}))
        assert [unread.error for unread in result.unread] == ["it leads to the front page"]

    def test_an_empty_list_is_read_and_shows_no_links(self, crew: Crew, site: Site) -> None:
        site.pages["/"] = "<html><body>redesigned</body></html>"
        result = crew.result(a_job(site, "page"))
        assert (result.visit, result.links, result.posts) == (Visit.READ, 0, ())

    def test_a_login_page_is_not_read_as_news(self, crew: Crew, site: Site) -> None:
        site.pages["/"] = listing(("/a", "星河食品停产"))
        site.pages["/a"] = "<form>请先登录</form>"
        options = {"links": "li", "login_pattern": "请先登录|/passport/"}
        result = crew.result(a_job(site, "page", options=options))
        assert [unread.error for unread in result.unread] == ["it shows a login page"]
        site.pages["/"] = Answer("", 302, {"Location": "/passport/"})
        site.pages["/passport/"] = "<form></form>"
        result = crew.result(a_job(site, "page", options=options))
        assert result.visit is Visit.FAILED and result.error == f"{site.url}/passport/ shows a login page"


class TestFurtherPages:
    def test_an_article_on_three_pages_is_one_post_and_stays_one_when_it_is_looked_at_again(
        self, crew: Crew, site: Site
    ) -> None:
        for number, name in enumerate(("77", "77_2", "77_3"), start=1):
            more = f'<a href="77_{number + 1}.html">下一页</a>' if number < 3 else ""
            text = TEXT.replace("三号", f"{number}号")
            site.pages[f"/n/{name}.html"] = article("食堂的汤里又有虫子", text, text) + more
        site.pages["/"] = listing(("/n/77.html", "食堂的汤里又有虫子"))
        first = crew.result(a_job(site, "page", options={"links": "li"}))
        assert [post.text.count("号生产线") for post in first.posts] == [6]
        assert site.asked == ["/", "/n/77.html", "/n/77_2.html", "/n/77_3.html"]
        url = f"{site.url}/n/77.html"
        assert crew.result(a_job(site, "page", first.state, options={"links": "li"}, revisit=(url,))).posts == ()

    def test_a_page_that_is_missing_or_about_something_else_ends_the_article(self, crew: Crew, site: Site) -> None:
        for name in ("7", "8"):
            more = f'<a href="{name}_2.html">下一页</a>'
            site.pages[f"/n/{name}.html"] = article("食堂的汤里又有虫子", TEXT) + more
        site.pages["/n/8_2.html"] = article("另一件完全不同的事情", LONG)
        site.pages["/"] = listing(("/n/7.html", "食堂的汤里又有虫子"), ("/n/8.html", "食堂的汤里又有虫子"))
        result = crew.result(a_job(site, "page", options={"links": "li"}))
        assert [post.text for post in result.posts] == [TEXT, TEXT]
        assert "7_2.html: HTTP 404" in result.error and not result.unread


class TestTimes:
    def test_times_that_a_template_prints_on_every_page_are_told(self, crew: Crew, site: Site) -> None:
        links = [(f"/n/{n}.html", f"食堂的汤里有虫子第{n}次了") for n in range(4)]
        for path, title in links:
            site.pages[path] = article(title)
        site.pages["/"] = listing(*links)
        result = crew.result(a_job(site, "page", options={"links": "li"}))
        assert "4 of 4 pages say 2026-05-01 01:30 UTC; is that when they were published?" in result.error
        assert len(result.posts) == 4 and result.visit is Visit.READ and result.state and result.state["bodies"]

    def test_a_time_that_lies_ahead_is_told(self, crew: Crew, site: Site) -> None:
        site.pages["/n/1.html"] = article("食堂的汤里有虫子").replace("2026-05-01", "2090-05-01")
        site.pages["/"] = listing(("/n/1.html", "食堂的汤里有虫子"))
        result = crew.result(a_job(site, "page", options={"links": "li"}))
        assert "/n/1.html: its time, 2090-05-01 01:30 UTC, lies ahead" in result.error
        assert [post.published_at for post in result.posts] == [None]


class TestArticle:
    def test_the_address_itself_is_the_article(self, crew: Crew, site: Site) -> None:
        site.pages["/notice"] = article("停产通知", more="阅读 321")
        result = crew.result(a_job(site, "article", path="/notice"))
        assert [post.title for post in result.posts] == ["停产通知"] and result.readings[0].reads == 321
        site.pages["/notice"] = article("停产通知", TEXT, "后来又补充了一段：检修已经提前完成，供应恢复正常。")
        assert len(crew.result(a_job(site, "article", result.state, path="/notice")).posts) == 1
        site.pages["/notice"] = "<p>nothing</p>"
        (unread,) = crew.result(a_job(site, "article", path="/notice")).unread
        assert unread.error == "no article found on the page"


class TestFeed:
    def test_an_entry_with_its_text_needs_no_page(self, crew: Crew, site: Site) -> None:
        site.pages["/feed"] = rss(item("/a", "停产", LONG), item("/b", "复产", "短"))
        site.pages["/b"] = article("复产", LONG)
        result = crew.result(a_job(site, "feed", path="/feed"))
        assert site.asked == ["/feed", "/b"]
        assert {post.title: post.text[:5] for post in result.posts} == {"停产": LONG[:5], "复产": LONG[:5]}
        assert {f"{post.published_at:%F %H:%M}" for post in result.posts} == {"2026-05-01 00:00"}

    def test_what_is_no_feed_fails(self, crew: Crew, site: Site) -> None:
        site.pages["/feed"] = "<html>moved</html>"
        result = crew.result(a_job(site, "feed", path="/feed"))
        assert result.visit is Visit.FAILED and "is not a feed" in result.error


class TestSitemap:
    def test_the_newest_pages_of_the_newest_sitemaps_are_read(self, crew: Crew, site: Site) -> None:
        maps = "".join(
            f"<sitemap><loc>{site.url}/s{n}.xml.gz</loc><lastmod>2026-05-0{n}</lastmod></sitemap>" for n in range(1, 6)
        )
        site.pages["/sitemap.xml"] = Answer(f"<sitemapindex>{maps}</sitemapindex>", label="text/xml")
        pages = "".join(
            f"<url><loc>{site.url}/{name}</loc><lastmod>2026-05-0{day}</lastmod></url>"
            for name, day in (("old", 1), ("new", 5))
        )
        site.pages["/s5.xml.gz"] = Answer(gzip.compress(f"<urlset>{pages}</urlset>".encode()), label="application/gzip")
        site.pages["/new"], site.pages["/old"] = article("新的"), article("旧的")
        result = crew.result(a_job(site, "sitemap", path="/sitemap.xml"))
        assert [post.title for post in result.posts] == ["新的", "旧的"]
        assert set(site.asked) == {"/sitemap.xml", "/s5.xml.gz", "/s4.xml.gz", "/s3.xml.gz", "/new", "/old"}

    def untitled(self, site: Site, *paths: str) -> None:
        pages = "".join(f"<url><loc>{site.url}{path}</loc><lastmod>2026-05-01</lastmod></url>" for path in paths)
        site.pages["/sitemap.xml"] = Answer(f"<urlset>{pages}</urlset>", label="text/xml")

    def test_a_page_without_a_title_that_cannot_be_read_waits_and_its_address_is_no_title(
        self, crew: Crew, site: Site
    ) -> None:
        self.untitled(site, "/1001")
        site.pages["/1001"] = Answer("", 500)
        state: Mapping[str, Any] = {"recent": {}}
        asked, tries = [], []
        for visit in range(1, 10):
            site.all_asked.clear()
            result = crew.result(a_job(site, "sitemap", state, "/sitemap.xml"))
            assert not result.posts
            state = result.state or state
            asked += [visit] if "/1001" in site.asked else []
            tries += [unread.tries for unread in result.unread]
        assert asked == [1, 2, 3, 8] and tries == [1, 2, 3, 3]
        site.pages["/1001"] = article("终于读到的公告")
        for _ in range(8):
            result = crew.result(a_job(site, "sitemap", state, "/sitemap.xml"))
            state = result.state or state
            if result.posts:
                break
        assert [post.title for post in result.posts] == ["终于读到的公告"]

    def test_at_the_first_visit_a_page_without_a_title_is_only_remembered(self, crew: Crew, site: Site) -> None:
        self.untitled(site, "/1001", "/1002")
        site.pages["/1001"], site.pages["/1002"] = article("读得到的公告"), article("没有轮到的公告")
        first = crew.result(a_job(site, "sitemap", path="/sitemap.xml", first_visit=True, max_pages=2))
        assert [post.title for post in first.posts] == ["读得到的公告"]
        again = crew.result(a_job(site, "sitemap", first.state, "/sitemap.xml"))
        assert again.visit is Visit.UNCHANGED and not again.posts


class TestHotlist:
    def test_entries_become_posts_with_heat_and_no_page_is_visited(self, crew: Crew, site: Site, other: Site) -> None:
        entries = [
            {"word": "星河食品停产", "url": f"{other.url}/q1", "n": "120.5万"},
            {"word": "星河食品复产", "url": "/q2"},
        ]
        site.pages["/hot"] = Answer(json.dumps({"data": {"list": entries}}), label="application/json")
        options = {"items": {"items": "/data/list", "title": "/word", "link": "/url", "hot": "/n"}}
        first = crew.result(a_job(site, "hotlist", path="/hot", options=options))
        assert [post.url for post in first.posts] == [f"{other.url}/q1", f"{site.url}/q2"]
        assert [(reading.hot, reading.reads) for reading in first.readings] == [(1205000, None)]
        entries[0]["n"] = "130万"
        site.pages["/hot"] = Answer(json.dumps({"data": {"list": entries}}), label="application/json")
        second = crew.result(a_job(site, "hotlist", first.state, path="/hot", options=options))
        assert not second.posts and [reading.hot for reading in second.readings] == [1300000]
        assert not other.all_asked


class TestForum:
    def test_every_listed_thread_gives_a_reading_at_every_visit(self, crew: Crew, site: Site) -> None:
        def board(*reads: int) -> str:
            rows = (
                f'<tr><td><a href="/thread-{n}-1-1.html">食堂的汤里有虫子第{n}次了</a></td>'
                f'<td class="num">{n} / {read}</td></tr>'
                for n, read in enumerate(reads, start=4101)
            )
            return f"<table>{''.join(rows)}</table>"

        selectors = {"row": "tr", "link": "td a", "reads": ".num|/ (\\d+)", "comments": ".num|(\\d+) /"}
        options = {"threads": selectors}
        site.pages["/"] = board(10, 20)
        for number in (4101, 4102, 4103):
            site.pages[f"/thread-{number}-1-1.html"] = article(f"食堂的汤里有虫子第{number}次了")
        first = crew.result(a_job(site, "forum", options=options, first_visit=True))
        assert len(first.posts) == 2
        site.pages["/"] = board(11, 21, 31)
        site.all_asked.clear()
        second = crew.result(a_job(site, "forum", first.state, options=options))
        assert site.asked == ["/", "/thread-4103-1-1.html"] and len(second.posts) == 1
        assert [(each.reads, each.comments) for each in second.readings] == [(11, 4101), (21, 4102), (31, 4103)]

    def test_what_the_list_and_the_thread_count_is_one_reading_and_unsaid_reads_stay_unknown(
        self, crew: Crew, site: Site
    ) -> None:
        numbers = range(4101, 4106)
        site.pages["/"] = "<ul>" + "".join(
            f'<li><a href="/thread-{n}-1-1.html">食堂的汤里有虫子第{n}次了</a><span>回复 {n}</span></li>'
            for n in numbers
        )
        for n in numbers:
            more = "<span>1.2万人参与</span>"
            site.pages[f"/thread-{n}-1-1.html"] = article(f"食堂的汤里有虫子第{n}次了", more=more)
        result = crew.result(a_job(site, "forum"))
        found = sorted((each.comments, each.reads, each.hot) for each in result.readings)
        assert found == [(n, None, 12_000) for n in numbers]


class TestMetrics:
    def test_counters_come_from_the_sites_own_json_and_a_known_post_needs_no_page(self, crew: Crew, site: Site) -> None:
        site.pages["/n/77.html"] = article("食堂的汤", more="阅读 1")
        answer = {"data": {"views": "1.2万", "replies": -1}}
        site.pages["/count?id=77"] = Answer(json.dumps(answer), label="application/json")
        site.pages["/"] = listing(("/n/77.html", "食堂的汤里又有虫子"))
        metrics = {"url": f"{site.url}/count?id={{id}}", "reads": "/data/views", "comments": "/data/replies"}
        options = {"links": "li", "metrics": metrics}
        first = crew.result(a_job(site, "page", options=options))
        assert [(each.reads, each.comments) for each in first.readings] == [(12000, None)]
        site.all_asked.clear()
        url = f"{site.url}/n/77.html"
        again = crew.result(a_job(site, "page", first.state, options=options, revisit=(url,)))
        assert site.asked == ["/", "/count?id=77"] and [each.url for each in again.readings] == [url]


NEWS = [(f"/2026-05/{n}.html", f"星河食品公司第{n}号生产线停产检修的通知") for n in range(1001, 1006)]
FEED = '<link rel="alternate" type="application/rss+xml" href="/rss">'


class TestAuto:
    def news(self, site: Site, head: str = "") -> None:
        site.pages["/"] = head + listing(*NEWS)
        for path, title in NEWS:
            site.pages[path] = article(title)

    def test_a_feed_is_read_as_one(self, crew: Crew, site: Site) -> None:
        site.pages["/"] = rss(item("/a", "停产", LONG))
        result = crew.result(a_job(site, "auto"))
        assert len(result.posts) == 1 and result.state is not None
        assert result.state["kind"] == {f"{site.url}/": "feed"}
        site.pages["/"] = listing(*NEWS)
        assert "is not a feed any more" in crew.result(a_job(site, "auto", result.state)).error

    def test_a_page_that_names_its_feed_is_read_through_it_from_then_on(self, crew: Crew, site: Site) -> None:
        site.pages["/"] = '<link rel="alternate" type="application/rss+xml" href="/rss">' + listing(("/x", "别的"))
        site.pages["/rss"] = rss(item("/a", "停产", LONG))
        first = crew.result(a_job(site, "auto"))
        assert [post.title for post in first.posts] == ["停产"] and first.state is not None
        site.all_asked.clear()
        assert crew.result(a_job(site, "auto", first.state)).visit is Visit.UNCHANGED
        assert site.asked == ["/rss"]
        site.pages["/rss"] = "<html>moved</html>"
        assert "is not a feed any more" in crew.result(a_job(site, "auto", first.state)).error

    def test_a_page_whose_feed_is_dead_is_read_itself(self, crew: Crew, site: Site) -> None:
        self.news(site, '<link rel="alternate" type="application/rss+xml" href="/rss">')
        result = crew.result(a_job(site, "auto"))
        assert len(result.posts) == 5 and result.state is not None
        assert result.state["kind"] == {f"{site.url}/": "page"}
        site.all_asked.clear()
        assert crew.result(a_job(site, "auto", result.state)).visit is Visit.UNCHANGED
        assert site.asked == ["/"]

    def test_a_feed_that_has_none_of_the_pages_articles_does_not_stand_for_the_page(
        self, crew: Crew, site: Site
    ) -> None:
        self.news(site, FEED)
        site.pages["/rss"] = rss(item("/1999/old", "多年以前的消息", LONG))
        result = crew.result(a_job(site, "auto"))
        assert len(result.posts) == 5 and result.state and result.state["kind"] == {f"{site.url}/": "page"}

    def test_a_front_page_is_read_through_the_news_sitemap_that_robots_txt_names(self, crew: Crew, site: Site) -> None:
        self.news(site)
        news = "http://www.google.com/schemas/sitemap-news/0.9"
        urls = "".join(
            f"<url><loc>{site.url}{path}</loc><n:news><n:publication_date>2026-05-01T08:00:00+08:00</n:publication_date>"
            f"<n:title>{title}</n:title></n:news></url>"
            for path, title in NEWS
        )
        site.pages["/news.xml"] = Answer(f'<urlset xmlns:n="{news}">{urls}</urlset>', label="text/xml")
        site.pages["/robots.txt"] = f"User-agent: *\nSitemap: {site.url}/news.xml\n"
        first = crew.result(a_job(site, "auto"))
        assert first.state and first.state["kind"] == {f"{site.url}/": f"sitemap {site.url}/news.xml"}
        assert {f"{post.published_at:%F %H:%M}" for post in first.posts} == {"2026-05-01 00:00"}
        site.all_asked.clear()
        assert crew.result(a_job(site, "auto", first.state)).visit is Visit.UNCHANGED
        assert site.asked == ["/news.xml"]

    def test_a_plain_list_whose_addresses_say_nothing_is_read(self, crew: Crew, site: Site) -> None:
        links = [(f"/n{n}.html", f"第{n}条消息") for n in range(12)]
        site.pages["/"] = '<ul class="nav"><li><a href="/c1.html">新闻中心频道</a></ul>' + listing(*links)
        for path, title in links:
            site.pages[path] = article(title)
        result = crew.result(a_job(site, "auto"))
        assert sorted(post.title for post in result.posts) == sorted(title for _, title in links)

    def test_a_board_is_found_by_its_counters_and_a_hot_list_by_its_json(self, crew: Crew, site: Site) -> None:
        rows = (
            f'<li><a href="/thread-{n}-1-1.html">食堂的汤里有虫子第{n}次了</a> 回复 {n} 查看 {n * 9}</li>'
            for n in range(101, 107)
        )
        site.pages["/board"] = f"<ul>{''.join(rows)}</ul>"
        for n in range(101, 107):
            site.pages[f"/thread-{n}-1-1.html"] = article(f"食堂的汤里有虫子第{n}次了")
        result = crew.result(a_job(site, "auto", path="/board", first_visit=True))
        assert result.state and result.state["kind"] == {f"{site.url}/board": "forum"}
        assert {(each.comments, each.reads) for each in result.readings} == {(n, n * 9) for n in range(101, 107)}
        hot = [{"title": f"热搜第{n}名", "url": f"/q{n}", "hot": n} for n in range(3)]
        site.pages["/hot"] = Answer(json.dumps({"data": hot}), label="application/json")
        result = crew.result(a_job(site, "auto", path="/hot"))
        assert result.state and result.state["kind"] == {f"{site.url}/hot": "hotlist"} and len(result.posts) == 3

    def test_a_list_in_json_whose_entries_have_times_leads_to_articles(self, crew: Crew, site: Site) -> None:
        rows = [
            {"newsTitle": f"停水通知第{n}号", "newsUrl": f"/n/{n}.html", "publishTime": "2026-05-02 08:00"}
            for n in (7, 8)
        ]
        site.pages["/api/list"] = Answer(json.dumps({"result": {"rows": rows}}), label="application/json")
        for n in (7, 8):
            site.pages[f"/n/{n}.html"] = article(f"停水通知第{n}号")
        result = crew.result(a_job(site, "auto", path="/api/list"))
        assert result.state and result.state["kind"] == {f"{site.url}/api/list": "json"}
        assert [(post.title, bool(post.text), f"{post.published_at:%d %H}") for post in result.posts] == [
            ("停水通知第7号", True, "02 00"),
            ("停水通知第8号", True, "02 00"),
        ]

    def test_an_index_of_sitemaps_is_read_at_the_first_visit_already(self, crew: Crew, site: Site) -> None:
        site.pages["/index.xml"] = f"<sitemapindex><sitemap><loc>{site.url}/s.xml</loc></sitemap></sitemapindex>"
        site.pages["/s.xml"] = f"<urlset><url><loc>{site.url}/n/1.html</loc></url></urlset>"
        site.pages["/n/1.html"] = article("停水通知")
        result = crew.result(a_job(site, "auto", path="/index.xml", first_visit=True))
        assert [post.title for post in result.posts] == ["停水通知"]

    def test_a_page_whose_links_all_look_different_now_is_told_and_not_followed(self, crew: Crew, site: Site) -> None:
        self.news(site)
        first = crew.result(a_job(site, "auto"))
        assert first.state and len(first.state["shapes"][f"{site.url}/"]) == 1
        more = [(f"/zt/detail-{n}", f"关于星河食品公司的专题第{n}期报道") for n in range(20001, 20005)]
        site.pages["/"] = listing(*NEWS[:1], *more)
        site.pages.update({path: article(title) for path, title in more})
        second = crew.result(a_job(site, "auto", first.state))
        assert len(second.posts) == 4, "another column beside the old one is simply read"
        site.pages["/"] = listing(*more)
        third = crew.result(a_job(site, "auto", second.state))
        assert third.visit is Visit.FAILED and third.state is None
        assert "/0-0/*.html?" not in third.error and "yuqing sources site --repin" in third.error
        assert crew.result(a_job(site, "auto")).visit is Visit.READ
