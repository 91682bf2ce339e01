"""阿里云: one signed call of its OpenAPI (ACS3-HMAC-SHA256), and what its codes mean."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from yuqing_daemon import Callback, Outcome

from ._answers import hide
from ._http import Reply, Request, exchange
from ._service import BUSY, Codes, ServiceOptions
from ._variables import wrong_number

VERSION = "2017-05-25"  # of both the SMS and the voice API
ALGORITHM = "ACS3-HMAC-SHA256"
EMPTY = hashlib.sha256(b"").hexdigest()
SLOW_DOWN = timedelta(seconds=10)
HEARD = {"code": 0, "msg": "成功"}  # by which a callback is known to have arrived
CODES = Codes(
    fields=("Code",),
    words=("Message",),
    good=frozenset({"OK"}),
    later={
        "Throttling.*": SLOW_DOWN,
        "Throttling": SLOW_DOWN,
        "ServiceUnavailable": BUSY,
        "InternalError": BUSY,
        "isp.*": BUSY,  # its own gateways
        "isv.BUSINESS_LIMIT_CONTROL": BUSY,  # too many to this number just now
        "isv.FLOW_LIMIT": SLOW_DOWN,
        "isv.DAY_LIMIT_CONTROL": timedelta(hours=1),  # the limit somebody set for the account
    },
    ours=frozenset(
        {
            "InvalidAccessKeyId.*",
            "SignatureDoesNotMatch",
            "IncompleteSignature",
            "Forbidden.*",
            "NoPermission",
            "isp.RAM_PERMISSION_DENY",
            "isv.ACCOUNT_ABNORMAL",
            "isv.ACCOUNT_NOT_EXISTS",
            "isv.AMOUNT_NOT_ENOUGH",
            "isv.BILLID_NOT_EXIST",
            "isv.DENY_IP_RANGE",
            "isv.DISPLAY_NUMBER_ILLEGAL",
            "isv.MONTH_LIMIT_CONTROL",
            "isv.OUT_OF_SERVICE",
            "isv.PRODUCT_UN_SUBSCRIPT",
            "isv.PRODUCT_UNSUBSCRIBE",
            "isv.SIGN_STATE_ILLEGAL",
            "isv.SMS_SIGNATURE_SCENE_ILLEGAL",
            "isv.SMS_SIGNATURE_ILLEGAL",
            "isv.SMS_SIGN_ILLEGAL",
            "isv.SMS_TEMPLATE_ILLEGAL",
            "isv.TEMPLATE_ILLEGAL",
            "isv.TEMPLATE_MISSING_PARAMETERS",
            "isv.INVALID_PARAMETERS",
            "isv.VOICE_FILE_ILLEGAL",
            "isv.TTS_TEMPLATE_ILLEGAL",
        }
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AliyunOptions(ServiceOptions):
    """What every 阿里云 channel needs."""

    access_key_id: str
    access_key_secret: str = field(repr=False)

    def misaddressed(self, to: str) -> tuple[str, str] | None:
        """One phone number."""
        return wrong_number(to)


def call(endpoint: str, action: str, parameters: Mapping[str, str], options: AliyunOptions) -> Reply | Outcome:
    """One call; an ``Outcome`` means that there is no answer to judge."""
    host = urlsplit(endpoint).netloc
    headers = {
        "host": host,
        "x-acs-action": action,
        "x-acs-content-sha256": EMPTY,
        "x-acs-date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "x-acs-signature-nonce": secrets.token_hex(16),
        "x-acs-version": VERSION,
    }
    query = canonical_query(parameters)
    sent = {
        **headers,
        "Authorization": authorization(options.access_key_id, options.access_key_secret, query, headers),
        "User-Agent": "yuqing-daemon",
    }
    request = Request(method="POST", url=f"{endpoint.rstrip('/')}/?{query}", headers=sent)
    return exchange(request, timeout=options.timeout, internal=options.internal, ca_file=options.ca_file)


def outcome_of(reply: Reply | Outcome, options: AliyunOptions, *, to: str, id_field: str) -> Outcome:
    """The outcome of a sending, with the provider's id of it."""
    if isinstance(reply, Outcome):
        return reply
    outcome = CODES.judge(reply)
    data = reply.json
    number = str(data.get(id_field) or "") if isinstance(data, Mapping) else ""
    hidden = hide(outcome, to, number_of(to), options.access_key_id, options.access_key_secret)
    return replace(hidden, provider_id=number)


def number_of(to: str) -> str:
    """A number as the provider writes it: a Chinese one plain, one from elsewhere with its country's code.

    >>> number_of("+86 138-0000-0000"), number_of("13800000000"), number_of("+85298765432")
    ('13800000000', '13800000000', '85298765432')
    """
    digits = "".join(letter for letter in to if letter.isdigit())
    return digits.removeprefix("86") if to.startswith("+") else digits


def canonical_query(parameters: Mapping[str, str]) -> str:
    """Parameters in order, escaped as RFC 3986 says."""
    return "&".join(f"{quote(name, safe='~')}={quote(parameters[name], safe='~')}" for name in sorted(parameters))


def authorization(key_id: str, secret: str, query: str, headers: Mapping[str, str]) -> str:
    """The header that signs a POST without a body; docs/channels.md says which documented example proves it."""
    names = sorted(headers)
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in names)
    signed = ";".join(names)
    asked = "\n".join(["POST", "/", query, lines, signed, headers["x-acs-content-sha256"]])
    text = f"{ALGORITHM}\n{hashlib.sha256(asked.encode()).hexdigest()}"
    signature = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    return f"{ALGORITHM} Credential={key_id},SignedHeaders={signed},Signature={signature}"


def rows(callback: Callback) -> list[Mapping[str, Any]] | None:
    """The entries of a callback, a JSON array; ``None`` if it is none."""
    try:
        data = json.loads(callback.body)
    except (ValueError, RecursionError):
        return None
    return [row for row in data if isinstance(row, Mapping)] if isinstance(data, list) else None
