"""The course of a whole event: running totals and hourly pace over all its posts' readings (R2, R7, R10)."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from ..domain import Reading

HOUR = timedelta(hours=1)

Looks = list[tuple[datetime, int]]  # of one post: when it was looked at, and the highest count until then


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """An event at one instant.

    Totals never fall; ``None``: no post says. The rates are what the posts' latest looks said of the hour before
    each of them; ``posts_per_hour`` are the posts found in the last hour.
    """

    at: datetime
    reads: int | None = None
    comments: int | None = None
    posts: int = 0
    reads_per_hour: float = 0.0
    comments_per_hour: float = 0.0
    posts_per_hour: float = 0.0

    def per_hour(self, counter: str) -> float:
        """The rate of ``reads``, or of ``voices``: comments and posts."""
        return self.reads_per_hour if counter == "reads" else self.comments_per_hour + self.posts_per_hour


@dataclass(frozen=True, slots=True)
class Curve:
    """An event's points, and the instants at which any of its posts was looked at, both in the order of time."""

    points: tuple[Point, ...] = ()
    looks: tuple[datetime, ...] = ()

    @property
    def looked_at(self) -> datetime | None:
        """When any of its posts was last looked at."""
        return self.looks[-1] if self.looks else None

    def until(self, now: datetime) -> Curve:
        """The curve as it was known at an instant."""
        return Curve(
            self.points[: bisect_right(self.points, now, key=_at)], self.looks[: bisect_right(self.looks, now)]
        )

    def at(self, instant: datetime) -> Point | None:
        """The event as it stood at an instant; ``None``: nothing was known yet."""
        index = bisect_right(self.points, instant, key=_at)
        return self.points[index - 1] if index else None

    def within(self, after: datetime, until: datetime) -> tuple[Point, ...]:
        """What held at some time after ``after`` and up to ``until``, its state at ``after`` included."""
        first = max(bisect_right(self.points, after, key=_at) - 1, 0)
        return self.points[first : bisect_right(self.points, until, key=_at)]

    def busiest(self, counter: str) -> Point | None:
        """The end of the first busiest hour of ``reads`` or ``voices``; ``None``: nothing was seen to come."""
        point = max(self.points, key=lambda point: point.per_hour(counter), default=None)
        return point if point and point.per_hour(counter) > 0 else None


def curve_of(
    readings_by_post: Mapping[str, Iterable[Reading]], *, published: Mapping[str, datetime] | None = None
) -> Curve:
    """Add up the readings of an event's posts, in any order.

    Each post counts with the highest figure read so far. What it shows at the first look is no growth of that
    hour; if it is known when the post was ``published``, it is spread over the time since. Give a post without
    counters a reading that says nothing, so that it counts as a post.

    >>> from datetime import UTC
    >>> noon = datetime(2025, 3, 1, 12, tzinfo=UTC)
    >>> readings = [Reading(url="a", at=noon, comments=40), Reading(url="a", at=noon + HOUR, comments=52)]
    >>> point = curve_of({"a": readings}).at(noon + HOUR)
    >>> point.reads, point.comments, point.posts, point.comments_per_hour
    (None, 52, 1, 12.0)
    """
    known = {url: sorted(readings, key=_at) for url, readings in readings_by_post.items()}
    posts = {url: readings for url, readings in known.items() if readings}
    births = published or {}
    sums: dict[datetime, list[float]] = defaultdict(lambda: [0.0] * 6)
    for url, readings in posts.items():
        _add_post(sums, readings[0].at)
        for column, counter in ((1, "reads"), (2, "comments")):
            _add_counter(sums, _highest(readings, counter), births.get(url), column)
    first = {counter: _first(posts.values(), counter) for counter in ("reads", "comments")}
    looks = sorted({row.at for readings in posts.values() for row in readings})
    return Curve(tuple(_points(sums, first["reads"], first["comments"])), tuple(looks))


def _at(row: Point | Reading) -> datetime:
    return row.at


def _first(posts: Iterable[list[Reading]], counter: str) -> datetime | None:
    """When any post first said this counter."""
    says = (next((row.at for row in readings if getattr(row, counter) is not None), None) for readings in posts)
    return min((at for at in says if at is not None), default=None)


def _highest(readings: list[Reading], counter: str) -> Looks:
    """A post's looks that said this counter; a counter that falls keeps its highest."""
    looks: Looks = []
    for row in readings:
        count = getattr(row, counter)
        if count is None:
            continue
        highest = max(count, looks[-1][1]) if looks else count
        if looks and looks[-1][0] == row.at:
            looks.pop()
        looks.append((row.at, highest))
    return looks


def _add_post(sums: dict[datetime, list[float]], at: datetime) -> None:
    """One more post, which counts as a voice for an hour."""
    sums[at][0] += 1
    sums[at][5] += 1
    sums[at + HOUR][5] -= 1


def _add_counter(sums: dict[datetime, list[float]], looks: Looks, born_at: datetime | None, column: int) -> None:
    """Add what each look changes in the total (``column``) and in the rate (two columns on)."""
    total = -1
    for at, count in looks:
        if count > total:  # a look that found nothing new makes no point
            sums[at][column] += count - max(total, 0)
        total = count
    for start, end, rate in _rates(looks, born_at):
        sums[start][column + 2] += rate
        sums[end][column + 2] -= rate


def _rates(looks: Looks, born_at: datetime | None) -> Iterator[tuple[datetime, datetime, float]]:
    """Spans with a post's growth in the hour before the look at their start.

    A span lasts until the next look, but no longer than twice the wait before it: then nothing is known any more.
    """
    history = [(born_at, 0), *looks] if looks and born_at and born_at < looks[0][0] else looks
    offset = len(history) - len(looks)
    for index, (at, count) in enumerate(looks):
        rate = count - _count_at(history, index + offset, at - HOUR)
        wait = max(HOUR, 2 * (at - looks[index - 1][0])) if index else HOUR
        end = min(at + wait, looks[index + 1][0]) if index + 1 < len(looks) else at + wait
        if rate > 0:
            yield at, end, rate


def _count_at(history: Looks, upto: int, instant: datetime) -> float:
    """A post's count at an instant before look number ``upto``, in a straight line between two looks."""
    index = bisect_right(history, instant, hi=upto + 1, key=lambda look: look[0])
    if not index:
        return history[0][1]
    if index > upto:
        return history[upto][1]
    (start, low), (end, high) = history[index - 1], history[index]
    return low + (high - low) * ((instant - start) / (end - start))


def _points(
    sums: dict[datetime, list[float]], reads_from: datetime | None, comments_from: datetime | None
) -> Iterator[Point]:
    running = [0.0] * 6
    for at in sorted(sums):
        running = [old + change for old, change in zip(running, sums[at], strict=True)]
        posts, reads, comments, reads_rate, comments_rate, posts_rate = (round(value, 6) for value in running)
        yield Point(
            at=at,
            reads=int(reads) if reads_from and at >= reads_from else None,
            comments=int(comments) if comments_from and at >= comments_from else None,
            posts=int(posts),
            reads_per_hour=max(reads_rate, 0.0),
            comments_per_hour=max(comments_rate, 0.0),
            posts_per_hour=posts_rate,
        )


def steps(curve: Curve) -> Iterator[tuple[Point, Point]]:
    """Each point with the one before it; before the first there is an event of which nothing is known."""
    if curve.points:
        yield Point(at=curve.points[0].at), curve.points[0]
    yield from pairwise(curve.points)
