"""腾讯云: one signed call of its API 3.0 (TC3-HMAC-SHA256), and what its codes mean."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from yuqing_daemon import Callback, Outcome

from ._answers import hide
from ._http import Reply, Request, exchange
from ._service import BUSY, Codes, ServiceOptions, json_bytes
from ._variables import wrong_number

ALGORITHM = "TC3-HMAC-SHA256"
JSON = "application/json; charset=utf-8"
HEARD = {"result": 0, "errmsg": "OK"}  # by which a callback is known to have arrived
CODES = Codes(
    fields=("Code",),
    words=("Message",),
    good=frozenset({"Ok"}),
    later={
        "InternalError": BUSY,
        "InternalError.*": BUSY,
        "FailedOperation.AccessUpstreamTimeout": BUSY,
        "RequestLimitExceeded": timedelta(seconds=10),
        "RequestLimitExceeded.*": timedelta(seconds=10),
        "LimitExceeded.*": BUSY,  # too many to this number just now
        "LimitExceeded.DeliveryFrequencyLimit": timedelta(seconds=30),
        "LimitExceeded.AppDailyLimit": timedelta(hours=1),
    },
    ours=frozenset(
        {
            "AuthFailure.*",
            "UnauthorizedOperation",
            "UnauthorizedOperation.*",
            "InternalError.RequestTimeException",  # the clock of this machine
            "FailedOperation.InsufficientBalanceInSmsPackage",
            "FailedOperation.InsufficientBalanceInVoicePackage",
            "FailedOperation.PhonenumberUnappliedOrExpired",
            "FailedOperation.SignatureIncorrectOrUnapproved",
            "FailedOperation.TemplateIncorrectOrUnapproved",
            "FailedOperation.TemplateUnapprovedOrNotExist",
            "FailedOperation.MissingTemplateToModify",
            "InvalidParameterValue.TemplateParameterFormatError",
            "InvalidParameterValue.TemplateParameterLengthLimit",
            "InvalidParameterValue.SdkAppIdNotExist",
            "InvalidParameterValue.SdkAppidNotExist",  # as the voice service spells it
        }
    ),
    # A number's share of the day: the next channel is told now, not tomorrow.
    final=frozenset({"LimitExceeded.PhoneNumberDailyLimit", "LimitExceeded.PhoneNumberSameContentDailyLimit"}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TencentOptions(ServiceOptions):
    """What every 腾讯云 channel needs."""

    secret_id: str
    secret_key: str = field(repr=False)
    app_id: str  # the application's SdkAppId

    def misaddressed(self, to: str) -> tuple[str, str] | None:
        """One phone number."""
        return wrong_number(to)


def call(
    endpoint: str,
    service: str,
    action: str,
    version: str,
    payload: Mapping[str, Any],
    options: TencentOptions,
    *,
    region: str,
) -> Reply | Outcome:
    """One call; an ``Outcome`` means that there is no answer to judge."""
    body, now = json_bytes(payload), int(time.time())
    host = urlsplit(endpoint).netloc
    headers = {
        "Host": host,
        "Content-Type": JSON,
        "Authorization": authorization(
            options.secret_id, options.secret_key, host=host, service=service, now=now, body=body
        ),
        "X-TC-Action": action,
        "X-TC-Version": version,
        "X-TC-Timestamp": str(now),
        "X-TC-Region": region,
        "User-Agent": "yuqing-daemon",
    }
    request = Request(method="POST", url=f"{endpoint.rstrip('/')}/", headers=headers, body=body)
    return exchange(request, timeout=options.timeout, internal=options.internal, ca_file=options.ca_file)


def authorization(secret_id: str, secret_key: str, *, host: str, service: str, now: int, body: bytes) -> str:
    """The header that signs a POST of JSON; docs/channels.md says which documented example proves it."""
    date = time.strftime("%Y-%m-%d", time.gmtime(now))
    signed = "content-type;host"
    lines = f"content-type:{JSON}\nhost:{host}\n"
    asked = "\n".join(["POST", "/", "", lines, signed, hashlib.sha256(body).hexdigest()])
    scope = f"{date}/{service}/tc3_request"
    text = "\n".join([ALGORITHM, str(now), scope, hashlib.sha256(asked.encode()).hexdigest()])
    key = f"TC3{secret_key}".encode()
    for part in (date, service, "tc3_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    return f"{ALGORITHM} Credential={secret_id}/{scope}, SignedHeaders={signed}, Signature={signature}"


def response_of(reply: Reply) -> Mapping[str, Any]:
    """What is inside ``Response``; nothing if there is none."""
    data = reply.json
    inside = data.get("Response") if isinstance(data, Mapping) else None
    return inside if isinstance(inside, Mapping) else {}


def outcome_of(
    reply: Reply | Outcome, status: Mapping[str, Any] | None, options: TencentOptions, *, to: str
) -> Outcome:
    """The outcome by the error of the call, or else by the status of the one message in it."""
    if isinstance(reply, Outcome):
        return reply
    told = response_of(reply).get("Error") or status or {}
    outcome = CODES.judge(Reply(status=reply.status, reason=reply.reason, headers=reply.headers, body=json_bytes(told)))
    return hide(outcome, to, options.secret_id, options.secret_key)


def international(number: str) -> str:
    """A number with its country's code; one without is Chinese.

    >>> international("138-0000-0000"), international("+852 98765432")
    ('+8613800000000', '+85298765432')
    """
    digits = "".join(letter for letter in number if letter.isdigit())
    return f"+{digits}" if number.startswith("+") else f"+86{digits}"


def read(callback: Callback) -> Any:
    """The JSON of a callback, or ``None``."""
    try:
        return json.loads(callback.body)
    except (ValueError, RecursionError):
        return None
