"""One HTTP exchange, for the senders that speak HTTP: what went out, what came back, or why nothing did."""

from __future__ import annotations

import contextlib
import http.client
import json
import ssl
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from yuqing_daemon import Answer, Outcome

from ._wire import Refused, connect, deadline, shut, trust

LIMIT = 64 * 1024  # bytes of an answer that are read; the rest is left
WORDS = 300  # characters of an answer that are kept in an outcome
SAFE = "/%:@!$&'()*+,;=~?[]"  # what stays as it is in an address somebody wrote


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is sent."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back: at most ``LIMIT`` bytes of it, unzipped. Header names are in lower case."""

    status: int
    reason: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    @property
    def words(self) -> str:
        """The answer for a person, on one line.

        >>> Reply(status=500, reason="Oops", body=b"no\\r\\ndisk").words
        '500 Oops no disk'
        """
        return one_line(f"{self.status} {self.reason} {self.text}")

    @property
    def json(self) -> Any:
        """The body as JSON, or ``None``."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


def one_line(text: object) -> str:
    """Foreign words made fit for an outcome: printable, on one line, not too long."""
    return " ".join("".join(c if c.isprintable() else " " for c in str(text)[: 4 * WORDS]).split())[:WORDS]


def header(value: str) -> str:
    """A header value that no line break or foreign character can break out of.

    >>> header("E12:found:1"), header("x\\r\\nBcc: y"), header("张")
    ('E12:found:1', 'x%0D%0ABcc: y', '%E5%BC%A0')
    """
    return quote(value, safe=" !\"#$%&'()*+,/:;<=>?@[\\]^`{|}~")


def exchange(request: Request, *, timeout: float, internal: bool, ca_file: str = "") -> Reply | Outcome:
    """Send one request and read its answer; an ``Outcome`` means that there is no answer to judge.

    Redirects are not followed. ``timeout`` is for connecting, and again for the exchange, in seconds. Proxy
    settings of the environment are ignored: the address that was checked is the one that is reached.
    """
    try:
        connection = _open(request.url, timeout=timeout, internal=internal, ca_file=ca_file)
    except (Refused, ssl.SSLCertVerificationError) as error:
        return Outcome(answer=Answer.PERMANENT, detail=one_line(error))
    except OSError as error:
        return Outcome(answer=Answer.RETRY, detail=f"not connected: {one_line(error)}")
    except (ValueError, http.client.HTTPException):
        return Outcome(answer=Answer.PERMANENT, detail="config error: this is not an http or https address")
    with contextlib.closing(connection):
        return _write(connection, request) or _read(connection, timeout)


def _open(url: str, *, timeout: float, internal: bool, ca_file: str) -> http.client.HTTPConnection:
    """Connect, and shake hands if it is https. Raises ``ValueError`` for what is not a web address."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError
    context = trust(ca_file) if parts.scheme == "https" else None
    connection = (
        http.client.HTTPSConnection(parts.hostname, parts.port, timeout=timeout, context=context)
        if context
        else http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)
    )
    sock = connect(connection.host, connection.port, timeout=timeout, internal=internal)
    try:
        with deadline(timeout, lambda: shut(sock)):
            connection.sock = context.wrap_socket(sock, server_hostname=connection.host) if context else sock
    except OSError:
        sock.close()
        raise
    return connection


def _write(connection: http.client.HTTPConnection, request: Request) -> Outcome | None:
    """Write the request. Half a request does nothing at the other end, so it can simply be tried again."""
    parts = urlsplit(request.url)
    target = quote(parts.path or "/", safe=SAFE) + (f"?{quote(parts.query, safe=SAFE)}" if parts.query else "")
    headers = {name: header(value) for name, value in request.headers.items()}
    try:
        connection.request(request.method, target, request.body or None, headers)
    except OSError as error:
        return Outcome(answer=Answer.RETRY, detail=f"not sent: {one_line(error)}")
    except (ValueError, http.client.HTTPException):
        return Outcome(answer=Answer.PERMANENT, detail="config error: this address or header cannot be sent")
    return None


def _read(connection: http.client.HTTPConnection, timeout: float) -> Reply | Outcome:
    """Read the answer. A 2xx whose body is lost may hide an error, so it is not yet an answer."""
    sock = connection.sock  # the connection forgets it when the answer has no length
    with deadline(timeout, lambda: shut(sock)) as over:
        try:
            response = connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            return Outcome(answer=Answer.UNKNOWN, detail=f"sent, no answer: {one_line(error)}")
        with response:
            try:
                body = response.read(LIMIT)
            except (OSError, http.client.HTTPException):
                body, whole = b"", False
            else:
                whole = not over.is_set() and not (response.length and len(body) < LIMIT)
    if not whole and 200 <= response.status < 300:
        return Outcome(answer=Answer.UNKNOWN, detail=f"sent, the answer broke off after {response.status}")
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Reply(status=response.status, reason=response.reason, headers=headers, body=_unzip(body, headers))


def _unzip(body: bytes, headers: Mapping[str, str]) -> bytes:
    """Undo gzip, which nobody was asked for, as far as the limit goes: a bomb stays small."""
    if "gzip" not in headers.get("content-encoding", ""):
        return body
    try:
        return zlib.decompressobj(wbits=31).decompress(body, LIMIT)
    except zlib.error:
        return b""
