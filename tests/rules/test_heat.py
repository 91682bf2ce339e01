"""Totals over an event's posts (R2, R7)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from yuqing_daemon.domain import Heat, Post, Reading
from yuqing_daemon.rules.heat import measure

AT = datetime(2025, 3, 1, tzinfo=UTC)


def post(url: str, *, site: str = "", source: str = "bbs", mainstream: bool = False) -> Post:
    return Post(url=url, source=source, site=site, mainstream=mainstream, title="酸奶里有异物", fetched_at=AT)


def reading(url: str, *, minutes: int = 0, **counts: int) -> Reading:
    return Reading(url=url, at=AT + timedelta(minutes=minutes), **counts)


def test_comments_and_reads_of_all_posts_count_together() -> None:
    readings = [reading("a", reads=600, comments=40), reading("b", reads=400, comments=60, reposts=3)]
    assert measure([post("a"), post("b")], readings) == Heat(reads=1000, comments=100, reposts=3, posts=2)


def test_of_several_readings_of_a_post_the_highest_counts_also_when_the_counter_falls() -> None:
    readings = [reading("a", reads=900), reading("a", minutes=10, reads=1200), reading("a", minutes=20, reads=800)]
    assert measure([post("a")], readings).reads == 1200
    assert measure([post("a")], reversed(readings)).reads == 1200


def test_each_counter_keeps_its_own_highest() -> None:
    readings = [reading("a", reads=900, comments=5), reading("a", minutes=10, reads=850, comments=9)]
    heat = measure([post("a")], readings)
    assert (heat.reads, heat.comments) == (900, 9)


def test_a_post_that_does_not_say_adds_nothing_and_makes_nothing_zero() -> None:
    assert measure([post("a"), post("b")], [reading("a", reads=900)]).reads == 900
    assert measure([post("a")], [reading("a", comments=3)]).reads is None
    assert measure([post("a")], []) == Heat(posts=1)


def test_zero_reads_are_zero_not_unknown() -> None:
    assert measure([post("a")], [reading("a", reads=0)]).reads == 0


def test_the_heat_value_of_a_site_is_never_counted_as_reads() -> None:
    assert measure([post("a")], [reading("a", hot=3_000_000)]) == Heat(posts=1)


def test_a_mainstream_site_counts_once_and_other_sites_not_at_all() -> None:
    posts = [
        post("a", site="daily.example", mainstream=True),
        post("b", site="daily.example", source="daily-economy", mainstream=True),
        post("c", site="evening.example", mainstream=True),
        post("d", site="blog.example"),
    ]
    assert measure(posts, []).mainstream == 2


def test_a_source_without_a_site_stands_for_itself() -> None:
    posts = [post("a", source="daily", mainstream=True), post("b", source="evening", mainstream=True)]
    assert measure(posts, []).mainstream == 2


def test_readings_of_posts_of_other_events_are_left_out() -> None:
    assert measure([post("a")], [reading("b", reads=5000)]).reads is None


def test_a_post_given_twice_counts_once() -> None:
    assert measure([post("a"), post("a")], [reading("a", reads=10)]) == Heat(reads=10, posts=1)


def test_an_event_without_posts_has_no_heat() -> None:
    assert measure([], []) == Heat()
