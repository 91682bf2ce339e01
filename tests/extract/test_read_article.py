"""Articles are read from pages of many shapes, and rubbish never raises."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yuqing_daemon.domain import Article
from yuqing_daemon.extract import read_article

PAGES = Path(__file__).parent / "pages"
EXPECTED = json.loads((PAGES / "expected.json").read_text("utf-8"))
NOW = datetime(2019, 9, 8, tzinfo=UTC)
TEXT = "青禾乳业当晚发布说明称，公司已经封存同一批次的全部产品，并派人赶赴学校，配合有关部门取样检测。"


def read(html: str | bytes, url: str = "http://news.example.cn/1.html", **given) -> Article | None:
    body = html if isinstance(html, bytes) else html.encode()
    return read_article(body, url=url, fetched_at=NOW, **given)


def article_page(middle: str, title: str = "青禾乳业致歉并封存产品") -> str:
    return (
        f"<html><head><title>{title}_云岭晚报</title></head><body><h1>{title}</h1>{middle}<p>{TEXT}</p></body></html>"
    )


def local(at: datetime | None) -> str:
    return f"{at.astimezone(ZoneInfo('Asia/Shanghai')):%Y-%m-%d %H:%M}" if at else ""


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_an_article_is_read_whole_and_clean_from_a_page_of_this_shape(name):
    wanted = EXPECTED[name]
    article = read((PAGES / f"{name}.html").read_bytes())
    assert article is not None
    assert article.title == wanted["title"]
    assert local(article.published_at).startswith(wanted["published"])
    lines = article.text.split("\n")
    assert [part for part in wanted["text"] if not any(part in line for line in lines)] == []
    assert [noise for noise in wanted["absent"] if noise in article.text] == []


def test_paragraphs_are_lines():
    article = read(article_page(f"<div><p>　　{TEXT}</p><p>{TEXT}第二段。</p></div>"))
    assert article.text.split("\n") == [TEXT, f"{TEXT}第二段。", TEXT]


def test_the_shown_time_wins_over_the_meta_tag():
    head = '<meta property="article:published_time" content="2019-09-07T16:31:00+08:00">'
    article = read(head + article_page("<div>2019-09-07 13:43 来源：云岭晚报 作者：林小舟</div>"))
    assert local(article.published_at) == "2019-09-07 13:43"
    assert (article.source_name, article.author) == ("云岭晚报", "林小舟")


def test_a_shown_day_takes_its_clock_from_the_meta_tag():
    head = '<meta name="PubDate" content="2019-09-07 13:43:45">'
    assert local(read(head + article_page("<div>2019-09-07</div>")).published_at) == "2019-09-07 13:43"


def test_the_address_tells_the_day_where_the_page_tells_nothing():
    page = article_page("<div></div>")
    assert local(read(page, "http://news.example.cn/2019/0906/c1-7.html").published_at) == "2019-09-06 00:00"
    assert read(page, "http://news.example.cn/2029/0906/7.html").published_at is None
    assert read(page, "http://news.example.cn/20190231/7.html").published_at is None


def test_a_relative_time_refers_to_the_moment_of_fetching():
    assert read(article_page("<div>3小时前</div>")).published_at == datetime(2019, 9, 7, 21, tzinfo=UTC)


def test_times_are_local_to_the_zone_of_the_site():
    article = read(article_page("<div>2019-09-07 13:43</div>"), timezone="UTC")
    assert article.published_at == datetime(2019, 9, 7, 13, 43, tzinfo=UTC)


def test_a_time_in_the_future_is_not_believed():
    assert read(article_page("<div>2029-09-07 13:43</div>")).published_at is None


def test_a_date_inside_the_text_is_not_when_it_was_published():
    assert read(article_page(f"<p>{TEXT}2018年3月1日10:00，公司成立，至今已有一年多。</p>")).published_at is None


def test_each_selector_overrides_one_field():
    page = article_page(
        "<div class='t'>二次报道</div><i id='w'>2019-09-01 08:00</i><b class='who'>周一鸣</b>"
        "<div class='zw'>只要这一段文字作为正文。</div>"
    )
    selectors = {
        "title": "div.t",
        "time": "#w",
        "author": "xpath://b[@class='who']/text()",
        "body": ".zw",
        "source": "",
    }
    article = read(page, selectors=selectors)
    assert (article.title, article.author, article.text) == ("二次报道", "周一鸣", "只要这一段文字作为正文。")
    assert local(article.published_at) == "2019-09-01 08:00"


def test_a_selector_that_finds_nothing_leaves_the_field_as_it_was_read():
    page = article_page("<div>2019-09-07 13:43</div>")
    assert read(page, selectors={"title": ".gone", "body": ".gone", "time": ".gone"}) == read(page)


def test_a_selector_that_cannot_be_read_is_named():
    with pytest.raises(ValueError, match="div\\[\\["):
        read(article_page(""), selectors={"title": "div[["})


@pytest.mark.parametrize(
    "html",
    [
        "",
        " \n ",
        "<html></html>",
        "<html><body></body></html>",
        "<title>云岭晚报</title>",
        "plain text",
        "<!-- nothing -->",
        "<title>云岭晚报</title><ul>"
        + "".join(f"<li><a href='/{n}'>石桥汽车召回两万辆旧车{n}</a></li>" for n in range(50))
        + "</ul>",
    ],
)
def test_a_page_without_an_article_gives_none(html):
    assert read(html) is None


def test_confidence_is_high_where_both_measures_agree_and_low_where_they_do_not():
    whole = read(article_page(f"<p>{TEXT}</p>" * 8))
    torn = read((PAGES / "short_with_many_related.html").read_bytes())
    assert whole.confidence > 0.9
    assert 0 <= torn.confidence < 0.6


@pytest.mark.parametrize("quote", ['"', "'"])
def test_a_text_that_only_a_script_holds_is_read_from_the_script(quote):
    inside = "".join(f"<p>{TEXT}第{n}段。</p>" for n in range(5)).replace("<", "&lt;" if quote == "'" else "\\u003c")
    script = f"<script>window.state = {{title: {quote}x{quote}, content: {quote}{inside}{quote}}}</script>"
    article = read(f"<html><head><title>青禾乳业致歉</title></head><body><div id='app'></div>{script}</body></html>")
    assert article.text.split("\n") == [f"{TEXT}第{n}段。" for n in range(5)]
    assert article.confidence < 1


def test_what_stands_above_the_headline_is_not_the_text():
    above = f"<div><p>{'云岭晚报创办于一九九九年，每日发布新闻近千条，覆盖全市，欢迎订阅。' * 2}</p></div>"
    page = article_page("<div>2019-09-07 13:43</div>").replace("<body>", f"<body>{above}")
    assert read(page).text == TEXT


def test_deeply_nested_and_broken_pages_do_not_raise():
    for html in (
        "<div>" * 100_000 + TEXT,
        "<a href=x>" * 5000,
        "<table><tr><td>" * 2000 + TEXT,
        "<" * 10_000,
        "&#xD800;&#0;&" * 500,
    ):
        read(html)


def test_a_page_that_goes_on_behind_its_end_is_read_on():
    head = "<html><body><div class='top'>首页</div></body></html>"
    assert TEXT in read(head + article_page("<div>2019-09-07 13:43</div>")).text


def test_control_characters_do_not_hide_the_text():
    assert TEXT in read(article_page("<div>2019-09-07 13:43</div>").replace("公司", "公\x00司\x08")).text


def test_nothing_but_text_leaves_whatever_way_it_came_in():
    odd = "&#27;[31m&#8238;&#8203;&#x81;&shy;"
    page = article_page(f"<div>2019-09-07 13:43 来源：云岭{odd}晚报</div><p>{odd}{TEXT}<script>steal()</script></p>")
    page = page.replace("青禾乳业致歉", f"青禾{odd}乳业致歉<script>steal()</script>")
    for chosen in ({}, {"title": "h1", "body": "p"}):
        article = read(page, selectors=chosen)
        assert article.title == "青禾[31m乳业致歉并封存产品" and "steal" not in article.text
        assert not re.search(
            "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202e]", article.title + article.text + article.source_name
        )


def test_a_part_of_what_a_selector_finds_may_be_the_field():
    page = article_page("<div class='i'>编辑：甲 来源：云岭日报 时间：2019-09-01 08:00 编号：7</div>")
    given = {"source": "div.i|来源：(\\S+)", "time": "div.i|时间：([-0-9: ]+)", "title": "h1|致歉.+"}
    article = read(page, selectors=given)
    assert (article.title, article.source_name, local(article.published_at)) == (
        "致歉并封存产品",
        "云岭日报",
        "2019-09-01 08:00",
    )


@pytest.mark.parametrize(
    ("shown", "at", "doubt"),
    [
        ("2019-09-07 13:43", "2019-09-07 13:43", ""),
        ("2019-09-08 12:00", "2019-09-08 12:00", "its time, 2019-09-08 04:00 UTC, lies ahead; is the timezone right?"),
        ("2029-09-07 13:43", "", "its time, 2029-09-07 05:43 UTC, lies ahead; is the timezone right?"),
        ("没有时间", "", ""),
    ],
)
def test_a_time_that_lies_ahead_is_doubted_and_one_far_ahead_not_believed(shown, at, doubt):
    for chosen in ({}, {"time": ".w"}):
        article = read(article_page(f"<div class='w'>{shown}</div>"), selectors=chosen)
        assert (local(article.published_at), article.doubt) == (at, doubt)


def test_a_headline_that_speaks_of_days_past_says_no_time():
    assert read(article_page("", title="三天前走失的老人找到了")).published_at is None
    at = read(article_page("<div>二〇一九年九月七日</div>")).published_at
    assert local(at) == "2019-09-07 00:00"


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=2000))
def test_no_bytes_raise(body):
    read(body)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(EXPECTED)), st.integers(0, 20_000), st.binary(max_size=20), st.integers(0, 20_000))
def test_no_cut_or_damaged_page_raises(name, cut, junk, at):
    body = (PAGES / f"{name}.html").read_bytes()[:cut]
    article = read(body[:at] + junk + body[at:])
    assert article is None or (article.title and article.text and 0 <= article.confidence <= 1)


TAGS = st.sampled_from(
    [
        "<p>",
        "</p>",
        "<div>",
        "</div>",
        "<h1>",
        "</h1>",
        "<a",
        "href=/1>",
        "</a>",
        "<table><td>",
        "<br>",
        "<title>",
        "</title>",
        "<meta>",
        "<script>",
        "<!--",
        "-->",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(TAGS | st.text(max_size=30) | st.just(TEXT) | st.just("2019-09-07 13:43"), max_size=40))
def test_no_soup_of_tags_raises(parts):
    read("".join(parts).encode("utf-8", "surrogatepass"))
