"""What an HTTP answer means: the outcome classes as tables, and the errors that hide behind status 200."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from yuqing_daemon import Answer, Outcome

from ._http import Reply, one_line

TRY_AGAIN = {408, 425, 429}  # and every 5xx; any other status but 2xx is final
LONGEST_HOLD = timedelta(hours=1)
WAIT_FIELDS = ("retry-after", "x-ogw-ratelimit-reset")  # the second is 飞书's

# Where chat robots and gateways put the code of a refusal, and where its words. WxPusher's 1000 is good.
CODE_FIELDS = ("errcode", "StatusCode", "errno", "code", "Code", "res")
WORD_FIELDS = ("errmsg", "StatusMessage", "msg", "message", "Message", "reason", "error", "info")
GOOD_CODES = {"0", "1000", "ok", "success", "succeeded", "true", "none", ""} | {str(code) for code in range(200, 300)}
# Codes that mean "not so fast" (企业微信, 钉钉, 飞书), and how long the service then refuses everything.
TOO_FAST = {
    "-1": timedelta(0),
    "45009": timedelta(minutes=1),
    "45033": timedelta(minutes=1),
    "130101": timedelta(minutes=10),
    "410100": timedelta(minutes=10),
    "11232": timedelta(minutes=1),
    "99991400": timedelta(minutes=1),
}


def judge(reply: Reply) -> Outcome:
    """The outcome class of a status; a 2xx is accepted without a look at its body.

    >>> judge(Reply(status=302)).answer.value, judge(Reply(status=503)).answer.value
    ('permanent', 'retry')
    """
    if 200 <= reply.status < 300:
        return Outcome(answer=Answer.ACCEPTED, detail=reply.words)
    if 300 <= reply.status < 400:
        return Outcome(answer=Answer.PERMANENT, detail=f"{reply.status}: redirects are not followed")
    if reply.status in TRY_AGAIN or reply.status >= 500:
        return Outcome(answer=Answer.RETRY, detail=reply.words, retry_after=retry_after(reply.headers))
    return Outcome(answer=Answer.PERMANENT, detail=reply.words)


def judge_with_body(reply: Reply) -> Outcome:
    """The same, but an error code inside the body of a 2xx is a failure.

    >>> judge_with_body(Reply(status=200, body=b'{"errcode": 310000, "errmsg": "sign not match"}')).detail
    'errcode 310000 sign not match'
    """
    outcome = judge(reply)
    data = reply.json
    if outcome.answer is not Answer.ACCEPTED or not isinstance(data, Mapping):
        return outcome
    bad = hidden_error(data)
    return outcome if bad is None else bad


def hidden_error(data: Mapping[str, Any]) -> Outcome | None:
    """The failure that a JSON object tells of, or ``None``.

    >>> hidden_error({"code": 0, "msg": "success"}), hidden_error({"success": False}).detail
    (None, 'success False')
    """
    faults = [(name, data[name]) for name in CODE_FIELDS if name in data and not _is_good(data[name])]
    if data.get("success") is False:
        faults.append(("success", False))
    if not faults:
        return None
    name, code = faults[0]
    words = next((data[word] for word in WORD_FIELDS if data.get(word)), "")
    detail = one_line(f"{name} {code} {words}")
    if (hold := TOO_FAST.get(str(code))) is not None:
        return Outcome(answer=Answer.RETRY, detail=detail, retry_after=hold or None)
    if str(code).isdigit() and (int(code) in TRY_AGAIN or 500 <= int(code) < 600):
        return Outcome(answer=Answer.RETRY, detail=detail)
    return Outcome(answer=Answer.PERMANENT, detail=detail)


def _is_good(code: object) -> bool:
    """Whether a code says that all is well."""
    return str(code).strip().lower() in GOOD_CODES


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """How long the service wants to be left alone: seconds or a date, an hour at the most.

    >>> retry_after({"retry-after": "30"}), retry_after({"retry-after": "soon"})
    (datetime.timedelta(seconds=30), None)
    """
    value = next((headers[name].strip() for name in WAIT_FIELDS if name in headers), "")
    if value.isascii() and value.isdigit():
        seconds = float(value[:9])
    else:
        try:
            # Against the service's own clock if it tells it: ours may differ.
            seconds = parsedate_to_datetime(value).timestamp() - _their_now(headers)
        except (ValueError, OverflowError):
            return None
    return min(max(timedelta(seconds=seconds), timedelta(0)), LONGEST_HOLD)


def _their_now(headers: Mapping[str, str]) -> float:
    """The time by the answer's Date header, or by our clock."""
    try:
        return parsedate_to_datetime(headers.get("date", "")).timestamp()
    except ValueError:
        return time.time()


def hide(outcome: Outcome, *secrets: str) -> Outcome:
    """Take addresses and secrets out of an outcome's words, in case the other side repeats them.

    >>> hide(Outcome(answer=Answer.RETRY, detail="no token 12345678"), "https://a.example/send?t=12345678").detail
    'no token ***'
    """
    pieces = {piece for secret in secrets for piece in (secret, *re.split(r"[/:@?&=,+]", secret)) if len(piece) > 5}
    detail = outcome.detail
    for piece in sorted(pieces, key=len, reverse=True):
        detail = detail.replace(piece, "***")
    return replace(outcome, detail=detail)
