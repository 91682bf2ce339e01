"""One alert as it is written to each of those who are told."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any

from ..domain import Alert, Duty, DutyState, Event, Match, Notice, Opinion, Post, Reading, Recipient
from ..rules import ack_link, drill, notice
from ..rules.curve import curve_of
from ..store import duties, events, opinions, posts
from .work import Work

SHOWN = 5  # posts in a notice
DRAWN, DRAWN_READINGS = 30, 1000  # posts and readings of them up to which a notice has a curve


def evidence(work: Work, event: Event) -> list[dict[str, Any]]:
    """The posts that a notice shows, with what was found in them, as templates see them."""
    shown = events.first_and_last(work.connection, event.id, SHOWN - 1)
    found = [match for match in posts.matches(work.connection, shown) if match.topic == event.topic]
    return [notice.post_facts(post, found, work.settings.timezone) for post in posts.get(work.connection, shown)]


class Letter:
    """What an alert says is read once, whoever it goes to."""

    def __init__(self, work: Work, event: Event, alert: Alert) -> None:
        self.work, self.event, self.alert = work, event, alert

    def to(self, recipient: Recipient, role: str, key: str) -> Notice:
        """The notice for one recipient in one role; ``key`` is the delivery that its link acknowledges."""
        work, settings = self.work, self.work.settings
        shown, matches = self._evidence
        token = ack_link.make(work.secret, key, expires_at=work.now + settings.web.link_valid_for)
        is_real = not drill.is_drill(self.alert.purpose)  # of a drill nothing has to be done
        return notice.render_notice(
            alert=self.alert,
            event=self.event,
            topic=work.topic(self.event.topic),
            posts=shown,
            matches=matches,
            organisation=settings.organisation,
            recipient=recipient,
            role=settings.regime.roles.get(role, role),
            link=f"{settings.web.public_url}/ack/{token}",
            timezone=settings.timezone,
            now=work.now,
            templates=settings.templates,
            duties=self._owed if is_real else (),
            regime=work.regime_of(self.event.id),
            curve=self._course,
            opinions=self._thought,
        )

    @cached_property
    def _evidence(self) -> tuple[tuple[Post, ...], tuple[Match, ...]]:
        connection = self.work.connection
        shown = events.first_and_last(connection, self.event.id, SHOWN - 1)
        return posts.get(connection, shown), posts.matches(connection, shown)

    @cached_property
    def _owed(self) -> list[Duty]:
        return duties.of_event(self.work.connection, self.event.id, state=DutyState.OPEN)

    @cached_property
    def _thought(self) -> list[Opinion]:
        held = opinions.current(self.work.connection, [self.event.id]).get(self.event.id, [])
        return [each.opinion for each in opinions.standing(held)]

    @cached_property
    def _course(self) -> list[tuple[datetime, int | None, int | None]]:
        """The event's totals over time; none for an event too large to draw in passing (a bulletin does it)."""
        heat = self.event.heat
        if heat.posts > DRAWN or (heat.reads is None and heat.comments is None):
            return []
        connection = self.work.connection
        members = events.posts_of(connection, self.event.id)
        readings = posts.all_readings(connection, members, limit=DRAWN_READINGS + 1)
        if len(readings) > DRAWN_READINGS:
            return []
        found: dict[str, list[Reading]] = {}
        for reading in readings:
            found.setdefault(reading.url, []).append(reading)
        curve = curve_of(found)
        looks = ((at, curve.at(at)) for at in dict.fromkeys(curve.looks))
        return [(at, point.reads, point.comments) for at, point in looks if point is not None]
