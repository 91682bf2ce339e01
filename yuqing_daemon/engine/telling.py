"""An alert becomes deliveries: one for each recipient of its roles, over the first of the recipient's channels."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from ..domain import Address, Alert, DeliveryState, Event, Level, Notice, Recipient
from ..rules import escalate, gate, hours, notice, route, subscriptions
from ..rules.gate import Waiting
from ..store import events, outbox, posts
from ..store.outbox import DeliveryRow
from .folding import ALL
from .letters import Letter
from .reach import OPS, OPS_LEVEL, has_role, held, operators, reachable
from .work import Work

HOPEFUL = frozenset(DeliveryState) - {DeliveryState.DEAD, DeliveryState.CANCELLED, DeliveryState.EXPIRED}


def tell(work: Work, event: Event, alert: Alert) -> None:
    """Promise the alert to everybody who holds one of its roles; a role nobody can be reached in is stood in for."""
    letter = Letter(work, event, alert)
    for role in alert.roles:
        people = reachable(work.settings, role, alert.level, now=work.now)
        for recipient in people:
            _tell_one(letter, role, recipient, route.addresses(recipient, alert.level)[0])
        if not people:
            _hand_over(work, event, alert, role, why="nobody holds this role with a channel for this level")


def tell_person(work: Work, event: Event, alert: Alert, recipient: Recipient) -> None:
    """Promise an alert to one listed person, whatever their roles."""
    order = route.addresses(recipient, alert.level)
    role = recipient.roles[0] if recipient.roles else ""
    if order:
        _tell_one(Letter(work, event, alert), role, recipient, order[0])
    else:
        why = "no channel for this level"
        work.audit("alert.nobody_left", event=event.id, role=role, purpose=alert.purpose, why=why)


def tell_subscribers(work: Work, event: Event, alert: Alert) -> None:
    """Promise the alert to those who asked to hear of such events (R18): one crawl, many subscribers."""
    settings = work.settings
    if not settings.subscriptions:
        return
    members = posts.get(work.connection, events.posts_of(work.connection, event.id)[:50])
    words = "\n".join(f"{post.title}\n{post.text}" for post in members)
    told = {row.recipient for row in outbox.of_purpose(work.connection, event.id, alert.purpose)}
    letter = Letter(work, event, replace(alert, purpose=subscriptions.PREFIX + alert.purpose))
    for subscription in settings.subscriptions:
        if not subscriptions.fits(subscription, event, words):
            continue
        opens_at = hours.next_opening(subscription.hours, work.now, settings.timezone)
        people = (
            (settings.recipient(subscription.person),) if subscription.person else settings.holders(subscription.role)
        )
        for recipient in filter(None, people):
            ways = route.addresses(recipient, alert.level)
            ways = tuple(way for way in ways if not subscription.channels or way.channel in subscription.channels)
            if ways and recipient.id not in told:
                told.add(recipient.id)
                _tell_one(letter, subscription.role, recipient, ways[0], not_before=opens_at)


def _tell_one(
    letter: Letter, role: str, recipient: Recipient, address: Address, *, not_before: datetime | None = None
) -> None:
    work, event, alert = letter.work, letter.event, letter.alert
    key = delivery_key(event.code, alert.purpose, address.channel, recipient.id)
    if outbox.exists(work.connection, key):
        return  # told already, in another of their roles
    content = letter.to(recipient, role, key)
    tell_of_template(work, content)
    if promise(work, alert, key, role, recipient, address, content, not_before=not_before, rev=event.rev):
        told = {"key": key, "role": role, "recipient": recipient.id, "channel": address.channel}
        work.audit("alert.planned", event=event.id, **told, level=alert.level.name, reason=alert.reason)


def fall_back(work: Work, row: DeliveryRow, *, why: str) -> None:
    """Try the recipient's next channel; if it was the last, and nobody of the role is left, tell the next role."""
    outbox.save(work.connection, row.id, fallback_at=None)
    if is_gone(work, row):
        pass_on(work, row)
        return
    recipient = work.settings.recipient(row.recipient)
    address = _next_address(work, row, recipient) if recipient else None
    alert = Alert(event=row.event, purpose=row.purpose, level=row.level, reason=row.reason, roles=(row.role,))
    if recipient and address:
        key = delivery_key(row.key.partition(":")[0], row.purpose, address.channel, recipient.id)
        if promise(work, alert, key, row.role, recipient, address, row.notice, rev=row.rev):
            work.audit("delivery.fell_back", event=row.event, key=row.key, to_channel=address.channel, why=why)
            outbox.inherit(work.connection, row.id, key)
        return
    folded = outbox.folded_into(work.connection, row.id) if row.state is DeliveryState.DEAD else []
    for each in folded:
        outbox.save(work.connection, each.id, state=DeliveryState.DEAD.value, detail=f"{row.key}: {why}")
    for each in folded or [row]:
        _look_for_another(work, each, why)


def _next_address(work: Work, row: DeliveryRow, recipient: Recipient) -> Address | None:
    """The channel to try next; of what somebody merely asked to hear of, among the channels they asked for."""
    only = frozenset[str]()
    if row.purpose.startswith(subscriptions.PREFIX):
        only = subscriptions.channels(work.settings.subscriptions, recipient, row.role)
    return route.next_address(recipient, row.level, after=row.channel, only=only)


def remind_elsewhere(work: Work, row: DeliveryRow) -> None:
    """Accepted, and nobody has acknowledged: the recipient's next channel is tried, if there is one (R28)."""
    outbox.save(work.connection, row.id, fallback_at=None)
    event = events.get(work.connection, row.event) if row.event else None
    recipient = work.settings.recipient(row.recipient)
    if event is None or recipient is None or event.is_acknowledged or not event.state.is_live or is_gone(work, row):
        return
    rule = work.regime_of(event.id).rule(event.level)
    if not route.given_up(row.purpose) and row.role not in escalate.roles_told(rule, steps=len(rule.steps)):
        return  # by the regime that is in force now it is nothing to them any more
    if _next_address(work, row, recipient):
        fall_back(work, row, why="accepted, and not acknowledged in time")


def _look_for_another(work: Work, row: DeliveryRow, why: str) -> None:
    """The recipient cannot be reached: if none of the role is left, the next role is told."""
    siblings = outbox.of_purpose(work.connection, row.event, row.purpose)
    if any(other.role == row.role and other.state in HOPEFUL for other in siblings):
        return
    alert = Alert(event=row.event, purpose=row.purpose, level=row.level, reason=row.reason, roles=(row.role,))
    event = events.get(work.connection, row.event) if row.event else None
    if row.word in route.CORRECTIONS or row.purpose.startswith(subscriptions.PREFIX):
        return  # a dead letter, and no more: nobody else was told what it corrects, or asked for it
    if event is None:
        work.audit("operators.nobody_left", key=row.key, why=why)
    else:
        _hand_over(work, event, alert, row.role, why=why)


def _hand_over(work: Work, event: Event, alert: Alert, role: str, *, why: str) -> None:
    """A role never ends with nobody told: the next in line is told, and told why (R29)."""
    regime = work.regime_of(event.id)
    tried = [*route.given_up(alert.purpose), *alert.roles]
    heir = route.stand_in(role, regime, held(work.settings, alert.level), tried=tried)
    if heir is None:
        work.audit("alert.nobody_left", event=event.id, role=role, purpose=alert.purpose, why=why)
        return
    work.audit("alert.handed_over", event=event.id, role=role, to=heir, purpose=alert.purpose, why=why)
    purpose = route.handover_purpose(role, alert.purpose)
    said = why.replace("; ", ", ")  # one reason, and what it was told for is another
    reason = f"nobody could be reached as {regime.roles.get(role, role)}: {said}; {alert.reason}".removesuffix("; ")
    tell(work, event, replace(alert, purpose=purpose, reason=reason, roles=(heir,)))


def is_gone(work: Work, row: Waiting) -> bool:
    """Whether a notice is for a role that its recipient no longer has; what goes to them by name is theirs."""
    if not row.role or has_role(work.settings, row.recipient, row.role):
        return False
    if row.purpose.startswith(subscriptions.PREFIX):
        return all(each.person != row.recipient for each in work.settings.subscriptions)
    event = events.get(work.connection, row.event) if row.event else None
    return not (route.is_by_name(row.purpose) or (event and event.department == row.recipient))


def pass_on(work: Work, row: DeliveryRow) -> None:
    """What waits for somebody who no longer has the role goes to whoever has it now, or stands in for it."""
    if row.state not in (DeliveryState.DEAD, DeliveryState.SUPPRESSED):
        done = {"state": DeliveryState.CANCELLED.value, "detail": f"{row.recipient} is no longer {row.role}"}
        outbox.save(work.connection, row.id, **done, token="", fallback_at=None, parent=None)
    work.audit("delivery.passed_on", event=row.event, key=row.key, recipient=row.recipient, role=row.role)
    alert = Alert(event=row.event, purpose=row.purpose, level=row.level, reason=row.reason, roles=(row.role,))
    event = events.get(work.connection, row.event) if row.event else None
    if event is None:
        _tell_plainly(work, alert, row)
    elif row.purpose.startswith(subscriptions.PREFIX):
        tell_subscribers(work, event, replace(alert, purpose=row.purpose.removeprefix(subscriptions.PREFIX)))
    else:
        tell(work, event, alert)


def _tell_plainly(work: Work, alert: Alert, row: DeliveryRow) -> None:
    """What is about no event goes in the same words to who is on duty, or to those who run the daemon."""
    people = reachable(work.settings, row.role, row.level, now=work.now)
    role = row.role if people else OPS
    for recipient in people or operators(work.settings, now=work.now)[1]:
        address = route.addresses(recipient, row.level)[0]
        key = delivery_key(row.key.partition(":")[0], row.purpose, address.channel, recipient.id)
        promise(work, alert, key, role, recipient, address, row.notice)


def tell_operators(work: Work, purpose: str, subject: str, text: str, *, avoid: str = "") -> None:
    """Promise a word to those who run the daemon, or to who stands in for them; the same purpose is told once.

    ``avoid``: the channel that is the trouble; another one is used if there is one.
    """
    role, people = operators(work.settings, now=work.now)
    if not role:
        work.audit("operators.nobody_left", purpose=purpose, subject=subject)
        return
    alert = Alert(event=None, purpose=purpose, level=OPS_LEVEL, reason=subject, roles=(role,))
    content = notice.render_plain(subject=subject, text=text)
    for recipient in people:
        ways = route.addresses(recipient, OPS_LEVEL)
        address = next((way for way in ways if way.channel != avoid), ways[0])
        key = delivery_key(OPS, purpose, address.channel, recipient.id)
        if promise(work, alert, key, role, recipient, address, content):
            work.audit("operators.told", key=key, recipient=recipient.id, subject=subject)


def tell_of_template(work: Work, content: Notice) -> None:
    """The operators hear of a template of the organisation's own that failed, and that a built-in one stood in for."""
    if error := content.data.get("template_error"):
        tell_operators(work, f"ops:template:{work.now:%Y%m%d}", "a template of yours failed", str(error))


def delivery_key(code: str, purpose: str, channel: str, recipient: str) -> str:
    """What names one delivery for ever, made of facts: the same on every attempt, and after every crash."""
    return f"{code}:{purpose}:{channel}:{recipient}"


def promise(
    work: Work,
    alert: Alert,
    key: str,
    role: str,
    recipient: Recipient,
    address: Address,
    content: Notice,
    *,
    not_before: datetime | None = None,
    rev: int = 0,
) -> bool:
    """Put one delivery into the outbox, to be sent after COMMIT; ``False`` if it was promised before.

    It waits for the end of the recipient's quiet hours, unless its level passes or a clock has run out.
    """
    regime = work.regime_of(alert.event) if alert.event else work.settings.regime
    rule = regime.rule(alert.level)
    ready_at = work.now + _group_wait(work, alert)
    due_at = max(not_before or ready_at, quiet_until(work, recipient, alert) or ready_at)
    row = DeliveryRow(
        key=key,
        event=alert.event,
        purpose=alert.purpose,
        level=alert.level,
        role=role,
        recipient=recipient.id,
        channel=address.channel,
        to=address.to,
        notice=content,
        created_at=work.now,
        due_at=due_at,
        fallback_at=due_at + rule.fallback_after,
        deadline=due_at + rule.give_up_after,
        reason=alert.reason,
        rev=rev,
        rank=gate.rank(alert.purpose, alert.level),
    )
    return outbox.add(work.connection, row)


def _group_wait(work: Work, alert: Alert) -> timedelta:
    """How long a new event's first word waits for what else comes; a rise never waits, nor what is extraordinary."""
    is_first = (
        route.first_purpose(alert.purpose).removeprefix(subscriptions.PREFIX) == "found"
        and alert.level < Level.EXTRAORDINARY
    )
    return work.settings.notices.group_wait if is_first else timedelta(0)


def quiet_until(work: Work, recipient: Recipient, of: Alert | Waiting) -> datetime | None:
    """Until when its recipient is not to be disturbed with it; ``None``: it may go now, as what is of no event."""
    quiet = work.settings.quiet.get(recipient.id)
    is_bundle = isinstance(of, Waiting) and of.key.startswith(f"{ALL}:")
    if quiet is None or (of.event is None and not is_bundle):
        return None
    return hours.held_until(
        quiet.hours,
        work.now,
        work.settings.timezone,
        level=of.level,
        passes_from=quiet.passes_from,
        breach=route.first_purpose(of.purpose).startswith("breach:"),
    )


def write_anew(work: Work, row: DeliveryRow) -> Notice:
    """The words of a notice that waited, as things stand now; kept, so that every attempt sends the same."""
    event = events.get(work.connection, row.event) if row.event else None
    recipient = work.settings.recipient(row.recipient)
    if event is None or recipient is None or not row.rev:
        return row.notice
    asks_in_vain = event.is_acknowledged and bool(row.notice.data.get("link"))
    if event.rev == row.rev and not asks_in_vain:
        return row.notice
    alert = Alert(event=row.event, purpose=row.purpose, level=row.level, reason=row.reason, roles=(row.role,))
    content = Letter(work, event, alert).to(recipient, row.role, row.key)
    outbox.rewrite(work.connection, row.id, content, rev=event.rev)
    return content
