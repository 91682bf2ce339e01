"""The built-in reader, and an organisation's own that goes first."""

from datetime import UTC, datetime

from yuqing_daemon import Article, Page, Source, hookimpl
from yuqing_daemon.plugins import Plugins
from yuqing_plugins import reader

TEXT = (
    "星河食品公司昨日发布公告，称其三号生产线已经停产检修，预计两周后恢复供应。"
    "公司负责人表示，库存足以满足各门店的需求，消费者不必担心。"
)
HTML = (
    "<title>停产通知</title><h1>停产通知</h1><h2>另一个题目</h2><p>2026-05-01 09:30</p>"
    f"<div><p>{TEXT}</p><p>{TEXT}</p></div>"
)
SOURCE = Source(id="s", urls=("http://example.com/",), encoding="gb18030", options={"article": {"title": "h2"}})


def read(plugins: Plugins, body: str, source: Source = SOURCE) -> Article | None:
    at = datetime(2026, 5, 1, 12, tzinfo=UTC)
    page = Page(url="http://example.com/7", body=body.encode("gb18030"), content_type="text/html", fetched_at=at)
    answers = plugins.ask("extract_article", page=page, source=source)
    return next((answer for _, answer in answers if isinstance(answer, Article)), None)


def test_the_sources_encoding_zone_and_selectors_are_used() -> None:
    plugins = Plugins()
    plugins.register(reader, "reader")
    article = read(plugins, HTML)
    assert article is not None
    assert (article.title, article.published_at) == ("另一个题目", datetime(2026, 5, 1, 1, 30, tzinfo=UTC))
    assert TEXT in article.text
    assert read(plugins, "<p>nothing</p>") is None


def test_an_organisations_own_reader_goes_first_and_may_pass() -> None:
    class Own:
        @hookimpl
        def extract_article(self, page: Page) -> Article | None:
            return Article(title="own", text="own") if "special" in page.body.decode("gb18030") else None

    plugins = Plugins()
    plugins.register(Own(), "own")
    plugins.register(reader, "reader")
    special, ordinary = read(plugins, "special"), read(plugins, HTML)
    assert special is not None and special.title == "own"
    assert ordinary is not None and ordinary.title == "另一个题目"
