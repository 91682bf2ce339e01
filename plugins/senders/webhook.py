"""Webhooks: a notice's data as JSON, posted to an address that is a URL."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote, urlsplit

from yuqing_daemon import Delivery, Outcome, hookimpl

from ._answers import hide, judge, judge_with_body
from ._http import Request, exchange
from ._service import ServiceOptions

CONTENT_TYPES = {"cloudevents": "application/cloudevents+json", "alertmanager": "application/json"}
SEVERITIES = {"general": "info", "major": "warning", "extraordinary": "critical"}
NEVER = "0001-01-01T00:00:00Z"  # how Alertmanager writes that something has not ended
OVER = ("closed", "merged", "withdrawn", "dismissed", "over")  # purposes that say that there is no more to it


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(ServiceOptions):
    """The channel options of ``sender = "webhook"``."""

    payload: Literal["cloudevents", "alertmanager"] = "cloudevents"  # what the body looks like
    secret: str = field(default="", repr=False)  # signs each request; empty: not signed
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  # sent as well, a token for example
    success: Literal["body", "status"] = "body"  # body: an error code inside a 2xx answer is a failure


@hookimpl(trylast=True)
def send(delivery: Delivery) -> Outcome | None:
    """Post the notice's data. The same delivery has the same body on every attempt."""
    if delivery.channel.sender != "webhook":
        return None
    options = Options(**delivery.channel.options)
    body = body_of(delivery, options.payload)
    timestamp = str(int(time.time()))
    headers = {
        "Content-Type": f"{CONTENT_TYPES[options.payload]}; charset=utf-8",
        **options.headers,
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


def body_of(delivery: Delivery, payload: str = "cloudevents") -> bytes:
    """The JSON that is sent, in one fixed spelling."""
    data = alertmanager(delivery) if payload == "alertmanager" else cloud_event(delivery)
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8", "replace")


def cloud_event(delivery: Delivery) -> dict[str, Any]:
    """The notice's data in a CloudEvents 1.0 envelope; config/schemas/webhook.schema.json describes it."""
    data = dict(delivery.notice.data)
    envelope = {
        "specversion": "1.0",
        "id": delivery.key,
        "source": f"urn:yuqing:{quote(str(data.get('organisation') or 'daemon'), safe='')}",
        "type": data.pop("type", "yuqing.alert"),
        "datacontenttype": "application/json",
        "data": data,
    }
    if delivery.event_code:
        envelope["subject"] = delivery.event_code
    if at := data.pop("time", "") or (delivery.created_at and delivery.created_at.isoformat()):
        envelope["time"] = at
    if delivery.id:
        envelope["sequence"] = str(delivery.id)  # of the daemon's notices: a later one has a higher number
    return envelope


def alertmanager(delivery: Delivery) -> dict[str, Any]:
    """The same as Alertmanager's webhook payload, version 4, with one alert in it."""
    data, code = delivery.notice.data, delivery.event_code or "daemon"
    event, link = data.get("event") or {}, str(data.get("link") or "")
    level = str(data.get("level") or delivery.level.title("en"))
    labels = {"alertname": "yuqing", "event": code, "level": level, "severity": SEVERITIES.get(level, "warning")}
    labels |= {"topic": str(event["topic"])} if event.get("topic") else {}
    annotations = {
        "summary": str(event.get("title") or delivery.notice.subject),
        "description": delivery.notice.text,
        "purpose": delivery.purpose,
    }
    is_over = delivery.purpose.split(":")[0] in OVER
    parts = urlsplit(link)
    alert = {
        "status": "resolved" if is_over else "firing",
        "labels": labels,
        "annotations": annotations,
        "startsAt": event.get("found_at") or data.get("time") or NEVER,
        "endsAt": data.get("time") or NEVER if is_over else NEVER,
        "generatorURL": link,
        "fingerprint": hashlib.sha256(code.encode()).hexdigest()[:16],
    }
    return {
        "version": "4",
        "groupKey": f'{{}}:{{event="{code}"}}',
        "truncatedAlerts": 0,
        "status": alert["status"],
        "receiver": delivery.channel.id,
        "groupLabels": {"event": code},
        "commonLabels": labels,
        "commonAnnotations": annotations,
        "externalURL": f"{parts.scheme}://{parts.netloc}" if link else "",
        "alerts": [alert],
    }


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The signature header: HMAC-SHA256 over timestamp, a dot and the body.

    >>> sign("s3cret", "1700000000", b"{}")[:11]
    'v1=97926816'
    """
    return "v1=" + hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
