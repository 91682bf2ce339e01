"""One message instead of many: what is too much for a person or a channel now comes together, with a count."""

from __future__ import annotations

from collections.abc import Sequence

from ..domain import DeliveryState, Level, Notice
from ..rules import bundle, gate
from ..rules.gate import Waiting
from ..store import events, folding, outbox
from ..store.outbox import DeliveryRow
from .work import Work

ALL = "all"  # the first part of the key of what is about more than one event
AUDITED = 50  # keys in one entry of the record


def fold(work: Work, rows: Sequence[Waiting], *, why: str) -> None:
    """Let deliveries to one recipient over one channel come in one message: that of the slot, or one that goes now."""
    level = max(row.level for row in rows)
    waits = why == "more than the recipient's budget"
    parent = _open(work, rows[0], level, waits=waits)
    folding.bundle(work.connection, [row.id for row in rows], parent.id, why=f"{why}: it comes in {parent.key}")
    keys = [row.key for row in rows]
    work.audit("delivery.bundled", into=parent.key, why=why, number=len(keys), keys=keys[:AUDITED])


def _open(work: Work, row: Waiting, level: Level, *, waits: bool) -> DeliveryRow:
    """The message to fold into: it is written when it leaves."""
    at = work.now
    while True:
        name, leaves = gate.slot(at, work.settings.notices.fold_every)
        name = name if waits else f"{name}now"
        found = folding.of_slot(work.connection, row.recipient, name)
        if found is None:
            break
        if found.state is DeliveryState.PENDING and not found.attempts:
            outbox.save(
                work.connection, found.id, level=int(max(level, found.level)), rank=int(max(level, found.level))
            )
            return found
        at = leaves
    rule = work.settings.regime.rule(level)
    due_at = leaves if waits else work.now
    purpose = f"{gate.DIGEST}:{name}"
    key = f"{ALL}:{purpose}:{row.channel}:{row.recipient}"
    recipient = work.settings.recipient(row.recipient)
    to = next((each.to for each in recipient.addresses if each.channel == row.channel), "") if recipient else ""
    opened = DeliveryRow(
        key=key,
        event=None,
        purpose=purpose,
        level=level,
        role="",
        recipient=row.recipient,
        channel=row.channel,
        to=to,
        notice=Notice(subject="", text="", short=""),
        created_at=work.now,
        due_at=due_at,
        fallback_at=due_at + rule.fallback_after,
        deadline=due_at + rule.give_up_after,
        rank=int(level),
        slot=name,
    )
    outbox.add(work.connection, opened)
    found = folding.of_slot(work.connection, row.recipient, name)
    assert found is not None
    return found


def write(work: Work, row: DeliveryRow) -> Notice:
    """The words of a message that takes in others, written once, when it is first sent."""
    recipient = work.settings.recipient(row.recipient)
    content = bundle.render(
        [as_folded(work, each) for each in outbox.folded_into(work.connection, row.id)],
        organisation=work.settings.organisation,
        language=recipient.language if recipient else work.settings.language,
        timezone=work.settings.timezone,
        templates=work.settings.templates,
    )
    outbox.rewrite(work.connection, row.id, content)
    return content


def as_folded(work: Work, row: DeliveryRow) -> bundle.Folded:
    """A delivery as one line of a message that stands for many; what nobody has to acknowledge any more has no link."""
    event = events.get(work.connection, row.event) if row.event else None
    is_open = event is not None and event.state.is_live and not event.is_acknowledged
    return bundle.Folded(
        key=row.key,
        event=row.event,
        purpose=row.purpose,
        level=row.level,
        at=row.created_at,
        subject=row.notice.subject,
        link=str(row.notice.data.get("link", "")) if is_open else "",
    )
