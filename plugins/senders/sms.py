"""SMS through any HTTP gateway: a table of fields with placeholders, and a rule that says when it was taken."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from urllib.parse import parse_qsl, quote, urlencode

from yuqing_daemon import Answer, Callback, Channel, Delivery, Heard, Notice, Outcome, Receipt, Signal, hookimpl

from ._answers import hidden_error, hide, judge
from ._http import Reply, Request, exchange, one_line
from ._service import ServiceOptions

UNKNOWN_AT_MOST = 2  # each attempt may cost money and wake somebody
PLACEHOLDER = re.compile(r"\{(to|text|key|code)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(ServiceOptions):
    """The channel options of ``sender = "sms"``.

    Placeholders in ``url`` and ``fields``: ``{to}`` the number, ``{text}`` the notice in at most 70 characters (it says
    what to answer if ``callback_number`` and ``callback_text`` say where answers are), ``{key}`` the delivery's key as
    client reference, ``{code}`` the event's code.
    """

    url: str
    method: Literal["GET", "POST"] = "POST"  # GET: the fields go into the address
    body: Literal["form", "json"] = "form"  # how a POST carries the fields
    fields: Mapping[str, Any] = field(default_factory=dict, repr=False)  # tables and lists inside are fine with json
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  # sent as well, a token for example
    ok_status: tuple[int, ...] = ()  # statuses of success; empty: every 2xx
    ok_field: str = ""  # dotted path to a value in the JSON answer, as in data.0.status
    ok_value: str | int | bool = ""  # what it has to be
    ok_text: str = ""  # a regular expression that has to be found in the answer
    id_field: str = ""  # dotted path to the gateway's own id of the message
    callback_list: str = ""  # dotted path to the entries of a callback; empty: the whole of it is one, or an array
    callback_id: str = ""  # dotted path, in an entry, to the gateway's id of the message
    callback_key: str = ""  # and to what was sent as {key}
    callback_status: str = ""  # and to what became of the message
    delivered: tuple[str, ...] = ()  # statuses that say that it arrived
    failed: tuple[str, ...] = ()  # statuses that say that it never will
    callback_number: str = ""  # and to the number it is about
    callback_text: str = ""  # and to what somebody answered
    callback_reply: Mapping[str, Any] = field(default_factory=dict)  # by which the gateway knows that it arrived


@hookimpl(trylast=True)
def hear(channel: Channel, callback: Callback) -> Heard | None:
    """Read what the gateway tells later, JSON or a form, by the channel's own rule."""
    if channel.sender != "sms":
        return None
    options = Options(**channel.options)
    data = _callback_data(callback)
    entries = _at(data, options.callback_list) if options.callback_list else data
    rows = entries if isinstance(entries, list) else [entries]
    signals = tuple(filter(None, (_signal(row, options) for row in rows)))
    return Heard(signals=signals, reply=options.callback_reply)


def _callback_data(callback: Callback) -> Any:
    """The JSON of a callback, or the fields of a form, or of the address."""
    try:
        return json.loads(callback.body)
    except (ValueError, RecursionError):
        return dict(parse_qsl(callback.body.decode("utf-8", "replace"))) or dict(callback.query)


def _signal(row: Any, options: Options) -> Signal | None:
    """What one entry tells; nothing if it is none of the statuses that count."""
    told = {
        name: _words(_at(row, path)) if path else ""
        for name, path in {
            "provider_id": options.callback_id,
            "key": options.callback_key,
            "number": options.callback_number,
            "answer": options.callback_text,
        }.items()
    }
    status = _words(_at(row, options.callback_status)) if options.callback_status else ""
    receipts = {**dict.fromkeys(options.failed, Receipt.FAILED), **dict.fromkeys(options.delivered, Receipt.DELIVERED)}
    signal = Signal(receipt=receipts.get(status), detail=status, **told)
    return signal if signal.receipt or signal.answer else None


@hookimpl(trylast=True)
def send(delivery: Delivery) -> Outcome | None:
    """Hand the short text to the gateway."""
    if delivery.channel.sender != "sms":
        return None
    options = Options(**delivery.channel.options)
    request = request_of(delivery, options)
    reply = exchange(request, timeout=options.timeout, internal=options.internal, ca_file=options.ca_file)
    outcome = reply if isinstance(reply, Outcome) else outcome_of(reply, options)
    fields = [value for value in options.fields.values() if isinstance(value, str)]
    outcome = hide(outcome, delivery.to, options.url, *fields, *options.headers.values())
    return replace(outcome, unknown_at_most=UNKNOWN_AT_MOST if outcome.answer is Answer.UNKNOWN else None)


def request_of(delivery: Delivery, options: Options) -> Request:
    """The gateway's request; the same delivery makes the same one on every attempt."""
    known = {
        "to": delivery.to,
        "text": _text(delivery.notice, options),
        "key": delivery.key,
        "code": delivery.event_code,
    }
    url = _fill(options.url, {name: quote(value, safe="") for name, value in known.items()})
    fields = _fill(options.fields, known)
    headers = {"User-Agent": "yuqing-daemon", **options.headers}
    if options.method == "GET":
        joint = "&" if "?" in url else "?"
        return Request(method="GET", url=f"{url}{joint}{urlencode(fields)}" if fields else url, headers=headers)
    if options.body == "json":
        headers["Content-Type"] = "application/json; charset=utf-8"
        body = json.dumps(fields, ensure_ascii=False).encode("utf-8", "replace")
    else:
        headers["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8"
        body = urlencode(fields, errors="replace").encode()
    return Request(method="POST", url=url, headers=headers, body=body)


def _text(notice: Notice, options: Options) -> str:
    """The words; what to answer is in them only if the answer can be heard."""
    hears = options.callback_number and options.callback_text
    return (notice.answerable if hears else "") or notice.short


def outcome_of(reply: Reply, options: Options) -> Outcome:
    """Judge an answer by the channel's own rule, and without one by the codes that gateways commonly use."""
    expected = reply.status in options.ok_status if options.ok_status else 200 <= reply.status < 300
    if not expected:
        plain = judge(reply)
        return Outcome(answer=Answer.RETRY, detail=reply.words) if plain.answer is Answer.ACCEPTED else plain
    data = reply.json
    provider_id = _words(_at(data, options.id_field)) if options.id_field else ""
    accepted = Outcome(answer=Answer.ACCEPTED, detail=reply.words, provider_id=provider_id)
    if options.ok_field:
        found = _at(data, options.ok_field)
        if found is None:
            return Outcome(answer=Answer.UNKNOWN, detail=f"the answer has no {options.ok_field}: {reply.words}")
        same = str(found).lower() == str(options.ok_value).lower()
        return accepted if same else Outcome(answer=Answer.RETRY, detail=reply.words)
    if options.ok_text:
        found_text = re.search(options.ok_text, reply.text)
        return accepted if found_text else Outcome(answer=Answer.RETRY, detail=reply.words)
    return (hidden_error(data) if isinstance(data, Mapping) else None) or accepted


def _fill(template: Any, known: Mapping[str, str]) -> Any:
    """Put the values in, in one pass: a placeholder inside a notice's text stays text.

    >>> _fill({"phones": ["{to}"], "text": "{text}"}, {"to": "139", "text": "{to}"})
    {'phones': ['139'], 'text': '{to}'}
    """
    if isinstance(template, str):
        return PLACEHOLDER.sub(lambda found: known[found[1]], template)
    if isinstance(template, Mapping):
        return {name: _fill(value, known) for name, value in template.items()}
    if isinstance(template, list | tuple):
        return [_fill(value, known) for value in template]
    return template


def _at(data: Any, path: str) -> Any:
    """The value at a dotted path, or ``None``.

    >>> _at({"data": [{"status": "ok"}]}, "data.0.status")
    'ok'
    """
    for step in path.split("."):
        if isinstance(data, Mapping):
            data = data.get(step)
        elif isinstance(data, list) and step.isdigit() and int(step) < len(data):
            data = data[int(step)]
        else:
            return None
    return data


def _words(value: object) -> str:
    """A value for people; nothing for ``None``."""
    return "" if value is None else one_line(value)
