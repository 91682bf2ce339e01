"""An event with a history, and short ways to make reports of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from newsdesk import REPORTED, Desk
from world import World

from yuqing_daemon.domain import Act


@pytest.fixture
def quiet(world: World) -> Desk:
    """Nothing has happened yet."""
    people = [
        replace(person, name="王敏") if person.id == "monitor" else person
        for person in world.engine.settings.recipients
    ]
    regime = replace(world.engine.settings.regime, duties=(REPORTED,))
    world.configure(recipients=tuple(people), regime=regime)
    return Desk(world)


@pytest.fixture
def desk(quiet: Desk) -> Iterator[Desk]:
    """A complaint that a newspaper took up, read five times; somebody confirmed and answered it."""
    world = quiet.world
    post = replace(world.post(), published_at=world.clock.now - timedelta(minutes=20))
    world.visit("forum", post)
    world.read(post, reads=120, comments=4)
    world.send()
    for reads, comments in ((400, 20), (1500, 60), (2600, None), (2750, 99)):
        world.pass_(minutes=30)
        world.read(post, reads=reads, comments=comments)
        world.send()
    quiet.act(Act.CONFIRM, kind="inquiry")
    world.visit("press1", world.post("press1", title="青禾酸奶里有异物，企业称正在核实"))
    world.pass_(hours=3)
    quiet.act(Act.REPLY, "已联系消费者，并召回同批次产品")
    yield quiet
