"""Looking for a post's relatives and planning its events costs the same however much is stored."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, event, text
from world import NOON, World

from yuqing_daemon import Reading
from yuqing_daemon.store import kin

LOOKUPS: list[Callable[[Connection], object]] = [
    lambda connection: kin.spread(connection, "quality", [1, 2, 3]),
    lambda connection: kin.relatives(connection, "quality", [1, 2, 3], since=NOON),
]


@pytest.mark.parametrize("look", LOOKUPS)
def test_relatives_are_found_through_the_clauses_and_not_through_all_events_of_the_topic(
    world: World, look: Callable[[Connection], object]
) -> None:
    said: list[tuple[str, object]] = []
    with world.engine.store.write() as connection:
        event.listen(connection, "before_cursor_execute", lambda *given: said.append((given[2], given[3])))
        look(connection)
        ((statement, given),) = said
        plan = connection.exec_driver_sql(f"explain query plan {statement}", given).all()  # type: ignore[arg-type]
    assert "clause USING PRIMARY KEY" in plan[0][3]


def test_a_copy_word_for_word_is_not_indexed_again_and_the_next_copy_still_finds_the_event(world: World) -> None:
    first = world.post()
    world.visit("forum", first, *(world.post("press1", text=first.text) for _ in range(5)))
    assert world.event().heat.posts == 6
    with world.engine.store.read() as connection:
        indexed = connection.execute(text("select count(distinct post) from clause")).scalar()
        relations = connection.execute(text("select relation from event_post")).scalars().all()
    assert indexed == 1
    assert relations == ["first"] + ["copy"] * 5


def test_a_copy_with_more_in_it_is_indexed_so_that_copies_of_it_are_found(world: World) -> None:
    more = "".join(f"第{number}段补充说明讲的是与原文完全不同的内容。" for number in range(9))
    first = world.post()
    world.visit("forum", first)
    world.visit("press1", world.post("press1", text=first.text + more))
    world.visit("press2", world.post("press2", title="青禾酸奶异物后续说明", text="青禾异物：" + more))
    assert world.event().heat.posts == 3


def test_an_event_that_is_counted_again_and_again_has_one_end(world: World) -> None:
    post = world.post()
    world.visit("forum", post)
    for number in range(30):
        world.clock.pass_(minutes=1)
        world.visit("forum", readings=(Reading(url=post.url, at=world.clock.now, reads=number + 1),))
    with world.engine.store.read() as connection:
        ends = connection.execute(text("select state from timer where kind = 'over'")).scalars().all()
    assert ends == ["pending"]
    world.engine.acknowledge("E1", by="wang", how="test", now=world.clock.now)
    world.pass_(hours=47)
    assert world.event().state.value == "found"
    world.pass_(hours=1)
    assert world.event().state.value == "over"
