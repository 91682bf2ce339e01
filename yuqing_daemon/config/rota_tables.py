"""The tables of ``people.toml`` that say who is on duty when, and who subscribes to what (R18, R28, R29)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, time
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, ValidationInfo

from ..domain import Level
from ..errors import Problem
from ..rules.hours import ALWAYS, parse_hours
from ..rules.rota import Absence, Override, Rota, parse_shift
from ..rules.subscriptions import Subscription
from .checks import one_of
from .days import Day, HoursText, Moment, Shift, TimeOfDay, begins, ends
from .documents import Document
from .places import Path
from .topics_file import Words
from .wanted import Known, LevelName, Table, Text, Wanted


def known_role(value: str, info: ValidationInfo) -> str:
    """A role of the regime."""
    if not isinstance(info.context, Known) or info.context.roles is None:
        return value
    return one_of(value, info.context.roles, "one of the regime's roles")


def known_channel(value: str, info: ValidationInfo) -> str:
    """A channel of the main file."""
    if not isinstance(info.context, Known) or info.context.channels is None:
        return value
    return one_of(value, info.context.channels, "one of the channels of yuqing.toml")


def _known_person(value: str, info: ValidationInfo) -> str:
    if not isinstance(info.context, Known) or info.context.people is None:
        return value
    return one_of(value, info.context.people, "one of the people of this file")


def _known_topic(value: str, info: ValidationInfo) -> str:
    if not isinstance(info.context, Known) or info.context.topics is None:
        return value
    return one_of(value, info.context.topics, "one of the topics of topics.toml")


Role = Annotated[Text, AfterValidator(known_role)]
Person = Annotated[Text, AfterValidator(_known_person)]


class RotaTable(Table):
    """People who take turns in a role."""

    role: Role
    """The role in which they take turns."""
    people: Annotated[list[Person], Field(min_length=1), Wanted("a list of people, not empty", '["wang", "li"]')]
    """Who takes the shifts, in this order, again and again."""
    shift: Shift
    """How long a shift is."""
    starts_on: Day
    """The day of the first shift."""
    handover: TimeOfDay
    """When one takes over from the other."""


class OverrideTable(Table):
    """One person takes a role alone for a while, whatever the rota says."""

    role: Role
    """The role."""
    person: Person
    """Who takes it."""
    from_: Annotated[Moment, Field(alias="from")]
    """The first day, or the day and time at which it begins."""
    until: Moment
    """The last day, or the day and time at which it ends."""


class AbsenceTable(Table):
    """A person is away."""

    person: Person
    """Who is away."""
    substitute: Person | None = None
    """Who does their duties meanwhile, in every role. Default: the next in the rota, or the others of the role."""
    from_: Annotated[Moment, Field(alias="from")]
    """The first day, or the day and time at which it begins."""
    until: Moment
    """The last day, or the day and time at which it ends."""


class SubscriptionTable(Table):
    """What a person, or everybody of a role, wants to hear of besides what their roles bring."""

    person: Person | None = None
    """Who wants it; or a role."""
    role: Role | None = None
    """Everybody who holds it wants it; or a person."""
    topics: Annotated[
        list[Annotated[Text, AfterValidator(_known_topic)]], Wanted("a list of topics", '["canteen"]')
    ] = Field(default_factory=list)
    """Under which topics. Default: any."""
    any: Words = Field(default_factory=list)
    """Own words, of which one must occur. Default: whatever the topic found."""
    from_: Annotated[LevelName, Field(alias="from")] = "general"
    """The lowest level."""
    hours: HoursText | None = None
    """When they are told; what is found meanwhile waits. Default: always."""
    channels: Annotated[
        list[Annotated[Text, AfterValidator(known_channel)]], Wanted("a list of channels", '["mail"]')
    ] = Field(default_factory=list)
    """Which of their ways are used. Default: as always."""


def rotas(tables: Iterable[RotaTable]) -> tuple[Rota, ...]:
    """The rotas as the daemon uses them."""
    return tuple(
        Rota(
            role=table.role,
            people=tuple(table.people),
            shift=parse_shift(table.shift),
            starts_on=table.starts_on,
            handover=time.fromisoformat(table.handover),
        )
        for table in tables
    )


def overrides(tables: Iterable[OverrideTable], zone: ZoneInfo) -> tuple[Override, ...]:
    """The overrides as the daemon uses them: one further down wins over those above, one made later over all."""
    return tuple(
        Override(
            role=table.role,
            person=table.person,
            starts_at=begins(table.from_, zone),
            ends_at=ends(table.until, zone),
            created_at=datetime.fromtimestamp(number, UTC),  # only the order counts
        )
        for number, table in enumerate(tables)
    )


def absences(tables: Iterable[AbsenceTable], zone: ZoneInfo) -> tuple[Absence, ...]:
    """The absences as the daemon uses them."""
    return tuple(
        Absence(
            person=table.person,
            starts_at=begins(table.from_, zone),
            ends_at=ends(table.until, zone),
            substitute=table.substitute,
        )
        for table in tables
    )


def subscriptions(tables: Iterable[SubscriptionTable]) -> tuple[Subscription, ...]:
    """The subscriptions as the daemon uses them."""
    return tuple(
        Subscription(
            person=table.person or "",
            role=table.role or "",
            topics=tuple(table.topics),
            any=tuple(table.any),
            from_level=Level[table.from_.upper()],
            hours=parse_hours(table.hours) if table.hours else ALWAYS,
            channels=tuple(table.channels),
        )
        for table in tables
    )


def misfits(document: Document) -> Iterator[Problem]:
    """People on a rota without its role, who stand in for themselves, or subscribe over a way they do not have."""
    people = {str(path[1]): table for path, table in document.tables("people")}
    for path, rota in document.tables("rotas"):
        yield from _without_role(document, (*path, "people"), rota.get("role"), rota.get("people"), people)
    for path, absence in document.tables("absences"):
        if absence.get("substitute") and absence.get("substitute") == absence.get("person"):
            yield document.problem((*path, "substitute"), "somebody else, or leave it out")
    for path, subscription in document.tables("subscriptions"):
        if ("person" in subscription) == ("role" in subscription):
            yield document.problem(path, "either a person or a role", 'role = "department"', found="")
        yield from _without_way(document, path, subscription, people)


def _without_role(
    document: Document, path: Path, role: object, named: object, people: Mapping[str, Mapping[str, Any]]
) -> Iterator[Problem]:
    for number, id in enumerate(named if isinstance(named, list) else ()):
        roles = people[id].get("roles", []) if isinstance(id, str) and id in people else None
        if isinstance(roles, list) and isinstance(role, str) and role not in roles:
            fix = f'add "{role}" to the roles of [people.{id}]'
            yield document.problem((*path, number), f'somebody who holds the role "{role}"', fix)


def _without_way(
    document: Document, path: Path, table: Mapping[str, Any], people: Mapping[str, Mapping[str, Any]]
) -> Iterator[Problem]:
    person, channels = table.get("person"), table.get("channels")
    ways = people[person].get("channels") if isinstance(person, str) and person in people else None
    if not isinstance(ways, list) or not isinstance(channels, list):
        return
    own = [way.get("channel") for way in ways if isinstance(way, dict)]
    for number, channel in enumerate(channels):
        if channel not in own:
            yield document.problem((*path, "channels", number), f"a channel over which {person} is reached")
