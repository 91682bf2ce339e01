"""Who is on duty: rotas with hand-over, overrides, absences with substitutes, and hours (R28, R29)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from .clocks import Days, Span, parse_length
from .hours import Hours, covers, edges
from .walltime import instant, local

SHORTEST_SHIFT = timedelta(hours=1)
SHIFT_WANTED = '"8h", "1 day" or "7 days", and at least an hour'


@dataclass(frozen=True, slots=True, kw_only=True)
class Rota:
    """People who take turns in a role. Shifts and hand-overs go by the clock on the wall.

    ``people`` take the shifts in this order, again and again; the first shift begins on ``starts_on`` at
    ``handover``. Two rotas of one role put two people on duty.
    """

    role: str
    people: tuple[str, ...]
    shift: timedelta
    starts_on: date
    handover: time

    def __post_init__(self) -> None:
        if not self.people or self.shift < SHORTEST_SHIFT:
            raise ValueError(f"a rota needs people, and a shift: want {SHIFT_WANTED}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """One person takes a role alone, from ``starts_at`` until ``ends_at``, whatever the rota says."""

    role: str
    person: str
    starts_at: datetime
    ends_at: datetime
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """A person is away, from ``starts_at`` until ``ends_at``; the substitute does their duties in every role."""

    person: str
    starts_at: datetime
    ends_at: datetime
    substitute: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """All that decides who is on duty, in the organisation's zone.

    Everybody named in it must be a listed recipient (R18): it asks nobody but those it names.
    """

    holders: Mapping[str, Mapping[str, Hours]]  # role -> who holds it, each with their hours
    zone: ZoneInfo
    rotas: tuple[Rota, ...] = ()
    overrides: tuple[Override, ...] = ()
    absences: tuple[Absence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """Who is on duty, and why. ``gap`` says what hole the plan leaves, if any; ``people`` then are whoever is left."""

    people: tuple[str, ...]
    reason: str
    gap: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """The instant at which a rota passes from one person to another; ``off`` is empty when the rota begins."""

    at: datetime
    off: str
    on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A stretch for which the plan leaves a hole, and why."""

    starts_at: datetime
    ends_at: datetime
    why: str


def parse_shift(value: object) -> timedelta:
    """Read the length of a shift, as the wall counts it.

    Raises:
        ValueError: says what is wanted.

    >>> parse_shift("8h"), parse_shift("7 days")
    (datetime.timedelta(seconds=28800), datetime.timedelta(days=7))
    """
    match parse_length(value):
        case Span(seconds) if seconds >= SHORTEST_SHIFT.total_seconds():
            return timedelta(seconds=seconds)
        case Days(count):
            return timedelta(days=count)
        case _:
            raise ValueError(f"want {SHIFT_WANTED}")


def on_duty(role: str, at: datetime, roster: Roster) -> Duty:
    """Who is to be told as this role at an instant.

    The override created last wins, then the rotas, then everybody who holds the role and whose hours cover the
    instant. It is never nobody while anybody holds the role at all (R29).

    >>> from .hours import ALWAYS
    >>> week = Rota(role="monitor", people=("wang", "li"), shift=timedelta(days=7), starts_on=date(2026, 3, 2),
    ...             handover=time(8, 30))
    >>> roster = Roster(holders={"monitor": {"wang": ALWAYS, "li": ALWAYS}}, zone=ZoneInfo("Asia/Shanghai"),
    ...                 rotas=(week,))
    >>> on_duty("monitor", datetime.fromisoformat("2026-03-09T08:29:59+08:00"), roster)
    Duty(people=('wang',), reason='wang by the rota', gap='')
    >>> on_duty("monitor", datetime.fromisoformat("2026-03-09T08:30:00+08:00"), roster).people
    ('li',)
    """
    override = _by_override(role, at, roster)
    if override is not None:
        return override
    turns = [_turn(rota, at, roster) for rota in roster.rotas if rota.role == role]
    gap = _sentence(turn.gap for turn in turns)
    people = _each(person for turn in turns for person in turn.people)
    if not people:
        return _by_hours(role, at, roster, gap)
    return Duty(people=people, reason=_sentence(turn.reason for turn in turns), gap=gap)


def may_act(role: str, roster: Roster) -> frozenset[str]:
    """Everybody who is told as this role at some time or other: who holds it, takes turns in it, or stands in."""
    named = {over.person for over in roster.overrides if over.role == role}
    named |= {person for rota in roster.rotas if rota.role == role for person in rota.people}
    people = {*roster.holders.get(role, ()), *named}
    while more := {each.substitute for each in roster.absences if each.person in people} - people - {None}:
        people |= {person for person in more if person is not None}
    return frozenset(people)


def handovers(rota: Rota, since: datetime, until: datetime, zone: ZoneInfo) -> list[Handover]:
    """Every hand-over in [since, until) from one person to another, as the rota has it."""
    found = []
    for at in _shift_starts(rota, since, until, zone):
        off, on = (_planned(rota, moment, zone) for moment in (at - timedelta(microseconds=1), at))
        if on != off:
            found.append(Handover(at=at, off=off, on=on))
    return found


def gaps(role: str, since: datetime, until: datetime, roster: Roster) -> list[Gap]:
    """Every stretch in [since, until) for which the plan leaves a hole; it lasts as long as its reason does."""
    found: list[Gap] = []
    for start, end in pairwise(sorted({since, until} | _changes(role, since, until, roster))):
        why = on_duty(role, start, roster).gap
        if why and found and (found[-1].ends_at, found[-1].why) == (start, why):
            found[-1] = replace(found[-1], ends_at=end)
        elif why:
            found.append(Gap(starts_at=start, ends_at=end, why=why))
    return found


def _by_override(role: str, at: datetime, roster: Roster) -> Duty | None:
    valid = [override for override in roster.overrides if override.role == role and _lasts(override, at)]
    for override in sorted(valid, key=lambda override: override.created_at, reverse=True):
        person = _acting(override.person, at, roster)
        if person is not None:
            return Duty(people=(person,), reason=f"{_named(override.person, person)} by override")
    return None


def _turn(rota: Rota, at: datetime, roster: Roster) -> Duty:
    """Who has the shift, or acts for them, or else is next in the rota; nobody before it begins."""
    number = _shift_number(rota, at, roster.zone)
    if number < 0:
        return Duty(people=(), reason="")
    first = number % len(rota.people)
    order = _each(rota.people[first:] + rota.people[:first])
    for place, name in enumerate(order):
        person = _acting(name, at, roster)
        if person is not None:
            skipped = f", next after {' and '.join(order[:place])} (away without a substitute)" if place else ""
            return Duty(people=(person,), reason=f"{_named(name, person)} by the rota{skipped}")
    return Duty(people=(), reason="", gap=f"everybody of the rota is away: {', '.join(sorted(order))}")


def _by_hours(role: str, at: datetime, roster: Roster, gap: str) -> Duty:
    """Those whose hours cover the instant; else all who are not away; else all."""
    holders = roster.holders.get(role, {})
    covering = [person for person, hours in holders.items() if covers(hours, at, roster.zone)]
    if people := _all_acting(covering, at, roster):
        return Duty(people=people, reason="by hours", gap=gap)
    if people := _all_acting(holders, at, roster):
        hole = "all whose hours cover it are away" if covering else "nobody's hours cover it"
        return Duty(people=people, reason=f"{hole}: all who hold the role", gap=_sentence([gap, hole]))
    hole = "all who hold the role are away" if holders else "nobody holds the role"
    return Duty(people=tuple(holders), reason=hole, gap=_sentence([gap, hole]))


def _acting(person: str, at: datetime, roster: Roster) -> str | None:
    """The person, or whoever does their duties while they are away, or ``None``."""
    asked = set()
    while person not in asked:
        asked.add(person)
        away = [absence for absence in roster.absences if absence.person == person and _lasts(absence, at)]
        if not away:
            return person
        person = next((absence.substitute for absence in away if absence.substitute), person)
    return None  # no substitute, or they stand in for each other


def _all_acting(people: Iterable[str], at: datetime, roster: Roster) -> tuple[str, ...]:
    acting = (_acting(person, at, roster) for person in people)
    return _each(person for person in acting if person is not None)


def _shift_number(rota: Rota, at: datetime, zone: ZoneInfo) -> int:
    """The number of the shift that lasts at an instant, from 0; negative before the first."""
    number = (local(at, zone) - datetime.combine(rota.starts_on, rota.handover)) // rota.shift
    while _starts_at(rota, number + 1, zone) <= at:  # the wall went back, and shows again what has passed
        number += 1
    return number


def _starts_at(rota: Rota, number: int, zone: ZoneInfo) -> datetime:
    return instant(datetime.combine(rota.starts_on, rota.handover) + number * rota.shift, zone)


def _shift_starts(rota: Rota, since: datetime, until: datetime, zone: ZoneInfo) -> list[datetime]:
    """Every instant in [since, until) at which a shift begins, in order."""
    first, last = (_shift_number(rota, at, zone) for at in (since, until))
    starts = {_starts_at(rota, number, zone) for number in range(first, last + 1)}
    return sorted(at for at in starts if since <= at < until)


def _planned(rota: Rota, at: datetime, zone: ZoneInfo) -> str:
    number = _shift_number(rota, at, zone)
    return rota.people[number % len(rota.people)] if number >= 0 else ""


def _changes(role: str, since: datetime, until: datetime, roster: Roster) -> set[datetime]:
    """Every instant within at which it may be somebody else's duty."""
    found = {at for rota in roster.rotas if rota.role == role for at in _shift_starts(rota, since, until, roster.zone)}
    for hours in set(roster.holders.get(role, {}).values()):
        found |= edges(hours, since, until, roster.zone)
    terms: tuple[Override | Absence, ...] = (*roster.overrides, *roster.absences)
    for term in terms:
        found |= {at for at in (term.starts_at, term.ends_at) if since < at < until}
    return found


def _lasts(term: Override | Absence, at: datetime) -> bool:
    return term.starts_at <= at < term.ends_at


def _named(person: str, acting: str) -> str:
    return person if acting == person else f"{acting} (for {person}, who is away)"


def _sentence(parts: Iterable[str]) -> str:
    return "; ".join(_each(part for part in parts if part))


def _each(names: Iterable[str]) -> tuple[str, ...]:
    """Each name once, in order."""
    return tuple(dict.fromkeys(names))
