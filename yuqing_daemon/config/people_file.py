"""``people.toml``: who may be told, in which role, over which channels (R18, R29)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo

from ..domain import Address, Level, Recipient
from ..errors import Problem
from .checks import mail_address, one_of, target_url
from .documents import Document
from .main_file import Language, MainFile
from .wanted import Id, Known, LevelName, Table, Text, Wanted

FILE = "people.toml"


def _known_role(value: str, info: ValidationInfo) -> str:
    if not isinstance(info.context, Known) or info.context.roles is None:
        return value
    return one_of(value, info.context.roles, "one of the regime's roles")


def _known_channel(value: str, info: ValidationInfo) -> str:
    if not isinstance(info.context, Known) or info.context.channels is None:
        return value
    return one_of(value, info.context.channels, "one of the channels of yuqing.toml")


def _fitting(value: str, info: ValidationInfo) -> str:
    channels = info.context.channels if isinstance(info.context, Known) else None
    sender = (channels or {}).get(info.data.get("channel", ""))
    if sender == "mail":
        return mail_address(value)
    return target_url(value) if sender == "webhook" else value


class AddressTable(Table):
    """How a person is reached over one channel."""

    channel: Annotated[Text, AfterValidator(_known_channel)]
    """A channel of yuqing.toml."""
    to: Annotated[Text, AfterValidator(_fitting), Wanted("where to send", '"duty@example.com"')]
    """The address or number there."""
    from_: Annotated[LevelName, Field(alias="from")] = "general"
    """The lowest level for which this way is used."""


class PersonTable(Table):
    """A person or a mailbox."""

    name: Text | None = None
    """What people call them. Default: the id."""
    roles: Annotated[
        list[Annotated[Text, AfterValidator(_known_role)]], Wanted("a list of roles of the regime", '["monitor"]')
    ] = Field(default_factory=list)
    """The roles they hold."""
    language: Language | None = None
    """The language they are told in. Default: the organisation's."""
    channels: Annotated[
        list[AddressTable],
        Field(min_length=1),
        Wanted("at least one way to be told", '[{ channel = "mail", to = "duty@example.com" }]'),
    ]
    """The ways to reach them, in the order in which they are tried."""


class PeopleFile(Table):
    """people.toml"""

    people: Annotated[dict[Id, PersonTable], Wanted("a table for each person", fix="[people.duty]")] = Field(
        default_factory=dict
    )
    """Who may be told, by id."""


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


def _address(table: AddressTable) -> Address:
    return Address(channel=table.channel, to=table.to, from_level=Level[table.from_.upper()])


def unheld(document: Document, regime: Document) -> Iterator[Problem]:
    """Roles that a step tells though nobody holds them, nor any role that would be told instead (R29)."""
    held = {role for _, person in document.tables("people") for role in _texts(person.get("roles"))}
    next_role = regime.get("next_role")
    for role, level in _told(regime).items():
        if held.isdisjoint(_chain(role, next_role if isinstance(next_role, dict) else {})):
            wanted = f'somebody with the role "{role}": the regime tells it at level {level}'
            yield document.problem(("people",), wanted, f'roles = ["{role}"]', found="")


def _told(regime: Document) -> dict[str, str]:
    """Each role that a step tells, with the first level that does."""
    told: dict[str, str] = {}
    known = regime.names("roles")
    for level in (level.name.lower() for level in Level):
        steps = regime.get("levels", level, "steps")
        for step in steps if isinstance(steps, list) else ():
            for role in _texts(step.get("roles") if isinstance(step, dict) else None):
                if role in known:
                    told.setdefault(role, level)
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
