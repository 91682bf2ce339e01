"""The address that hears from us while all is well."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from yuqing_daemon import heartbeat
from yuqing_daemon.config import HeartbeatSettings


class Listener:
    """A service that waits for us. ``/moved`` sends elsewhere."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                listener.heard.append(self.path)
                self.send_response(302 if self.path == "/moved" else 200)
                self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *given: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.server.shutdown()
    listener.server.server_close()


class Enough(Exception):
    """The test has seen what it wanted."""


def turns(*states: dict[str, str]) -> Callable[[], dict[str, str]]:
    """Says one state after the other, then ends the heart."""
    left = list(states)

    def health() -> dict[str, str]:
        if not left:
            raise Enough
        return left.pop(0)

    return health


def test_it_is_told_only_while_all_is_well(listener: Listener) -> None:
    settings = HeartbeatSettings(url=f"{listener.url}/yuqing", every=timedelta(0))
    with pytest.raises(Enough):
        asyncio.run(heartbeat.beat(lambda: settings, turns({}, {"engine": "has not looked"}, {"store": "full"}, {})))
    assert listener.heard == ["/yuqing", "/yuqing"]


def test_an_answer_that_sends_elsewhere_is_a_failure_and_not_followed(listener: Listener) -> None:
    assert asyncio.run(heartbeat.ping(f"{listener.url}/moved")) == "HTTP 302"
    assert listener.heard == ["/moved"]


def test_nobody_there_is_said_once_and_costs_nothing_else(listener: Listener, caplog: pytest.LogCaptureFixture) -> None:
    gone = HeartbeatSettings(url="http://127.0.0.1:9/", every=timedelta(0))
    there = HeartbeatSettings(url=listener.url, every=timedelta(0))
    order = [gone, gone, there]
    with caplog.at_level("INFO"), pytest.raises(Enough):
        asyncio.run(heartbeat.beat(lambda: order.pop(0) if order else there, turns({}, {}, {})))
    said = [record.message.split()[0] for record in caplog.records if record.message.startswith("heartbeat")]
    assert said == ["heartbeat.failing", "heartbeat.works_again"]
