"""The socket between the command line and the daemon."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from world import World

from yuqing_daemon import control
from yuqing_daemon.errors import RequestError, StoreError

Answer = Callable[[Mapping[str, Any]], Mapping[str, Any]]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[Answer], Path]]:
    """Serve a state directory's socket with one answer for every request."""
    servers: list[control.ControlServer] = []

    def start(answer: Answer) -> Path:
        servers.append(control.ControlServer(tmp_path, answer))
        servers[-1].start()
        return tmp_path

    yield start
    for server in servers:
        server.stop()


def test_a_request_goes_there_and_the_answer_comes_back(serve: Callable[[Answer], Path]) -> None:
    state = serve(lambda request: {"heard": request["do"], "更多": "字"})
    assert control.ask(state, {"do": "x", "by": "me"}) == {"heard": "x", "更多": "字"}
    assert control.is_running(state)


def test_nobody_at_home_is_no_error(tmp_path: Path) -> None:
    assert control.ask(tmp_path, {"do": "x"}) is None
    assert not control.is_running(tmp_path)


def test_the_socket_of_a_daemon_that_was_killed_is_nobody_and_the_next_one_takes_its_place(
    tmp_path: Path, serve: Callable[[Answer], Path]
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as dead:
        dead.bind(str(tmp_path / control.SOCKET))
    assert control.ask(tmp_path, {"do": "x"}) is None
    serve(lambda request: {"alive": True})
    assert control.ask(tmp_path, {"do": "x"}) == {"alive": True}


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RequestError("there is no event 'E7'"), "there is no event 'E7'"),
        (OperationalError("insert", {}, Exception("disk is full")), "the store takes no writes: disk is full"),
        (TimeoutError(), "it takes too long"),
        (KeyError("event"), "not a request: KeyError"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(serve: Callable[[Answer], Path], error: Exception, said: str) -> None:
    def refuse(_request: Mapping[str, Any]) -> Mapping[str, Any]:
        raise error

    with pytest.raises(RequestError, match=said):
        control.ask(serve(refuse), {"do": "x"})


def test_a_daemon_that_dies_over_a_request_is_told_apart_from_an_answer(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as dying:
        dying.bind(str(tmp_path / control.SOCKET))
        dying.listen()
        thread = threading.Thread(target=lambda: dying.accept()[0].close())
        thread.start()
        with pytest.raises((RequestError, BrokenPipeError, ConnectionResetError)):
            control.ask(tmp_path, {"do": "x"})
        thread.join()


def test_a_client_that_goes_away_costs_nothing(serve: Callable[[Answer], Path]) -> None:
    came = threading.Semaphore(0)

    def answer(_request: Mapping[str, Any]) -> Mapping[str, Any]:
        came.release()
        return {"x": "y" * 1_000_000}

    state = serve(answer)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as way:
        way.connect(str(state / control.SOCKET))
        way.sendall(b"{}\n")
    assert came.acquire(timeout=10)
    assert len(control.ask(state, {}) or {}) == 1


def test_a_path_too_long_for_a_socket_is_refused_before_anything_is_tried(tmp_path: Path) -> None:
    letters = max(4, 90 - len(str(tmp_path)))  # few letters, but each is three bytes
    state = tmp_path / ("长" * letters)
    with pytest.raises(StoreError, match="too long for a socket"):
        control.ask(state, {})
    with pytest.raises(StoreError, match="a shorter path"):
        control.ControlServer(state, lambda request: {})
    assert not control.is_running(state)


def test_what_may_be_asked_is_done_on_the_engine(world: World) -> None:
    world.visit("forum", world.post())
    asked = {"by": "wang", "event": "E1", "do": "acknowledge"}
    done = control.perform(world.engine, asked, now=world.clock.now)
    assert done == {"event": "E1", "by": "wang", "at": world.clock.now.isoformat(), "first": True}
    later = control.perform(world.engine, {**asked, "by": "li"}, now=world.clock.pass_(minutes=1))
    assert later == {**done, "first": False}
    assert control.perform(world.engine, {"do": "resume", "by": "li", "source": "forum"}, now=world.clock.now)
    keys = control.perform(world.engine, {"do": "test-notify", "by": "li", "target": "monitor"}, now=world.clock.now)
    assert len(keys["keys"]) == 2  # a person is tested over all their channels
    with pytest.raises(RequestError, match="no such level: 'grave'; there are general, major, extraordinary"):
        asked = {"do": "test-notify", "by": "li", "target": "monitor", "level": "grave"}
        control.perform(world.engine, asked, now=world.clock.now)
    with pytest.raises(RequestError, match="no such request: 'rm'"):
        control.perform(world.engine, {"do": "rm", "by": "li"}, now=world.clock.now)
