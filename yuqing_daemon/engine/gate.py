"""Before a due notice goes out: is it silenced, told already under another topic, too much at once, out of date?

What may go is returned; everything else gets the state that says what became of it, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from ..domain import DeliveryState, Event
from ..rules import gate, silence, throttle
from ..rules.gate import Waiting
from ..rules.silence import Silence
from ..store import clock, events, folding, outbox, posts, silences
from .folding import fold
from .telling import quiet_until
from .work import Work

LOOKED_AT = 200  # due deliveries in one look


def admit(work: Work, channel: str, *, limit: int, urgent: bool) -> list[int]:
    """The numbers of the deliveries that may go over a channel now, the gravest first, at most ``limit``."""
    while True:
        rows = outbox.waiting(work.connection, channel, now=work.now, limit=LOOKED_AT, urgent=urgent)
        look = _Look(work, channel, rows)
        admitted = look.admit(limit)
        if admitted or not look.changed:
            return admitted


@dataclass
class _Look:
    """One look at what is due on a channel."""

    work: Work
    channel: str
    rows: list[Waiting]
    changed: bool = False  # something got another state, so that there is more to look at
    _events: dict[int, Event] = field(default_factory=dict)
    _over: dict[tuple[str, str], list[Waiting]] = field(default_factory=dict)

    def admit(self, limit: int) -> list[int]:
        """Look at one after the other until enough may go."""
        admitted: list[int] = []
        for row in self.rows:
            if len(admitted) == limit:
                break
            if not self._holds_back(row) and not self._folds(row) and self._has_room(row, len(admitted)):
                admitted.append(row.id)
                self._used[row.recipient] = self._used.get(row.recipient, 0) + 1
        for (_, why), rows in self._over.items():
            fold(self.work, rows, why=why)
            self.changed = True
        return admitted

    # -- held back

    def _holds_back(self, row: Waiting) -> bool:
        if gate.has_expired(row, self.work.now):
            detail = "its time was over before it could be sent"
            done = {"state": DeliveryState.EXPIRED.value, "detail": detail, "fallback_at": None}
            outbox.save(self.work.connection, row.id, **done)
            self.work.audit("delivery.expired", event=row.event, key=row.key)
            self.changed = True
            return True
        if not row.attempts and self._waits_for_morning(row):
            return True
        found = None if row.attempts else self._reason_for_silence(row)
        if found is None:
            return False
        by, why = found
        folding.suppress(self.work.connection, row.id, by, why=why)
        self.work.audit("delivery.suppressed", event=row.event, key=row.key, by=by, why=why)
        self.changed = True
        return True

    def _waits_for_morning(self, row: Waiting) -> bool:
        """Whether it came due in quiet hours after all: the daemon was down meanwhile, or the clock was set."""
        recipient = self.work.settings.recipient(row.recipient)
        until = quiet_until(self.work, recipient, row) if recipient else None
        if until is None:
            return False
        clock.put_off(self.work.connection, row.id, until - row.due_at)
        self.changed = True
        return True

    def _reason_for_silence(self, row: Waiting) -> tuple[str, str] | None:
        if not silence.may_be_silent(row.purpose, row.level):
            return None
        for each in self._silences:
            if silence.matches(each, self._facts(row)):
                return f"silence:{each.id}", f"silenced by {each.author}: {each.reason}"
        return self._told_elsewhere(row) if row.event else None

    def _told_elsewhere(self, row: Waiting) -> tuple[str, str] | None:
        """Inhibition: the same posts are another live event of at least this level that the recipient was told of."""
        assert row.event is not None
        for number in events.elder(self.work.connection, row.event):
            elder = self._event(number)
            covers = elder.state.is_live and elder.level >= row.level and elder.topic != self._event(row.event).topic
            if covers and outbox.hears_of(self.work.connection, number, row.recipient):
                return f"event:{elder.code}", f"told as {elder.code} already, which holds the same posts"
        return None

    # -- too much

    def _folds(self, row: Waiting) -> bool:
        """Whether it comes in one message with others; only then is it worth one."""
        why = self._why_folded(row)
        if not why:
            return False
        self._over.setdefault((row.recipient, why), []).append(row)
        return True

    def _why_folded(self, row: Waiting) -> str:
        if not row.may_be_folded:
            return ""
        budget = self.work.settings.notices.per_person
        if budget and not throttle.Budget(most=budget, span=throttle.PERSON_SPAN).room(
            self._used.get(row.recipient, 0), urgent=False
        ):
            return "more than the recipient's budget"
        if gate.is_late_company(row, self.work.now) and self._company(row) > 1:
            return "waited with others"
        behind = self.work.now - row.due_at > gate.BACKLOG
        if behind and not self._room(urgent=False) and self._company(row) > 1:
            return "more than the channel bears"
        return ""

    def _company(self, row: Waiting) -> int:
        return sum(other.recipient == row.recipient and other.may_be_folded for other in self.rows)

    def _has_room(self, row: Waiting, admitted: int) -> bool:
        return self._room(urgent=row.is_urgent) > admitted

    def _room(self, *, urgent: bool) -> int:
        rooms = (budget.room(used, urgent=urgent) for budget, used in self._channel)
        return min(rooms, default=len(self.rows))

    @cached_property
    def _channel(self) -> list[tuple[throttle.Budget, int]]:
        budgets = throttle.of_channel(self.work.settings.channels[self.channel].options)
        count = folding.used_by_channel
        return [
            (budget, count(self.work.connection, self.channel, span=budget.span, now=self.work.now))
            for budget in budgets
        ]

    @cached_property
    def _used(self) -> dict[str, int]:
        if not self.work.settings.notices.per_person:
            return {}
        span = throttle.PERSON_SPAN
        return folding.used_by_people(self.work.connection, self.channel, span=span, now=self.work.now)

    # -- facts

    @cached_property
    def _silences(self) -> list[Silence]:
        return silences.active(self.work.connection, now=self.work.now)

    def _event(self, number: int) -> Event:
        if number not in self._events:
            found = events.get(self.work.connection, number)
            assert found is not None
            self._events[number] = found
        return self._events[number]

    def _facts(self, row: Waiting) -> dict[str, Collection[str]]:
        facts: dict[str, Collection[str]] = {
            "recipient": (row.recipient,),
            "channel": (row.channel,),
            "purpose": (row.word,),
            "level": (row.level.name.lower(),),
            "source": tuple(self._sources(row)),
        }
        if row.event:
            event = self._event(row.event)
            facts |= {"event": (event.code,), "topic": (event.topic,)}
        return facts

    def _sources(self, row: Waiting) -> Iterator[str]:
        """The source a word to the operators is about, or the only one that an event was found on."""
        words = row.purpose.split(":")
        if words[0] == "ops" and len(words) > 2 and words[1].startswith("source"):
            yield words[2]
        elif row.event:
            members = posts.get(self.work.connection, events.posts_of(self.work.connection, row.event), texts=False)
            found = {post.source for post in members}
            if len(found) == 1:
                yield from found
