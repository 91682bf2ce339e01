"""阿里云 voice: a call that reads an approved template, and hears a key where it asks for one, told or asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from yuqing_daemon import Answer, Callback, Channel, Delivery, Heard, Outcome, Receipt, Signal, hookimpl

from ._aliyun import HEARD, AliyunOptions, call, number_of, outcome_of, rows
from ._http import Reply
from ._variables import UNKNOWN_AT_MOST, china_time, fill, wrong_variables

# How a call ended that somebody took: heard to the end, hung up before it, heard and no key pressed.
ANSWERED = frozenset({"200000", "200001", "200008"})
LONGEST = 15  # bytes of the reference that comes back
UNDER_WAY = "300000"  # a key was pressed, the call goes on
SPOKEN, ASKING = "11000000300006", "11000000300005"  # the provider's numbers of the two sorts of calls


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(AliyunOptions):
    """The channel options of ``sender = "aliyun_voice"``."""

    template_code: str  # the approved text-to-speech template
    show_number: str = ""  # the number that is shown; empty: one of the provider's
    key: str = ""  # which key acknowledges, as the template says; empty: the call asks for none
    key_code: str = ""  # the template that is read after the key
    variables: Mapping[str, str] = field(
        default_factory=lambda: {"level": "{level}", "title": "{title:20}", "code": "{code}"}
    )  # the template's variables
    play_times: int = 2  # how often it is read, 1 to 3
    endpoint: str = "https://dyvmsapi.aliyuncs.com"

    def misfits(self) -> Iterator[tuple[str, str, str]]:
        """What the call for a key needs besides; placeholders that no notice fills."""
        if self.key and not (self.key_code and self.show_number):
            yield "key", "key_code and show_number with it: a call that asks for a key needs both", 'key_code = "TTS_2"'
        yield from wrong_variables(self.variables)


@hookimpl(trylast=True)
def send(delivery: Delivery) -> Outcome | None:
    """Make one call."""
    if delivery.channel.sender != "aliyun_voice":
        return None
    options = Options(**delivery.channel.options)
    action, parameters = request_of(delivery, options)
    reply = call(options.endpoint, action, parameters, options)
    outcome = outcome_of(reply, options, to=delivery.to, id_field="CallId")
    return replace(outcome, unknown_at_most=UNKNOWN_AT_MOST if outcome.answer is Answer.UNKNOWN else None)


def request_of(delivery: Delivery, options: Options) -> tuple[str, dict[str, str]]:
    """The action and its parameters: a call that asks for a key is another one than a call that only speaks."""
    spoken = json.dumps({name: fill(text, delivery) for name, text in options.variables.items()}, ensure_ascii=False)
    called = number_of(delivery.to)
    # The reference has at most 15 bytes, too few for the key.
    parameters = {"CalledNumber": called, "PlayTimes": str(options.play_times), "OutId": str(delivery.id)}
    if options.show_number:
        parameters["CalledShowNumber"] = options.show_number
    if not options.key:
        return "SingleCallByTts", {**parameters, "TtsCode": options.template_code, "TtsParam": spoken}
    return "IvrCall", {
        **parameters,
        "StartCode": options.template_code,
        "StartTtsParams": spoken,
        "MenuKeyMap.1.Key": options.key,
        "MenuKeyMap.1.Code": options.key_code,
    }


@hookimpl(trylast=True)
def hear(channel: Channel, callback: Callback) -> Heard | None:
    """Read how calls ended (VoiceReport) and which keys were pressed (VoiceCallReport)."""
    if channel.sender != "aliyun_voice":
        return None
    return Heard(signals=tuple(signal for row in rows(callback) or () for signal in _signals(row)), reply=HEARD)


def _signals(row: Mapping[str, Any]) -> Iterator[Signal]:
    reference = str(row.get("out_id", ""))
    number = int(reference) if reference.isascii() and reference.isdigit() and len(reference) <= LONGEST else 0
    names: dict[str, Any] = {"provider_id": str(row.get("call_id", "")), "delivery": number}
    at = china_time(row.get("status_time") or row.get("end_time"))
    status, pressed = str(row.get("status_code", "")), str(row.get("dtmf") or row.get("digits") or "")
    if pressed:
        yield Signal(answer=pressed, at=at, **names)
    if status and status != UNDER_WAY and "status_time" not in row:  # which only a call that goes on has
        receipt = Receipt.DELIVERED if status in ANSWERED else Receipt.FAILED
        yield Signal(receipt=receipt, at=at, detail=f"{status} {row.get('status_msg', '')}".strip(), **names)


@hookimpl(trylast=True)
def look_up(delivery: Delivery) -> Signal | None:
    """Ask how a call ended, and whether the key was pressed; nothing while the provider has no record of it."""
    if delivery.channel.sender != "aliyun_voice" or not delivery.provider_id or delivery.accepted_at is None:
        return None
    options = Options(**delivery.channel.options)
    asked = {
        "CallId": delivery.provider_id,
        "ProdId": ASKING if options.key else SPOKEN,
        "QueryDate": str(int(delivery.accepted_at.timestamp() * 1000)),
    }
    record = _record(call(options.endpoint, "QueryCallDetailByCallId", asked, options))
    state = str(record.get("state") or record.get("statusCode") or "")
    if not state or state == UNDER_WAY:
        return None
    return Signal(
        receipt=Receipt.DELIVERED if state in ANSWERED else Receipt.FAILED,
        answer=str(record.get("dtmf") or record.get("digits") or ""),
        provider_id=delivery.provider_id,
        key=delivery.key,
        at=china_time(record.get("endDate")),
        detail=f"{state} {record.get('stateDesc') or ''}".strip(),
    )


def _record(reply: Reply | Outcome) -> Mapping[str, Any]:
    """The record of a call in an answer; it comes as text inside the JSON."""
    data = None if isinstance(reply, Outcome) else reply.json
    record = data.get("Data") if isinstance(data, Mapping) else None
    try:
        record = json.loads(record) if isinstance(record, str) else record
    except (ValueError, RecursionError):
        return {}
    return record if isinstance(record, Mapping) else {}
