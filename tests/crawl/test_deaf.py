"""A site that breaks is noticed by a real crawl: each way to break, before a real worker and a real engine (R1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from crew import Crew
from farm import TEXT, Answer, Site, article, listing, source
from world import World

from yuqing_daemon import Source
from yuqing_daemon.bus import Result
from yuqing_daemon.engine import canaries
from yuqing_daemon.rules.health import State
from yuqing_daemon.store import health, sources

LONG = (TEXT * 2, TEXT * 2)
Visit = Callable[[], str]


class Reader:
    """Visits one site as the daemon would, a visit every five minutes of the world's clock."""

    def __init__(self, world: World, crew: Crew, of: Source) -> None:
        self.world, self.crew, self.id = world, crew, of.id
        world.configure(sources=(of,))

    def visit(self) -> str:
        self.world.clock.pass_(hours=1)
        (job,) = self.world.jobs()
        (result,) = self.crew.crawl(job)
        assert isinstance(result, Result)
        self.error = result.error
        self.world.engine.take(result, now=self.world.clock.now)
        with self.world.engine.store.read() as connection:
            row = sources.get(connection, self.id)
        assert row is not None
        return row.status

    def known(self, visits: int = 6) -> None:
        for _ in range(visits):
            assert self.visit() == State.OK, self.error


def fill(site: Site, numbers: range, *, more: str = "", page: Callable[[int], str] | None = None) -> None:
    """A list of articles, the newest first, and the pages of those numbers."""
    for number in numbers:
        title = f"第{number}号公告：关于三号生产线检修的说明"
        site.pages[f"/a/{number}.html"] = page(number) if page else article(title, *LONG, more=more)
    links = [(f"/a/{number}.html", f"第{number}号公告：关于三号生产线检修的说明") for number in reversed(numbers)]
    site.pages["/"] = listing(*links)


@pytest.fixture
def reader(world: World, crew: Crew, site: Site) -> Reader:
    fill(site, range(101, 113))
    return Reader(world, crew, source(site))


def test_a_list_that_was_rebuilt_is_broken_at_the_first_visit(reader: Reader, site: Site) -> None:
    reader.known()
    site.pages["/"] = "<html><body><div id='app'></div>" + "<p>loading</p>" * 200 + "</body></html>"
    assert reader.visit() == State.BROKEN
    assert reader.visit() == State.BROKEN
    fill(site, range(101, 114))
    assert [reader.visit(), reader.visit()] == [State.BROKEN, State.OK]


def test_a_list_that_leads_to_a_login_is_blocked_at_the_second(reader: Reader, site: Site) -> None:
    reader.known()
    site.pages["/login"] = "<form><input name='u'><input type='password' name='p'></form>" + "<p>欢迎登录</p>" * 99
    site.pages["/"] = Answer(status=302, headers={"Location": "/login"})
    assert [reader.visit(), reader.visit()] == [State.OK, State.BLOCKED]


def test_a_captcha_is_blocked_at_the_second_visit_even_if_not_a_byte_of_it_changes(reader: Reader, site: Site) -> None:
    reader.known()
    page = "<html><title>安全验证</title><script>var x=1;</script><p>访问过于频繁，请完成验证</p></html>"
    site.pages["/"] = Answer(page.encode("gbk"), label="text/html; charset=gbk")
    assert [reader.visit(), reader.visit()] == [State.OK, State.BLOCKED]
    with reader.world.engine.store.read() as connection:
        spell = health.current(connection, "site")
    assert spell is not None and spell.blind_from < spell.since


def test_a_site_that_refuses_or_does_not_answer_is_unreachable_at_the_second_visit(reader: Reader, site: Site) -> None:
    reader.known()
    site.pages["/"] = Answer("no", 403)
    assert reader.visit() == State.OK
    site.close()
    assert reader.visit() == State.UNREACHABLE


@pytest.mark.parametrize(
    ("spider", "state"), [("nothing", State.IDLE), ("raises-in-parse", State.FAILING), ("no-such", State.FAILING)]
)
def test_a_spider_that_does_nothing_or_raises_is_known_at_the_first_visit(
    world: World, crew: Crew, site: Site, spider: str, state: State
) -> None:
    site.pages["/"] = listing(("/1", "一"))
    assert Reader(world, crew, source(site, spider=spider)).visit() == state


def test_counters_that_are_gone_are_known_with_the_third_page(world: World, crew: Crew, site: Site) -> None:
    fill(site, range(101, 113), more="阅读 1,234")
    reader = Reader(world, crew, source(site))
    reader.known(2)
    fill(site, range(101, 115))
    assert reader.visit() == State.OK
    fill(site, range(101, 116))
    assert reader.visit() == State.METRICS


def test_a_redesign_is_known_at_the_visit_after_the_first_article_that_reads_badly(reader: Reader, site: Site) -> None:
    reader.known(2)
    with reader.world.engine.store.read() as connection:
        assert len(health.canaries(connection, "site")) == 3

    def empty(number: int) -> str:
        return f"<html><title>公告 {number}</title><body><div id='root'></div><script src='/app.js'></script></html>"

    fill(site, range(101, 114), page=empty)
    assert reader.visit() == State.OK
    assert reader.visit() == State.DEGRADED
    with reader.world.engine.store.read() as connection:
        spell = health.current(connection, "site")
    assert spell is not None and spell.reason.startswith("pages that read well before do not any more: ")


def test_kept_pages_that_read_otherwise_after_a_change_of_selectors_are_told_until_accepted(reader: Reader) -> None:
    reader.known(2)
    world = reader.world
    (of,) = world.engine.settings.sources
    assert world.engine.reread_canaries(now=world.clock.now) == 0
    world.configure(sources=(replace(of, options={"article": {"title": "div.info"}}),))
    world.engine.reread_canaries(now=world.clock.now)
    (told,) = [row.notice for row in world.deliveries() if row.purpose.startswith("ops:canaries")]
    assert told.subject == "1 个信息源的留存页面读取结果有变化"
    assert "标题 '第" in told.text and "--canaries --accept" in told.text
    assert len(world.record("canary.differs")) == 3
    assert world.engine.accept_canaries("site", by="root", now=world.clock.now) == 3
    with world.engine.store.read() as connection:
        assert not health.lost_canaries(connection)
    assert len(world.record("canary.accepted")) == 3


def test_a_kept_page_of_an_article_on_several_pages_with_fields_by_expression_reads_as_before(
    world: World, crew: Crew, site: Site
) -> None:
    def paged(number: int) -> str:
        site.pages[f"/a/{number}_2.html"] = article(f"第{number}号公告：关于三号生产线检修的说明", TEXT[::-1] * 4)
        more = f"刚刚 编辑：林小舟 阅读 1,234 <a href='/a/{number}_2.html'>下一页</a>"
        return article(f"第{number}号公告：关于三号生产线检修的说明", *LONG, more=more)

    fields = {
        "title": "h1|第.+说明",
        "time": "div.info|刚刚",
        "author": "div.info|编辑：(.{3})",
        "reads": "div.info|阅读 (.+)",
    }
    fill(site, range(101, 113), page=paged)
    reader = Reader(world, crew, source(site, options={"article": fields}))
    reader.known(2)
    with world.engine.store.read() as connection:
        kept = health.canaries(connection, "site")
    assert [page.read["counters"] for page in kept] == [["reads"]] * 3
    assert all(page.read["title"].startswith("第1") for page in kept)
    (of,) = world.engine.settings.sources
    again = [canaries.reread(page, of, world.engine.plugins) for page in kept]
    assert [each.lost for each in again] == ["", "", ""]
    broken = replace(of, options={"article": fields | {"reads": "div.clicks|[0-9]+", "body": "div.content|^(.{40})"}})
    assert [canaries.reread(page, broken, world.engine.plugins).lost for page in kept[:1]] == [
        f"body {kept[0].read['chars']:,} -> 40 characters, no reads"
    ]
