"""The story of one result and of one tick: the only place where rules, plugins and the store meet.

    result -> store -> match -> group -> measure -> alert -> COMMIT          (visits, grouping, judging, alerts)
    tick   -> what is due: steps, repetitions, fallbacks, ends                (timers)
    outbox -> claim -> (a sender) -> record                                   (sending)

Every method is one transaction. Facts go in, decisions come from ``rules/`` with their reasons, and event, audit
entries, timers and deliveries are written together or not at all.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from ..bus.messages import Job, Lost, Result
from ..config import Settings
from ..domain import (
    Act,
    Advice,
    Callback,
    Consultation,
    Delivery,
    Event,
    Level,
    Notice,
    Outcome,
    Post,
    Reading,
    Reply,
    Signal,
)
from ..plugins import Plugins
from ..rules.drill import Drill
from ..rules.periodicals import Issue
from ..rules.silence import Silence
from ..store import Store, outbox, plugin_states, quarantine, sources
from ..store import drills as drill_store
from ..store import health as health_store
from . import (
    acts,
    advice,
    by_hand,
    canaries,
    corrections,
    drills,
    health,
    hearing,
    issuing,
    judging,
    learning,
    links,
    naming,
    pacing,
    people,
    sending,
    silencing,
    timers,
    visits,
)
from .letters import evidence
from .links import Link
from .work import ACTOR, Work

__all__ = ["Engine"]

log = logging.getLogger(__name__)

PACE_EVERY = timedelta(minutes=10)


class Engine:
    """The only writer of the store. Its methods may be called from several threads; they take turns."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        plugins: Plugins,
        *,
        secret: bytes,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self.store = store
        self.settings = settings
        self.plugins = plugins
        self._secret = secret
        self._draw = draw
        self._paced_at: datetime | None = None
        self._unnamed_below: int | None = None  # events that may still want key words; None: all

    @contextmanager
    def _work(self, now: datetime) -> Iterator[Work]:
        with self.store.write() as connection:
            work = Work(
                connection=connection,
                settings=self.settings,
                plugins=self.plugins,
                secret=self._secret,
                now=now,
                draw=self._draw,
            )
            yield work
            judging.plan_looks(work)
            work.close_record()
        for entry in work.entries:  # stored by now
            for _ in self.plugins.ask("on_audit", entry=entry):
                pass

    # -- crawling -------------------------------------------------------------------------------------

    def begin(self, *, now: datetime) -> None:
        """Take up what a former run left: every configured source has a row, every claim is given back."""
        with self._work(now) as work:
            pacing.register(work)
            sending.give_back(work, everything=True)
            drills.end(work, fault="the daemon ended while it was under way")
            sending.abandon(work)
            corrections.relieve_all(work, by=ACTOR)  # for what was changed while no daemon ran
            plugin_states.save(work.connection, self.plugins.entries.values())

    def jobs(self, *, now: datetime, busy: Collection[str], room: int) -> list[Job]:
        """The crawls that are due, at most ``room``, one a host, none for the ``busy`` hosts."""
        with self._work(now) as work:
            return pacing.jobs(work, busy=busy, room=room)

    def take(self, *results: Result, now: datetime) -> None:
        """Take in what visits found, and let the sources' states advance, all or nothing."""
        with self._work(now) as work:
            for result in results:
                visits.take(work, result)

    def take_posts(
        self, posts: tuple[Post, ...], readings: tuple[Reading, ...], *, baseline: bool = False, now: datetime
    ) -> None:
        """Take in posts and readings that come from no visit: a replay, or one part of a result taken apart."""
        with self._work(now) as work:
            visits.absorb(work, posts, readings, baseline=baseline)

    def is_first_visit(self, source: str) -> bool:
        """Whether a source was never read before."""
        with self.store.read() as connection:
            row = sources.get(connection, source, state=False)
        return row is None or row.first_read_at is None

    def lost(self, lost: Lost, *, now: datetime) -> None:
        """Take note of a crawl that came to nothing."""
        with self._work(now) as work:
            visits.lost(work, lost)

    def failed(self, key: str, what: str, error: str, *, now: datetime) -> bool:
        """Count a failure of the engine itself over one thing; ``True`` when it is left alone from now on.

        Then a person is asked to look at it: what the engine cannot judge is not simply gone.
        """
        with self._work(now) as work:
            quarantine.count(work.connection, key, what, error, now=now)
            left_alone = quarantine.holds(work.connection, key)
            if left_alone:
                text = f"Unclassified, please read it yourself: {what}\n\n{error}"
                people.tell_operators(work, f"ops:{key}", "something could not be judged", text)
            return left_alone

    def is_quarantined(self, key: str) -> bool:
        """Whether that thing has failed so often that it is left alone."""
        with self.store.read() as connection:
            return quarantine.holds(connection, key)

    # -- time -----------------------------------------------------------------------------------------

    def due(self, *, now: datetime) -> list[timers.Due]:
        """What is due by now; each is fired by itself, so that one that fails holds up no other."""
        with self.store.read() as connection:
            return timers.due(connection, now=now)

    def fire(self, due: timers.Due, *, now: datetime) -> None:
        """Let one due thing happen; a second call does nothing."""
        with self._work(now) as work:
            timers.fire(work, due)

    def put_off(self, due: timers.Due, error: str, *, now: datetime) -> None:
        """Try a due thing that failed again in an hour, and tell the operators."""
        with self._work(now) as work:
            timers.put_off(work, due, error)

    def clock_jumped(self, by: timedelta, *, now: datetime) -> None:
        """The wall clock was set, forward or back; it is on record, and nobody waits for longer because of it."""
        with self._work(now) as work:
            sending.clock_jumped(work, by)

    def housekeeping(self, *, now: datetime) -> None:
        """What is done now and then: stale claims are freed, old posts that matched nothing are dropped."""
        with self._work(now) as work:
            pacing.register(work)  # in case a reload could not be written
            timers.housekeeping(work)
            unnamed_below = naming.catch_up(work, below=self._unnamed_below)
            plugin_states.save(work.connection, self.plugins.entries.values())
            if self._paced_at is None or now - self._paced_at >= PACE_EVERY:
                self._paced_at = now
                pacing.set_pace(work)
        self._unnamed_below = unnamed_below

    def issues_due(self, *, now: datetime) -> list[Issue]:
        """The daily and weekly digests that are due and were not sent (R25)."""
        with self._work(now) as work:
            return issuing.due(work)

    def issue(self, issue: Issue, papers: Mapping[str, Notice], *, now: datetime) -> None:
        """Promise a digest to those who are to get it; ``papers`` by language. A second call does nothing."""
        with self._work(now) as work:
            issuing.issue(work, issue, papers)

    # -- sending --------------------------------------------------------------------------------------

    def has_due(self, channel: str, *, now: datetime, urgent: bool = False) -> bool:
        """Whether a channel has something to send: a look that costs no writing."""
        with self.store.read() as connection:
            return outbox.has_due(connection, channel, now=now, urgent=urgent)

    def claim(self, channel: str, *, token: str, now: datetime, limit: int, urgent: bool = False) -> list[Delivery]:
        """Take due deliveries of a channel, to be sent outside of any transaction.

        ``urgent``: only the first words of extraordinary events.
        """
        with self._work(now) as work:
            return sending.claim(work, channel, token=token, limit=limit, urgent=urgent)

    def hear(self, channel: str, token: str, callback: Callback, *, now: datetime) -> Reply:
        """Take in what was sent to a channel's callback address; returns what is to be answered.

        Raises:
            RequestError: the address is not ours, or nobody can read what was sent.
        """
        with self._work(now) as work:
            reply, words = hearing.hear(work, channel, token, callback)
        return reply(words) if callable(reply) else reply

    def unreceipted(self, *, now: datetime) -> list[Delivery]:
        """What providers may be asked about, as senders know it."""
        with self._work(now) as work:
            return hearing.unreceipted(work)

    def told(self, channel: str, signal: Signal, *, now: datetime) -> None:
        """Take in what a provider told when it was asked."""
        with self._work(now) as work:
            hearing.take(work, channel, signal)

    def callback_path(self, channel: str) -> str:
        """Where a channel's provider may tell of receipts and answers."""
        return f"/callback/{channel}/{hearing.token(self._secret, channel)}"

    def requeue(self, key: str, *, by: str, now: datetime) -> None:
        """Let a dead letter live again; raises ``RequestError`` if there is none of that key."""
        with self._work(now) as work:
            sending.requeue(work, key, by=by)

    def record(self, delivery: Delivery, outcome: Outcome, *, token: str, now: datetime) -> bool:
        """Keep what came of an attempt; ``False`` if the claim no longer stood, and nothing was changed."""
        with self._work(now) as work:
            return sending.record(work, delivery, outcome, token=token)

    def set_silence(
        self,
        matcher: Mapping[str, str],
        *,
        starts_at: datetime | None = None,
        ends_at: datetime,
        by: str,
        reason: str,
        now: datetime,
    ) -> Silence:
        """Tell nobody what matches until then; raises ``RequestError`` if that may not be."""
        with self._work(now) as work:
            return silencing.add(work, matcher, starts_at=starts_at, ends_at=ends_at, by=by, reason=reason)

    def end_silence(self, id: int, *, by: str, now: datetime) -> Silence:
        """End a silence before its time; raises ``RequestError`` if there is none."""
        with self._work(now) as work:
            return silencing.end(work, id, by=by)

    # -- people ---------------------------------------------------------------------------------------

    def acknowledge(self, code: str, *, by: str, how: str, now: datetime) -> Event:
        """Somebody takes an event over (R28). Idempotent: a second one changes nothing.

        Raises:
            RequestError: there is no such event, or it is closed.
        """
        with self._work(now) as work:
            return people.acknowledge(work, code, by=by, how=how)

    def press_link(self, token: str, *, seen: Level | None = None, now: datetime) -> Link:
        """The button of a link is pressed, by somebody who has seen the event at that level. Idempotent.

        Raises:
            RequestError: the link is none of ours.
        """
        with self._work(now) as work:
            return links.press(work, token, seen=seen)

    def read_link(self, token: str, *, now: datetime) -> tuple[Link, list[dict[str, Any]]]:
        """What a link stands for, without doing anything, and the posts to show."""
        with self._work(now) as work:
            link = links.read(work, token)
            return link, evidence(work, link.event)

    def act(
        self, code: str, what: Act, *, by: str, reason: str = "", data: Mapping[str, Any] | None = None, now: datetime
    ) -> Event:
        """Do something about an event (R8); the acts and what they take are those of ``engine.acts``. Idempotent.

        Raises:
            RequestError: it cannot be done, or wants a reason.
        """
        with self._work(now) as work:
            return acts.act(work, code, what, by=by, reason=reason, data=data)

    def next_consultation(self, *, now: datetime) -> Consultation | None:
        """What to ask somebody else about next; it is written down as asked. None if there is nothing, or no budget."""
        with self._work(now) as work:
            return advice.next_consultation(work)

    def record_advice(self, consultation: Consultation, given: Advice, *, now: datetime) -> None:
        """Keep what was answered: one more opinion."""
        with self._work(now) as work:
            advice.record(work, consultation, given)

    def unlearn(self, code: str, *, by: str, now: datetime) -> list[str]:
        """Take back what the last judgement on an event taught; the weights are what they were before it.

        Raises:
            RequestError: there is no such event, or nothing was learned from it.
        """
        with self._work(now) as work:
            return learning.undo(work, code, by=by)

    def add_by_hand(
        self,
        *,
        topic: str,
        title: str,
        url: str = "",
        text: str = "",
        unit: str = "",
        public_at: datetime | None = None,
        reason: str = "",
        by: str,
        now: datetime,
    ) -> Event:
        """Open an event that somebody else told us of; the record shows that we had not found it (R25).

        Raises:
            RequestError: the topic is unknown, or the post belongs to an event already.
        """
        with self._work(now) as work:
            told = by_hand.Told(topic=topic, title=title, url=url, text=text, unit=unit, public_at=public_at)
            return by_hand.add(work, told, by=by, reason=reason)

    def resume(self, source: str, *, by: str, now: datetime) -> None:
        """Visit a source again that was set aside or paused."""
        with self._work(now) as work:
            health.resume(work, source, by=by)

    def pause(self, source: str, *, reason: str, until: datetime, by: str, now: datetime) -> None:
        """Leave a source alone until an instant.

        Raises:
            RequestError: there is none of that id, no reason is given, or the instant is over.
        """
        with self._work(now) as work:
            health.pause(work, source, reason=reason, until=until, by=by)

    def reread_canaries(self, *, now: datetime) -> int:
        """Read the kept pages of a few sources again whose program or settings have changed; how many are left.

        The reading itself holds up no transaction.
        """
        with self.store.read() as connection:
            digests = health_store.canary_digests(connection)
            waiting = canaries.stale(digests, self.settings, self.plugins)
            batch = waiting[: canaries.AT_ONCE]
            pages = [(page, source) for source in batch for page in health_store.canaries(connection, source.id)]
        if pages:
            done = [canaries.reread(page, source, self.plugins) for page, source in pages]
            with self._work(now) as work:
                canaries.record(work, done, is_last=len(batch) == len(waiting))
        return len(waiting) - len(batch)

    def accept_canaries(self, source: str, *, by: str, now: datetime) -> int:
        """Take the kept pages of a source as they are read now for right; how many.

        Raises:
            RequestError: none of them reads otherwise than before.
        """
        with self._work(now) as work:
            return canaries.accept(work, source, by=by)

    def repin(self, source: str, *, by: str, now: datetime) -> None:
        """Find out again what a source is: its next visit follows what it finds then."""
        with self._work(now) as work:
            visits.repin(work, source, by=by)

    def test_notify(self, target: str, *, by: str, now: datetime, level: Level | None = None) -> list[str]:
        """Promise a test message to a recipient, a role or a channel; returns the deliveries' keys."""
        with self._work(now) as work:
            return people.test_notify(work, target, by=by, level=level)

    def begin_drill(self, *, wait: timedelta, by: str, now: datetime, **narrowed: str) -> Job:
        """Begin a drill, narrowed to a ``person``, ``role`` or ``channel``; its crawl is to be done at once.

        Raises:
            NotNow: one is under way.
            NotConfigured: nobody can be told that way.
        """
        with self._work(now) as work:
            return drills.begin(work, by=by, wait=wait, **narrowed)

    def take_drill(self, item: Result | Lost, *, clock: Callable[[], datetime], now: datetime) -> None:
        """Take in what came of a drill's crawl; ``clock`` times the steps."""
        with self._work(now) as work:
            drills.take(work, item, clock)

    def end_drill(self, fault: str, *, now: datetime) -> None:
        """End a drill that cannot go on."""
        with self._work(now) as work:
            drills.end(work, fault=fault)

    def drill(self, id: str) -> Drill | None:
        """The drill of that id, if it is under way."""
        with self.store.read() as connection:
            drill = drill_store.current(connection)
        return drill if drill and drill.id == id else None

    def tell_operators(self, purpose: str, subject: str, text: str, *, now: datetime) -> None:
        """Promise a word to those who run the daemon; the same purpose is told once."""
        with self._work(now) as work:
            people.tell_operators(work, purpose, subject, text)

    def reload(self, settings: Settings, *, by: str, now: datetime) -> None:
        """Go on with other settings. Open events keep the regime they opened under."""
        self.settings = settings
        with self._work(now) as work:
            pacing.register(work)
            work.audit("config.reloaded", actor=by, regime=settings.regime.version)
            sending.abandon(work)
            corrections.relieve_all(work, by=by)
