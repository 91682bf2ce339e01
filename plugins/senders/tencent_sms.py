"""腾讯云 SMS: an approved template with variables in order, receipts by callback or by asking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from yuqing_daemon import Answer, Callback, Channel, Delivery, Heard, Outcome, Receipt, Signal, hookimpl

from ._tencent import HEARD, TencentOptions, call, international, outcome_of, read, response_of
from ._variables import UNKNOWN_AT_MOST, china_time, fill, wrong_variables

SERVICE, VERSION = "sms", "2021-01-11"
RECEIPTS = {"SUCCESS": Receipt.DELIVERED, "FAIL": Receipt.FAILED}
LOOKED_AT = 100  # messages to the number that are looked at to find ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(TencentOptions):
    """The channel options of ``sender = "tencent_sms"``."""

    sign_name: str  # the approved signature
    template_id: str  # the approved template
    variables: tuple[str, ...] = ("{level}", "{title:12}", "{reads}", "{code}")  # in the template's order
    region: str = "ap-guangzhou"
    endpoint: str = "https://sms.tencentcloudapi.com"

    def misfits(self) -> Iterator[tuple[str, str, str]]:
        """Placeholders that no notice fills."""
        yield from wrong_variables(self.variables)


@hookimpl(trylast=True)
def send(delivery: Delivery) -> Outcome | None:
    """Send one message."""
    if delivery.channel.sender != "tencent_sms":
        return None
    options = Options(**delivery.channel.options)
    reply = _call("SendSms", payload_of(delivery, options), options)
    status = _first(reply, "SendStatusSet")
    outcome = replace(outcome_of(reply, status, options, to=delivery.to), provider_id=str(status.get("SerialNo") or ""))
    return replace(outcome, unknown_at_most=UNKNOWN_AT_MOST if outcome.answer is Answer.UNKNOWN else None)


def payload_of(delivery: Delivery, options: Options) -> dict[str, Any]:
    """What is sent, the same on every attempt."""
    return {
        "PhoneNumberSet": [international(delivery.to)],
        "SmsSdkAppId": options.app_id,
        "SignName": options.sign_name,
        "TemplateId": options.template_id,
        "TemplateParamSet": [fill(text, delivery) for text in options.variables],
        "SessionContext": delivery.key[:512],
    }


def _call(action: str, payload: Mapping[str, Any], options: Options) -> Any:
    return call(options.endpoint, SERVICE, action, VERSION, payload, options, region=options.region)


def _first(reply: Any, name: str) -> Mapping[str, Any]:
    """The first entry of a list in an answer."""
    entries = {} if isinstance(reply, Outcome) else response_of(reply).get(name)
    return entries[0] if isinstance(entries, list) and entries and isinstance(entries[0], Mapping) else {}


@hookimpl(trylast=True)
def hear(channel: Channel, callback: Callback) -> Heard | None:
    """Read receipts, which come as an array, and what somebody answered, which comes as one object."""
    if channel.sender != "tencent_sms":
        return None
    data = read(callback)
    if isinstance(data, Mapping) and "text" in data:
        sent_at = data.get("time")
        at = datetime.fromtimestamp(sent_at, UTC) if isinstance(sent_at, int) and 0 < sent_at < 2**33 else None
        signals = (Signal(answer=str(data["text"]), number=str(data.get("mobile", "")), at=at),)
    else:
        rows = [row for row in data if isinstance(row, Mapping)] if isinstance(data, list) else []
        signals = tuple(filter(None, map(_receipt, rows)))
    return Heard(signals=signals, reply=HEARD)


def _receipt(row: Mapping[str, Any]) -> Signal | None:
    receipt = RECEIPTS.get(str(row.get("report_status")))
    if receipt is None:
        return None
    return Signal(
        receipt=receipt,
        provider_id=str(row.get("sid", "")),
        number=str(row.get("mobile", "")),
        at=china_time(row.get("user_receive_time")),
        detail=f"{row.get('errmsg', '')} {row.get('description', '')}".strip(),
    )


@hookimpl(trylast=True)
def look_up(delivery: Delivery) -> Signal | None:
    """Ask what became of a message; nothing while it is on its way."""
    if delivery.channel.sender != "tencent_sms" or not delivery.provider_id or delivery.accepted_at is None:
        return None
    options = Options(**delivery.channel.options)
    asked = {
        "PhoneNumber": international(delivery.to),
        "SmsSdkAppId": options.app_id,
        "BeginTime": int(delivery.accepted_at.timestamp()) - 60,
        "Offset": 0,
        "Limit": LOOKED_AT,
    }
    reply = _call("PullSmsSendStatusByPhoneNumber", asked, options)
    rows = [] if isinstance(reply, Outcome) else response_of(reply).get("PullSmsSendStatusSet") or []
    row = next((row for row in rows if row.get("SerialNo") == delivery.provider_id), {})
    receipt = RECEIPTS.get(str(row.get("ReportStatus")))
    if receipt is None:
        return None
    detail = str(row.get("Description", ""))
    return Signal(receipt=receipt, provider_id=delivery.provider_id, key=delivery.key, detail=detail)
