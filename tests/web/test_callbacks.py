"""The address where providers call back, over a real port: small bodies, not too many, and nobody guesses it."""

from __future__ import annotations

import http.client
from collections.abc import Iterator

import pytest
from world import World

from yuqing_daemon import Callback, Channel, Heard, hookimpl
from yuqing_daemon.web import WebServer, callbacks, make_app


class Gateway:
    """Understands everything."""

    bodies: list[bytes]

    def __init__(self) -> None:
        self.bodies = []

    @hookimpl
    def hear(self, channel: Channel, callback: Callback) -> Heard:
        self.bodies.append(callback.body)
        return Heard(signals=(), reply={"code": 0})


@pytest.fixture
def server(world: World) -> Iterator[WebServer]:
    made = WebServer(make_app(world.engine, now=lambda: world.clock.now, health=dict), host="127.0.0.1", port=0)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def gateway(world: World) -> Gateway:
    made = Gateway()
    world.engine.plugins.register(made, "gateway")
    return made


def call(server: WebServer, path: str, body: bytes = b"{}") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.request("POST", path, body)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_a_provider_is_answered_what_it_wants_to_hear(world: World, server: WebServer, gateway: Gateway) -> None:
    assert call(server, world.engine.callback_path("sms")) == (200, '{"code":0}')
    assert gateway.bodies == [b"{}"]


def test_a_wrong_address_is_no_address(world: World, server: WebServer, gateway: Gateway) -> None:
    assert call(server, "/callback/sms/0123")[0] == 404
    assert call(server, world.engine.callback_path("sms").replace("sms", "mail"))[0] == 404
    assert gateway.bodies == []


def test_a_body_is_64_kilobytes_at_the_most(world: World, server: WebServer, gateway: Gateway) -> None:
    path = world.engine.callback_path("sms")
    assert call(server, path, b"x" * callbacks.LIMIT)[0] == 200
    assert call(server, path, b"x" * (callbacks.LIMIT + 1))[0] == 413


def test_a_flood_is_turned_away_and_other_channels_go_on(world: World, server: WebServer, gateway: Gateway) -> None:
    path = world.engine.callback_path("sms")
    answers = [call(server, path)[0] for _ in range(int(callbacks.BURST) + 5)]  # the clock stands still
    assert answers.count(200) == int(callbacks.BURST)
    assert answers[-1] == 429
    assert call(server, world.engine.callback_path("mail"))[0] == 200
    world.clock.pass_(seconds=1)
    assert call(server, path)[0] == 200
