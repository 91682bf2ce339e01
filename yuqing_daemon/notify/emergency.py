"""A word to the operators that goes past the outbox: while nothing can be written, nothing can be promised."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from ..domain import Answer, Delivery, Notice, Outcome, Recipient
from ..engine import Engine
from ..engine.reach import OPS, OPS_LEVEL, operators
from ..rules import route
from ..rules.notice import render_plain


def tell(engine: Engine, purpose: str, subject: str, text: str, *, now: datetime) -> tuple[str, ...]:
    """Send it to each of them, over their channels in turn until one takes it; nothing is written.

    Args: purpose: made of facts, so that what is sent again has the same key.
    Returns: who took it, as recipient and channel; nobody may have.
    """
    _, people = operators(engine.settings, now=now)
    found = []
    for person in people:
        content = render_plain(subject=subject, text=text, language=person.language)
        found.append(_first_that_takes_it(engine, person, purpose, content, now=now))
    return tuple(filter(None, found))


def _first_that_takes_it(engine: Engine, person: Recipient, purpose: str, content: Notice, *, now: datetime) -> str:
    for delivery in _deliveries(engine, person, purpose, content, now=now):
        for _, answer in engine.plugins.ask("send", delivery=delivery):
            if isinstance(answer, Outcome) and answer.answer is Answer.ACCEPTED:
                return f"{person.id} by {delivery.channel.id}"
    return ""


def _deliveries(
    engine: Engine, person: Recipient, purpose: str, content: Notice, *, now: datetime
) -> Iterator[Delivery]:
    for address in route.addresses(person, OPS_LEVEL):
        yield Delivery(
            key=f"{OPS}:{purpose}:{address.channel}:{person.id}",
            event=None,
            event_code=OPS,
            purpose=purpose,
            level=OPS_LEVEL,
            recipient=person.id,
            role=OPS,
            channel=engine.settings.channels[address.channel],
            to=address.to,
            notice=content,
            created_at=now,
            attempts=1,
        )
