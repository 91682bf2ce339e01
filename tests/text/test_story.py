"""Copies, excerpts and different stories; what a story is called."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuqing_daemon.domain import Post
from yuqing_daemon.text.normalise import normalise
from yuqing_daemon.text.story import (
    clauses,
    clean_title,
    compare,
    distinct,
    event_title,
    key_words,
    telling_words,
    title_key,
)

TITLE = "青禾乳业回应酸奶异物事件"
TEXT = (
    "江南市青禾乳业三月一日发布说明，称已注意到网上关于酸奶异物的反映。公司表示，涉事批次产品已全部停止销售，"
    "并委托第三方机构检测留样产品。消费者可凭购物小票到原购买门店办理退货，检测结果将在十日之内向社会公布。\n"
    "市场监督管理部门的工作人员介绍，他们已在当天上午进入工厂检查，调取了生产记录和出厂检验报告。"
)
OTHER = "白鹭航空宣布下月起增开三条国内航线，票价比去年同期略有下降。公司负责人说，新航线将由窄体客机执飞。"
SIZES = st.dictionaries(st.integers(0, 30), st.just(10), max_size=15)


def relation(title: str, text: str, to_title: str = TITLE, to_text: str = TEXT) -> str:
    return compare(clauses(title, text), clauses(to_title, to_text)).relation


@pytest.mark.parametrize(
    ("title", "text"),
    [
        (TITLE, TEXT),
        ("青禾：涉事酸奶已停售", TEXT),
        (TITLE, TEXT.replace("，", ", \n").replace("。", "。\u3000\u3000")),
        (TITLE, TEXT.replace("青禾", "青\u200b禾").replace("三月", "三 月")),
        (TITLE, "来源：江南晚报\n" + TEXT + "（责任编辑：李四）本网转载仅为传递信息，不代表赞同其观点。"),
        (TITLE, TEXT[: len(TEXT) * 2 // 3] + "……"),
        (TITLE + " - 江南论坛", TEXT[len(TEXT) // 4 :]),
    ],
    ids=["same", "new title", "reflowed", "invisible characters", "framed", "cut short", "cut in front"],
)
def test_a_copy_is_known_however_it_is_cut_and_framed(title: str, text: str) -> None:
    assert relation(title, text) == "copy"


def test_a_round_up_that_carries_the_story_is_an_excerpt_not_a_copy() -> None:
    news = "".join(f"江南地铁{line}号线将于下月开通试运营，首末班车时间{line}号起公布。" for line in range(12))
    assert relation("早报：今天的几条消息", news + TEXT.split("\n")[0]) == "excerpt"


def test_a_different_story_is_neither_even_if_a_stock_phrase_is_shared() -> None:
    assert relation("白鹭航空增开航线", OTHER) == ""
    assert relation("白鹭航空增开航线", OTHER + "市场监督管理部门的工作人员介绍") == ""


def test_a_thread_of_which_only_the_title_is_known_is_known_by_its_title() -> None:
    assert relation("青禾酸奶里喝出一只虫子！", "", "青禾酸奶里喝出一只虫子", "") == "copy"
    assert relation("青禾酸奶里喝出一只虫子", "", "青禾酸奶里喝出一根头发", "") == ""
    assert relation("求助", "", "求助", "") == ""


@pytest.mark.parametrize(
    ("mine", "other", "relation"),
    [
        ({1: 55, 2: 45}, {1: 55, 3: 45}, "copy"),
        ({1: 54, 2: 46}, {1: 54, 3: 46}, "excerpt"),
        ({1: 45, 2: 15}, {1: 45, 3: 55}, "copy"),
        ({1: 45, 2: 16}, {1: 45, 3: 55}, "excerpt"),
        ({1: 39, 2: 1}, {1: 39, 3: 61}, "excerpt"),
        ({1: 39, 2: 61}, {1: 39, 3: 61}, ""),
        ({1: 40, 2: 60}, {1: 40, 3: 61}, "excerpt"),
        ({1: 40}, {}, ""),
        ({}, {}, ""),
        ({1: 40}, {1: 12}, ""),  # the same hash of two clauses that are not the same
    ],
)
def test_a_copy_has_most_of_both_or_nearly_all_of_the_smaller_and_an_excerpt_a_good_part_of_the_smaller(
    mine: dict[int, int], other: dict[int, int], relation: str
) -> None:
    assert compare(mine, other).relation == relation


@given(SIZES, SIZES)
def test_it_does_not_matter_which_of_two_posts_came_first(mine: dict[int, int], other: dict[int, int]) -> None:
    likeness = compare(mine, other)
    assert likeness == compare(other, mine)
    assert 0 <= likeness.share_larger <= likeness.share_smaller <= 1


def test_boilerplate_is_what_more_than_two_events_share() -> None:
    assert distinct({1: 10, 2: 10, 3: 10}, {1: 2, 2: 3}) == {1: 10, 3: 10}


def test_a_clause_counts_once_and_only_from_eight_characters_on() -> None:
    assert list(clauses("", "八个字的子句在此，七个字的子句在，八个字的子句在此。").values()) == [8]


@pytest.mark.parametrize(
    ("title", "clean"),
    [
        ("青禾乳业回应酸奶异物_财经_江南新闻网", "青禾乳业回应酸奶异物"),
        ("青禾乳业回应酸奶异物|青禾|酸奶", "青禾乳业回应酸奶异物"),
        ("青禾乳业回应酸奶异物-江南论坛", "青禾乳业回应酸奶异物"),
        ("青禾乳业回应酸奶异物 - 食品 - Jiangnan.COM", "青禾乳业回应酸奶异物"),
        ("  青禾乳业\n回应 ", "青禾乳业 回应"),
        ("快讯 | 青禾乳业回应酸奶异物", "快讯 | 青禾乳业回应酸奶异物"),
        ("青禾预亏7亿-9亿元", "青禾预亏7亿-9亿元"),
        ("江南新闻网", "江南新闻网"),
        ("", ""),
    ],
)
def test_names_of_sites_and_channels_are_taken_off_a_title(title: str, clean: str) -> None:
    assert clean_title(title) == clean


def test_titles_are_the_same_by_their_letters_if_there_are_enough() -> None:
    assert title_key("青禾酸奶，喝出“异物”！_江南论坛") == title_key("青禾酸奶 喝出异物")
    assert title_key("喝出异物！！！！") == ""


@pytest.mark.parametrize(
    ("title", "text", "called"),
    [
        ("青禾乳业回应酸奶异物_江南网", TEXT, "青禾乳业回应酸奶异物"),
        ("", "\n 喝了青禾酸奶肚子疼！有人一样吗", "喝了青禾酸奶肚子疼！"),
        ("", "长" * 100, "长" * 59 + "…"),
        ("长" * 60, "", "长" * 60),
        ("", " ", "https://bbs.example/1"),
    ],
)
def test_an_event_is_called_by_its_title_or_its_first_sentence(title: str, text: str, called: str) -> None:
    at = datetime(2025, 3, 1, tzinfo=UTC)
    assert event_title(Post(url="https://bbs.example/1", source="bbs", title=title, text=text, fetched_at=at)) == called


COMPLAINT = "有没有人管管。昨天买了两盒青禾酸奶，孩子喝了就拉肚子！打开另一盒青禾酸奶，里面有异物。"


@pytest.mark.parametrize("title", ["求助", "大家看看这个！！！太过分了吧真的", ""])
def test_an_event_whose_title_tells_nothing_is_called_by_the_sentence_with_most_key_words(title: str) -> None:
    said = Post(url="u", source="bbs", title=title, text=COMPLAINT, fetched_at=datetime(2025, 3, 1, tzinfo=UTC))
    assert event_title(said) == "昨天买了两盒青禾酸奶，孩子喝了就拉肚子！"


@pytest.mark.parametrize("title", ["酸奶", "青禾怎么了"])
def test_a_title_with_one_of_the_key_words_stays(title: str) -> None:
    said = Post(url="u", source="bbs", title=title, text=COMPLAINT, fetched_at=datetime(2025, 3, 1, tzinfo=UTC))
    assert event_title(said) == title


def test_a_title_in_which_the_topic_was_found_stays_whatever_it_says() -> None:
    said = Post(url="u", source="bbs", title="求助", text=COMPLAINT, fetched_at=datetime(2025, 3, 1, tzinfo=UTC))
    assert event_title(said, is_named=True) == "求助"


def test_key_words_of_posts_are_what_titles_and_texts_have_in_common_and_no_chance_words() -> None:
    at = datetime(2025, 3, 1, tzinfo=UTC)
    said = Post(url="u", source="bbs", title="大家看看这个异物", text=COMPLAINT, fetched_at=at)
    words = telling_words([said])
    assert (words[0], len(words)) == ("异物", 5)
    assert {"青禾", "酸奶"} < set(words)
    assert "大家" not in words
    assert telling_words([replace(said, text="")]) and telling_words([]) == []


def test_key_words_are_the_ones_that_set_a_text_apart() -> None:
    assert "酸奶" in key_words(TEXT + "酸奶", 5)
    assert key_words("", 5) == []


def test_looking_for_key_words_prints_nothing_and_leaves_no_file(tmp_path: Path) -> None:
    code = "from yuqing_daemon.text.story import key_words; key_words('青禾乳业回应酸奶异物', 3)"
    done = subprocess.run(
        [sys.executable, "-W", "default", "-c", code],
        env={"TMPDIR": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("", "")
    assert not list(tmp_path.iterdir())


def test_only_key_words_load_the_dictionary() -> None:
    code = "import sys, yuqing_daemon.text.story; sys.exit('jieba' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@given(st.text("青禾乳业，。 \n\u200bＡa", max_size=60))
def test_clauses_see_through_width_case_and_invisible_characters(text: str) -> None:
    assert clauses("", text) == clauses("", normalise(text).text)


@pytest.mark.parametrize(
    "text", ["青禾酸奶里有异物\ud83d", "-" * 20_000, "_" * 20_000 + "青", "青 " * 20_000, "|" * 20_000]
)
def test_broken_and_hostile_titles_and_texts_are_read_like_any_other(text: str) -> None:
    clauses(text, text)
    key_words(text, 3)
