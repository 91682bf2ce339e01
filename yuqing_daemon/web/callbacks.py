"""Where providers tell what became of messages, and what people answered: an address nobody can guess, small, slow."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.exc import OperationalError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from ..domain import Callback
from ..engine import Engine
from ..errors import RequestError

log = logging.getLogger(__name__)

LIMIT = 64 * 1024  # bytes of a body
RATE, BURST = 20.0, 100.0  # calls a second to one channel's address, and at once


class Bucket:
    """Lets so many through at once, and so many a second from then on.

    >>> from datetime import UTC, timedelta
    >>> bucket, now = Bucket(rate=1.0, burst=2.0), datetime(2026, 1, 1, tzinfo=UTC)
    >>> [bucket.lets(now), bucket.lets(now), bucket.lets(now), bucket.lets(now + timedelta(seconds=1))]
    [True, True, False, True]
    """

    def __init__(self, *, rate: float, burst: float) -> None:
        self._rate, self._burst, self._left = rate, burst, burst
        self._at: datetime | None = None
        self._lock = threading.Lock()

    def lets(self, now: datetime) -> bool:
        """Whether one more may pass now."""
        with self._lock:
            passed = max(0.0, (now - self._at).total_seconds()) if self._at else 0.0
            self._left, self._at = min(self._burst, self._left + passed * self._rate), now
            if self._left < 1:
                return False
            self._left -= 1
            return True


class Callbacks:
    """Answers ``/callback/{channel}/{token}``."""

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine, self._now = engine, now
        self._all = Bucket(rate=5 * RATE, burst=5 * BURST)  # whatever the address: guessing is slow too
        self._buckets: dict[str, Bucket] = {}

    async def __call__(self, request: Request) -> Response:
        """Take in one call; 413 for a body that is too large, 429 for too many, 404 for an address that is not ours."""
        channel, token = request.path_params["channel"], request.path_params["token"]
        if not self._lets(channel):
            return JSONResponse({"error": "too many"}, 429, {"Retry-After": "1"})
        body = await body_of(request)
        if body is None:
            return JSONResponse({"error": f"more than {LIMIT} bytes"}, 413)
        headers = {name.lower(): value for name, value in request.headers.items()}
        callback = Callback(body=body, query=dict(request.query_params), headers=headers)
        try:
            reply = await run_in_threadpool(self._engine.hear, channel, token, callback, now=self._now())
        except RequestError as error:
            return JSONResponse({"error": str(error)}, 404)
        except OperationalError:
            return JSONResponse({"error": "try again later"}, 503)
        return PlainTextResponse(reply) if isinstance(reply, str) else JSONResponse(dict(reply))

    def _lets(self, channel: str) -> bool:
        if channel not in self._engine.settings.channels:
            return self._all.lets(self._now())
        bucket = self._buckets.setdefault(channel, Bucket(rate=RATE, burst=BURST))
        return self._all.lets(self._now()) and bucket.lets(self._now())


async def body_of(request: Request) -> bytes | None:
    """The body, or ``None`` if it is too large: no more than the limit is ever held."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LIMIT:
            return None
    return body
