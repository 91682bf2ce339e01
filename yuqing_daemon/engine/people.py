"""What people do: acknowledge, and try whether they would be reached (R28)."""

from __future__ import annotations

from dataclasses import replace

from ..domain import Address, Alert, Event, Level, Notice, Recipient, Topic
from ..errors import RequestError
from ..rules import notice
from ..store import events, folding, outbox, timers
from . import progress
from .reach import OPS
from .telling import delivery_key, promise, tell_operators
from .work import Work

LONGEST_NUMBER = 18  # digits; more than the database counts

__all__ = ["acknowledge", "tell_operators", "test_notify"]


def acknowledge(work: Work, code: str, *, by: str, how: str) -> Event:
    """Somebody takes an event over: nobody is reminded of it any more, and it climbs no further."""
    event = find(work, code)
    if not event.state.is_live:
        raise RequestError(f"{event.code} is {event.state}: there is nothing to acknowledge")
    if event.is_acknowledged:
        return event
    event = replace(event, acknowledged_level=event.level, acknowledged_by=by, acknowledged_at=work.now)
    events.save(work.connection, event)
    timers.cancel(work.connection, event.id, kinds=["step:", "repeat:"], now=work.now)
    folding.cancel(work.connection, event.id, purposes=["step:", "repeat:"], detail=f"acknowledged by {by}")
    progress.expect(work, event)
    late = (work.now - event.found_at).total_seconds()
    work.audit("event.acknowledged", event=event.id, actor=by, how=how, level=event.level.name, after_seconds=late)
    return event


def find(work: Work, code: str) -> Event:
    """The event people call by that code, with or without the ``E``."""
    number = code.strip().upper().removeprefix("E")
    is_one = number.isdecimal() and len(number) <= LONGEST_NUMBER
    event = events.get(work.connection, int(number)) if is_one else None
    if event is None:
        raise RequestError(f"there is no event {code!r}; see: yuqing events")
    return event


def test_notify(work: Work, target: str, *, by: str, level: Level | None = None) -> list[str]:
    """A message marked as a test to a recipient over all their channels, to a role, or over one channel.

    With a ``level`` it is of that level, and goes only where notices of that level go.
    """
    found = _targets(work, target, level)
    if not found and level is not None and _targets(work, target, None):
        raise RequestError(f"{target!r} is told of nothing at the level {level.title('en')}; see from in people.toml")
    if not found:
        raise RequestError(f"no recipient, role or channel {target!r}; see people.toml and yuqing.toml")
    keys = []
    for recipient, address in found:
        purpose = f"test:{work.now:%Y%m%dT%H%M%S.%f}"
        alert = Alert(event=None, purpose=purpose, level=level or Level.MAJOR, reason="", roles=())
        key = delivery_key("test", alert.purpose, address.channel, recipient.id)
        promise(work, alert, key, "", recipient, address, _sample(work, alert, recipient))
        work.audit("test.planned", actor=by, key=key)
        keys.append(key)
    return keys


def self_test(work: Work) -> None:
    """Once a week every channel carries a test message to one of those who run the daemon, or stand nearest to it.

    One that fails becomes a dead letter, and that is told over another channel.
    """
    year, week, _ = work.now.astimezone(work.settings.timezone).isocalendar()
    purpose = f"test:week:{year}W{week:02}"
    for channel in work.settings.channels:
        found = _tester(work, channel)
        if found is None:
            continue
        recipient, address = found
        key = delivery_key("test", purpose, channel, recipient.id)
        if outbox.exists(work.connection, key):
            continue
        alert = Alert(event=None, purpose=purpose, level=Level.MAJOR, reason="", roles=())
        if promise(work, alert, key, "", recipient, address, _sample(work, alert, recipient)):
            work.audit("test.planned", key=key)


def _tester(work: Work, channel: str) -> tuple[Recipient, Address] | None:
    """Who gets a channel's weekly test: those who run the daemon, else those who are told first anyway."""
    first = work.settings.regime.rule(Level.GENERAL).steps[0].roles
    for role in (OPS, *first):
        for person in work.settings.holders(role):
            for address in person.addresses:
                if address.channel == channel:
                    return person, address
    return None


def _sample(work: Work, alert: Alert, recipient: Recipient) -> Notice:
    """What a notice looks like, marked as a test by its purpose."""
    settings = work.settings
    topic = settings.topics[0] if settings.topics else Topic(id="test")
    return notice.render_notice(
        alert=alert,
        event=Event(
            id=0, topic=topic.id, title=settings.organisation, level=alert.level, found_at=work.now, updated_at=work.now
        ),
        topic=topic,
        posts=(),
        matches=(),
        organisation=settings.organisation,
        recipient=recipient,
        role="",
        link="",
        timezone=settings.timezone,
        now=work.now,
        templates=settings.templates,
    )


def _targets(work: Work, target: str, level: Level | None) -> list[tuple[Recipient, Address]]:
    used = [
        (person, [address for address in person.addresses if level is None or address.from_level <= level])
        for person in work.settings.recipients
    ]
    return [
        (person, address)
        for person, addresses in used
        for address in addresses
        if target in (person.id, address.channel) or (target in person.roles and address == addresses[0])
    ]
