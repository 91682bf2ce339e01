"""Hot lists as JSON."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yuqing_daemon.extract import HotItem, read_hotlist, resolve_pointer

URL = "https://hot.example.cn/api"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["title", "url", "data", "a/b", "x"]), inner, max_size=4)
    ),
    max_leaves=20,
)


def read(data: object, **pointers: str) -> list[HotItem]:
    return read_hotlist(json.dumps(data).encode(), url=URL, **pointers)


def test_the_usual_names_are_found_by_themselves():
    data = {"code": 0, "tags": ["a"], "data": {"cards": [{"content": [
        {"word": "牛奶事件", "url": "https://example.cn/s?wd=1", "hotScore": "12345", "desc": "说明"},
        {"word": "地铁涨价", "url": "/s?wd=2", "hotScore": "1.2万"},
    ]}]}}  # fmt: skip
    assert read(data) == [
        HotItem("https://example.cn/s?wd=1", "牛奶事件", "说明", 12345, 1),
        HotItem("https://hot.example.cn/s?wd=2", "地铁涨价", "", 12000, 2),
    ]


def test_names_in_an_object_inside_the_item_are_found_too():
    data = [
        {"detail_text": "523 万热度", "target": {"title": "牛奶事件", "url": "https://example.cn/1", "excerpt": "说明"}}
    ]
    assert read(data) == [HotItem("https://example.cn/1", "牛奶事件", "说明", 5_230_000, 1)]


def test_pointers_say_where_things_are():
    data = {"d": [{"t": {"a/b": "牛奶"}, "u": "/1", "h": 5, "s": "说明", "title": "不是这个"}]}
    assert read(data, items="/d", title="/t/a~1b", link="/u", hot="/h", text="/s") == [
        HotItem("https://hot.example.cn/1", "牛奶", "说明", 5, 1)
    ]


def test_names_that_only_end_like_the_usual_ones_and_times_are_found():
    data = {
        "rows": [
            {"subTitle": "x", "imgUrl": "/i.jpg", "newsTitle": "停水", "newsUrl": "/n/1", "publishTime": "昨天 09:00"}
        ]
    }
    assert read(data) == [HotItem("https://hot.example.cn/n/1", "停水", "", None, 1, "昨天 09:00")]


def test_how_many_take_part_is_a_heat():
    assert read([{"title": "停水", "url": "/1", "参与": "1.2万"}])[0].hot == 12_000


def test_a_callback_around_the_json_is_taken_off():
    assert read_hotlist(b'cb([{"title":"x","url":"/1"}]);', url=URL)[0].title == "x"


def test_rank_counts_what_the_site_lists_even_if_an_entry_is_unusable():
    data = [{"title": "一", "url": "/1"}, {"title": "二", "url": "javascript:;"}, {"title": "三", "url": "/3"}]
    assert [(item.title, item.rank) for item in read(data)] == [("一", 1), ("三", 3)]


def test_a_heat_that_is_not_said_is_none():
    assert read([{"title": "一", "url": "/1"}])[0].hot is None


def test_a_pointer_without_a_slash_is_refused():
    with pytest.raises(ValueError, match="data"):
        read([], items="data")


def test_pointers_that_lead_nowhere_give_nothing():
    assert read({"d": []}, items="/x/y/0") == []
    assert resolve_pointer({"a": [1]}, "/a/9") is None
    assert resolve_pointer({"a": 1}, "") == {"a": 1}


@pytest.mark.parametrize("body", [b"", b"null", b"{", b"<html>", b"7", b"[" * 100_000, b'{"a":1}'])
def test_what_is_no_hot_list_is_empty(body):
    assert read_hotlist(body, url=URL) == []


@settings(max_examples=200, deadline=None)
@given(JSON)
def test_no_json_raises(data):
    read(data)
    read(data, items="/data", title="/title", link="/url", hot="/x/0", text="/a~1b")
