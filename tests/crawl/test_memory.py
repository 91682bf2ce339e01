"""What a source's state remembers."""

import json

import pytest

from yuqing_daemon.crawl.memory import Memory
from yuqing_daemon.extract import url_hash

URL = "http://example.com/7"


def test_a_state_survives_the_way_through_json() -> None:
    memory = Memory.of({})
    memory.remember(URL, "汤")
    memory.count_failure(URL + "8")
    memory.validators["http://example.com/"] = {"ETag": 'W/"x"'}
    memory.kind["http://example.com/"] = "page"
    again = Memory.of(json.loads(json.dumps(memory.as_state(complete=True))))
    assert again.knows(URL) and not again.knows(URL + "8") and again.failed == {URL + "8": 1}
    assert again.validators == memory.validators and again.kind == memory.kind


@pytest.mark.parametrize(
    "state", [{"recent": []}, {"validators": {"a": 1}}, {"failed": {"a": "b"}}, {"kind": None}, {"x": 1}]
)
def test_a_state_of_another_shape_is_forgotten(state: dict[str, object]) -> None:
    assert Memory.of(state) == Memory()


def test_only_a_new_text_is_a_change() -> None:
    memory = Memory()
    assert memory.has_changed(URL, "")
    memory.remember(URL, "")
    assert not memory.has_changed(URL, "") and memory.has_changed(URL, "汤")
    memory.remember(URL, "汤")
    assert not memory.has_changed(URL, "汤") and not memory.has_changed(URL, "") and memory.has_changed(URL, "面")


def test_the_oldest_are_forgotten_but_what_is_still_listed_is_kept() -> None:
    memory = Memory()
    for number in range(6000):
        memory.remember(f"{URL}/{number}", "")
    assert memory.knows(f"{URL}/0")
    memory.listed = 5000
    recent = memory.as_state(complete=True)["recent"]
    assert len(recent) == 5000 and url_hash(f"{URL}/0") in recent and url_hash(f"{URL}/1") not in recent


def test_a_page_is_given_up_after_three_tries() -> None:
    memory = Memory()
    assert [memory.count_failure(URL) for _ in range(2)] == [1, 2] and memory.to_retry() == [URL]
    memory.count_failure(URL)
    assert memory.is_given_up(URL) and memory.to_retry() == []
    memory.remember(URL, "")
    assert not memory.is_given_up(URL)


def test_an_incomplete_visit_keeps_no_validators() -> None:
    memory = Memory(validators={"a": {"ETag": "x"}}, lists={"a": "y"}, kind={"a": "page"})
    state = memory.as_state(complete=False)
    assert (state["validators"], state["lists"], state["kind"]) == ({}, {}, {"a": "page"})
