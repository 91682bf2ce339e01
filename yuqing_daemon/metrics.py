"""What a monitoring system asks for at ``/metrics``, in the words of Prometheus.

How things stand is read from the store when it is asked for; what happens is counted since the daemon began. No label
names a person, an address or a word of the topics.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from sqlalchemy.exc import SQLAlchemyError

from .bus.messages import Lost, Result
from .domain import Answer, Delivery, DeliveryState, Level, Outcome
from .rules import drill
from .rules.route import first_purpose
from .store import Store, gauges

FIRST_WORDS = frozenset({"found", "raise"})  # what somebody is told at first, of an event and of a level
ATTEMPT_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
NOTICE_SECONDS = (1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 86_400)
READABLE = "1, or 0 if the database cannot be read, and what is read from it is not told."
LATE_SECONDS = (0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 3600, 86_400)


class Metrics:
    """Counts what the daemon does, a drill aside. ``config_is_good``: whether the last reload was taken over."""

    def __init__(self, store: Store, *, now: Callable[[], datetime], config_is_good: Callable[[], bool]) -> None:
        self._store = store
        self._now = now
        self._config_is_good = config_is_good
        self._registry = CollectorRegistry()
        self._visits = self._counter("visits", "Visits to a source, by how they ended.", "source", "outcome")
        self._items = self._counter("items", "What visits brought.", "source", "result")
        self._attempts = self._counter("notifications", "Attempts to send, by answer.", "channel", "outcome")
        self._took = self._histogram("notification_latency", "How long an attempt took.", ATTEMPT_SECONDS, "channel")
        noticed = "From an event, or its rise to a level, to a first notice that was accepted."
        self._noticed = self._histogram("detection_to_notice", noticed, NOTICE_SECONDS, "level")
        self._late = self._histogram("timer_lateness", "How long after its time a timer fired.", LATE_SECONDS)
        self._registry.register(self)

    def crawled(self, item: Result | Lost) -> None:
        """A visit came back."""
        if item.source == drill.SOURCE:
            return
        if isinstance(item, Lost):
            self._visits.labels(item.source, "lost").inc()
            return
        self._visits.labels(item.source, item.visit.value).inc()
        for result, found in (("post", item.posts), ("reading", item.readings), ("unread", item.unread)):
            if found:
                self._items.labels(item.source, result).inc(len(found))

    def sent(self, delivery: Delivery, outcome: Outcome, took: timedelta) -> None:
        """An attempt to send has ended."""
        if drill.is_drill(delivery.purpose):
            return
        self._attempts.labels(delivery.channel.id, outcome.answer.value).inc()
        self._took.labels(delivery.channel.id).observe(took.total_seconds())
        if outcome.answer is not Answer.ACCEPTED or delivery.created_at is None:
            return
        if first_purpose(delivery.purpose).partition(":")[0] in FIRST_WORDS:
            waited = self._now() - delivery.created_at
            self._noticed.labels(delivery.level.name.lower()).observe(waited.total_seconds())

    def fired(self, lateness: Sequence[timedelta]) -> None:
        """Timers have fired."""
        for late in lateness:
            self._late.observe(late.total_seconds())

    def collect(self) -> Iterator[Metric]:
        """How things stand now; of a store that cannot be read, only that."""
        good = float(self._config_is_good())
        yield GaugeMetricFamily("yuqing_config_last_reload_successful", "1, or 0 if the old one is kept.", value=good)
        now = self._now()
        try:
            with self._store.read() as connection:
                seen = gauges.read(connection, now=now)
        except SQLAlchemyError:
            yield GaugeMetricFamily("yuqing_store_readable", READABLE, value=0.0)
            return
        yield GaugeMetricFamily("yuqing_store_readable", READABLE, value=1.0)
        oldest = (now - seen.oldest_due_at).total_seconds() if seen.oldest_due_at else 0.0
        yield _gauge("event_open", "Open events.", "level", {v.name.lower(): seen.open_events.get(v, 0) for v in Level})
        yield _gauge(
            "outbox_rows", "Notices.", "state", {v.value: seen.deliveries.get(v.value, 0) for v in DeliveryState}
        )
        yield GaugeMetricFamily(
            "yuqing_outbox_oldest_due_seconds", "How long the oldest due notice waits.", value=oldest
        )
        yield _gauge("sources", "Sources.", "state", seen.sources)
        visited = {source: at.timestamp() for source, at in seen.visited_at.items()}
        yield _gauge("last_crawl_timestamp_seconds", "The last visit to a source.", "source", visited)
        yield _counter("clock_breaches", "Duties that were not done in time.", "clock", seen.breaches)
        yield _counter("plugin_errors", "Failures of a plugin.", "plugin", seen.plugin_failures)

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(f"yuqing_{name}", what, labels, registry=self._registry)

    def _histogram(self, name: str, what: str, buckets: Sequence[float], *labels: str) -> Histogram:
        return Histogram(f"yuqing_{name}_seconds", what, labels, buckets=buckets, registry=self._registry)

    def text(self) -> bytes:
        """All of it, as it is asked for."""
        return generate_latest(self._registry)


def _gauge(name: str, what: str, label: str, values: dict[str, int] | dict[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"yuqing_{name}", what, labels=[label])
    for value, number in values.items():
        family.add_metric([value], number)
    return family


def _counter(name: str, what: str, label: str, values: dict[str, int]) -> CounterMetricFamily:
    family = CounterMetricFamily(f"yuqing_{name}", what, labels=[label])
    for value, number in values.items():
        family.add_metric([value], number)
    return family
