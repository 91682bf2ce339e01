"""Access tokens of the chat applications: fetched when needed, kept until they run out, fetched anew when refused."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from yuqing_daemon import Answer, Outcome

from ._http import Reply, Request, exchange
from ._service import Codes, ServiceOptions

EARLY = 300.0  # seconds before its end at which a token is no longer used
Use = Callable[[str], Reply | Outcome]

_lock = threading.Lock()
_kept: dict[tuple[str, ...], tuple[str, float]] = {}  # whose token, and until when by the monotonic clock


def with_token(
    name: tuple[str, ...], fetch: Callable[[], Reply | Outcome], use: Use, codes: Codes, field: str
) -> Reply | Outcome:
    """Ask with a token; if it is refused as stale, once more with a new one (the refused request did nothing).

    Args:
        name: whose token it is: address, id and secret.
        fetch: asks for a token, which the answer has in ``field``.
    """
    for is_last in (False, True):
        token = _token(name, fetch, codes, field)
        if isinstance(token, Outcome):
            return token
        reply = use(token)
        if isinstance(reply, Outcome) or is_last or codes.code(reply) not in codes.stale:
            return reply
        with _lock:
            _kept.pop(name, None)
    raise AssertionError


def get(url: str, options: ServiceOptions, headers: Mapping[str, str] | None = None) -> Reply | Outcome:
    """One GET; an ``Outcome`` means that there is no answer to judge."""
    request = Request(method="GET", url=url, headers={"User-Agent": "yuqing-daemon", **(headers or {})})
    return exchange(request, timeout=options.timeout, internal=options.internal, ca_file=options.ca_file)


def _token(name: tuple[str, ...], fetch: Callable[[], Reply | Outcome], codes: Codes, field: str) -> str | Outcome:
    """The token that is kept, or a new one. Two threads may both fetch one: that costs a request, and nothing else."""
    with _lock:
        token, good_until = _kept.get(name, ("", 0.0))
    if token and time.monotonic() < good_until:
        return token
    reply = fetch()
    outcome = reply if isinstance(reply, Outcome) else codes.judge(reply)
    data: Any = None if isinstance(reply, Outcome) else reply.json
    if outcome.answer is Answer.PERMANENT:  # whoever asks for a token is refused as a channel, not for a message
        return replace(outcome, detail=f"no access token: {outcome.detail}", pause_channel=True)
    token = str(data.get(field) or "") if outcome.answer is Answer.ACCEPTED and isinstance(data, Mapping) else ""
    if not token:  # nothing was sent yet, whatever became of the question
        return replace(outcome, answer=Answer.RETRY, detail=f"no access token: {outcome.detail}")
    seconds = data.get("expires_in") or data.get("expire")
    with _lock:
        _kept[name] = (token, time.monotonic() + max(0.0, float(seconds or 0) - EARLY))
    return token
