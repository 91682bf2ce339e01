"""A drill takes the way that every happening takes, and all of it is undone but the notices and the record.

    asked -> crawled -> | matched -> event -> level -> escalated | -> promised -> accepted -> over

What stands between the bars happens in the database itself and is taken back within the same transaction: a drill can
join no event, no post can join it, and nothing that reads the database ever sees it. Its notices are promised to
nobody's event, and are sent like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from ..bus.messages import Job, Lost, Result
from ..domain import Address, Alert, DeliveryState, Event, Recipient
from ..errors import NotConfigured, NotNow
from ..rules import drill as rules
from ..rules.drill import Drill
from ..store import drills, events, outbox, posts, sources
from ..store.outbox import DeliveryRow
from . import alerts, pacing, visits
from .letters import Letter
from .telling import delivery_key
from .work import Work

Reached = Mapping[str, datetime]  # when what was first reached
ON_THE_WAY = (DeliveryState.PENDING, DeliveryState.UNKNOWN, DeliveryState.SENDING)
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # who listens everywhere is reached here


def begin(work: Work, *, by: str, wait: timedelta, person: str = "", role: str = "", channel: str = "") -> Job:
    """Begin a drill; the job is the crawl of its page, and has to be done at once.

    Raises:
        NotNow: one is under way.
        NotConfigured: nobody can be told that way.
    """
    other = drills.current(work.connection)
    if other is not None:
        until = f"{other.until.astimezone(work.settings.timezone):%H:%M:%S}"
        raise NotNow(f"a drill is under way, asked for by {other.by}; it is over at {until} at the latest")
    id = f"{work.now:%Y%m%dT%H%M%S.%f}"
    figures = rules.counters(work.settings.regime)
    drill = Drill(
        id=id,
        by=by,
        until=work.now + wait,
        url=_address(work, id),
        reads=figures.reads,
        comments=figures.comments,
        person=person,
        role=role,
        channel=channel,
    ).took("asked", work.now, by)
    if not list(_ways(work, drill)):
        raise NotConfigured("nobody has such a channel; see people.toml")
    drills.save(work.connection, drill)
    work.audit("drill.begun", actor=by, drill=id, person=person, role=role, channel=channel)
    host, deadline = pacing.host_of(drill.source), min(wait, work.settings.crawl.deadline)
    return Job(id=id, source=drill.source, host=host, max_pages=1, deadline=deadline)


def _address(work: Work, id: str) -> str:
    """Where a crawl worker finds the page: other machines, by the address under which people find the daemon."""
    web = work.settings.web
    host = ANYWHERE.get(web.host, web.host)
    here = f"http://[{host}]:{web.port}" if ":" in host else f"http://{host}:{web.port}"
    return f"{web.public_url if work.settings.bus.url else here}/drill/{id}"


def _ways(work: Work, drill: Drill) -> Iterator[tuple[Recipient, Address]]:
    for recipient in work.settings.recipients:
        for address in recipient.addresses:
            if drill.goes_to(recipient, address):
                yield recipient, address


# -- the way --------------------------------------------------------------------------------------


def take(work: Work, item: Result | Lost, clock: Callable[[], datetime]) -> None:
    """Take in what came of the crawl of a drill's page, and promise its notices; ``clock`` times the steps."""
    drill = drills.current(work.connection)
    if drill is None or drill.id != item.job:
        return  # it was over before its page was read
    if isinstance(item, Lost) or not item.posts:
        hint = "; machines that crawl look for it at public_url of [web]" if work.settings.bus.url else ""
        end(work, fault=f"its page {drill.url} was not read: {_why(item).removeprefix(f'{drill.url}: ')}{hint}")
        return
    drill = drill.took("crawled", item.ended_at, drill.url)
    with _taken_back(work, drill, clock) as (rehearsed, reached):
        event = _rehearse(rehearsed, drill, item)
        if event is not None:
            drill = _steps(rehearsed, drill, event, reached)
            drill = drill.took("escalated", clock(), _climb(rehearsed, event))
            rows = _promises(rehearsed, drill, event)
    if event is None:
        end(work, fault="its page was read, and opened no event")
        return
    for row in rows:
        outbox.add(work.connection, row)
    drills.save(work.connection, drill.took("promised", clock(), f"notices: {len(rows)}"))


def _why(item: Result | Lost) -> str:
    if isinstance(item, Lost):
        return item.reason
    return item.error or next((page.error for page in item.unread), "there was nothing on it")


@contextmanager
def _taken_back(work: Work, drill: Drill, clock: Callable[[], datetime]) -> Iterator[tuple[Work, Reached]]:
    """The same work, with the drill's page as its only source; in the end it is undone."""
    reached: dict[str, datetime] = {}

    def reach(what: str) -> None:
        reached.setdefault(what, clock())

    settings = replace(work.settings, sources=(drill.source,), topics=(drill.topic,))
    nested = work.connection.begin_nested()
    try:
        fresh = replace(work, settings=settings, entries=[], looks=set(), worded=set(), regimes={}, reached=reach)
        yield fresh, reached
    finally:
        nested.rollback()


def _rehearse(work: Work, drill: Drill, result: Result) -> Event | None:
    """Let the engine take in the page as it takes in any; the event it opens."""
    connection = work.connection
    sources.ensure(connection, {rules.SOURCE: pacing.host_of(drill.source)}, now=work.now)
    sources.save(connection, rules.SOURCE, first_read_at=work.now)  # what stands there is news
    visits.take(work, result)
    (number,) = posts.numbers(connection, [result.posts[0].url]).values()
    opened = events.of_post(connection, number).get(rules.TOPIC)
    return events.get(connection, opened) if opened else None


def _steps(work: Work, drill: Drill, event: Event, reached: Reached) -> Drill:
    level = f"{event.level.name.lower()}: {_said(work, 'event.measured')['reason']}"
    drill = drill.took("matched", reached["matched"], _said(work, "event.opened")["matched"][0])
    drill = drill.took("event", reached["event.opened"], event.title)
    return drill.took("level", reached["event.measured"], level)


def _said(work: Work, what: str) -> Mapping[str, Any]:
    return next(entry.data for entry in work.entries if entry.what == what)


def _climb(work: Work, event: Event) -> str:
    """Whom each rung would tell, and after how long; who stands in for a role that nobody holds is among them."""
    steps = work.regime_of(event.id).rule(event.level).steps
    series = f"{event.level.name.lower()}:{event.rev}"
    said: list[tuple[timedelta, list[str]]] = []
    for n, step in enumerate(steps):
        if n or step.after:
            alerts.climb(work, event, series, n)
        known = {name for _, names in said for name in names}
        told = dict.fromkeys(row.recipient for row in outbox.of_event(work.connection, event.id))
        said.append((step.after, [name for name in told if name not in known]))
    return "; ".join(f"{_after(after)}: {', '.join(names) or 'nobody else'}" for after, names in said)


def _after(span: timedelta) -> str:
    return f"after {span.total_seconds() / 60:g} min" if span else "at once"


def _promises(work: Work, drill: Drill, event: Event) -> list[DeliveryRow]:
    """The notices, written while the event is there, in the words that people would get."""
    reason = _said(work, "event.measured")["reason"]
    letter = Letter(
        work, event, Alert(event=event.id, purpose=drill.purpose, level=event.level, reason=reason, roles=())
    )
    rows = []
    for recipient, address in _ways(work, drill):
        key = delivery_key(rules.WORD, drill.purpose, address.channel, recipient.id)
        role = recipient.roles[0] if recipient.roles else ""
        rows.append(
            DeliveryRow(
                key=key,
                event=None,
                purpose=drill.purpose,
                level=event.level,
                role=role,
                recipient=recipient.id,
                channel=address.channel,
                to=address.to,
                notice=letter.to(recipient, role, key),
                created_at=work.now,
                due_at=work.now,
                deadline=drill.until,  # and no rank: what is real goes first
            )
        )
    return rows


# -- its end --------------------------------------------------------------------------------------


def is_over(connection: Connection, *, now: datetime) -> bool:
    """Whether a drill is under way that should not be any more: its time is over, or all was told or refused."""
    drill = drills.current(connection)
    if drill is None:
        return False
    rows = outbox.of_purpose(connection, None, drill.purpose)
    return now >= drill.until or (bool(rows) and not any(row.state in ON_THE_WAY for row in rows))


def end(work: Work, *, fault: str = "") -> None:
    """End the drill that is under way: call back what nobody has taken, and put on record what came of it all."""
    drill = drills.current(work.connection)
    if drill is None:
        return
    rows = outbox.of_purpose(work.connection, None, drill.purpose)
    if not fault and not rows:
        fault = f"it had come no further than '{drill.steps[-1].name}' when its time was over"
    told = [_outcome(work, drill, row) for row in rows]
    work.audit(
        "drill.ended",
        actor=drill.by,
        drill=drill.id,
        ok=bool(told) and not fault and all(each["accepted"] for each in told),
        fault=fault,
        steps=[
            {"step": each.name, "seconds": (each.at - drill.asked_at).total_seconds(), "note": each.note}
            for each in drill.steps
        ],
        told=told,
    )
    drills.clear(work.connection)


def _outcome(work: Work, drill: Drill, row: DeliveryRow) -> Mapping[str, Any]:
    """What came of one notice; one that waits for another attempt is called back."""
    answer = row.detail
    if row.state in (DeliveryState.PENDING, DeliveryState.UNKNOWN):
        hold = outbox.holds(work.connection, now=work.now).get(row.channel, "")
        answer = row.detail or (f"the channel is on hold: {hold}" if hold else "it was not its turn")
        done = {"state": DeliveryState.CANCELLED.value, "detail": f"the drill is over: {answer}"}
        outbox.save(work.connection, row.id, **done)
    accepted_at = row.accepted_at
    return {
        "recipient": row.recipient,
        "channel": row.channel,
        "accepted": accepted_at is not None,
        "seconds": (accepted_at - drill.asked_at).total_seconds() if accepted_at else None,
        "attempts": row.attempts,
        "answer": answer,
    }
