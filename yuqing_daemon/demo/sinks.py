"""Where the notices arrive, for real: an SMTP inbox, a webhook receiver and an SMS gateway on the loopback interface.

Everything received is kept in memory and as a file, so that it can be read when the demonstration is over.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from .farm import HOST, Server

BUSY = {"code": 1008, "msg": "通道繁忙，请稍后重试"}  # what the gateway answers to the first message, with status 200


SHOWN = ("type", "subject", "id")  # the parts of a webhook's body that a person wants to see


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One thing that arrived: for whom, what it says in one line, its whole text, and the file it is kept in."""

    to: str
    head: str
    text: str
    file: Path


class _Box:
    """What one sink has received. Filled by the sink's threads, read by others."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._received: list[Received] = []
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def received(self) -> tuple[Received, ...]:
        """All of it, in the order in which it came."""
        with self._lock:
            return tuple(self._received)

    def keep(self, content: bytes, suffix: str, *, to: str, head: str, text: str) -> int:
        """Keep one more; returns its number, from 1."""
        with self._lock:
            number = len(self._received) + 1
            file = self._folder / f"{number:02}{suffix}"
            file.write_bytes(content)
            self._received.append(Received(to=to, head=head, text=text, file=file))
            return number


class MailInbox(_Box):
    """An SMTP server that takes every message."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._controller = Controller(self, hostname=HOST, port=free_port(), server_hostname="mail.demo.invalid")

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._controller.port)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take a message; called by aiosmtpd."""
        content = bytes(envelope.original_content or b"")
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        part = message.get_body(("plain",))
        text = part.get_content() if part else ""
        to = ", ".join(envelope.rcpt_tos)
        return f"250 OK queued as {self.keep(content, '.eml', to=to, head=str(message['Subject']), text=text)}"

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Take mail while this lasts."""
        self._controller.start()
        try:
            yield
        finally:
            self._controller.stop()


class WebhookReceiver(_Box):
    """An HTTP server that takes JSON whose signature is right, and refuses anything else with 401."""

    def __init__(self, folder: Path, secret: str) -> None:
        super().__init__(folder)
        self._secret = secret
        self._server = Server((HOST, 0), _poster(self))
        self.url = f"http://{HOST}:{self._server.server_port}/hook"
        self.serving = self._server.serving

    def take(self, headers: Any, body: bytes) -> tuple[int, dict[str, Any]]:
        """Take one request; returns status and answer."""
        signed = f"{headers.get('X-Yuqing-Timestamp', '')}.".encode() + body
        right = "v1=" + hmac.new(self._secret.encode(), signed, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(right, headers.get("X-Yuqing-Signature", "")):
            return 401, {"errcode": 401, "errmsg": "wrong signature"}
        data = json.loads(body)
        content = {"headers": dict(headers.items()), "body": data}
        kept = json.dumps(content, ensure_ascii=False, indent=2)
        words = json.dumps({name: data[name] for name in SHOWN if name in data}, ensure_ascii=False)
        self.keep(kept.encode(), ".json", to=headers.get("X-Yuqing-Delivery", ""), head=words, text=kept)
        return 200, {"errcode": 0, "errmsg": "ok"}


@dataclass
class _Refusals:
    left: int = 1
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take_one(self) -> bool:
        with self.lock:
            self.left -= 1
            return self.left >= 0


class SmsGateway(_Box):
    """An HTTP gateway that takes forms. The first message it refuses, as gateways do: with a code inside a 200."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.refused = 0
        self._refusals = _Refusals()
        self._server = Server((HOST, 0), _poster(self))
        self.url = f"http://{HOST}:{self._server.server_port}/send"
        self.serving = self._server.serving

    def take(self, headers: Any, body: bytes) -> tuple[int, dict[str, Any]]:
        """Take one request; returns status and answer."""
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        if self._refusals.take_one():
            self.refused += 1
            return 200, BUSY
        text = form.get("content", "")
        number = self.keep(text.encode(), ".txt", to=form.get("mobile", ""), head=text, text=text)
        return 200, {"code": 0, "msg": "ok", "msgid": f"sms-{number:04}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sinks:
    """All three."""

    mail: MailInbox
    hooks: WebhookReceiver
    sms: SmsGateway


@contextmanager
def sinks(folder: Path, *, secret: str) -> Iterator[Sinks]:
    """All three, receiving while this lasts; what arrives is kept below the folder."""
    found = Sinks(
        mail=MailInbox(folder / "mail"),
        hooks=WebhookReceiver(folder / "webhooks", secret),
        sms=SmsGateway(folder / "sms"),
    )
    with ExitStack() as stack:
        for sink in (found.mail, found.hooks, found.sms):
            stack.enter_context(sink.serving())
        yield found


def free_port() -> int:
    """A port that was free a moment ago, for servers that cannot choose one themselves."""
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])


def _poster(sink: WebhookReceiver | SmsGateway) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, answer = sink.take(self.headers, body)
            content = json.dumps(answer, ensure_ascii=False).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler
