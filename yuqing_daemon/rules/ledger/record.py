"""What is on record about one event, as the ledger reads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ...domain import AuditEntry, Post, Reading, Regime


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A post that is or was part of an event; ``left_at``: it was moved to another one then.

    ``is_own``: it joined this event when it was found; others were brought by a person, who merged or split events.
    """

    post: Post
    first_seen_at: datetime
    joined_at: datetime
    is_baseline: bool = False
    is_own: bool = True
    left_at: datetime | None = None

    @property
    def carried_at(self) -> datetime:
        """Since when it is public, as far as we know."""
        return self.post.published_at or self.first_seen_at

    def belongs(self, at: datetime) -> bool:
        """Whether it was part of the event then."""
        return self.joined_at <= at and (self.left_at is None or at < self.left_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A reading, and when the visit that took it had brought it home: nobody could know it before."""

    reading: Reading
    known_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRecord:
    """One event: its entries in their order, every post it ever had, and the readings where a report claims figures.

    ``rungs`` holds for each series of notices (``major:3``: level and revision) the instant of its second rung, or
    of its first reminder if there is no second rung: until then it may wait for an acknowledgement.
    """

    id: int
    topic: str
    title: str
    regime: Regime
    entries: tuple[AuditEntry, ...]
    members: tuple[Member, ...] = ()
    seen: tuple[Seen, ...] = ()
    rungs: Mapping[str, datetime] = field(default_factory=dict)

    def of(self, *whats: str) -> list[AuditEntry]:
        """The entries of those names."""
        return [entry for entry in self.entries if entry.what in whats]

    @property
    def opened(self) -> AuditEntry | None:
        """The entry with which it was opened for a post; ``None``: it was split from another event."""
        return next((entry for entry in self.of("event.opened") if "url" in entry.data), None)

    @property
    def added_by_hand(self) -> AuditEntry | None:
        """The entry that says that others told us of it, if that is how it was opened."""
        opened = self.opened
        return next((each for each in self.of("event.added_by_hand") if opened and each.at == opened.at), None)

    @property
    def press(self) -> list[Member]:
        """The posts of mainstream sites, that which was public first first; none that a person moved here."""
        own = [member for member in self.members if member.post.mainstream and member.is_own]
        return sorted(own, key=lambda member: (member.carried_at, member.post.url))

    @property
    def watchers(self) -> tuple[str, ...]:
        """Whose task it is to find such a thing: who is told first of all."""
        lowest = min(self.regime.levels, key=lambda rule: rule.level)
        return lowest.steps[0].roles if lowest.steps else ()

    def units_of(self, person: str, roles: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
        """The roles in which a person was told of this event, or else holds at all."""
        told = [
            str(entry.data["role"])
            for entry in self.of("alert.planned")
            if entry.data.get("recipient") == person and entry.data.get("role")
        ]
        return tuple(dict.fromkeys(told)) or roles.get(person, ())

    def told_as(self, role: str, *, until: datetime) -> tuple[str, ...]:
        """Who had been told of this event in that role by then."""
        told = (e for e in self.of("alert.planned") if e.data.get("role") == role and e.at <= until)
        return tuple(dict.fromkeys(str(entry.data["recipient"]) for entry in told))


def numbers(entries: Iterable[AuditEntry | None]) -> tuple[int, ...]:
    """The numbers of the entries there are, in order, each once."""
    return tuple(sorted({entry.id for entry in entries if entry is not None}))
