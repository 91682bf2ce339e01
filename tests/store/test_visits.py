"""Visits that bring nothing share a row, and every question about visits is answered as if each had its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from world import NOON, World

from yuqing_daemon.reports.blind import blind_spans
from yuqing_daemon.reports.facts import Blind
from yuqing_daemon.store import Store, health, schema, sources, spans

EVERY, TOOK = timedelta(minutes=5), timedelta(seconds=2)
MINUTE = timedelta(minutes=1)
Step = tuple[str, float]  # what a visit brought, minutes after the one before


def keep(store: Store, steps: Iterable[Step], *, joins: timedelta | None) -> None:
    at = NOON
    for brought, minutes in steps:
        at += minutes * MINUTE
        failed = brought == "failed"
        with store.write() as connection:
            sources.add_visit(
                connection, "forum", started_at=at, ended_at=at + TOOK, joins=joins if brought == "nothing" else None,
                outcome="failed" if failed else "read", error="timed out" if failed else "", trouble="network" * failed,
                links=3, pages=0, found=0, new=0,
            )  # fmt: skip


def blind(store: Store, since: datetime, until: datetime) -> tuple[Blind, ...]:
    """The blind times of the forum, without the names of the rows they are told from."""
    with store.read() as connection:
        found = blind_spans(
            spans.visits(connection, since=since, until=until), (), every={"forum": EVERY},
            seen_at=spans.last_visits(connection, before=since), since=since, until=until,
        )  # fmt: skip
    return tuple(replace(each, trace=()) for each in found)


def newest(store: Store) -> tuple[str, datetime, str]:
    """What is asked after a visit without an answer: the last one of anybody."""
    with store.read() as connection:
        return next(health.answers(connection, after=datetime.min.replace(tzinfo=UTC), most=1))


@pytest.fixture(scope="module")
def stores() -> Iterator[dict[timedelta | None, Store]]:
    """One that keeps visits as the daemon does, one in which each has a row."""
    made = {joins: Store.in_memory() for joins in (3 * EVERY, None)}
    yield made
    for store in made.values():
        store.close()


BROUGHT = st.sampled_from(["nothing", "nothing", "nothing", "news", "failed"])
STEPS = st.lists(st.tuples(BROUGHT, st.sampled_from([1.0, 5, 15, 16, 40])), min_size=1, max_size=30)


@settings(deadline=None, max_examples=300)
@given(steps=STEPS, since=st.integers(-60, 400), minutes=st.integers(1, 500))
def test_when_a_source_was_not_heard_is_answered_alike_for_every_history_and_span(
    stores: dict[timedelta | None, Store], steps: list[Step], since: int, minutes: int
) -> None:
    begin = NOON + since * MINUTE
    for joins, store in stores.items():
        with store.write() as connection:
            connection.execute(delete(schema.visit))
        keep(store, steps, joins=joins)
    shared, single = (blind(store, begin, begin + minutes * MINUTE) for store in stores.values())
    assert shared == single
    assert len({newest(store) for store in stores.values()}) == 1


def test_a_quiet_day_is_one_row_and_whatever_happens_is_one_of_its_own(world: World) -> None:
    def rows() -> list[tuple[int, bool]]:
        with world.engine.store.read() as connection:
            table = schema.visit
            query = select(table.c.number, table.c.since).where(table.c.source == "forum").order_by(table.c.id)
            return [(row.number, row.since is not None) for row in connection.execute(query)]

    def quiet(times: int) -> None:
        for _ in range(times):
            world.clock.pass_(minutes=5)
            world.visit("forum")

    before = sum(number for number, _ in rows())
    quiet(288)
    assert len(rows()) == 1
    post = world.post()
    world.visit("forum", post)
    quiet(3)
    world.read(post, reads=9)
    quiet(2)
    world.clock.pass_(hours=-1)  # it was set
    quiet(2)
    assert rows() == [(before + 288, True), (1, False), (3, True), (1, False), (2, True), (1, True), (1, True)]
