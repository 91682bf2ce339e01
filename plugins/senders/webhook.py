"""Webhooks: a notice's data as JSON, posted to an address that is a URL."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from yuqing_daemon import Delivery, Outcome, hookimpl

from ._answers import hide, judge, judge_with_body
from ._http import Request, exchange
from ._service import ServiceOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(ServiceOptions):
    """The channel options of ``sender = "webhook"``."""

    secret: str = field(default="", repr=False)  # signs each request; empty: not signed
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  # sent as well, a token for example
    success: Literal["body", "status"] = "body"  # body: an error code inside a 2xx answer is a failure


@hookimpl(trylast=True)
def send(delivery: Delivery) -> Outcome | None:
    """Post the notice's data. The same delivery has the same body on every attempt."""
    if delivery.channel.sender != "webhook":
        return None
    options = Options(**delivery.channel.options)
    body = body_of(delivery)
    timestamp = str(int(time.time()))
    headers = {
        **options.headers,
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "yuqing-daemon",
        "Idempotency-Key": delivery.key,
        "X-Yuqing-Delivery": delivery.key,
        "X-Yuqing-Timestamp": timestamp,
    }
    if options.secret:
        headers["X-Yuqing-Signature"] = sign(options.secret, timestamp, body)
    request = Request(method="POST", url=delivery.to, headers=headers, body=body)
    reply = exchange(request, timeout=options.timeout, internal=options.internal, ca_file=options.ca_file)
    if isinstance(reply, Outcome):
        return reply
    outcome = judge_with_body(reply) if options.success == "body" else judge(reply)
    return hide(outcome, delivery.to, options.secret, *options.headers.values())


def body_of(delivery: Delivery) -> bytes:
    """The JSON that is sent: the notice's data with the delivery's key as its ``id``, in one fixed spelling."""
    data = {**delivery.notice.data, "id": delivery.key}
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8", "replace")


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The signature header: HMAC-SHA256 over timestamp, a dot and the body.

    >>> sign("s3cret", "1700000000", b"{}")[:11]
    'v1=97926816'
    """
    return "v1=" + hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
