"""Commands that judge: what waits, one event judged, and what was learned."""

from __future__ import annotations

from yuqing_daemon.engine import Engine

from .commandline import Yuqing


def test_what_waits_is_listed_with_what_to_look_at_and_judged(yuqing: Yuqing, history: Engine) -> None:
    history.store.close()
    waiting = {row["id"]: row for row in yuqing("judge", "--json").json}
    assert waiting["E1"]["due_at"]
    assert waiting["E1"]["low"] is False
    assert len(yuqing("judge").lines) == 1 + len(waiting)
    ran = yuqing("judge", "E1", "--relevant", "--kind", "inquiry", "--sentiment", "neg")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "E1 confirmed, extraordinary, inquiry\n"
    assert "E1" not in [row["id"] for row in yuqing("judge", "--json").json]


def test_what_was_learned_is_told_and_taken_back(yuqing: Yuqing, history: Engine) -> None:
    history.store.close()
    assert yuqing("learning").out.startswith("nothing was learned yet")
    yuqing("judge", "E1", "--relevant", "--sentiment", "neg")
    told = {(row["target"], row["month"] == ""): row for row in yuqing("learning", "--json").json}
    assert len(told) == 4
    assert told["sentiment", True]["judgements"] == 1
    assert len(yuqing("learning").lines) == 5
    ran = yuqing("judge", "E1", "--undo")
    assert ran.out.startswith("taken back: ")
    assert yuqing("learning").out.startswith("nothing was learned yet")
    ran = yuqing("judge", "E1", "--undo")
    assert (ran.code, ran.err) == (1, "yuqing: nothing that stands was learned from E1\n")


def test_a_judgement_that_says_nothing_or_contradicts_itself_is_refused(yuqing: Yuqing, history: Engine) -> None:
    history.store.close()
    ran = yuqing("judge", "E1")
    assert (ran.code, ran.err) == (1, "yuqing: judge it how? --relevant or --not-relevant, --kind, --sentiment\n")
    ran = yuqing("judge", "E1", "--not-relevant", "--kind", "inquiry")
    assert (ran.code, "has no kind" in ran.err) == (1, True)
