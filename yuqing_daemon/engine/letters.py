"""One alert as it is written to each of those who are told."""

from __future__ import annotations

from functools import cached_property

from ..domain import Alert, Event, Match, Notice, Post, Recipient
from ..rules import ack_link, notice
from ..store import events, posts
from .work import Work

SHOWN = 5  # posts in a notice


class Letter:
    """What an alert says is read once, whoever it goes to."""

    def __init__(self, work: Work, event: Event, alert: Alert) -> None:
        self.work, self.event, self.alert = work, event, alert

    def to(self, recipient: Recipient, role: str, key: str) -> Notice:
        """The notice for one recipient in one role; ``key`` is the delivery that its link acknowledges."""
        work, settings = self.work, self.work.settings
        shown, matches = self._evidence
        token = ack_link.make(work.secret, key, expires_at=work.now + settings.web.link_valid_for)
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
        )

    @cached_property
    def _evidence(self) -> tuple[tuple[Post, ...], tuple[Match, ...]]:
        connection = self.work.connection
        shown = events.first_and_last(connection, self.event.id, SHOWN - 1)
        return posts.get(connection, shown), posts.matches(connection, shown)
