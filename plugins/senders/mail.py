"""Mail over SMTP: one recipient a message, the same message on every attempt."""

from __future__ import annotations

import contextlib
import hashlib
import re
import smtplib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formatdate
from typing import Literal

from yuqing_daemon import Answer, Delivery, Notice, Outcome, hookimpl

from ._answers import hide
from ._http import one_line
from ._picture import picture
from ._wire import deadline, shut, trust

# Where a 5xx ends this message, and whether the fault is the whole channel's. A 5xx anywhere else, in the
# greeting for example, is a server in trouble, and so is every 4xx: both are tried again.
FINAL_AT = {"STARTTLS": True, "AUTH": True, "MAIL": False, "RCPT": False, "DATA": False}
POLICY = SMTP.clone(cte_type="7bit")  # so that no server on the way has to know 8BITMIME
NAMED = re.compile(r'"?(?P<name>[^<>"]*?)"?\s*<(?P<spec>[^<>\s]+)>')
ATOM, LABEL = r"[\w!#$%&'*+/=?^`{|}~-]+", r"[a-zA-Z0-9-]+"
ADDRESS = re.compile(rf"{ATOM}(\.{ATOM})*@{LABEL}(\.{LABEL})*", re.ASCII)
QUEUE_ID = re.compile(r"(?:queued as|\bid=)\s*([\w.-]+)", re.IGNORECASE)


# The usual hosts: all of them speak TLS from the first byte, and want the address that logs in as the sender.
PRESETS = {
    "qq": "smtp.qq.com",
    "exmail": "smtp.exmail.qq.com",
    "163": "smtp.163.com",
    "126": "smtp.126.com",
    "yeah": "smtp.yeah.net",
    "qiye163": "smtphz.qiye.163.com",
    "aliyun": "smtp.aliyun.com",
    "qiye-aliyun": "smtp.qiye.aliyun.com",
    "directmail": "smtpdm.aliyun.com",
    "139": "smtp.139.com",
    "sina": "smtp.sina.com",
}
PORTS = {"none": 25, "starttls": 587, "tls": 465}
Preset = Literal[
    "", "qq", "exmail", "163", "126", "yeah", "qiye163", "aliyun", "qiye-aliyun", "directmail", "139", "sina"
]
CURVE = "curve@yuqing"  # how the HTML part names the picture
IMAGE = re.compile(rf'<img\b[^>]*?src="cid:{CURVE}"[^>]*?alt="([^"]*)"[^>]*>')


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The channel options of ``sender = "mail"``."""

    from_address: str  # as in 舆情监测 <yuqing@example.com>
    host: str = ""
    preset: Preset = ""  # a usual host by name: its host, port and TLS
    port: int = 0  # 0: the usual one of the security
    security: Literal["none", "starttls", "tls"] = "none"
    user: str = ""  # empty: no login, and with a preset the address it is from
    password: str = field(default="", repr=False)  # 授权码 of the usual hosts, not the one people log in with
    ca_file: str = ""  # further authorities to trust, PEM
    timeout: float = 20.0  # seconds for each answer of the server; four times that for the whole message
    per_second: int = 0  # most messages of the channel in a second; 0: no limit
    per_minute: int = 0  # and in a minute

    def misfits(self) -> Iterator[tuple[str, str, str]]:
        """What is wrong with options that are each right by themselves."""
        if not self.host and not self.preset:
            yield "host", 'this key, or preset = "qq" and the like', 'host = "mail.example.com"'
        if self.preset and not self.password:
            yield "password", f"this key: {PRESETS[self.preset]} takes mail from those who log in", "password = { ... }"

    def server(self) -> tuple[str, int, str]:
        """Host, port and security."""
        security = "tls" if self.preset and self.security == "none" else self.security
        return self.host or PRESETS[self.preset], self.port or PORTS[security], security

    def login(self) -> str:
        """Who logs in; nobody if it is empty."""
        return self.user or (_address(self.from_address).addr_spec if self.preset else "")


class _Refusal(Exception):
    """The server will not go on, or we will not."""

    def __init__(self, answer: Answer, detail: str, *, pause_channel: bool = False) -> None:
        super().__init__(detail)
        self.outcome = Outcome(answer=answer, detail=one_line(detail), pause_channel=pause_channel)


@hookimpl(trylast=True)
def send(delivery: Delivery) -> Outcome | None:
    """Hand one message to the mail server."""
    if delivery.channel.sender != "mail":
        return None
    options = Options(**delivery.channel.options)
    try:
        sender, recipient = _address(options.from_address, pause_channel=True), _address(delivery.to)
        message = compose(delivery, sender, recipient)
        with _session(options) as server:
            outcome = _hand_over(server, message, sender.addr_spec, recipient.addr_spec)
    except _Refusal as refusal:
        outcome = refusal.outcome
    return hide(outcome, delivery.to, options.password)


def compose(delivery: Delivery, sender: Address, recipient: Address) -> EmailMessage:
    """The message: its id comes from the delivery's key, its thread from the event."""
    notice, digest = delivery.notice, hashlib.sha256(delivery.key.encode()).hexdigest()
    message = EmailMessage(policy=POLICY)
    message["From"] = sender
    message["To"] = recipient
    message["Subject"] = _flat(notice.subject)
    promised_at = delivery.created_at
    message["Date"] = format_datetime(promised_at) if promised_at else formatdate()
    message["Message-ID"] = f"<{digest}@{sender.domain}>"
    if delivery.event_code:
        root = f"<event-{_flat(delivery.event_code)}@{sender.domain}>"
        message["References"] = root
        message["In-Reply-To"] = root
    message["Auto-Submitted"] = "auto-generated"
    message["X-Yuqing-Delivery"] = _flat(delivery.key)
    message.set_content(_encodable(notice.text))
    if notice.html:
        _add_html(message, notice)
    for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
        part.set_boundary(f"=_{digest[:32]}{number or ''}")
    return message


def _add_html(message: EmailMessage, notice: Notice) -> None:
    """The HTML part with its picture, or with the picture's words where none could be drawn."""
    html = _encodable(notice.html)
    image = picture(notice) if CURVE in html else b""
    message.add_alternative(html if image else IMAGE.sub(r"\1", html), subtype="html")
    if image:
        part = message.get_payload()[1]
        part.add_related(image, "image", "png", cid=f"<{CURVE}>", disposition="inline", filename="curve.png")


def _address(text: str, *, pause_channel: bool = False) -> Address:
    """One address, bare or as in ``王主任 <wang@example.com>``; a domain in Chinese is written as its ASCII form.

    Read strictly: a lenient reader can be led to an address that nobody listed (R18).
    """
    named = NAMED.fullmatch(text.strip())
    name, spec = (named["name"], named["spec"]) if named else ("", text.strip())
    local, _, domain = spec.rpartition("@")
    with contextlib.suppress(UnicodeError):
        spec = f"{local}@{domain.encode('idna').decode()}"
    if not ADDRESS.fullmatch(spec):
        detail = "config error: this is not a mail address in ASCII"
        raise _Refusal(Answer.PERMANENT, detail, pause_channel=pause_channel)
    return Address(display_name=_flat(name), addr_spec=spec)


def _flat(text: str) -> str:
    """One line without control characters: nothing can break out of a header."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _encodable(text: str) -> str:
    """Text without halves of surrogate pairs, which no encoding can write."""
    return text.encode("utf-8", "replace").decode()


# -- the conversation -----------------------------------------------------------------------------


@contextlib.contextmanager
def _session(options: Options) -> Iterator[smtplib.SMTP]:
    """A session that is greeted, secured and logged in."""
    host, port, security = options.server()
    with _stage("CONNECT"):
        context = trust(options.ca_file)
        server = (
            smtplib.SMTP_SSL(host, port, timeout=options.timeout, context=context)
            if security == "tls"
            else smtplib.SMTP(host, port, timeout=options.timeout)
        )
    with contextlib.closing(server), deadline(4 * options.timeout, lambda: shut(server.sock)):
        with _stage("EHLO"):
            server.ehlo_or_helo_if_needed()
        if security == "starttls":
            with _stage("STARTTLS"):
                server.starttls(context=context)
                server.ehlo_or_helo_if_needed()
        if user := options.login():
            with _stage("AUTH"):
                server.login(user, options.password)
        yield server
        with contextlib.suppress(OSError):
            server.putcmd("QUIT")  # its answer changes nothing


def _hand_over(server: smtplib.SMTP, message: EmailMessage, sender: str, recipient: str) -> Outcome:
    """MAIL, RCPT, DATA. Once the final dot is out and no answer comes, the message may have been taken."""
    with _stage("MAIL"):
        _expect("MAIL", server.mail(sender))
    with _stage("RCPT"):
        _expect("RCPT", server.rcpt(recipient))
    with _stage("DATA"):
        _expect("DATA", server.docmd("DATA"), 354)
        server.send(re.sub(rb"(?m)^\.", b"..", message.as_bytes()) + b".\r\n")
    try:
        code, words = server.getreply()
    except OSError as error:
        return Outcome(answer=Answer.UNKNOWN, detail=f"link lost after the final dot: {one_line(error)}")
    if code < 0:
        return Outcome(answer=Answer.UNKNOWN, detail="an answer nobody can read after the final dot")
    _expect("DATA", (code, words))
    text = words.decode("utf-8", "replace")
    queued = QUEUE_ID.search(text)
    return Outcome(answer=Answer.ACCEPTED, detail=one_line(f"{code} {text}"), provider_id=queued[1] if queued else "")


@contextlib.contextmanager
def _stage(stage: str) -> Iterator[None]:
    """Turn what goes wrong at one stage into its outcome."""
    try:
        yield
    except smtplib.SMTPResponseException as error:
        _expect(stage, (error.smtp_code, error.smtp_error))
    except ssl.SSLCertVerificationError as error:
        raise _Refusal(Answer.PERMANENT, f"{stage}: {error}", pause_channel=True) from error
    except smtplib.SMTPServerDisconnected as error:
        raise _Refusal(Answer.RETRY, f"{stage}: link lost: {error}") from error
    except smtplib.SMTPException as error:  # STARTTLS or AUTH is not offered
        raise _Refusal(Answer.PERMANENT, f"{stage}: {error}", pause_channel=True) from error
    except ValueError as error:  # its text would hold a piece of the password
        raise _Refusal(Answer.PERMANENT, f"{stage}: not in ASCII", pause_channel=True) from error
    except OSError as error:
        raise _Refusal(Answer.RETRY, f"{stage}: {error}") from error


def _expect(stage: str, reply: tuple[int, bytes | str], wanted: int = 250) -> None:
    """Raise the refusal that a reply means, unless it is of the wanted hundred."""
    code, words = reply
    if code // 100 == wanted // 100:
        return
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    final = 500 <= code < 600 and stage in FINAL_AT
    answer = Answer.PERMANENT if final else Answer.RETRY
    raise _Refusal(answer, f"{stage}: {code} {text}", pause_channel=final and FINAL_AT[stage])
