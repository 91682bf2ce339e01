"""Who is told, and how: recipients by role, channels in the recipient's own order (R18, R29)."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ..domain import Address, Level, Recipient, Regime

CORRECTIONS = frozenset({"closed", "merged", "withdrawn", "lowered", "relieved"})
BY_NAME = CORRECTIONS | {"update", "progress", "handed", "subscribed", "test", "drill"}


def addresses(recipient: Recipient, level: Level) -> tuple[Address, ...]:
    """The channels that may be used for a level, in the order in which they are tried.

    >>> sms, mail = Address(channel="sms", to="1", from_level=Level.MAJOR), Address(channel="mail", to="a@b.cn")
    >>> [a.channel for a in addresses(Recipient(id="wang", addresses=(sms, mail)), Level.GENERAL)]
    ['mail']
    """
    return tuple(address for address in recipient.addresses if level >= address.from_level)


def next_address(recipient: Recipient, level: Level, *, after: str, only: Collection[str] = ()) -> Address | None:
    """The channel to try when ``after`` has failed, among some if they are named; ``None`` if it was the last."""
    order = [address for address in addresses(recipient, level) if not only or address.channel in only]
    places = [place for place, address in enumerate(order) if address.channel == after]
    rest = order[places[0] + 1 :] if places else order
    return rest[0] if rest else None


def stand_in(role: str, regime: Regime, held: Collection[str], *, tried: Iterable[str] = ()) -> str | None:
    """The next role in line that somebody holds, if nobody of ``role`` can be reached; ``None``: there is none.

    Args:
        held: the roles somebody reachable holds.
        tried: roles that were told already and are not asked again.
    """
    passed = {role, *tried}
    candidate = regime.next_role.get(role)
    while candidate is not None and candidate not in passed:
        if candidate in held:
            return candidate
        passed.add(candidate)
        candidate = regime.next_role.get(candidate)
    return None


def handover_purpose(role: str, purpose: str) -> str:
    """The purpose of an alert that goes to another role because nobody of ``role`` could be reached.

    >>> handover_purpose("office", handover_purpose("monitor", "found"))
    'handover:office:handover:monitor:found'
    """
    return f"handover:{role}:{purpose}"


def given_up(purpose: str) -> tuple[str, ...]:
    """The roles that were given up on the way to this purpose, the last first.

    >>> given_up("handover:office:handover:monitor:found")
    ('office', 'monitor')
    """
    words = purpose.split(":")
    roles = []
    while words[0] == "handover":
        roles.append(words[1])
        words = words[2:]
    return tuple(roles)


def is_by_name(purpose: str) -> bool:
    """Whether it goes to one person whatever their roles: they did something, asked for it, or have to be corrected.

    >>> is_by_name("closed:3:20260302"), is_by_name("handover:monitor:found")
    (True, False)
    """
    return first_purpose(purpose).partition(":")[0] in BY_NAME


def first_purpose(purpose: str) -> str:
    """What it was for before any role was given up.

    >>> first_purpose("handover:office:handover:monitor:breach:report:1")
    'breach:report:1'
    """
    words = purpose.split(":")
    return ":".join(words[2 * len(given_up(purpose)) :])
