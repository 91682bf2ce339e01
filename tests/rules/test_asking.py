"""What is asked first, and how well what was learned is told to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from yuqing_daemon.domain import Event, Level, Opinion
from yuqing_daemon.rules.asking import Question, in_order
from yuqing_daemon.rules.learned import Told, figures

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)


def question(number: int, due: int | None = None, *opinions: Opinion) -> Question:
    event = Event(id=number, topic="t", title="", level=Level.GENERAL, found_at=NOON, updated_at=NOON)
    return Question(event=event, due_at=None if due is None else NOON + timedelta(minutes=due), opinions=opinions)


def doubt(confidence: float) -> Opinion:
    return Opinion(reason="", confidence=confidence, sentiment="unsure", unsure=True)


def relevance(confidence: float, *, drawn: bool = False) -> Opinion:
    return Opinion(reason="", confidence=confidence, detail="relevance", unsure=drawn)


def test_the_nearest_end_is_asked_first_then_what_is_least_sure_and_the_low_queue_last() -> None:
    asked = in_order(
        [
            question(1, None, doubt(0.5)),
            question(2, 130, doubt(0.6)),
            question(3, 140, doubt(0.52)),
            question(4, 30),
            question(5, 5, relevance(0.02)),
            question(6, 150, relevance(0.02, drawn=True)),
        ]
    )
    assert [each.event.id for each in asked] == [4, 3, 2, 6, 1, 5]


def test_figures_are_told_for_the_latest_and_by_the_organisations_months() -> None:
    late = datetime(2026, 3, 31, 17, tzinfo=UTC)  # April in Shanghai
    told = [
        Told(target="sentiment", yes=True, shipped=0.4, own=0.6, at=NOON),
        Told(target="sentiment", yes=False, shipped=0.4, own=0.6, at=late),
    ]
    found = [
        (each.month, each.judgements, each.precision, each.shipped, each.own)
        for each in figures(told, ZoneInfo("Asia/Shanghai"))
    ]
    assert found == [("", 2, 0.5, 0.5, 0.5), ("2026-03", 1, 1.0, 0.0, 1.0), ("2026-04", 1, 0.0, 1.0, 0.0)]
