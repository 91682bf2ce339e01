"""Missed 漏报: what others found before us, what stood there before we looked, what the press had long before us."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from .lines import Heading, Line
from .record import EventRecord, Member, numbers


def lines(record: EventRecord, *, known_within: timedelta | None) -> Iterator[Line]:
    """In what way an event was missed."""
    yield from _told(record)
    yield from _stood_there(record)
    yield from _behind(record, known_within)


def _told(record: EventRecord) -> Iterator[Line]:
    """A post told by hand that joined an event we had is no miss: its event was opened by another entry."""
    added = record.added_by_hand
    if added is None:
        return
    said = added.data.get("public_at")
    public_at = datetime.fromisoformat(said) if said else None
    source, unit = str(added.data.get("source") or "phone"), str(added.data.get("unit") or "")
    yield Line(
        heading=Heading.MISSED,
        key=f"missed:told:{record.id}",
        event=record.id,
        at=added.at,
        what=f"found by {unit or 'others'}, not by us: {source}",
        units=record.watchers,
        figures={
            "public_at": public_at,
            "told_at": added.at,
            "behind": added.at - public_at if public_at else None,
            "told_by": unit,
            "recorded_by": added.actor,
            "source": source,
            "reason": str(added.data.get("reason") or ""),
        },
        entries=numbers((record.opened, added)),
    )


def _stood_there(record: EventRecord) -> Iterator[Line]:
    opened = record.opened
    first = _member(record, str(opened.data["url"])) if opened else None
    if opened is None or first is None or not first.is_baseline:
        return
    yield Line(
        heading=Heading.MISSED,
        key=f"missed:baseline:{record.id}",
        event=record.id,
        at=opened.at,
        what="it stood there before its source was first visited, and became an event later",
        units=record.watchers,
        figures={
            "url": first.post.url,
            "published_at": first.post.published_at,
            "first_seen_at": first.first_seen_at,
            "opened_at": opened.at,
            "behind": opened.at - first.carried_at,
        },
        entries=numbers((opened,)),
    )


def _behind(record: EventRecord, known_within: timedelta | None) -> Iterator[Line]:
    opened = record.opened
    if known_within is None or opened is None or record.added_by_hand:
        return
    first = next((each for each in record.press if each.post.published_at), None)
    if first is None or opened.at - first.carried_at <= known_within:
        return
    yield Line(
        heading=Heading.MISSED,
        key=f"missed:behind:{record.id}",
        event=record.id,
        at=opened.at,
        what=f"a mainstream site had it long before us: {first.post.site or first.post.source}",
        units=record.watchers,
        figures={
            "url": first.post.url,
            "published_at": first.post.published_at,
            "opened_at": opened.at,
            "behind": opened.at - first.carried_at,
            "allowed": known_within,
        },
        entries=numbers((opened, *(e for e in record.of("event.joined") if e.data.get("url") == first.post.url))),
    )


def _member(record: EventRecord, url: str) -> Member | None:
    return next((each for each in record.members if each.post.url == url), None)
