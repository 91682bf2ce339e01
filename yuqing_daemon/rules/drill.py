"""A drill: a marked happening goes the whole way, from a page to people's phones, and only its record stays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from ..domain import Address, Floors, Recipient, Regime, Source, Topic

WORD, CODE = "drill", "DRILL"  # the first word of its notices' purpose, and what stands where an event has its code
SOURCE = TOPIC = ":drill"  # no id in a configuration may hold a colon
TITLE = "演练 DRILL：舆情预警演练"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the way: when it was taken, and what came of it."""

    name: str
    at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """One drill: who asked for it, its page and the counters on it, whom it is for, and how far it has come.

    ``person``, ``role`` and ``channel`` narrow it; without them it goes to every channel of every person. ``fault``
    says why it came no further.
    """

    id: str
    by: str
    until: datetime
    url: str
    reads: int | None = None
    comments: int | None = None
    person: str = ""
    role: str = ""
    channel: str = ""
    steps: tuple[Step, ...] = ()
    fault: str = ""

    @property
    def purpose(self) -> str:
        """The purpose of its notices."""
        return f"{WORD}:{self.id}"

    @property
    def title(self) -> str:
        """What its page is called: whatever shows a title shows that it is a drill."""
        return TITLE

    @property
    def source(self) -> Source:
        """Its page as a source: our own, so that it may be on an inside address."""
        return Source(id=SOURCE, urls=(self.url,), name="演练", spider="article", internal=True)

    @property
    def topic(self) -> Topic:
        """What its page is found by."""
        return Topic(id=TOPIC, name="演练", any=(CODE,))

    @property
    def asked_at(self) -> datetime:
        """When it was asked for."""
        return self.steps[0].at

    def took(self, name: str, at: datetime, note: str = "") -> Drill:
        """The drill one step further."""
        return replace(self, steps=(*self.steps, Step(name=name, at=at, note=note)))

    def goes_to(self, recipient: Recipient, address: Address) -> bool:
        """Whether somebody is to get it over one of their channels."""
        return (
            self.person in ("", recipient.id)
            and (not self.role or self.role in recipient.roles)
            and self.channel in ("", address.channel)
        )


def is_drill(purpose: str) -> bool:
    """Whether a notice of that purpose belongs to a drill.

    >>> is_drill("drill:20260301T091200.000000"), is_drill("found")
    (True, False)
    """
    return purpose.startswith(f"{WORD}:")


def counters(regime: Regime) -> Floors:
    """The figures that reach the gravest level that one page can reach by itself."""
    reachable = [rule for rule in regime.levels if rule.floors.reads is not None or rule.floors.comments is not None]
    return max(reachable, key=lambda rule: rule.level).floors if reachable else Floors()
