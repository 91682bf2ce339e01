"""Items in every shape and language become posts and readings, or are refused with the reason."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import attrs
import pytest
import scrapy
from pydantic import BaseModel

from yuqing_daemon.crawl.items import BadItem, read_item
from yuqing_daemon.domain import Source

NOW = datetime(2026, 5, 2, 4, 0, tzinfo=UTC)
SOURCE = Source(id="s", urls=("http://example.com/list/",), site="example.com", mainstream=True)


@dataclass
class AsDataclass:
    url: str
    title: str


@attrs.define
class AsAttrs:
    url: str
    title: str


class AsPydantic(BaseModel):
    url: str
    title: str


class AsItem(scrapy.Item):
    url = scrapy.Field()
    title = scrapy.Field()


@pytest.mark.parametrize("shape", [dict, AsDataclass, AsAttrs, AsPydantic, AsItem])
def test_any_shape_will_do(shape: Any) -> None:
    post = read_item(shape(url="/7?utm_source=x", title=" 食堂 的 汤 "), SOURCE, NOW).post
    assert (post.url, post.title) == ("http://example.com/7", "食堂 的 汤")
    assert (post.source, post.site, post.mainstream, post.fetched_at) == ("s", "example.com", True, NOW)


def test_fields_may_have_chinese_names_and_counts_their_units() -> None:
    found = read_item(
        {
            **{"链接": "http://example.com/7", "标题": "汤", "正文": ["第一段", "第二段"], "时间": "2026-05-01 09:30"},
            **{"作者": "某甲", "来源": "星河晚报", "点击": "1.2万", "回复": "35", "转发": 8, "热度": "3,456"},
        },
        SOURCE,
        NOW,
    )
    post, reading = found.post, found.reading
    assert (post.text, post.author, post.source_name) == ("第一段\n第二段", "某甲", "星河晚报")
    assert post.published_at == datetime(2026, 5, 1, 1, 30, tzinfo=UTC)
    assert (reading.reads, reading.comments, reading.reposts, reading.hot) == (12000, 35, 8, 3456)


def test_the_spelling_of_a_name_is_forgiven_and_markup_taken_off() -> None:
    item = {
        **{
            "newsUrl": "/7",
            "News-Title": "食堂的<em>汤</em>",
            "Content": "<p>第一段</p><script>steal()</script><p>第二\u202e段</p>",
        },
        **{"publishTime": "3小时前", "readNum": "1.2万", "replyCount": "3k", "repost_num": "x", "点击": "9"},
    }
    found = read_item(item, SOURCE, NOW)
    assert (found.post.url, found.post.title, found.post.text) == ("http://example.com/7", "食堂的汤", "第一段\n第二段")
    assert found.post.published_at == datetime(2026, 5, 2, 1, 0, tzinfo=UTC)
    assert (found.reading.reads, found.reading.comments, found.reading.reposts) == (12000, 3000, None)


@pytest.mark.parametrize(
    ("given", "at"),
    [
        (datetime(2026, 5, 1, 9, 30), datetime(2026, 5, 1, 1, 30, tzinfo=UTC)),  # noqa: DTZ001 - local to the site
        (datetime(2026, 5, 1, 9, 30, tzinfo=UTC), datetime(2026, 5, 1, 9, 30, tzinfo=UTC)),
        (date(2026, 5, 1), datetime(2026, 4, 30, 16, 0, tzinfo=UTC)),
        (1777599000, datetime(2026, 5, 1, 1, 30, tzinfo=UTC)),
        (1777599000.5, datetime(2026, 5, 1, 1, 30, tzinfo=UTC)),
        ("3小时前", datetime(2026, 5, 2, 1, 0, tzinfo=UTC)),
        ("soon", None),
    ],
)
def test_times_are_read_in_the_sites_own_zone(given: Any, at: datetime | None) -> None:
    assert read_item({"url": "/7", "title": "汤", "pub_time": given}, SOURCE, NOW).post.published_at == at


@pytest.mark.parametrize(
    ("given", "count"),
    [(0, 0), (None, None), ("", None), ("-", None), (-1, None), (True, None), ("0", 0), ([{}, {}], 2)],
)
def test_a_count_that_is_not_said_is_unknown_and_never_zero(given: Any, count: int | None) -> None:
    assert read_item({"url": "/7", "title": "汤", "comments": given}, SOURCE, NOW).reading.comments == count


def test_a_text_without_title_is_called_by_its_first_line() -> None:
    assert read_item({"url": "/7", "text": "食堂的汤\n里有虫子"}, SOURCE, NOW).post.title == "食堂的汤"


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ({"title": "汤"}, "without url: its fields are title"),
        ({"url": "/7"}, "without title"),
        ({"url": "javascript:alert(1)", "title": "汤"}, "without url"),
        ("汤", "not an item: str"),
    ],
)
def test_an_item_without_url_or_title_is_refused(item: Any, words: str) -> None:
    with pytest.raises(BadItem, match=words):
        read_item(item, SOURCE, NOW)


def test_endless_fields_are_cut() -> None:
    post = read_item(
        {"url": "/7", "title": "汤" * 10_000, "text": "面" * 1_000_000, "author": "甲" * 999}, SOURCE, NOW
    ).post
    assert (len(post.title), len(post.text), len(post.author)) == (500, 200_000, 200)
