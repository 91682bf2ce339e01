"""A watch over what apprise does on the network: where it may connect, and what it was answered.

Apprise follows redirects if a service forgets not to, reads a body of any size, and for most services takes
status 200 for success whatever the body says. Its services call ``requests`` themselves, so the watch sits
below them: in the adapter that requests uses, and at the moment a socket connects. Both look only while a
delivery is being sent, and only at that delivery.
"""

from __future__ import annotations

import contextlib
import io
import logging
import ssl
import sys
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, NewConnectionError

from yuqing_daemon import Answer, Outcome

from ._http import LIMIT, Reply, one_line
from ._wire import Refused, check_address, deadline

_SENDING = {"socket.connect", "socket.sendto", "socket.sendmsg"}


@dataclass(slots=True, kw_only=True)
class Watch:
    """What was seen of one delivery: every answer in order, and what came instead of an answer."""

    internal: bool
    timeout: float
    replies: list[Reply] = field(default_factory=list)
    fault: Outcome | None = None


_current: ContextVar[Watch | None] = ContextVar("watch", default=None)


@contextlib.contextmanager
def watching(*, internal: bool, timeout: float) -> Iterator[Watch]:
    """Watch whatever this thread sends in the meantime."""
    _install()
    watch = Watch(internal=internal, timeout=timeout)
    token = _current.set(watch)
    try:
        yield watch
    finally:
        _current.reset(token)


@cache
def _install() -> None:
    """Put the watch in place, once. The loggers it quiets would write addresses with tokens in them."""
    requests.sessions.HTTPAdapter = _WatchedAdapter  # type: ignore[attr-defined]
    sys.addaudithook(_guard)
    logging.getLogger("apprise").disabled = True
    logging.getLogger("urllib3").setLevel(logging.WARNING)


def _guard(event: str, given: tuple[Any, ...]) -> None:
    """Refuse an inside address before the first byte, whatever name it hides behind."""
    if event not in _SENDING or (watch := _current.get()) is None or watch.internal:
        return
    address = given[1]
    try:
        check_address(str(address[0]) if isinstance(address, tuple) else "a local socket")
    except Refused as refused:
        watch.fault = Outcome(answer=Answer.PERMANENT, detail=one_line(refused))
        raise


class _WatchedAdapter(HTTPAdapter):
    """The adapter of every session made from now on; outside a watch it is requests' own."""

    def send(self, request: requests.PreparedRequest, **given: Any) -> requests.Response:  # type: ignore[override]
        """Send without proxies, follow nothing, read no more than the limit."""
        watch = _current.get()
        if watch is None:
            return super().send(request, **given)
        try:
            response = super().send(request, **{**given, "proxies": {}})
            response.headers.pop("Location", None)
            body = _read(response, watch.timeout)
        except requests.RequestException as error:
            watch.fault = watch.fault or _fault(error)
            raise
        headers = {name.lower(): value for name, value in response.headers.items()}
        watch.replies.append(Reply(status=response.status_code, reason=response.reason, headers=headers, body=body))
        response.raw = io.BytesIO(body)
        return response


def _read(response: requests.Response, timeout: float) -> bytes:
    """The start of the body. If that of a 2xx is lost, so is the answer."""
    with (
        contextlib.closing(response.raw) as raw,
        deadline(timeout, lambda: raw.connection and raw.connection.sock) as over,
    ):
        try:
            body: bytes = raw.read(LIMIT, decode_content=True)
        except (HTTPError, OSError) as error:
            if response.ok:
                raise requests.ConnectionError("the answer broke off") from error
            return b""
    if over.is_set() and response.ok:
        raise requests.ConnectionError("the answer broke off")
    return body


def _fault(error: requests.RequestException) -> Outcome:
    """What it means that there is no answer. The error's own text is left out: it holds the address."""
    causes = list(_causes(error))
    detail = one_line(f"{type(causes[-1]).__name__}: {causes[-1]}") if isinstance(causes[-1], OSError) else "no answer"
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return Outcome(answer=Answer.PERMANENT, detail=detail)
    early = (requests.ConnectTimeout, NewConnectionError, ssl.SSLError)
    if any(isinstance(cause, early) for cause in causes):
        return Outcome(answer=Answer.RETRY, detail=f"not connected: {detail}")
    return Outcome(answer=Answer.UNKNOWN, detail=f"sent, no answer: {detail}")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and what it came of, innermost last."""
    current: BaseException | None = error
    while current is not None:
        yield current
        current = current.__cause__ or current.__context__
