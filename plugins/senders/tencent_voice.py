"""腾讯云 voice: a call that reads an approved template, and hears the key that is pressed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from yuqing_daemon import Answer, Callback, Channel, Delivery, Heard, Outcome, Receipt, Signal, hookimpl

from ._tencent import HEARD, TencentOptions, call, international, outcome_of, read, response_of
from ._variables import UNKNOWN_AT_MOST, fill, wrong_variables

SERVICE, VERSION = "vms", "2020-09-02"
ANSWERED = "0"  # how a call ended: it was answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(TencentOptions):
    """The channel options of ``sender = "tencent_voice"``."""

    template_id: str  # the approved template
    variables: tuple[str, ...] = ("{level}", "{title:12}", "{code}")  # in the template's order
    play_times: int = 2  # how often it is read, at most 3
    region: str = "ap-guangzhou"
    endpoint: str = "https://vms.tencentcloudapi.com"

    def misfits(self) -> Iterator[tuple[str, str, str]]:
        """Placeholders that no notice fills."""
        yield from wrong_variables(self.variables)


@hookimpl(trylast=True)
def send(delivery: Delivery) -> Outcome | None:
    """Make one call."""
    if delivery.channel.sender != "tencent_voice":
        return None
    options = Options(**delivery.channel.options)
    payload = payload_of(delivery, options)
    reply = call(options.endpoint, SERVICE, "SendTtsVoice", VERSION, payload, options, region=options.region)
    status = {} if isinstance(reply, Outcome) else response_of(reply).get("SendStatus") or {}
    call_id = str(status.get("CallId") or "")
    taken = {"Code": "Ok"} if call_id else None  # the answer of a call that was taken has no code
    outcome = replace(outcome_of(reply, taken, options, to=delivery.to), provider_id=call_id)
    return replace(outcome, unknown_at_most=UNKNOWN_AT_MOST if outcome.answer is Answer.UNKNOWN else None)


def payload_of(delivery: Delivery, options: Options) -> dict[str, Any]:
    """What is sent, the same on every attempt."""
    return {
        "TemplateId": options.template_id,
        "CalledNumber": international(delivery.to),
        "VoiceSdkAppid": options.app_id,
        "TemplateParamSet": [fill(text, delivery) for text in options.variables],
        "PlayTimes": options.play_times,
        "SessionContext": delivery.key[:512],
    }


@hookimpl(trylast=True)
def hear(channel: Channel, callback: Callback) -> Heard | None:
    """Read how a call ended, which key was pressed, or why nobody was reached."""
    if channel.sender != "tencent_voice":
        return None
    data = read(callback)
    return Heard(signals=tuple(_signals(data)) if isinstance(data, Mapping) else (), reply=HEARD)


def _signals(data: Mapping[str, Any]) -> Iterator[Signal]:
    key, ended = data.get("voicekey_callback"), data.get("voiceprompt_callback")
    failed = data.get("voice_failure_callback")
    if isinstance(key, Mapping) and key.get("keypress"):
        names = {"provider_id": str(key.get("callid", "")), "number": str(key.get("mobile", ""))}
        yield Signal(answer=str(key["keypress"]), **names)
    if isinstance(ended, Mapping):
        result, at = str(ended.get("result", "")), str(ended.get("end_calltime", ""))
        yield Signal(
            receipt=Receipt.DELIVERED if result == ANSWERED else Receipt.FAILED,
            provider_id=str(ended.get("callid", "")),
            number=str(ended.get("mobile", "")),
            at=datetime.fromtimestamp(int(at), UTC) if at.isdigit() and len(at) < 12 else None,
            detail=f"result {result}",
        )
    if isinstance(failed, Mapping):
        yield Signal(
            receipt=Receipt.FAILED,
            provider_id=str(failed.get("callid", "")),
            number=str(failed.get("mobile", "")),
            detail=f"{failed.get('failure_code', '')} {failed.get('failure_reason', '')}".strip(),
        )
