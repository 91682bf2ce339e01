"""What is remembered of a source's visits: enough to know what is usual for it, and not more."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import ceil

from .limits import HealthRules
from .rhythm import Rhythm
from .signs import COUNTERS

BODY, TIME = 1, 2  # what can be wrong with an article
MOST_LISTS, MOST_ARTICLES, MOST_LOOKS, MOST_TIMES = 40, 120, 120, 5
MOST_NAMES = 8
MOST_OF_A_VISIT = 20  # looks for counters: a long list must not be all that is remembered
IN_THE_LIST = " in the list"
FINE, GONE = "1", "0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One article as it came: ``chars`` of text, ``lost`` if its page came and no article was found on it."""

    title: str = ""
    chars: int = 0
    confidence: float | None = None
    published_at: datetime | None = None
    fetched_at: datetime
    lost: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A source's past, in short.

    Args:
        good: good visits in a row.
        symptom: what the last visit looked like, if not good; ``streak`` visits in a row, since ``streak_at``.
        good_at: the last good visit.
        links: what the last lists held; ``sizes``: their bytes, of good visits alone.
        by_items: it names no links, so what its spider yields stands for them.
        hosts: hosts that its lists came from; ``gates``: what looks like a gate and is always there.
        articles: a digit for each of the last articles, the sum of what was wrong with it.
        titles: marks of the last titles; ``times``: the last publication times.
        fine_at: when an article last came as it should, by what can be wrong.
        counters: for each counter, whether the last pages showed it; those of lists stand by themselves.
        suspect: what looks wrong (``body``, ``time``, or a counter), so that kept pages are fetched again; or ``""``.
        condemned: what was found wrong and is not well again, with the reason.
        rhythm: when it brings something new.
        silent_at: when it will be silent if nothing new comes.
    """

    good: int = 0
    symptom: str = ""
    streak: int = 0
    streak_at: datetime | None = None
    good_at: datetime | None = None
    links: tuple[int, ...] = ()
    by_items: bool = False
    sizes: tuple[int, ...] = ()
    hosts: tuple[str, ...] = ()
    gates: tuple[str, ...] = ()
    articles: str = ""
    titles: tuple[int, ...] = ()
    times: tuple[int, ...] = ()
    fine_at: Mapping[int, datetime] = field(default_factory=dict)
    counters: Mapping[str, str] = field(default_factory=dict)
    suspect: str = ""
    condemned: Mapping[str, str] = field(default_factory=dict)
    rhythm: Rhythm = field(default_factory=Rhythm)
    silent_at: datetime | None = None

    @property
    def is_in_doubt(self) -> bool:
        """Whether the last visit, for the first time, looks wrong: the next one tells."""
        return self.streak == 1 or bool(self.suspect)


def learn_list(history: History, links: int, size: int, host: str, gate: str) -> History:
    """A list that came as it should."""
    names = dict.fromkeys(filter(None, (*history.hosts, host)))
    gates = dict.fromkeys(filter(None, (*history.gates, gate)))
    return replace(
        history,
        links=(*history.links, links)[-MOST_LISTS:],
        sizes=(*history.sizes, size)[-MOST_LISTS:] if size else history.sizes,
        hosts=tuple(names)[-MOST_NAMES:],
        gates=tuple(gates)[-MOST_NAMES:],
    )


def learn_articles(history: History, pieces: Iterable[Piece], rules: HealthRules) -> History:
    """Articles came, good and bad ones."""
    articles, titles, times = history.articles, history.titles, history.times
    fine_at = dict(history.fine_at)
    for piece in pieces:
        title = zlib.crc32(piece.title.encode("utf-8", "surrogatepass")) if piece.title else 0
        minute = int(piece.published_at.timestamp()) // 60 if piece.published_at else 0
        wrong = BODY * _has_no_text(piece, title in titles, rules)
        always = len(times) == MOST_TIMES and set(times) == {minute}
        wrong += TIME * (not piece.lost and (_has_no_time(piece, rules) or always))
        for flaw in (BODY, TIME):
            if not wrong & flaw and not piece.lost:
                fine_at[flaw] = piece.fetched_at
        articles = (articles + str(wrong))[-MOST_ARTICLES:]
        titles = (*titles, title)[-rules.window :] if title else titles
        times = (*times, minute)[-MOST_TIMES:] if minute else times
    return replace(history, articles=articles, titles=titles, times=times, fine_at=fine_at)


def _has_no_text(piece: Piece, is_repeated: bool, rules: HealthRules) -> bool:
    unsure = piece.confidence is not None and piece.confidence < rules.low_confidence
    return piece.lost or piece.chars < rules.short_text or unsure or is_repeated


def _has_no_time(piece: Piece, rules: HealthRules) -> bool:
    return piece.published_at is None or piece.published_at > piece.fetched_at + rules.ahead


def learn_counters(history: History, looked: int, counted: Mapping[str, int], where: str = "") -> History:
    """Pages, or the rows of lists (``where``), were looked at for counters.

    Those of one visit stand with the shown ones last: a visit that shows some proves that they can be read.
    """
    if not looked:
        return history
    most = min(looked, MOST_OF_A_VISIT)
    known = dict(history.counters)
    for name in COUNTERS:
        shown, key = ceil(most * min(counted.get(name, 0), looked) / looked), name + where
        if shown or key in known:
            known[key] = (known.get(key, "") + GONE * (most - shown) + FINE * shown)[-MOST_LOOKS:]
    return replace(history, counters=known)


def flaws(history: History, flaw: int) -> list[bool]:
    """Whether each of the last articles had a flaw."""
    return [bool(int(digit) & flaw) for digit in history.articles]
