"""The query language: what a person may write, what it comes to, and where it goes wrong."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from yuqing_daemon.domain import Post, Topic
from yuqing_daemon.text.matcher import Matcher, finds_everything
from yuqing_daemon.text.query_error import QueryError
from yuqing_daemon.text.query_reader import parse_query, parse_term

LISTS = {"brand": ("青禾", "QH乳业"), "bad": ("变质", "异物"), "词": ("word:大麻",)}


def found(query: str, title: str = "", text: str = "", **post: object) -> bool:
    topic = Topic(id="t", query=query, lists=tuple((name, words) for name, words in LISTS.items()))
    made = Post(url="", source="", title=title, text=text, fetched_at=datetime(2025, 3, 1, tzinfo=UTC))
    for name, value in post.items():
        object.__setattr__(made, name, value)
    return bool(Matcher((topic,)).find(made))


@pytest.mark.parametrize(
    ("query", "read"),
    [
        ("青禾", "青禾"),
        ("中兴 AND 破产 NOT 谣言 NOT 辟谣", "中兴 AND 破产 AND NOT 谣言 AND NOT 辟谣"),
        ("中兴 and (制裁 or 禁令)", "中兴 AND (制裁 OR 禁令)"),
        ("中兴 且（制裁 或 禁令）非 谣言", "中兴 AND (制裁 OR 禁令) AND NOT 谣言"),
        ("中兴 AND NOT (NOT 破产)", "中兴 AND NOT NOT 破产"),
        ('"喝 坏" OR “拉 肚子”', '"喝 坏" OR "拉 肚子"'),
        ('"AND" AND "或"', '"AND" AND "或"'),
        ("标题(红黄蓝) AND TITLE(扎针 OR 喂药)", "title:红黄蓝 AND (title:扎针 OR title:喂药)"),
        ("title:青禾 OR 来源：人民网", "title:青禾 OR source:人民网"),
        ("NEAR/10(百度, 竞价排名)", "NEAR/10(百度, 竞价排名)"),
        ("先后/15（医院，停业 或 关门）", "ORDER/15(医院, 停业 OR 关门)"),
        ("同句(青禾, 变质, 酸奶)", "SENT(青禾, 变质, 酸奶)"),
        ("COUNT(罚款 OR 处罚) >= 4", "COUNT(罚款 OR 处罚)>=4"),
        (r"RE(/亏损\d+亿\/年/)", r"RE(/亏损\d+亿\/年/)"),
        ("list:brand AND 词表:bad", "list:brand AND list:bad"),
        ("整词:大麻", "word:大麻"),
        ("case:AI", "case:AI"),
        ("no-separators:京东 AND split:骗子", "no-separators:京东 AND split:骗子"),
        ("12:30 AND http://a.cn", '"12:30" AND "http://a.cn"'),
    ],
)
def test_what_is_written_is_read_and_what_is_printed_reads_back(query: str, read: str) -> None:
    node = parse_query(query, LISTS)
    assert str(node) == read
    assert parse_query(read, LISTS) == node


@pytest.mark.parametrize(
    ("query", "at", "wanted"),
    [
        ("中兴 AND 破产 OR 谣言", 10, "brackets: AND and OR stand on one level here"),
        ("中兴 OR 破产 NOT 谣言", 9, "brackets: OR and NOT stand on one level here"),
        ("中兴 破产", 3, "AND, OR or NOT before '破产'"),
        ("(中兴 AND 破产", 0, "a closing bracket for the one that is marked"),
        ("中兴 AND 破产)", 9, "nothing more here, found ')'"),
        ("中兴 AND", 6, "a word here"),
        ("AND 中兴", 0, "a word before AND"),
        ('中兴 AND "破产', 7, "a closing quote"),
        ("NEAR(中兴, 破产)", 0, "how many characters may lie between, 0 to 1000"),
        ("NEAR/5(中兴)", 0, "two parts with a comma between them"),
        ("NEAR/5(中兴, 破产 AND 谣言)", 11, "words, OR and lists inside NEAR"),
        ("COUNT(中兴)", 9, "how many at least"),
        ("RE(中兴)", 3, "a regular expression between two slashes"),
        ("RE(/中兴(/)", 4, "a regular expression; this one fails: missing ): 中兴("),
        ("RE(/a*/)", 4, "a regular expression; this one fails: it finds the empty text, so it would find everything"),
        ("青禾 AND list:brnd", 12, "one of the lists: bad, brand, 词"),
        ("titel:青禾", 0, "one of title, text, source, site, tags, word, case, exact, context, list before a colon"),
        ("", 0, "a word here"),
    ],
)
def test_an_error_names_the_character(query: str, at: int, wanted: str) -> None:
    with pytest.raises(QueryError) as error:
        parse_query(query, LISTS)
    assert (error.value.at, error.value.wanted) == (at, wanted)
    marked = error.value.marked().split("\n")
    assert marked[0] == f"  {query}"
    assert len(marked[1]) == at + 3


def test_the_mark_stands_under_the_line_of_a_query_of_several() -> None:
    with pytest.raises(QueryError) as error:
        parse_query("中兴\nAND 破产\nOR 谣言")
    assert error.value.marked() == "  OR 谣言\n  ^"


@pytest.mark.parametrize(
    ("query", "title", "text", "is_found"),
    [
        ("NEAR/2(青禾, 变质)", "", "青禾已经变质", True),
        ("NEAR/1(青禾, 变质)", "", "青禾已经变质", False),
        ("NEAR/2(变质, 青禾)", "", "青禾已经变质", True),
        ("ORDER/2(变质, 青禾)", "", "青禾已经变质", False),
        ("ORDER/2(青禾, 变质)", "", "青禾已经变质", True),
        ("NEAR/9(青禾, 禾苗)", "", "青禾苗", False),  # they overlap
        ("NEAR/3(青禾, 变质)", "说青禾", "已变质", True),  # across the line break between title and text
        ("NEAR/1(青禾, 变质)", "说青禾", "已变质", False),
        ("NEAR/5(青禾, 变质)", "", "青禾……变质", False),  # six dots, as NFKC counts
        ("NEAR/6(青禾, 变质)", "", "青禾……变质", True),
        ("NEAR/4(青禾 OR 酸奶, list:bad)", "", "酸奶有异物", True),
        ("SENT(青禾, 变质)", "", "青禾好。但是变质了", False),
        ("SENT(青禾, 变质)", "", "好。变质的是青禾！", True),
        ("COUNT(哈哈)>=3", "", "哈哈哈哈", True),
        ("COUNT(哈哈)>=4", "", "哈哈哈哈", False),
        ("COUNT(变质 OR 异物)>=2", "", "变质、异物", True),
        ("TITLE(青禾)", "", "青禾", False),
        ("TITLE(青禾)", "青禾", "", True),
        ("text:青禾", "青禾", "", False),
        (r"RE(/亏损\d+亿/)", "", "预计亏损３５亿", True),
        (r"RE(/虧損[A-Z]/)", "", "预计亏损b", True),
        (r"RE(/青禾\w+异物/)", "", "青禾酸奶有异物", True),
        (r"RE(/青禾[\w·]{2}异物/)", "", "青禾·有异物", True),
        (r"RE(/\(青禾\)：/)", "", "（青禾）:", True),
        ('"青禾(酸奶)"', "", "青禾（酸奶）", True),
        ('"青禾（酸奶）"', "", "青禾(酸奶)", True),
        ("list:brand AND list:bad", "", "ＱＨ乳业變质", True),
        ("青禾 NOT 变质", "", "青禾变质", False),
        ("(青禾 AND 变质) NOT (招聘 OR 股价)", "", "青禾变质", True),
        ("word:大麻", "", "遇到大麻烦了", False),
        ("word:大麻", "", "吸食大麻被抓", True),
        ("list:词", "", "遇到大麻烦了", False),
        ("word:格力", "", "格力电器公告", True),
        ("case:AI", "", "Ai 与 ai", False),
        ("case:AI", "", "用AI写", True),
        ("AI", "", "training", False),
        ("exact:青禾", "", "青-禾", False),
    ],
)
def test_what_a_query_finds(query: str, title: str, text: str, is_found: bool) -> None:
    assert found(query, title, text) is is_found


def test_source_site_and_tags_are_asked_where_they_are_named() -> None:
    post = {"source": "people", "source_name": "人民网", "site": "people.com.cn", "tags": ("央媒",)}
    for query in (
        "source:人民网",
        "site:people.com.cn",
        "tags:央媒",
        "青禾 AND NOT site:weibo.com",
        "SOURCE(RE(/^people/))",
    ):
        assert found(query, "青禾", **post)
    assert not found("人民网", "青禾", **post)
    assert not found("青禾 NOT source:人民网", "青禾", **post)


def test_an_entry_of_a_list_is_a_word_whatever_is_in_it_but_for_its_prefixes() -> None:
    assert str(parse_term("AND (so on)")) == '"AND (so on)"'
    assert str(parse_term("word:大麻")) == "word:大麻"
    assert str(parse_term("titel:青禾")) == '"titel:青禾"'
    assert str(parse_term("list:brand", LISTS)) == "list:brand"


def test_a_regular_expression_takes_time_in_proportion_to_the_text() -> None:
    assert not found("RE(/(a+)+$/)", text="a" * 50_000 + "b")


def test_a_query_that_would_find_everything_is_known() -> None:
    assert finds_everything(Topic(id="t", query="NOT 招聘"))
    assert finds_everything(Topic(id="t", query="青禾 OR NOT 招聘"))
    assert not finds_everything(Topic(id="t", query="青禾 AND NOT 招聘"))


def test_a_list_that_names_itself_is_refused() -> None:
    with pytest.raises(QueryError):
        parse_query("list:a", {"a": ("list:b",), "b": ("list:a",)})
