"""A peer that says exactly what a test wants it to say, over real sockets on loopback."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from yuqing_daemon import Channel, Delivery, Level, Notice

KEY = "E12:found:mail:wang"
REFUSED = b'{"errcode": 310000, "errmsg": "keywords not in content"}'
FAST = b'{"errcode": 130101, "errmsg": "too fast"}'


def delivery_over(sender: str, to: str, **options: object) -> Delivery:
    """A delivery about 青禾乳业 over one channel."""
    notice = Notice(
        subject="【重大】青禾乳业一批次酸奶被指变质",
        text="青禾乳业一批次酸奶被指变质\n.这一行以点开头\n",
        short="【重大】青禾乳业一批次酸奶被指变质 阅读1234 E12",
        answerable="【重大】青禾乳业一批次酸奶被指变质 阅读1234 回复E12签收",
        html="<p>青禾乳业</p>",
        data={"type": "yuqing.alert", "level": "major", "event": {"code": "E12", "title": "酸奶"}},
    )
    return Delivery(
        key=KEY,
        event=12,
        event_code="E12",
        purpose="found",
        level=Level.MAJOR,
        recipient="wang",
        role="office",
        channel=Channel(id=sender, sender=sender, options=options),
        to=to,
        notice=notice,
    )


@dataclass
class Peer:
    """A server that hands each connection to ``talk``; tests say how it behaves."""

    talk: Callable[[Conversation], None]
    context: ssl.SSLContext | None = None
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.threads = [threading.Thread(target=self._accept, daemon=True)]
        self.threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(sock,), daemon=True)
            self.threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError), sock:
            if self.context:
                sock = self.context.wrap_socket(sock, server_side=True)
            with sock:
                self.talk(Conversation(peer=self, sock=sock))

    def close(self) -> None:
        """Let hanging conversations end, and stop."""
        self.over.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for thread in self.threads:
            thread.join(5)


@dataclass
class Conversation:
    """One connection, as the peer sees it."""

    peer: Peer
    sock: socket.socket
    already: bytes | None = None  # the body of a request that was read by who then fails in some way

    def read_request(self) -> bytes:
        """A whole HTTP request."""
        if self.already is not None:
            return self.already
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._more()
        head, _, body = data.partition(b"\r\n\r\n")
        lengths = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
        while lengths and len(body) < int(lengths[0]):
            body += self._more()
        self.peer.requests.append(head + b"\r\n\r\n" + body)
        return body

    def _more(self) -> bytes:
        data = self.sock.recv(65536)
        if not data:
            raise ConnectionAbortedError
        return data

    def say(self, data: bytes) -> None:
        self.sock.sendall(data)

    def hang(self) -> None:
        """Say nothing more until the test is over."""
        self.peer.over.wait(30)

    def drip(self, data: bytes = b"x") -> None:
        """Say one thing again and again, slowly."""
        while not self.peer.over.wait(0.05):
            self.say(data)

    def reset(self) -> None:
        """Break the connection off."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


def answer(status: str, body: bytes = b"", *headers: str) -> bytes:
    """The bytes of an HTTP answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def says(status: str, body: bytes = b"", *headers: str) -> Callable[[Conversation], None]:
    """A peer that gives one answer to every request."""

    def talk(peer: Conversation) -> None:
        peer.read_request()
        peer.say(answer(status, body, *headers))

    return talk


# -- ways to fail -----------------------------------------------------------------------------------


def resets(peer: Conversation) -> None:
    peer.reset()


def resets_after_the_request(peer: Conversation) -> None:
    peer.read_request()
    peer.reset()


def hangs(peer: Conversation) -> None:
    peer.read_request()
    peer.hang()


def hangs_in_the_body(peer: Conversation) -> None:
    peer.read_request()
    peer.say(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
    peer.hang()


def hangs_in_the_body_of_an_error(peer: Conversation) -> None:
    peer.read_request()
    peer.say(b"HTTP/1.1 503 Busy\r\nContent-Length: 100\r\n\r\n{")
    peer.hang()


def hangs_up_in_the_body(peer: Conversation) -> None:
    peer.read_request()
    peer.say(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")


def drips_its_headers(peer: Conversation) -> None:
    peer.read_request()
    peer.say(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    peer.drip()


def drips_its_body(peer: Conversation) -> None:
    peer.read_request()
    peer.say(b"HTTP/1.1 200 OK\r\n\r\n")
    peer.drip(b" ")


def speaks_no_http(peer: Conversation) -> None:
    peer.read_request()
    peer.say(b"220 mail.example.com ESMTP\r\n")


def sends_200_megabytes(peer: Conversation) -> None:
    peer.read_request()
    peer.say(b"HTTP/1.1 200 OK\r\nContent-Length: 209715200\r\n\r\n")
    for _ in range(3200):
        peer.say(b"x" * 65536)
