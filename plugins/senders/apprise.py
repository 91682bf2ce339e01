"""Everything else by apprise: one apprise URL a delivery, and a second look at what the service answered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

from yuqing_daemon import Answer, Delivery, Notice, Outcome, hookimpl

from ._answers import CODE_FIELDS, hidden_error, hide, judge
from ._http import Reply
from ._service import cut_bytes
from ._watch import Watch, watching

if TYPE_CHECKING:  # apprise is loaded when a channel uses it: nobody else waits for its hundred services
    import apprise

# What people paste from a robot's page, and what apprise calls it.
PASTED = (
    (re.compile(r"https://oapi\.dingtalk\.com/robot/send\?access_token=([\w-]+)$"), r"dingtalk://\1/"),
    (re.compile(r"https://open\.feishu\.cn/open-apis/bot/v2/hook/([\w-]+)/?$"), r"feishu://\1/"),
)
# What apprise would send somewhere else than its writer thinks: why, and what to write instead.
REFUSED = (
    (
        re.compile(r"wecom://", re.I),
        "another URL: apprise takes wecom:// for PushPlus",
        "wecombot://KEY, or the sender wecom, for a 企业微信 robot; pushplus://TOKEN for PushPlus",
    ),
    (
        re.compile(r"schan://sctp", re.I),
        "another sender: apprise sends a Server酱3 key to the old host",
        'sender = "serverchan"',
    ),
    (
        re.compile(r"https?://(sctapi\.ftqq\.com|\d+\.push\.ft07\.com)/", re.I),
        "another sender",
        'sender = "serverchan"',
    ),
    (
        re.compile(r"https?://oapi\.dingtalk\.com/", re.I),
        "the robot's address without &timestamp and &sign",
        "dingtalk://TOKEN/",
    ),
)
MOST_BYTES = {"wecombot": 2048}  # title and text together
# Services that always answer with a code: a 200 without one comes from somebody else.
TELL_A_CODE = frozenset(
    {
        "bark",
        "chanify",
        "dingtalk",
        "feishu",
        "lark",
        "pushdeer",
        "pushplus",
        "qq",
        "schan",
        "spugpush",
        "wecombot",
        "wxpusher",
    }
)
SAYS_SUCCESS = {"pushme"}  # services whose only sign of success is the word success


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The channel options of ``sender = "apprise"``."""

    url: str = field(default="", repr=False)  # an apprise URL, {to} stands for the address; empty: the address is one
    internal: bool = False  # whether private and loopback targets may be reached
    timeout: float = 20.0  # seconds for one delivery
    per_second: int = 0  # most messages of the channel in a second; 0: no limit
    per_minute: int = 0  # and in a minute

    def misfits(self) -> Iterator[tuple[str, str, str]]:
        """What is wrong with the URL, as far as it can be told without an address."""
        if self.url and "{to}" not in self.url and (wrong := wrong_url(self.url)):
            yield "url", *wrong

    def misaddressed(self, to: str) -> tuple[str, str] | None:
        """What is wrong with an address, or with the URL that it makes."""
        return None if self.url and "{to}" not in self.url else wrong_url(address_of(self, to))


@hookimpl(trylast=True)
def send(delivery: Delivery) -> Outcome | None:
    """Send by apprise, with its own retries, redirects and escalation off."""
    if delivery.channel.sender != "apprise":
        return None
    options = Options(**delivery.channel.options)
    url = address_of(options, delivery.to)
    wrong = next((f"{why}; write {fix}" for trap, why, fix in REFUSED if trap.match(url)), "")
    service = None if wrong else _service(url, options)
    if service is None:
        return Outcome(answer=Answer.PERMANENT, detail=f"config error: {wrong or 'apprise cannot use this URL'}")
    with watching(internal=options.internal, timeout=options.timeout) as watch:
        status = _notify(service, delivery, options.timeout)
    return hide(_outcome(status, watch, service.schema), url, delivery.to)


def address_of(options: Options, to: str) -> str:
    """The apprise URL of a recipient; what people paste from a robot's page is put into apprise's words."""
    url = options.url.replace("{to}", quote(to, safe="")) if options.url else to
    for pasted, ours in PASTED:
        url = pasted.sub(ours, url)
    return url


def wrong_url(url: str) -> tuple[str, str] | None:
    """What apprise wants instead of this URL, and the fix; ``None`` if it can use it."""
    for trap, wanted, fix in REFUSED:
        if trap.match(url):
            return wanted, fix
    if _service(url, Options()) is None:
        return "a URL that apprise can use; it would leave this one out without a word", "see: apprise --details"
    return None


def _service(url: str, options: Options) -> apprise.NotifyBase | None:
    """The one service an apprise URL names, or ``None``; what the URL says of retries does not count."""
    import apprise

    asset = apprise.AppriseAsset(async_mode=False, http_redirects=False, app_id="yuqing-daemon")
    service = apprise.Apprise.instantiate(url, asset=asset)
    if service is not None:
        service.retry, service.optional, service.redirects = 0, False, False
        service.socket_connect_timeout = options.timeout / 2
        service.socket_read_timeout = options.timeout
    return service


def _notify(service: apprise.NotifyBase, delivery: Delivery, timeout: float) -> apprise.AppriseResultStatus:
    """Send the subject and the text as plain text."""
    import apprise

    title, text = delivery.notice.subject, fitting(delivery.notice, service.schema)
    manager = apprise.Apprise()
    manager.add(service)
    return manager.notify(body=text, title=title, body_format=apprise.NotifyFormat.TEXT.value, timeout=timeout).status


def fitting(notice: Notice, schema: str) -> str:
    """The text, cut for a service that counts bytes and refuses what is too long."""
    most = MOST_BYTES.get(schema)
    if most is None:
        return notice.text
    return cut_bytes(notice.text, most - len(notice.subject.encode("utf-8", "replace")) - len("\r\n"))


def _outcome(status: apprise.AppriseResultStatus, watch: Watch, schema: str) -> Outcome:
    """Apprise knows success from failure; the answers say the rest."""
    from apprise import AppriseResultStatus

    last = watch.replies[-1] if watch.replies else None
    hidden = next((bad for reply in watch.replies if (bad := _hidden(reply, schema)) is not None), None)
    if status is AppriseResultStatus.SUCCESS:
        return hidden or Outcome(answer=Answer.ACCEPTED, detail=last.words if last else "accepted")
    if watch.fault is not None:
        return watch.fault
    if hidden is not None:
        return hidden
    if last is not None and judge(last).answer is not Answer.ACCEPTED:
        return judge(last)
    if status is AppriseResultStatus.TIMEOUT:
        return Outcome(answer=Answer.UNKNOWN, detail="no answer in time")
    return Outcome(answer=Answer.RETRY, detail="apprise reports a failure and does not say which")


def _hidden(reply: Reply, schema: str) -> Outcome | None:
    """The error inside a 2xx answer, if there is one."""
    if not 200 <= reply.status < 300:
        return None
    if schema in SAYS_SUCCESS and reply.text.strip().lower() != "success":
        return Outcome(answer=Answer.RETRY, detail=reply.words)
    data = reply.json if isinstance(reply.json, Mapping) else {}
    if schema in TELL_A_CODE and not {*CODE_FIELDS, "success"} & data.keys():
        return Outcome(answer=Answer.UNKNOWN, detail=f"not an answer of this service: {reply.words}")
    return hidden_error(data)
