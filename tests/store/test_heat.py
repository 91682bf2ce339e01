"""The database adds up an event as the written rule does (R7): whatever was read, and whatever was not."""

from __future__ import annotations

from collections.abc import Callable

import hypothesis
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from world import COMPLAINT, World

from yuqing_daemon import Reading
from yuqing_daemon.rules import heat
from yuqing_daemon.store import events, posts

counts_ = st.none() | st.integers(0, 5000)
posts_ = st.sampled_from(("forum", "press1", "press1", "press2"))
looks_ = st.tuples(st.integers(0, 3), counts_, counts_, counts_)


@hypothesis.settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(sources=st.lists(posts_, min_size=1, max_size=4), looks=st.lists(looks_, max_size=8))
def test_the_database_adds_up_as_the_rule_does(
    worlds: Callable[[], World], sources: list[str], looks: list[tuple[int, int | None, int | None, int | None]]
) -> None:
    world = worlds()
    members = [world.post(source, text=COMPLAINT) for source in sources]
    for post in members:
        world.visit(post.source, post)
    read: list[Reading] = []
    for number, reads, comments, reposts in looks:
        post = members[number % len(members)]
        world.clock.pass_(minutes=1)
        reading = Reading(url=post.url, at=world.clock.now, reads=reads, comments=comments, reposts=reposts)
        world.visit(post.source, readings=(reading,))
        read.append(reading)
    with world.engine.store.read() as connection:
        stored = posts.get(connection, events.posts_of(connection, 1))
        assert events.heat(connection, 1) == heat.measure(stored, read)
