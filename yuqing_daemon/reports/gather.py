"""The facts of one event, read from the store within one reading transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from ..config import Settings
from ..domain import Act, AuditEntry, Duty, Event, Judgement, Level, Post, Regime
from ..errors import RequestError
from ..rules.curve import curve_of
from ..store import audit, bulletins, duties, events, outbox, posts, spans
from ..store.outbox import DeliveryRow
from .facts import (
    Blind,
    Carried,
    Deed,
    EventFacts,
    Figure,
    Figures,
    Owed,
    Point,
    ReportKind,
    Since,
    Step,
    Told,
    Trace,
)
from .unheard import blind_times

STEPS = (
    "event.opened", "event.added_by_hand", "event.raised", "event.reopened", "event.took_in", "event.stage",
    "event.early_sign", "event.over", "alert.nobody_left",
)  # fmt: skip
UNSAID = (
    "heat",
    "graded",
    "was",
    "figures",
    "level_then",
    "language",
    "format",
    "as_of",
)  # kept for the record, not for readers


def find(connection: Connection, code: str) -> Event:
    """The event people call by that code, with or without the ``E``.

    Raises:
        RequestError: there is none.
    """
    number = code.strip().upper().removeprefix("E")
    event = events.get(connection, int(number)) if number.isdecimal() and len(number) < 19 else None
    if event is None:
        raise RequestError(f"there is no event {code!r}; see: yuqing events")
    return event


def gather(
    connection: Connection, code: str, settings: Settings, *, kind: ReportKind, language: str, now: datetime
) -> EventFacts:
    """All that may be said of an event. ``kind`` decides since which report something is new."""
    event = find(connection, code)
    regime = events.regime_of(connection, event.id)
    record = list(audit.entries(connection, event=event.id))
    members = posts.get(connection, events.posts_of(connection, event.id))
    spread = _spread(connection, event, members)
    begins, ends = _span(event, spread, regime.story_window, now)
    watched, blind = blind_times(connection, settings, since=begins, until=ends)
    judged = duties.judgements(connection, event.id)
    steps, deeds = _steps(record), _deeds(judged, record, settings, _called(regime, settings, language))
    topic = settings.topic(event.topic)
    return EventFacts(
        event=event,
        organisation=settings.organisation,
        topic=(topic.name if topic else "") or event.topic,
        kind=(regime.kinds.get(event.kind) or event.kind.value) if event.kind else "",
        subject=regime.subjects.get(event.subject, event.subject),
        department=person(settings, event.department) if event.department else "",
        as_of=now,
        found=tuple(f"E{event.id}#{entry.id}" for entry in record if entry.what == "event.opened")[:1],
        figures=_figures(connection, event, spread, record),
        curve=curve(connection, members),
        spread=spread,
        steps=steps,
        deeds=deeds,
        duties=tuple(owed(duty, regime, settings, language) for duty in duties.of_event(connection, event.id)),
        told=tuple(told(row, regime, settings) for row in outbox.of_event(connection, event.id)),
        watched=watched,
        blind=blind,
        since=_since(_before(judged, kind), spread, steps, deeds, record),
        bulletin=bulletins.latest(connection, event.id),
    )


# -- figures --------------------------------------------------------------------------------------


def curve(connection: Connection, members: Iterable[Post], until: datetime | None = None) -> tuple[Point, ...]:
    """An event's totals at every instant at which one of its posts was read."""
    readings = {post.url: posts.readings(connection, post.id) for post in members}
    told = {url: [each for each in found if until is None or each.at < until] for url, found in readings.items()}
    whole = curve_of({url: found for url, found in told.items() if found})
    looks = ((at, whole.at(at)) for at in dict.fromkeys(whole.looks))
    return tuple(Point(at=at, reads=point.reads, comments=point.comments) for at, point in looks if point is not None)


def figures_of(points: tuple[Point, ...], spread: tuple[Carried, ...]) -> Figures:
    """The figures that a curve and the posts up to an instant amount to."""
    last = points[-1] if points else None
    return Figures(
        reads=_read(last.reads if last else None, points),
        comments=_read(last.comments if last else None, points),
        mainstream=_mainstream(spread),
        posts=Figure(value=len(spread), trace=tuple(trace for post in spread for trace in post.trace)),
    )


def _figures(connection: Connection, event: Event, spread: tuple[Carried, ...], record: list[AuditEntry]) -> Figures:
    """The event's own totals, as the store has them."""
    last = max((each.at for each in posts.peaks(connection, [post.post for post in spread])), default=None)
    read: Trace = (f"R@{last.isoformat()}",) if last else ()
    measured: Trace = tuple(f"E{event.id}#{entry.id}" for entry in record if entry.what == "event.measured")[-1:]
    heat = event.heat
    return Figures(
        reads=Figure(value=heat.reads, trace=read if heat.reads is not None else ()),
        comments=Figure(value=heat.comments, trace=read if heat.comments is not None else ()),
        mainstream=Figure(value=heat.mainstream, trace=_mainstream(spread).trace or measured),
        posts=Figure(value=heat.posts, trace=measured),
    )


def _read(value: int | None, points: tuple[Point, ...]) -> Figure:
    return Figure(value=value, trace=(f"R@{points[-1].at.isoformat()}",) if value is not None else ())


def _mainstream(spread: Iterable[Carried]) -> Figure:
    first: dict[str, Trace] = {}
    for post in spread:
        if post.mainstream:
            first.setdefault(post.site, post.trace)
    return Figure(value=len(first), trace=tuple(trace for found in first.values() for trace in found))


# -- what was carried, what happened, what was done -----------------------------------------------


def _spread(connection: Connection, event: Event, members: tuple[Post, ...]) -> tuple[Carried, ...]:
    related = events.relations(connection, event.id)
    joined = spans.joined(connection, event.id)
    rows = [
        Carried(
            post=post.id, site=post.site or post.source, mainstream=post.mainstream, at=post.published_at,
            seen_at=joined[post.id], relation=related[post.id]["relation"], reason=related[post.id]["reason"],
            title=post.title, url=post.url, trace=(f"P{post.id}",),
        )
        for post in members
    ]  # fmt: skip
    return tuple(sorted(rows, key=lambda row: (row.at or row.seen_at, row.post)))


def _steps(record: Iterable[AuditEntry]) -> tuple[Step, ...]:
    found = []
    for entry in record:
        if entry.what in STEPS:
            level = entry.data.get("level")
            found.append(
                Step(
                    at=entry.at, what=entry.what, level=Level[str(level).upper()] if level else None,
                    stage=str(entry.data.get("stage") or ""),
                    reason=str(entry.data.get("reason") or entry.data.get("why") or ""),
                    trace=(f"E{entry.event}#{entry.id}",),
                )
            )  # fmt: skip
    return tuple(found)


def _called(regime: Regime, settings: Settings, language: str) -> dict[str, Mapping[str, str]]:
    """What people call those whom, and the duties which, an act names by their ids."""
    duties = {rule.id: rule.name if language == "zh" else rule.name_en for rule in regime.duties}
    return {"to": {each.id: each.name or each.id for each in settings.recipients}, "duty": duties}


def _deeds(
    judged: Iterable[Judgement],
    record: Iterable[AuditEntry],
    settings: Settings,
    called: Mapping[str, Mapping[str, str]],
) -> tuple[Deed, ...]:
    """Acts and acknowledgements, in the order of time; each with its judgement and its entry."""
    entries = [entry for entry in record if entry.what.startswith("judged.")]
    found = []
    for judgement in judged:
        own = next((e for e in entries if e.at == judgement.at and e.what == f"judged.{judgement.act}"), None)
        trace = (f"J{judgement.id}", *((f"E{judgement.event}#{own.id}",) if own else ()))
        data = {
            name: called.get(name, {}).get(str(value), value)
            for name, value in judgement.data.items()
            if name not in UNSAID
        }
        found.append(
            Deed(
                at=judgement.at, act=judgement.act.value, by=person(settings, judgement.by), reason=judgement.reason,
                data=data, trace=trace,
            )
        )  # fmt: skip
    for entry in record:
        if entry.what == "event.acknowledged":
            by, trace = person(settings, entry.actor), (f"E{entry.event}#{entry.id}",)
            found.append(Deed(at=entry.at, act=Act.ACKNOWLEDGE.value, by=by, reason="", data={}, trace=trace))
    return tuple(sorted(found, key=lambda deed: deed.at))


def owed(duty: Duty, regime: Regime, settings: Settings, language: str) -> Owed:
    """A duty under its name, with its owner's."""
    rule = next((rule for rule in regime.duties if rule.id == duty.rule), None)
    name = (rule.name_en if language == "en" else rule.name) if rule else duty.rule
    return Owed(
        event=f"E{duty.event}", name=name, owner=regime.roles.get(duty.owner, duty.owner), state=duty.state.value,
        started_at=duty.started_at, due_at=duty.due_at, breached_at=duty.breached_at, done_at=duty.done_at,
        done_by=person(settings, duty.done_by) if duty.done_by else "", note=duty.note, trace=(f"D{duty.id}",),
    )  # fmt: skip


def told(row: DeliveryRow, regime: Regime, settings: Settings) -> Told:
    """A notice under its recipient's name."""
    return Told(
        event=f"E{row.event}" if row.event else "", recipient=person(settings, row.recipient),
        role=regime.roles.get(row.role, row.role), channel=row.channel, level=row.level, purpose=row.purpose,
        state=row.state.value, planned_at=row.created_at, accepted_at=row.accepted_at, detail=row.detail,
        trace=(f"N{row.id}",),
    )  # fmt: skip


def person(settings: Settings, id: str) -> str:
    """What a person is called: their name if they are listed."""
    found = settings.recipient(id)
    return (found.name if found else "") or id


# -- spans ----------------------------------------------------------------------------------------


def blind_of_event(connection: Connection, settings: Settings, code: str, *, now: datetime) -> tuple[Blind, ...]:
    """What was not heard from when an event was public until it was over.

    Raises:
        RequestError: there is no such event.
    """
    event = find(connection, code)
    regime = events.regime_of(connection, event.id)
    spread = _spread(connection, event, posts.get(connection, events.posts_of(connection, event.id)))
    begins, ends = _span(event, spread, regime.story_window, now)
    return blind_times(connection, settings, since=begins, until=ends)[1]


def _span(event: Event, spread: tuple[Carried, ...], window: timedelta, now: datetime) -> tuple[datetime, datetime]:
    """From when it was public, as far as that is known and believable, until it was over."""
    public = [row.at for row in spread if row.at is not None and event.found_at - window <= row.at <= event.found_at]
    ends = event.closed_at or event.over_at or now
    return min([event.found_at, *public]), max(ends, event.found_at)


def _before(judged: Iterable[Judgement], kind: ReportKind) -> Judgement | None:
    """The report after which something is new: the bulletin's last issue, or the last report of any kind."""
    made = [each for each in judged if each.act is Act.REPORT]
    if kind is ReportKind.BULLETIN:
        made = [each for each in made if each.data.get("kind") == ReportKind.BULLETIN]
    return made[-1] if made else None


def _since(
    before: Judgement | None,
    spread: tuple[Carried, ...],
    steps: tuple[Step, ...],
    deeds: tuple[Deed, ...],
    record: list[AuditEntry],
) -> Since | None:
    if before is None:
        return None
    entry = next((e for e in record if e.at == before.at and e.what == f"judged.{before.act}"), None)
    trace = (f"J{before.id}", *((f"E{before.event}#{entry.id}",) if entry else ()))
    return Since(
        at=before.at,
        figures=_then(before.data.get("heat") or {}, trace),
        posts=tuple(row for row in spread if row.seen_at > before.at),
        steps=tuple(step for step in steps if step.at > before.at),
        deeds=tuple(deed for deed in deeds if deed.at > before.at),
        trace=trace,
    )


def _then(heat: Mapping[str, Any], trace: Trace) -> Figures:
    names = ("reads", "comments", "mainstream", "posts")
    return Figures(**{name: Figure(value=heat.get(name), trace=trace) for name in names})
