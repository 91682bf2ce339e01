"""The heat curve as lines and texts on a plane, the same for every format. Pure.

One panel a counter, each with its own scale from zero; x grows to the right and y downwards, in points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from .facts import Point

WIDTH, PANEL, GAP = 480.0, 72.0, 30.0
LEFT, RIGHT, TOP = 60.0, 12.0, 20.0
MOST = 240  # points drawn: more cannot be told apart
INK, PALE = "#444444", "#cccccc"
COLOURS = ("#b00000", "#1f5fa8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stroke:
    """A line through some places."""

    places: tuple[tuple[float, float], ...]
    colour: str
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A text at a place; ``anchor`` says which end of it is there: start, middle, end."""

    x: float
    y: float
    text: str
    anchor: str = "start"
    size: float = 9.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """All there is to draw."""

    width: float
    height: float
    strokes: tuple[Stroke, ...]
    labels: tuple[Label, ...]


def heat_chart(points: Sequence[Point], names: Sequence[str], *, timezone: ZoneInfo, unknown: str) -> Chart:
    """Draw reads and comments over time.

    Args: names: what the two are called. unknown: what stands in a panel that has no figure.
    """
    shown = _thinned(points)
    begins, ends = shown[0].at, shown[-1].at
    counts = ([point.reads for point in shown], [point.comments for point in shown])
    strokes: list[Stroke] = []
    labels: list[Label] = []
    panels = list(zip(names, counts, COLOURS, strict=False))
    for number, (name, values, colour) in enumerate(panels):
        top = TOP + number * (PANEL + GAP)
        known = [(point.at, value) for point, value in zip(shown, values, strict=True) if value is not None]
        labels.append(Label(x=LEFT, y=top - 6, text=name if known else f"{name}：{unknown}"))
        strokes.append(_line((LEFT, top + PANEL), (WIDTH - RIGHT, top + PANEL), INK))
        if known:
            strokes += _panel(known, begins, ends, top, colour, labels)
    height = TOP + len(panels) * (PANEL + GAP)
    for x, at, anchor in ((LEFT, begins, "start"), (WIDTH - RIGHT, ends, "end")):
        labels.append(Label(x=x, y=height - GAP + 14, text=f"{at.astimezone(timezone):%m-%d %H:%M}", anchor=anchor))
    return Chart(width=WIDTH, height=height, strokes=tuple(strokes), labels=tuple(labels))


def _panel(
    known: list[tuple[datetime, int]], begins: datetime, ends: datetime, top: float, colour: str, labels: list[Label]
) -> list[Stroke]:
    """One counter's line, with its highest figure and zero beside it."""
    highest = max(max(value for _, value in known), 1)
    span = (ends - begins).total_seconds() or 1.0
    room = WIDTH - RIGHT - LEFT
    places = [
        (LEFT + room * (at - begins).total_seconds() / span, top + PANEL * (1 - value / highest)) for at, value in known
    ]
    if len(places) == 1:  # one reading is a dot
        x, y = places[0]
        places = [(x - 1.5, y), (x + 1.5, y)]
    labels.append(Label(x=LEFT - 4, y=top + 4, text=f"{highest:,}", anchor="end"))
    labels.append(Label(x=LEFT - 4, y=top + PANEL, text="0", anchor="end"))
    return [
        _line((LEFT, top), (WIDTH - RIGHT, top), PALE),
        Stroke(places=tuple(places), colour=colour, width=1.6 if len(known) > 1 else 4.0),
    ]


def _line(start: tuple[float, float], end: tuple[float, float], colour: str) -> Stroke:
    return Stroke(places=(start, end), colour=colour, width=0.6)


def _thinned(points: Sequence[Point]) -> list[Point]:
    """At most so many, evenly chosen, the first and the last among them."""
    if len(points) <= MOST:
        return list(points)
    return [points[round(number * (len(points) - 1) / (MOST - 1))] for number in range(MOST)]
