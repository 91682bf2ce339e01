"""What people want to hear of besides what their roles bring: one crawl, many subscribers (R18)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..domain import Event, Level, Recipient
from .hours import ALWAYS, Hours

PREFIX = "subscribed:"  # of the purpose of what a subscriber is told: they merely asked to hear of it, and owe nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One person, or everybody who holds one role, wants to hear of events; either ``person`` or ``role`` is set.

    An event fits if it is under one of the ``topics`` (none: any), one of its posts has one of the words in ``any``
    (none: whatever the topic found), and it has reached ``from_level``. Outside the ``hours`` a notice waits.
    ``channels`` are those used of the recipient's own; none: as always.
    """

    person: str = ""
    role: str = ""
    topics: tuple[str, ...] = ()
    any: tuple[str, ...] = ()
    from_level: Level = Level.GENERAL
    hours: Hours = ALWAYS
    channels: tuple[str, ...] = ()


def channels(asked: Iterable[Subscription], recipient: Recipient, role: str) -> frozenset[str]:
    """The channels over which a recipient, or the role in which they are told, asked to hear; empty: as always."""
    own = [each for each in asked if each.person == recipient.id or (each.role and each.role == role)]
    return (
        frozenset() if any(not each.channels for each in own) else frozenset(c for each in own for c in each.channels)
    )


def fits(subscription: Subscription, event: Event, words: str) -> bool:
    """Whether a subscriber wants to hear of an event whose posts say ``words``."""
    return (
        event.level >= subscription.from_level
        and (not subscription.topics or event.topic in subscription.topics)
        and (not subscription.any or any(word in words for word in subscription.any))
    )
