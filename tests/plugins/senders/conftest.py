"""Peers and certificates for the senders' tests."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator

import pytest
from peer import Conversation, Peer
from tls import Authority, make_authority


@pytest.fixture
def serve() -> Iterator[Callable[..., Peer]]:
    """Start peers; they stop with the test."""
    peers: list[Peer] = []

    def start(talk: Callable[[Conversation], None], context: ssl.SSLContext | None = None) -> Peer:
        peers.append(Peer(talk, context))
        return peers[-1]

    yield start
    for peer in peers:
        peer.close()


@pytest.fixture
def closed_port() -> int:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("tls"))
