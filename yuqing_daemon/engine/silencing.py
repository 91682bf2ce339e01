"""Silences: set and ended by a person, and told of when they are over to those who were not told meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from itertools import groupby

from ..domain import Address, Alert, Level
from ..errors import RequestError
from ..rules import bundle, silence
from ..rules.silence import Silence
from ..store import events, folding, outbox, silences
from ..store.outbox import DeliveryRow
from .folding import ALL, as_folded
from .telling import delivery_key, is_gone, pass_on, promise, tell_of_template
from .work import Work


def add(
    work: Work, matcher: Mapping[str, str], *, starts_at: datetime | None, ends_at: datetime, by: str, reason: str
) -> Silence:
    """Set a silence.

    Raises:
        RequestError: it is too long, has no reason, or matches everything.
    """
    wanted = Silence(
        id=0, matcher=matcher, starts_at=starts_at or work.now, ends_at=ends_at, author=by, reason=reason.strip()
    )
    if wrong := silence.fault(wanted, now=work.now):
        raise RequestError(wrong)
    number = silences.add(work.connection, wanted)
    times = f"{wanted.starts_at:%FT%TZ}/{ends_at:%FT%TZ}"
    work.audit("silence.set", actor=by, silence=number, matcher=dict(matcher), reason=wanted.reason, times=times)
    found = silences.get(work.connection, number)
    assert found is not None
    return found


def end(work: Work, id: int, *, by: str) -> Silence:
    """End a silence before its time. Idempotent.

    Raises:
        RequestError: there is none of that number.
    """
    found = silences.get(work.connection, id)
    if found is None:
        raise RequestError(f"there is no silence {id}; see: yuqing silence list")
    if found.ends_at > work.now:
        silences.end(work.connection, id, now=work.now)
        work.audit("silence.ended", actor=by, silence=id)
    return silences.get(work.connection, id) or found


def look(work: Work) -> None:
    """Tell of the silences that are over: each person what they were not told, in one message."""
    for each in silences.ended(work.connection, now=work.now):
        silences.summarised(work.connection, each.id, now=work.now)
        rows = folding.suppressed_by(work.connection, f"silence:{each.id}")
        gone = [row for row in rows if is_gone(work, row)]
        for row in gone:
            event = events.get(work.connection, row.event) if row.event else None
            if event is None or event.state.is_live:
                pass_on(work, row)
        rows = [row for row in rows if row not in gone]
        rows.sort(key=lambda row: (row.recipient, row.id))
        for _, own in groupby(rows, key=lambda row: row.recipient):
            _summarise(work, each, list(own))


def _summarise(work: Work, silence: Silence, rows: list[DeliveryRow]) -> None:
    recipient = work.settings.recipient(rows[0].recipient)
    if recipient is None:
        return
    content = bundle.render(
        [as_folded(work, row) for row in rows],
        organisation=work.settings.organisation,
        language=recipient.language,
        timezone=work.settings.timezone,
        templates=work.settings.templates,
        silence=f"{silence.author}: {silence.reason}",
    )
    tell_of_template(work, content)
    level = max((row.level for row in rows), default=Level.GENERAL)
    alert = Alert(event=None, purpose=f"silence:{silence.id}", level=level, reason=silence.reason, roles=())
    key = delivery_key(ALL, alert.purpose, rows[0].channel, recipient.id)
    address = Address(channel=rows[0].channel, to=rows[0].to)
    if promise(work, alert, key, rows[0].role, recipient, address, content):
        summary = outbox.by_key(work.connection, key)
        assert summary is not None
        folding.set_parent(work.connection, [row.id for row in rows], summary.id)
        work.audit("silence.summarised", silence=silence.id, key=key, number=len(rows))
