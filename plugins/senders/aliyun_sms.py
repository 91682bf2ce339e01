"""阿里云 SMS: an approved template with named variables, receipts by callback or by asking."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from yuqing_daemon import Answer, Callback, Channel, Delivery, Heard, Outcome, Receipt, Signal, hookimpl

from ._aliyun import HEARD, AliyunOptions, call, number_of, outcome_of, rows
from ._variables import CHINA, UNKNOWN_AT_MOST, china_time, fill, wrong_variables

SENT, REFUSED, RECEIVED = 1, 2, 3  # what the provider says of a message


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(AliyunOptions):
    """The channel options of ``sender = "aliyun_sms"``."""

    sign_name: str  # the approved signature
    template_code: str  # the approved template
    variables: Mapping[str, str] = field(
        default_factory=lambda: {"level": "{level}", "title": "{title:20}", "reads": "{reads}", "code": "{code}"}
    )  # the template's variables
    endpoint: str = "https://dysmsapi.aliyuncs.com"

    def misfits(self) -> Iterator[tuple[str, str, str]]:
        """Placeholders that no notice fills."""
        yield from wrong_variables(self.variables)


@hookimpl(trylast=True)
def send(delivery: Delivery) -> Outcome | None:
    """Send one message."""
    if delivery.channel.sender != "aliyun_sms":
        return None
    options = Options(**delivery.channel.options)
    reply = call(options.endpoint, "SendSms", parameters_of(delivery, options), options)
    outcome = outcome_of(reply, options, to=delivery.to, id_field="BizId")
    return replace(outcome, unknown_at_most=UNKNOWN_AT_MOST if outcome.answer is Answer.UNKNOWN else None)


def parameters_of(delivery: Delivery, options: Options) -> dict[str, str]:
    """What is sent, the same on every attempt."""
    variables = {name: fill(text, delivery) for name, text in options.variables.items()}
    return {
        "PhoneNumbers": number_of(delivery.to),
        "SignName": options.sign_name,
        "TemplateCode": options.template_code,
        "TemplateParam": json.dumps(variables, ensure_ascii=False),
        "OutId": delivery.key[:256],
    }


@hookimpl(trylast=True)
def hear(channel: Channel, callback: Callback) -> Heard | None:
    """Read receipts (SmsReport) and what people answered (SmsUp)."""
    if channel.sender != "aliyun_sms":
        return None
    return Heard(signals=tuple(filter(None, map(_signal, rows(callback) or ()))), reply=HEARD)


def _signal(row: Mapping[str, Any]) -> Signal | None:
    number = str(row.get("phone_number", ""))
    if "content" in row:
        return Signal(answer=str(row["content"]), number=number, at=china_time(row.get("send_time")))
    if "success" not in row:
        return None
    return Signal(
        receipt=Receipt.DELIVERED if row["success"] is True else Receipt.FAILED,
        provider_id=str(row.get("biz_id", "")),
        key=str(row.get("out_id", "")),
        number=number,
        at=china_time(row.get("report_time")),
        detail=f"{row.get('err_code', '')} {row.get('err_msg', '')}".strip(),
    )


@hookimpl(trylast=True)
def look_up(delivery: Delivery) -> Signal | None:
    """Ask what became of a message; nothing while it is on its way."""
    if delivery.channel.sender != "aliyun_sms" or not delivery.provider_id or delivery.accepted_at is None:
        return None
    options = Options(**delivery.channel.options)
    asked = {
        "PhoneNumber": number_of(delivery.to),
        "BizId": delivery.provider_id,
        "SendDate": f"{delivery.accepted_at.astimezone(CHINA):%Y%m%d}",
        "PageSize": "1",
        "CurrentPage": "1",
    }
    reply = call(options.endpoint, "QuerySendDetails", asked, options)
    data = None if isinstance(reply, Outcome) else reply.json
    details = data.get("SmsSendDetailDTOs") if isinstance(data, Mapping) else None
    found = details.get("SmsSendDetailDTO") if isinstance(details, Mapping) else None
    row = found[0] if isinstance(found, list) and found else {}
    if row.get("SendStatus") not in (REFUSED, RECEIVED):
        return None
    return Signal(
        receipt=Receipt.DELIVERED if row["SendStatus"] == RECEIVED else Receipt.FAILED,
        provider_id=delivery.provider_id,
        key=delivery.key,
        at=china_time(row.get("ReceiveDate")),
        detail=str(row.get("ErrCode", "")),
    )
