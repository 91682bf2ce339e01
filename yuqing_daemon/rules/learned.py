"""How well what was learned does: every judgement is first predicted, then learned from, so the figures are honest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

LATEST = 200  # judgements that "before and after" is told for


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One judgement: of what, the answer, and the probabilities of yes by the shipped and by the own weights."""

    target: str
    yes: bool
    shipped: float
    own: float
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The figures of one target, over all time (``month`` is empty) or in one month.

    ``precision`` is the share of answers that are yes: of a topic, how many of the events found were to the point.
    ``shipped`` and ``own`` are the shares predicted rightly, by the shipped weights alone and with the own ones.
    """

    target: str
    month: str
    judgements: int
    precision: float
    shipped: float
    own: float


def figures(judgements: Iterable[Told], zone: ZoneInfo) -> list[Figures]:
    """For each target its last 200 judgements, then month by month."""
    found: list[Figures] = []
    ordered = sorted(judgements, key=lambda each: (each.target, each.at))
    for target, group in groupby(ordered, key=lambda each: each.target):
        told = list(group)
        found.append(_figures(target, "", told[-LATEST:]))
        for month, some in groupby(told, key=lambda each: f"{each.at.astimezone(zone):%Y-%m}"):
            found.append(_figures(target, month, list(some)))
    return found


def _figures(target: str, month: str, told: Sequence[Told]) -> Figures:
    def share(is_right: Callable[[Told], bool]) -> float:
        return round(sum(map(is_right, told)) / len(told), 3)

    return Figures(
        target=target,
        month=month,
        judgements=len(told),
        precision=share(lambda each: each.yes),
        shipped=share(lambda each: (each.shipped > 0.5) == each.yes),
        own=share(lambda each: (each.own > 0.5) == each.yes),
    )
