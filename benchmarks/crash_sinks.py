"""Where the notices of ``benchmarks/crash.py`` arrive: a mail server, two webhooks and an SMS gateway, all slow.

They live in the benchmark's own process, so they survive every kill. What arrives is noted before it is answered: that
is the moment at which a crash makes a duplicate.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"


@dataclass
class Sinks:
    """What has arrived, by the delivery's key: a mark of the bytes of each copy.

    ``slow`` is the shortest and the longest time in seconds from an arrival to its answer.
    """

    slow: tuple[float, float]
    received: dict[str, list[str]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def arrived(self) -> int:
        """How many copies of anything have arrived."""
        with self.lock:
            return sum(map(len, self.received.values()))

    def take(self, key: str, content: bytes) -> float:
        """Note an arrival; returns how many seconds its answer shall take."""
        with self.lock:
            self.received.setdefault(key, []).append(hashlib.sha256(content).hexdigest())
        return random.uniform(*self.slow)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Agree to take a mail, slowly: one that was not handed over by then is lost with its sender."""
        envelope.rcpt_tos.append(address)
        await asyncio.sleep(random.uniform(*self.slow))
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take a mail; called by aiosmtpd. Its Date is that of the attempt, everything else is the delivery's."""
        message = message_from_bytes(bytes(envelope.original_content or b""))
        del message["Date"]
        await asyncio.sleep(self.take(str(message["X-Yuqing-Delivery"]), message.as_bytes()))
        return "250 OK"

    @contextmanager
    def serving(self) -> Iterator[tuple[int, str]]:
        """Take mail and requests while this lasts; the mail server's port, and the address of the others."""
        mail = Controller(self, hostname=HOST, port=free_port())
        web = _Server((HOST, 0), _handler(self))
        mail.start()
        threading.Thread(target=web.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield mail.port, f"http://{HOST}:{web.server_port}"
        finally:
            mail.stop()
            web.shutdown()
            web.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *given: Any) -> None:
        """Clients die here for a living."""


def _handler(sinks: Sinks) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers["Content-Length"])
            body = self.rfile.read(size)
            if len(body) < size:  # its sender was killed between two packets: half a notice is none
                return
            form = parse_qs(body.decode())
            key = form["ref"][0] if self.path == "/sms" else self.headers["X-Yuqing-Delivery"]
            time.sleep(sinks.take(key, body))
            self.send_response(200)
            self.send_header("Content-Length", "10")
            self.end_headers()
            self.wfile.write(b'{"code":0}')

        def log_message(self, *given: Any) -> None:
            """Say nothing."""

    return Handler


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.create_server((HOST, 0)) as found:
        return int(found.getsockname()[1])
