"""``people.toml``: who may be told, in which role, over which channels (R18, R29)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo

from ..domain import Address, Level, Recipient
from ..errors import Problem
from ..rules.hours import Hours, parse_hours
from .checks import mail_address, target_url
from .days import HoursText, QuietText
from .documents import Document
from .main_file import Language, MainFile
from .regime_holes import raw_duties
from .rota_tables import AbsenceTable, OverrideTable, Role, RotaTable, SubscriptionTable, known_channel
from .settings import Quiet
from .wanted import Id, Known, LevelName, Table, Text, Wanted

FILE = "people.toml"


def _fitting(value: str, info: ValidationInfo) -> str:
    channels = info.context.channels if isinstance(info.context, Known) else None
    sender = (channels or {}).get(info.data.get("channel", ""))
    if sender == "mail":
        return mail_address(value)
    return target_url(value) if sender == "webhook" else value


class AddressTable(Table):
    """How a person is reached over one channel."""

    channel: Annotated[Text, AfterValidator(known_channel)]
    """A channel of yuqing.toml."""
    to: Annotated[Text, AfterValidator(_fitting), Wanted("where to send", '"duty@example.com"')]
    """The address or number there."""
    from_: Annotated[LevelName, Field(alias="from")] = "general"
    """The lowest level for which this way is used."""


class PersonTable(Table):
    """A person or a mailbox."""

    name: Text | None = None
    """What people call them. Default: the id."""
    roles: Annotated[list[Role], Wanted("a list of roles of the regime", '["monitor"]')] = Field(default_factory=list)
    """The roles they hold."""
    language: Language | None = None
    """The language they are told in. Default: the organisation's."""
    channels: Annotated[
        list[AddressTable],
        Field(min_length=1),
        Wanted("at least one way to be told", '[{ channel = "mail", to = "duty@example.com" }]'),
    ]
    """The ways to reach them, in the order in which they are tried."""
    hours: HoursText | None = None
    """When they are there: outside these hours others of their role are told. Default: always."""
    quiet: QuietText | None = None
    """When they are not to be disturbed: what is not urgent waits. Default: never."""
    quiet_passes_from: LevelName = "major"
    """The lowest level that goes to them at once even then; extraordinary always does, and so does a breach."""


class PeopleFile(Table):
    """people.toml"""

    people: Annotated[dict[Id, PersonTable], Wanted("a table for each person", fix="[people.duty]")] = Field(
        default_factory=dict
    )
    """Who may be told, by id."""
    rotas: Annotated[list[RotaTable], Wanted("a table for each rota", fix="[[rotas]]")] = Field(default_factory=list)
    """Who takes turns in a role."""
    overrides: Annotated[list[OverrideTable], Wanted("a table for each override", fix="[[overrides]]")] = Field(
        default_factory=list
    )
    """Who takes a role alone for a while, whatever the rota says."""
    absences: Annotated[list[AbsenceTable], Wanted("a table for each absence", fix="[[absences]]")] = Field(
        default_factory=list
    )
    """Who is away, and who does their duties meanwhile."""
    subscriptions: Annotated[
        list[SubscriptionTable], Wanted("a table for each subscription", fix="[[subscriptions]]")
    ] = Field(default_factory=list)
    """What people want to hear of besides what their roles bring."""


def recipients(file: PeopleFile, main: MainFile) -> tuple[Recipient, ...]:
    """The people as the daemon uses them."""
    return tuple(
        Recipient(
            id=id,
            name=table.name or id,
            roles=tuple(table.roles),
            addresses=tuple(_address(address) for address in table.channels),
            language=table.language or main.language,
        )
        for id, table in file.people.items()
    )


def hours(file: PeopleFile) -> dict[str, Hours]:
    """The hours of those who are not always there, by id."""
    return {id: parse_hours(table.hours) for id, table in file.people.items() if table.hours}


def quiet(file: PeopleFile) -> dict[str, Quiet]:
    """When people are not to be disturbed, by id."""
    return {
        id: Quiet(hours=parse_hours(table.quiet), passes_from=Level[table.quiet_passes_from.upper()])
        for id, table in file.people.items()
        if table.quiet
    }


def _address(table: AddressTable) -> Address:
    return Address(channel=table.channel, to=table.to, from_level=Level[table.from_.upper()])


def unheld(document: Document, regime: Document) -> Iterator[Problem]:
    """Roles that the regime tells though nobody holds them, nor any role that would be told instead (R29)."""
    held = {role for _, person in document.tables("people") for role in _texts(person.get("roles"))}
    next_role = regime.get("next_role")
    for role, why in _told(regime).items():
        if held.isdisjoint(_chain(role, next_role if isinstance(next_role, dict) else {})):
            wanted = f'somebody with the role "{role}": {why}'
            yield document.problem(("people",), wanted, f'roles = ["{role}"]', found="")


def _told(regime: Document) -> dict[str, str]:
    """Each role that a step tells or a duty names, with the first that does, in words."""
    told: dict[str, str] = {}
    known = regime.names("roles")
    for level in (level.name.lower() for level in Level):
        steps = regime.get("levels", level, "steps")
        for step in steps if isinstance(steps, list) else ():
            for role in _texts(step.get("roles") if isinstance(step, dict) else None):
                if role in known:
                    told.setdefault(role, f"the regime tells it at level {level}")
    for duty in raw_duties(regime):
        roles = {duty.text("owner"): "owes", **dict.fromkeys(duty.texts("breach_tells"), "is told of a breach of")}
        for role, what in roles.items():
            if role in known:
                told.setdefault(role, f'by the regime it {what} the duty "{duty.text("id")}"')
    return told


def _chain(role: str, next_role: Mapping[str, object]) -> set[str]:
    """The role and everyone told in its place."""
    chain: set[str] = set()
    following: object = role
    while isinstance(following, str) and following not in chain:
        chain.add(following)
        following = next_role.get(following)
    return chain


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]  # brackets are missing, which is told elsewhere
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []
