"""Who is told, over what, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from .judged import Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A way out (渠道): which sender, and its settings with secrets already resolved (never shown in a repr)."""

    id: str
    sender: str
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """How one recipient is reached over one channel, and from which level on it is used."""

    channel: str
    to: str
    from_level: Level = Level.GENERAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """A person or a mailbox that may be told (接收人). Nobody unlisted is ever told (R18).

    ``addresses`` stand in the order in which they are tried.
    """

    id: str
    name: str = ""
    roles: tuple[str, ...] = ()
    addresses: tuple[Address, ...] = ()
    language: str = "zh"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A rendered message, kept with its delivery so that a retry sends the same bytes.

    ``short`` fits an SMS (70 characters); so does ``answerable``, which also says what to answer to acknowledge, for
    channels that hear answers: empty if none is asked for. ``chat`` and ``markdown`` are for chat robots; ``html`` may
    be empty, and so may these two. ``data`` is what a webhook sends as JSON, ``words`` are the named variables of
    approved SMS and voice templates, ``curve`` is the heat over time: when (ISO), reads, comments.
    """

    subject: str
    text: str
    short: str
    answerable: str = ""
    html: str = ""
    chat: str = ""
    markdown: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    curve: Sequence[Sequence[Any]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One reason to tell people something (预警): what for, at which level, to which roles.

    ``purpose`` makes the key of every delivery of it: ``found``, ``raise:major``, ``step:major:2``,
    ``repeat:major:1``, ``handover:...``, ``test:...``. The same purpose is never told twice over one channel.
    ``event`` is ``None`` for a word to the operators.
    """

    event: int | None
    purpose: str
    level: Level
    reason: str
    roles: tuple[str, ...]


class DeliveryState(StrEnum):
    """Where a delivery stands. Nothing is dropped: what is not sent by itself says so here, and why in its detail."""

    PENDING = "pending"
    SENDING = "sending"
    ACCEPTED = "accepted"
    UNKNOWN = "unknown"  # it may have arrived, so it is tried again with the same key
    DEAD = "dead"
    CANCELLED = "cancelled"  # what it said is no longer so
    SUPPRESSED = "suppressed"  # by a silence, or because the recipient hears of the same happening already
    BUNDLED = "bundled"  # it went into one message with others
    EXPIRED = "expired"  # its time was over before anybody could send it


class Receipt(StrEnum):
    """What a provider told later of a delivery it had accepted."""

    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"  # accepted, and then not delivered after all


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One alert to one recipient over one channel. ``key`` is made of facts and stays the same on every attempt."""

    key: str
    event: int | None
    event_code: str
    purpose: str
    level: Level
    recipient: str
    role: str
    channel: Channel
    to: str
    notice: Notice
    created_at: datetime | None = None  # when it was promised, the same on every attempt
    accepted_at: datetime | None = None  # when the provider took it
    provider_id: str = ""  # what the provider called it when it took it
    attempts: int = 0
    id: int = 0


class Answer(StrEnum):
    """The four outcomes of sending."""

    ACCEPTED = "accepted"
    RETRY = "retry"
    PERMANENT = "permanent"
    UNKNOWN = "unknown"  # the request was written, the answer was lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one attempt, with the provider's own answer.

    ``retry_after`` holds the whole channel back; ``pause_channel`` says that the fault is the channel's, not
    this message's (a refused login); ``unknown_at_most`` says how many attempts without an answer a costly
    message is worth.
    """

    answer: Answer
    detail: str = ""
    provider_id: str = ""
    retry_after: timedelta | None = None
    pause_channel: bool = False
    unknown_at_most: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """What somebody sent to a channel's callback address. Names of headers are in lower case."""

    body: bytes = b""
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One thing that a provider tells later: a receipt, or what a recipient answered (words, a key, a button).

    It names the delivery by ``provider_id``, by ``key`` or, where a key is too long, by ``delivery`` (``Delivery.id``);
    an answer by SMS often says only from which ``number`` it came.
    ``pressed_by`` are the ids under which the chat knows who pressed the notice's button.
    """

    receipt: Receipt | None = None
    answer: str = ""
    pressed_by: tuple[str, ...] = ()
    provider_id: str = ""
    key: str = ""
    delivery: int = 0
    number: str = ""
    at: datetime | None = None
    detail: str = ""


Reply = Mapping[str, Any] | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a callback told, and by which the provider knows that it arrived: JSON, or a text that is sent as it is.

    What wants to hear what came of a pressed button gives a function: of some words for who pressed it, after COMMIT.
    """

    signals: tuple[Signal, ...]
    reply: Reply | Callable[[str], Reply] = field(default_factory=dict)
