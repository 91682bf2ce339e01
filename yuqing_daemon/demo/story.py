"""The story, as a pure timeline: what every site of the demonstration shows at an instant.

It is written down in ``pages/story.toml``. Instants are seconds after the story begins; what was there before it
stands below zero.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

Curve = tuple[tuple[float, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One site. ``kind`` is how it publishes: portal, feed, forum or hotlist."""

    id: str
    name: str
    kind: str
    charset: str = "utf-8"
    mainstream: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What a site shows of one text at an instant; ``None``: it does not show that counter."""

    site: str
    id: int
    at: float
    title: str
    paragraphs: tuple[str, ...] = ()
    author: str = ""
    reads: int | None = None
    comments: int | None = None
    hot: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """All sites, all texts with the curves of their counters, and the instants at which the acts end."""

    sites: tuple[Site, ...]
    texts: tuple[Text, ...]
    curves: Mapping[tuple[str, int], Mapping[str, Curve]]
    acts: tuple[float, ...]

    def site(self, id: str) -> Site:
        """The site of that id."""
        return next(site for site in self.sites if site.id == id)


World = Mapping[str, tuple[Text, ...]]


@cache
def script() -> Script:
    """The story as it is written down."""
    data = tomllib.loads(files(__package__).joinpath("pages", "story.toml").read_text(encoding="utf-8"))
    texts, curves = [], {}
    for table in data["text"]:
        curves[table["site"], table["id"]] = {name: _curve(table.pop(name)) for name in COUNTERS if name in table}
        texts.append(Text(**{**table, "paragraphs": tuple(table.get("paragraphs", ()))}))
    sites = tuple(Site(**table) for table in data["site"])
    return Script(sites=sites, texts=tuple(texts), curves=curves, acts=tuple(data["acts"]))


COUNTERS = ("reads", "comments", "hot")


def world(t: float) -> World:
    """What each site shows at an instant, by site: the newest text first, a hot list's hottest.

    >>> [text.id for text in world(-1)["forum"]][:1], [(text.id, text.reads) for text in world(10)["forum"]][1]
    ([20302], (20311, 880))
    """
    story = script()
    shown: dict[str, list[Text]] = {site.id: [] for site in story.sites}
    for text in story.texts:
        if text.at <= t:
            counts = {name: at(curve, t) for name, curve in story.curves[text.site, text.id].items()}
            shown[text.site].append(_with(text, counts))
    return {site: tuple(sorted(texts, key=_order)) for site, texts in shown.items()}


def at(curve: Sequence[tuple[float, int]], t: float) -> int:
    """The height of a curve at an instant: straight between its points, level before and after them.

    >>> [at([(0, 10), (10, 30)], t) for t in (-5, 5, 10, 99)]
    [10, 20, 30, 30]
    """
    before = [point for point in curve if point[0] <= t] or [curve[0]]
    after = [point for point in curve if point[0] > t] or [curve[-1]]
    (t0, n0), (t1, n1) = before[-1], after[0]
    return n0 if t1 <= t0 or t <= t0 else round(n0 + (n1 - n0) * (t - t0) / (t1 - t0))


def _with(text: Text, counts: dict[str, int]) -> Text:
    values: dict[str, Any] = {name: getattr(text, name) for name in Text.__slots__}
    return Text(**values | counts)


def _order(text: Text) -> tuple[float, float]:
    return (-(text.hot or 0), -text.at)


def _curve(points: Sequence[Sequence[float]]) -> Curve:
    return tuple((float(t), int(count)) for t, count in points)
