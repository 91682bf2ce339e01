"""Every way in which each channel can fail, through the real engine: class, next attempt, hold, fallback."""

from datetime import timedelta
from pathlib import Path

import pytest
from faults import UNKNOWN, cells, smtp
from matrix import AT_ONCE, expected, run

from yuqing_daemon import Answer, Channel
from yuqing_daemon.plugins import Plugins
from yuqing_plugins.senders import mail

CELLS = {cell.name: cell for cell in cells()}


@pytest.fixture(scope="module")
def senders():
    return Plugins.load()


def test_the_matrix_has_more_than_sixty_cells_over_every_kind_of_channel():
    assert len(CELLS) >= 60
    files = {path.stem for path in Path(mail.__file__).parent.glob("[a-z]*.py")}
    assert {cell.channel.partition(" ")[0] for cell in CELLS.values()} == files


def test_an_error_inside_a_200_falls_over_on_every_channel_that_speaks_http():
    hidden = {cell.channel for cell in CELLS.values() if cell.fault.name.startswith("200 with") and _falls_over(cell)}
    assert hidden == {cell.channel for cell in CELLS.values() if not cell.channel.startswith("mail")}


def _falls_over(cell):
    return expected(cell).fallback == AT_ONCE


@pytest.mark.parametrize("name", CELLS)
def test_each_fault_has_its_class_its_next_attempt_and_its_fallback(name, company, tmp_path, senders, authority):
    cell = CELLS[name]
    seen, wanted = run(cell, company, tmp_path, senders, authority), expected(cell)
    assert (seen.answer, seen.state, seen.attempts, seen.fallback) == (
        wanted.answer, wanted.state, wanted.attempts, wanted.fallback,
    ), seen  # fmt: skip
    near = timedelta(seconds=10)  # a Retry-After that is a date is told to the second, and a hold seen to ten
    assert (seen.due is None) == (wanted.due is None)
    if wanted.due is not None:
        assert abs(seen.due - wanted.due) < near
    assert abs(seen.hold - wanted.hold) <= near


def test_a_mailbox_that_is_refused_costs_the_other_recipient_nothing(serve, world, senders):
    peer = serve(smtp(refuses="office@"))
    options = {"host": "127.0.0.1", "port": peer.port, "from_address": "yuqing@qinghe.example"}
    world.configure(channels={"mail": Channel(id="mail", sender="mail", options=options)})
    world.visit("forum", world.post())
    world.engine.test_notify("office", by="me", now=world.clock.now)
    world.pass_(minutes=1)
    taken = world.engine.claim("mail", token="t", now=world.clock.now, limit=9)
    outcomes = {delivery.to: mail.send(delivery).answer for delivery in taken}
    assert outcomes == {"monitor@mail": Answer.ACCEPTED, "office@mail": Answer.PERMANENT}


def test_what_may_have_been_sent_is_never_called_a_failure():
    assert {cell.fault.name for cell in CELLS.values() if cell.fault.answer is UNKNOWN} >= {
        "hangs before the answer", "cut after the dot", "reset after the request",
    }  # fmt: skip
