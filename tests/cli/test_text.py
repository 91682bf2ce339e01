"""``yuqing text``: one answer for every line, whatever is on it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .commandline import Yuqing

TOPICS = '[topics.quality]\nany = ["变质", "异物"]\nall = ["青禾"]\n'


@pytest.fixture
def topics(tmp_path: Path) -> Path:
    file = tmp_path / "topics.toml"
    file.write_text(TOPICS)
    return file


def match(yuqing: Yuqing, topics: Path, lines: str | bytes) -> list[Any]:
    file = topics.parent / "texts.jsonl"
    file.write_bytes(lines.encode() if isinstance(lines, str) else lines)
    ran = yuqing("text", "match", "--topics", str(topics), str(file), config=None)
    assert (ran.code, ran.err) == (0, "")
    return [json.loads(line) for line in ran.lines]


def test_a_text_is_answered_with_its_matches_and_their_places_in_the_original(yuqing: Yuqing, topics: Path) -> None:
    record = {"id": "a1", "title": "青\u200b禾酸奶", "text": "昨天变质了"}
    (answer,) = match(yuqing, topics, json.dumps(record))
    assert answer == {
        "id": "a1",
        "matches": [
            {"topic": "quality", "term": "青禾", "variant": "zero width", "field": "title", "start": 0, "end": 3},
            {"topic": "quality", "term": "变质", "variant": "plain", "field": "text", "start": 2, "end": 4},
        ],
    }


def test_every_line_has_its_answer_and_a_bad_one_costs_no_other(yuqing: Yuqing, topics: Path) -> None:
    lines = b'{"id": 1, "text": "x"}\n{"id": 2, \n\n["x"]\n{"id": 3, "text": 4}\n\xff\n{"id": 4}'
    told = match(yuqing, topics, lines)
    assert [(answer["id"], answer.get("line")) for answer in told] == [
        (1, None),
        (None, 2),
        (None, 4),
        (3, 5),
        (None, 6),
        (4, None),
    ]
    assert told[3]["error"] == "text: want text, found 4"
    assert told[-1] == {"id": 4, "matches": []}


def test_topics_with_a_problem_exit_78_and_name_its_place(yuqing: Yuqing, topics: Path) -> None:
    topics.write_text("[topics.quality]\nany = []\n")
    ran = yuqing("text", "match", "--topics", str(topics), os.devnull, config=None)
    assert (ran.code, ran.out) == (78, "")
    assert f"{topics}:2: topics.quality.any" in ran.err


def test_lines_come_from_a_pipe_and_are_answered_as_they_come(topics: Path) -> None:
    command = [sys.executable, "-m", "yuqing_daemon", "text", "match", "--topics", str(topics)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as process:
        assert process.stdin is not None and process.stdout is not None
        for number in (1, 2):
            process.stdin.write(b'{"id": %d}\n' % number)
            assert json.loads(process.stdout.readline()) == {"id": number, "matches": []}
        process.stdin.close()


def judge(yuqing: Yuqing, folder: Path, *records: dict[str, Any] | str) -> list[Any]:
    file = folder / "texts.jsonl"
    file.write_text("\n".join(each if isinstance(each, str) else json.dumps(each) for each in records))
    ran = yuqing("text", "judge", str(file), config=None)
    assert (ran.code, ran.err) == (0, "")
    return [json.loads(line) for line in ran.lines]


def test_a_text_is_judged_with_the_words_that_weighed(yuqing: Yuqing, tmp_path: Path) -> None:
    (answer,) = judge(yuqing, tmp_path, {"id": "b1", "title": "投诉食堂吃出虫子", "text": "太恶心了，态度还极差"})
    assert set(answer) == {"id", "sentiment", "kind", "subjects"}
    assert (answer["sentiment"]["label"], answer["kind"]["label"], answer["kind"]["detail"]) == (
        "neg",
        "inquiry",
        "complaint",
    )
    assert answer["sentiment"]["p"] > 0.9
    assert "投诉" in answer["kind"]["why"]
    assert answer["sentiment"]["why"]
    assert answer["subjects"] == [{"subject": "food", "why": ["吃出"]}]


def test_a_line_that_cannot_be_judged_costs_no_other(yuqing: Yuqing, tmp_path: Path) -> None:
    told = judge(yuqing, tmp_path, {"id": 1}, "{", {"id": 3, "title": 5}, {"id": 4, "title": "请问何时开通？"})
    assert [answer.get("line") for answer in told] == [None, 2, 3, None]
    assert told[0]["sentiment"]["label"] == "neu"
    assert told[3]["kind"]["detail"] == "inquiry"


STORY = "江南市青禾乳业三月一日发布说明，称已注意到网上关于酸奶异物的反映，涉事批次产品已全部停止销售。"


def ask(yuqing: Yuqing, tmp_path: Path, what: list[str], lines: list[Any]) -> list[Any]:
    file = tmp_path / "texts.jsonl"
    file.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
    ran = yuqing("text", *what, str(file), config=None)
    assert (ran.code, ran.err) == (0, "")
    return [json.loads(line) for line in ran.lines]


def test_each_post_is_answered_with_its_story_and_what_it_is_a_copy_of(yuqing: Yuqing, tmp_path: Path) -> None:
    posts = [
        {"id": 7, "text": STORY},
        "{",
        {"id": "b", "source": "press", "title": "转载", "text": STORY},
        {"id": None},
    ]
    told = ask(yuqing, tmp_path, ["stories"], posts)
    assert told[0] == {
        "id": 7, "story": 7, "relation": "new", "of": None, "share_larger": 0.0, "share_smaller": 0.0
    }  # fmt: skip
    assert told[1]["line"] == 2
    assert told[2] == {
        "id": "b", "story": 7, "relation": "copy", "of": 7, "share_larger": 1.0, "share_smaller": 1.0
    }  # fmt: skip
    assert told[3]["error"] == "id: want a text or a number, found null"


def test_each_post_is_answered_with_its_event(yuqing: Yuqing, tmp_path: Path) -> None:
    posts = [
        {"id": 1, "text": STORY, "published_at": "2026-03-02T04:00"},
        {"id": 2, "text": "白鹭航空宣布下月起增开三条国内航线。", "published_at": "2026-03-02T04:00:00Z"},
        {"id": 3, "text": "转发：" + STORY},
        {"id": 4, "text": STORY, "published_at": "yesterday"},
    ]
    told = ask(yuqing, tmp_path, ["events", "--topic", "quality"], posts)
    assert [answer.get("event") for answer in told] == ["quality:E1", "quality:E2", "quality:E1", None]
    assert told[3]["error"] == "published_at: want an instant such as 2026-03-02T04:00:00Z, found 'yesterday'"
