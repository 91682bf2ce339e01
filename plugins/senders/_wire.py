"""Sockets for the senders: where they may connect, whom they trust, and how long they wait."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from functools import cache

from yuqing_daemon.extract.addresses import refuse_reason


class Refused(OSError):
    """An address that a channel may not reach unless its options say ``internal``."""


def check_address(address: str) -> None:
    """Raise ``Refused`` if a resolved address is private, loopback or otherwise not on the open internet."""
    if reason := refuse_reason(address):
        raise Refused(f"{reason}; set internal = true if this target is inside on purpose")


def connect(host: str, port: int, *, timeout: float, internal: bool) -> socket.socket:
    """Connect to the first address of a host that answers.

    Every resolved address is checked before the first byte, so a name that resolves to the inside is refused
    whatever it resolved to a moment before.
    """
    error: OSError = socket.gaierror(socket.EAI_NONAME, "no address")
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        if not internal:
            check_address(str(address[0]))
        sock = socket.socket(family, kind, protocol)
        sock.settimeout(timeout)
        try:
            sock.connect(address)
        except OSError as failed:
            sock.close()
            error = failed
        else:
            return sock
    raise error


@cache
def trust(ca_file: str) -> ssl.SSLContext:
    """Whom TLS trusts: the system's authorities, and those of a file."""
    context = ssl.create_default_context()
    if ca_file:
        context.load_verify_locations(ca_file)
    return context


@contextlib.contextmanager
def deadline(seconds: float, cut: Callable[[], None]) -> Iterator[threading.Event]:
    """Call ``cut`` from another thread after so long; the event given says whether that happened.

    A read timeout alone never ends a peer that drips one byte a second.
    """
    over = threading.Event()

    def end() -> None:
        over.set()
        with contextlib.suppress(OSError, ValueError):  # it is closed already
            cut()

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield over
    finally:
        timer.cancel()


def shut(sock: socket.socket | None) -> None:
    """End a connection under the thread that reads from it."""
    if sock is not None:
        # Not SSLSocket.shutdown: it would drop the TLS layer, and that thread would read on without it.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
