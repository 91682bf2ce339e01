"""What a monitoring system reads at ``/metrics``."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families
from world import World

from yuqing_daemon.bus.messages import Lost, Result, Unread, Visit
from yuqing_daemon.domain import Act, Answer, DutyRule, Outcome, Post
from yuqing_daemon.metrics import Metrics


class Read:
    """The figures as a monitoring system has them."""

    def __init__(self, metrics: Metrics) -> None:
        families = text_string_to_metric_families(metrics.text().decode())
        self._values = {(s.name, *sorted(s.labels.values())): s.value for family in families for s in family.samples}

    def __call__(self, name: str, *labels: str) -> float | None:
        return self._values.get((f"yuqing_{name}", *sorted(labels)))


@pytest.fixture
def metrics(world: World) -> Metrics:
    return Metrics(world.engine.store, now=lambda: world.clock.now, config_is_good=lambda: False)


def test_events_notices_sources_and_breaches_are_read_from_the_record(world: World, metrics: Metrics) -> None:
    handing_over = DutyRule(
        id="handover",
        name="转办",
        name_en="hand over",
        on="found",
        owner="office",
        within="2h",
        done_by=(Act.HAND_OVER,),
    )
    world.configure(regime=replace(world.engine.settings.regime, duties=(handing_over,)))
    world.visit("forum", world.post())
    read = Read(metrics)
    assert read("event_open", "general") == 1
    assert read("event_open", "extraordinary") == 0
    assert read("outbox_rows", "pending") == len(world.deliveries())
    assert read("sources", "ok") == len(world.engine.settings.sources)
    assert read("last_crawl_timestamp_seconds", "forum") == world.clock.now.timestamp()
    assert read("clock_breaches_total", "handover") is None
    assert read("config_last_reload_successful") == 0
    world.pass_(hours=3)
    assert Read(metrics)("clock_breaches_total", "handover") == 1


def test_the_oldest_notice_that_is_due_shows_how_far_behind_we_are(world: World, metrics: Metrics) -> None:
    world.visit("forum", world.post())
    world.clock.pass_(minutes=3)
    assert Read(metrics)("outbox_oldest_due_seconds") == 180


def test_a_store_that_cannot_be_read_says_so_and_what_is_counted_is_told_all_the_same(
    world: World, metrics: Metrics
) -> None:
    metrics.crawled(Lost(job="2", source="forum", blamed=True, reason="killed"))
    assert Read(metrics)("store_readable") == 1
    with world.engine.store.write() as connection:
        connection.exec_driver_sql("alter table delivery rename to gone")
    read = Read(metrics)
    assert read("store_readable") == read("config_last_reload_successful") == 0
    assert read("visits_total", "forum", "lost") == 1
    assert read("event_open", "general") is None  # unknown is not zero


def test_from_the_event_to_the_first_accepted_notice_is_counted_and_reminders_are_not(
    world: World, metrics: Metrics
) -> None:
    world.visit("forum", world.post())
    world.clock.pass_(seconds=7)
    [delivery] = world.engine.claim("mail", token="t", now=world.clock.now, limit=1)
    metrics.sent(delivery, Outcome(answer=Answer.RETRY), timedelta(seconds=2))
    assert Read(metrics)("detection_to_notice_seconds_count", "general") is None
    metrics.sent(delivery, Outcome(answer=Answer.ACCEPTED), timedelta(seconds=2))
    read = Read(metrics)
    assert read("detection_to_notice_seconds_sum", "general") == 7
    assert read("notifications_total", "mail", "retry") == read("notifications_total", "mail", "accepted") == 1
    assert read("notification_latency_seconds_sum", "mail") == 4


def test_visits_are_counted_by_how_they_ended_and_by_what_they_brought(world: World, metrics: Metrics) -> None:
    at = world.clock.now
    result = Result(
        job="1",
        source="forum",
        visit=Visit.READ,
        started_at=at,
        ended_at=at,
        posts=(world.post(), world.post()),
        unread=(Unread(url="http://forum.example/x", error="500"),),
    )
    metrics.crawled(result)
    metrics.crawled(Lost(job="2", source="forum", blamed=True, reason="killed"))
    read = Read(metrics)
    assert read("visits_total", "forum", "read") == read("visits_total", "forum", "lost") == 1
    assert read("items_total", "forum", "post") == 2
    assert read("items_total", "forum", "unread") == 1
    assert read("items_total", "forum", "reading") is None


def test_no_figure_names_a_person_an_address_or_a_word(world: World, metrics: Metrics) -> None:
    world.visit("forum", world.post())
    for delivery in world.engine.claim("mail", token="t", now=world.clock.now, limit=9):
        metrics.sent(delivery, Outcome(answer=Answer.ACCEPTED), timedelta(seconds=2))
        for secret in (delivery.recipient, delivery.to, "http", "青禾"):
            assert secret not in metrics.text().decode()


def test_a_drill_is_not_counted(world: World, metrics: Metrics) -> None:
    job = world.engine.begin_drill(wait=timedelta(minutes=2), by="wang", channel="mail", now=world.clock.now)
    at, source = world.clock.now, job.source
    post = Post(url=source.urls[0], source=source.id, title="演练 DRILL", fetched_at=at)
    read = Result(job=job.id, source=source.id, visit=Visit.READ, started_at=at, ended_at=at, posts=(post,), state={})
    metrics.crawled(read)
    world.engine.take_drill(read, clock=lambda: at, now=at)
    for delivery in world.send(channels=("mail",)):
        metrics.sent(delivery, Outcome(answer=Answer.ACCEPTED), timedelta(seconds=2))
    told = Read(metrics)
    assert told("visits_total", source.id, "read") is told("notifications_total", "mail", "accepted") is None
    assert told("event_open", "general") == 0
