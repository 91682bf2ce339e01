"""Everything else by apprise: one apprise URL a delivery, and a second look at what the service answered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

import apprise

from yuqing_daemon import Answer, Delivery, Notice, Outcome, hookimpl

from ._answers import hidden_error, hide, judge
from ._http import Reply
from ._watch import Watch, watching

# What people paste from a robot's page, and what apprise calls it.
PASTED = (
    (re.compile(r"https://oapi\.dingtalk\.com/robot/send\?access_token=([\w-]+)$"), r"dingtalk://\1/"),
    (re.compile(r"https://open\.feishu\.cn/open-apis/bot/v2/hook/([\w-]+)/?$"), r"feishu://\1/"),
)
# What apprise would send somewhere else than its writer thinks.
REFUSED = (
    (re.compile(r"wecom://", re.I), "apprise takes wecom:// for PushPlus; write wecombot://KEY for a 企业微信 robot"),
    (re.compile(r"schan://sctp", re.I), "apprise sends a Server酱3 key to the old host; use the webhook sender"),
)
MOST_BYTES = {"wecombot": 2048}  # title and text together
SAYS_SUCCESS = {"pushme"}  # services whose only sign of success is the word success


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The channel options of ``sender = "apprise"``."""

    url: str = field(default="", repr=False)  # an apprise URL, {to} stands for the address; empty: the address is one
    internal: bool = False  # whether private and loopback targets may be reached
    timeout: float = 20.0  # seconds for one delivery


@hookimpl(trylast=True)
def send(delivery: Delivery) -> Outcome | None:
    """Send by apprise, with its own retries, redirects and escalation off."""
    if delivery.channel.sender != "apprise":
        return None
    options = Options(**delivery.channel.options)
    url = options.url.replace("{to}", quote(delivery.to, safe="")) if options.url else delivery.to
    for pasted, ours in PASTED:
        url = pasted.sub(ours, url)
    hint = next((hint for wrong, hint in REFUSED if wrong.match(url)), "")
    service = None if hint else _service(url, options)
    if service is None:
        return Outcome(answer=Answer.PERMANENT, detail=f"config error: {hint or 'apprise cannot use this URL'}")
    with watching(internal=options.internal, timeout=options.timeout) as watch:
        status = _notify(service, delivery, options.timeout)
    return hide(_outcome(status, watch, service.schema), url, delivery.to)


def _service(url: str, options: Options) -> apprise.NotifyBase | None:
    """The one service an apprise URL names, or ``None``; what the URL says of retries does not count."""
    asset = apprise.AppriseAsset(async_mode=False, http_redirects=False, app_id="yuqing-daemon")
    service = apprise.Apprise.instantiate(url, asset=asset)
    if service is not None:
        service.retry, service.optional, service.redirects = 0, False, False
        service.socket_connect_timeout = options.timeout / 2
        service.socket_read_timeout = options.timeout
    return service


def _notify(service: apprise.NotifyBase, delivery: Delivery, timeout: float) -> apprise.AppriseResultStatus:
    """Send the subject and the text as plain text."""
    title, text = delivery.notice.subject, fitting(delivery.notice, service.schema)
    manager = apprise.Apprise()
    manager.add(service)
    return manager.notify(body=text, title=title, body_format=apprise.NotifyFormat.TEXT.value, timeout=timeout).status


def fitting(notice: Notice, schema: str) -> str:
    """The text, cut for a service that counts bytes and refuses what is too long."""
    most = MOST_BYTES.get(schema)
    if most is None:
        return notice.text
    return _cut(notice.text, most - len(notice.subject.encode("utf-8", "replace")) - len("\r\n"))


def _outcome(status: apprise.AppriseResultStatus, watch: Watch, schema: str) -> Outcome:
    """Apprise knows success from failure; the answers say the rest."""
    last = watch.replies[-1] if watch.replies else None
    hidden = next((bad for reply in watch.replies if (bad := _hidden(reply, schema)) is not None), None)
    if status is apprise.AppriseResultStatus.SUCCESS:
        return hidden or Outcome(answer=Answer.ACCEPTED, detail=last.words if last else "accepted")
    if watch.fault is not None:
        return watch.fault
    if hidden is not None:
        return hidden
    if last is not None and judge(last).answer is not Answer.ACCEPTED:
        return judge(last)
    if status is apprise.AppriseResultStatus.TIMEOUT:
        return Outcome(answer=Answer.UNKNOWN, detail="no answer in time")
    return Outcome(answer=Answer.RETRY, detail="apprise reports a failure and does not say which")


def _hidden(reply: Reply, schema: str) -> Outcome | None:
    """The error inside a 2xx answer, if there is one."""
    if not 200 <= reply.status < 300:
        return None
    if schema in SAYS_SUCCESS and reply.text.strip().lower() != "success":
        return Outcome(answer=Answer.RETRY, detail=reply.words)
    return hidden_error(reply.json) if isinstance(reply.json, Mapping) else None


def _cut(text: str, most: int) -> str:
    """Text that takes no more than so many bytes, cut between characters.

    >>> _cut("青禾乳业", 9)
    '青禾…'
    """
    data = text.encode("utf-8", "replace")
    return data.decode() if len(data) <= most else data[: max(0, most - 3)].decode("utf-8", "ignore") + "…"
