"""What is wrong with a topic, said with its place; what could be better; and what a sound one comes to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from yuqing_daemon.config import advice, read_topics
from yuqing_daemon.errors import ConfigError

SOUND = """\
[lists]
brand = ["青禾", "QH乳业"]
"坏词" = ["变质", "异物"]

[topics.quality]
query = "list:brand AND 词表:坏词"
variants = ["split", "-html"]
none = ["招聘"]
must_match = ["青禾酸奶变质"]
must_not_match = ["青禾招聘，变质者勿扰", "酸奶变质"]
"""

WRONG = [
    (
        'query = "青禾 AND 变质 OR 异物"',
        "topics.toml:2: topics.quality.query: want brackets: AND and OR stand on one level here\n"
        "  青禾 AND 变质 OR 异物\n  　　     　　 ^",
    ),
    (
        'query = """\n青禾 AND\n变质 OR 异物"""',
        "topics.toml:4: topics.quality.query: want brackets: AND and OR stand on one level here\n"
        "  变质 OR 异物\n  　　 ^",
    ),
    (
        'any = ["青禾", "list:brnd"]',
        "topics.toml:2: topics.quality.any.2: want one of the lists: company\n  list:brnd\n       ^\n"
        '  fix: [lists]\nbrnd = ["...", "..."]',
    ),
    (
        'any = ["青禾"]\nvariants = ["splitt"]',
        "topics.toml:3: topics.quality.variants.1 = 'splitt': want a variant: zero width, full width, case, "
        "traditional, lookalike, html, separators, mixed pinyin, split, pinyin, homophone, "
        "or one of them behind - to switch it off; "
        'did you mean "split"?\n  fix: "split"',
    ),
    (
        'any = ["格力"]\nvariants = ["homophone"]',
        "topics.toml:3: topics.quality.variants.1 = 'homophone': want homophone with a word of at least 3 Chinese "
        "characters: shorter words sound like too many others\n  fix: leave it out",
    ),
    (
        'any = ["homophone:格力", "肯德基"]',
        "topics.toml:2: topics.quality.any: want homophone: with at least 3 Chinese characters: shorter words "
        'sound like too many others\n  fix: "格力"',
    ),
    (
        'query = "NOT 招聘"',
        "topics.toml:2: topics.quality.query = 'NOT 招聘': want a word that must be there: as it is, it would find "
        'every post that lacks what is excluded\n  fix: query = "青禾 AND (NOT 招聘)"',
    ),
    (
        'any = ["青禾"]\nall = ["变质"]\nmust_match = ["青禾变质", "青禾好喝"]',
        "topics.toml:4: topics.quality.must_match.2 = '青禾好喝': want a text that belongs to the topic; but NOT 变质\n"
        "  fix: change the topic, or the example",
    ),
    (
        'any = ["青禾"]\nmust_not_match = ["青禾好喝"]',
        "topics.toml:3: topics.quality.must_not_match.1 = '青禾好喝': want a text that does not belong to the "
        "topic; but text:青禾\n  fix: change the topic, or the example",
    ),
]


def read(tmp_path: Path, text: str) -> str:
    """What is printed of a file's problems, with the file's plain name."""
    file = tmp_path / "topics.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as error:
        read_topics(file)
    return str(error.value).replace(str(file), "topics.toml")


def test_a_sound_topic_comes_with_its_lists_and_examples(tmp_path: Path) -> None:
    file = tmp_path / "topics.toml"
    file.write_text(SOUND, "utf-8")
    (topic,) = read_topics(file)
    assert (topic.query, topic.variants, topic.none) == ("list:brand AND 词表:坏词", ("split", "-html"), ("招聘",))
    assert dict(topic.lists)["brand"] == ("青禾", "QH乳业")
    assert "集团" in dict(topic.lists)["company"]


@pytest.mark.parametrize(("table", "printed"), WRONG, ids=[table for table, _ in WRONG])
def test_a_fault_is_told_with_its_place(tmp_path: Path, table: str, printed: str) -> None:
    assert read(tmp_path, f"[topics.quality]\n{table}\n") == printed


def test_a_fault_in_a_topic_is_told_with_those_of_other_files(told: Callable[[Mapping[str, str]], str]) -> None:
    printed = told({"topics.toml": '[topics.a]\nquery = "青禾 变质"\n', "sources.toml": "[[source]]\nid = 1\n"})
    assert "conf/sources.toml" in printed
    assert "conf/topics.toml:2: topics.a.query: want AND, OR or NOT before '变质'" in printed


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (
            'any = ["联想", "青禾乳业"]',
            "topic t: 联想 is an ordinary word and found alone; if a name is meant, say context",
        ),
        ('query = "苹果 OR (联想 AND 电脑)"', "topic t: 苹果 is an ordinary word and found alone"),
        ('any = ["联想"]\ncontext = ["list:company"]', ""),
        ('any = ["联想"]\nall = ["电脑"]', ""),
        ('any = ["word:联想"]', ""),
        ('any = ["青禾乳业", "AI"]', ""),
    ],
)
def test_a_name_that_is_an_ordinary_word_is_advised_to_have_a_context(tmp_path: Path, table: str, told: str) -> None:
    file = tmp_path / "topics.toml"
    file.write_text(f"[topics.t]\n{table}\n", "utf-8")
    (topic,) = read_topics(file)
    said = " ".join(advice(topic))
    assert told in said and bool(told) is bool(said)
