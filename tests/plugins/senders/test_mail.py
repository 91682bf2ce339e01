"""What the mail sender says of every way in which a mail server can fail, and what its messages look like."""

import email
import email.policy
import socket
from dataclasses import replace
from datetime import UTC, datetime
from email.headerregistry import Address

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from peer import KEY, delivery_over

from yuqing_daemon import Answer
from yuqing_plugins.senders.mail import _address, compose, send

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH")  # the fake server's own warning

FROM = "舆情监测 <yuqing@qinghe.example>"
TO = "王主任 <wang@qinghe.example>"


class Inbox:
    """An aiosmtpd handler that keeps what it is given, or refuses at one stage."""

    def __init__(self, stage="", reply=""):
        self.stage, self.reply, self.messages = stage, reply, []

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        envelope.mail_from = address
        return self.reply if self.stage == "MAIL" else "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.stage == "RCPT":
            return self.reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.stage == "DATA":
            return self.reply
        self.messages.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 2.0.0 Ok: queued as 4F1A2B3C"


@pytest.fixture
def inbox():
    """Start mail servers; they stop with the test."""
    started = []

    def start(handler=None, **options):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        controller = Controller(handler or Inbox(), hostname="127.0.0.1", port=port, **options)
        controller.start()
        started.append(controller)
        return controller

    yield start
    for controller in started:
        controller.stop()


def mail(port, to=TO, **options):
    options = {"host": "127.0.0.1", "port": port, "from_address": FROM, "timeout": 0.4, **options}
    return send(delivery_over("mail", to, **options))


def received(controller):
    (sender, recipients, content) = controller.handler.messages[-1]
    return sender, recipients, email.message_from_bytes(content, policy=email.policy.default)


def smtp_lines(*script, then=None):
    """A server that answers each line with the next reply of a script, and then does something else."""

    def talk(peer):
        lines = peer.sock.makefile("rb")
        for reply in script:
            peer.say(reply.encode() + b"\r\n")
            if reply.startswith("354"):
                while lines.readline() not in (b".\r\n", b""):
                    pass
            else:
                lines.readline()
        if then:
            then(peer)

    return talk


UP_TO_THE_DOT = ("220 hello", "250 hello", "250 ok", "250 ok", "354 go on")

REFUSALS = [
    ("MAIL", "421 4.3.2 shutting down", Answer.RETRY),
    ("MAIL", "451 4.3.0 try later", Answer.RETRY),
    ("MAIL", "550 5.7.1 not you", Answer.PERMANENT),
    ("RCPT", "421 4.3.2 shutting down", Answer.RETRY),
    ("RCPT", "450 4.2.0 greylisted", Answer.RETRY),
    ("RCPT", "451 4.3.0 try later", Answer.RETRY),
    ("RCPT", "452 4.2.2 mailbox full", Answer.RETRY),
    ("RCPT", "550 5.1.1 no such mailbox", Answer.PERMANENT),
    ("RCPT", "554 5.7.1 refused", Answer.PERMANENT),
    ("DATA", "451 4.3.0 try later", Answer.RETRY),
    ("DATA", "550 5.7.1 looks like spam", Answer.PERMANENT),
    ("DATA", "552 5.3.4 too big", Answer.PERMANENT),
    ("DATA", "554 5.6.0 refused", Answer.PERMANENT),
]


@pytest.mark.parametrize(("stage", "reply", "wanted"), REFUSALS)
def test_each_refusal_has_its_outcome_and_the_servers_words(inbox, stage, reply, wanted):
    outcome = mail(inbox(Inbox(stage, reply)).port)
    assert outcome.answer is wanted
    assert outcome.detail == f"{stage}: {reply}"
    assert not outcome.pause_channel


@pytest.mark.parametrize(
    ("talk", "wanted"),
    [
        (smtp_lines("421 too busy"), Answer.RETRY),
        (smtp_lines("554 no service"), Answer.RETRY),
        (smtp_lines("220 hello", "421 bye", "421 bye"), Answer.RETRY),
        (smtp_lines(then=lambda peer: peer.hang()), Answer.RETRY),
        (smtp_lines(then=lambda peer: peer.reset()), Answer.RETRY),
        (smtp_lines("220 hello", then=lambda peer: peer.hang()), Answer.RETRY),
        (smtp_lines("220 hello", "250 hello", then=lambda peer: peer.reset()), Answer.RETRY),
        (smtp_lines("220 hello", "250 hello", "250 ok", "250 ok", "451 not now"), Answer.RETRY),
        (smtp_lines(*UP_TO_THE_DOT, then=lambda peer: peer.reset()), Answer.UNKNOWN),
        (smtp_lines(*UP_TO_THE_DOT, then=lambda peer: peer.hang()), Answer.UNKNOWN),
        (smtp_lines(*UP_TO_THE_DOT, then=lambda peer: peer.drip()), Answer.UNKNOWN),
        (smtp_lines(*UP_TO_THE_DOT, "250 ok", then=lambda peer: peer.hang()), Answer.ACCEPTED),
        (smtp_lines(*UP_TO_THE_DOT, "250 ok", then=lambda peer: peer.reset()), Answer.ACCEPTED),
        (smtp_lines(*UP_TO_THE_DOT, "421 shutting down"), Answer.RETRY),
    ],
)
def test_each_broken_conversation_has_its_outcome(serve, talk, wanted):
    outcome = mail(serve(talk).port)
    assert outcome.answer is wanted, outcome


def test_nobody_listening_is_tried_again(closed_port):
    assert mail(closed_port).answer is Answer.RETRY


def test_a_name_nobody_knows_is_tried_again():
    assert mail(25, host="nobody.invalid").answer is Answer.RETRY


def test_a_taken_message_keeps_the_servers_words_and_queue_id(inbox):
    outcome = mail(inbox().port)
    assert outcome.answer is Answer.ACCEPTED
    assert outcome.detail == "250 2.0.0 Ok: queued as 4F1A2B3C"
    assert outcome.provider_id == "4F1A2B3C"


def test_the_message_reads_as_it_should(inbox):
    controller = inbox()
    mail(controller.port)
    sender, recipients, message = received(controller)
    assert (sender, recipients) == ("yuqing@qinghe.example", ["wang@qinghe.example"])
    assert message["From"].addresses[0].display_name == "舆情监测"
    assert message["To"].addresses[0].display_name == "王主任"
    assert message["Subject"] == "【重大】青禾乳业一批次酸奶被指变质"
    assert message["References"] == message["In-Reply-To"] == "<event-E12@qinghe.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Yuqing-Delivery"] == KEY
    assert isinstance(message["Date"].datetime, datetime)
    assert message.get_body(("plain",)).get_content().splitlines() == ["青禾乳业一批次酸奶被指变质", ".这一行以点开头"]
    assert message.get_body(("html",)).get_content() == "<p>青禾乳业</p>\r\n"


def test_a_line_that_begins_with_a_dot_arrives_whole(inbox):
    controller = inbox()
    options = {"host": "127.0.0.1", "port": controller.port, "from_address": FROM}
    delivery = delivery_over("mail", TO, **options)
    notice = replace(delivery.notice, text=".\n..\n.end\n", html="")
    assert send(replace(delivery, notice=notice)).answer is Answer.ACCEPTED
    assert received(controller)[2].get_content().splitlines() == [".", "..", ".end"]


def test_every_attempt_sends_the_same_bytes_and_dates_from_the_promise(inbox):
    controller = inbox()
    promised_at = datetime(2026, 3, 1, 1, 12, tzinfo=UTC)
    for _ in range(2):
        options = {"host": "127.0.0.1", "port": controller.port, "from_address": FROM}
        send(replace(delivery_over("mail", TO, **options), created_at=promised_at))
    (_, _, first), (_, _, second) = controller.handler.messages
    assert first == second
    assert b"\r\nDate: Sun, 01 Mar 2026 01:12:00 +0000\r\n" in first
    assert b"\r\nMessage-ID: <" in first


def test_two_deliveries_have_two_ids():
    sender = recipient = Address(addr_spec="a@qinghe.example")
    delivery = delivery_over("mail", TO)
    other = replace(delivery, key="E12:found:mail:li")
    assert compose(delivery, sender, recipient)["Message-ID"] != compose(other, sender, recipient)["Message-ID"]


def test_a_word_without_an_event_has_no_thread():
    sender = recipient = Address(addr_spec="a@qinghe.example")
    message = compose(replace(delivery_over("mail", TO), event=0, event_code=""), sender, recipient)
    assert message["References"] is None


def test_nothing_breaks_out_of_a_header(inbox):
    controller = inbox()
    delivery = delivery_over("mail", "王\r\nBcc: evil@x.example, <wang@qinghe.example>", host="127.0.0.1")
    delivery = replace(
        delivery,
        key="k\r\nBcc: evil@x.example",
        event_code="E12>\r\nBcc: evil@x.example",
        notice=replace(delivery.notice, subject="变质\r\nBcc: evil@x.example\r\n\r\nbody \ud800"),
        channel=replace(
            delivery.channel, options={"host": "127.0.0.1", "port": controller.port, "from_address": "a@b.example"}
        ),
    )
    assert send(delivery).answer is Answer.ACCEPTED
    _, recipients, message = received(controller)
    assert recipients == ["wang@qinghe.example"]
    assert message["Bcc"] is None


@pytest.mark.parametrize(
    "address",
    [
        "",
        "wang",
        "@x.example",
        "wang@",
        "a b@x.example",
        "王@x.example",
        "a@x..example",
        "a@x>\r\nRCPT TO:<b@x",
        "a@x, b@x",
        "王 <a@x> b@x",
    ],
)
def test_what_is_no_address_is_a_config_error(inbox, address):
    controller = inbox()
    outcome = mail(controller.port, to=address)
    assert outcome.answer is Answer.PERMANENT
    assert not outcome.pause_channel
    assert not controller.handler.messages


def test_a_sender_that_is_no_address_is_the_channels_fault(closed_port):
    outcome = mail(closed_port, from_address="舆情监测")
    assert outcome.answer is Answer.PERMANENT
    assert outcome.pause_channel


def test_a_chinese_domain_is_written_in_ascii():
    assert _address("wang@青禾.中国").addr_spec == "wang@xn--2lzs91d.xn--fiqs8s"


# -- logins and TLS -------------------------------------------------------------------------------


def lets_in(server, session, envelope, mechanism, data):
    return AuthResult(success=data.password == b"s3cret-canary", handled=False)


def test_a_refused_login_is_final_and_pauses_the_channel(inbox):
    controller = inbox(authenticator=lets_in, auth_required=True, auth_require_tls=False)
    outcome = mail(controller.port, user="yuqing", password="wrong-canary", timeout=5)
    assert outcome.answer is Answer.PERMANENT
    assert outcome.pause_channel
    assert "535" in outcome.detail
    assert "canary" not in outcome.detail


def test_the_right_password_is_let_in(inbox):
    controller = inbox(authenticator=lets_in, auth_required=True, auth_require_tls=False)
    assert mail(controller.port, user="yuqing", password="s3cret-canary").answer is Answer.ACCEPTED


def test_a_server_without_logins_pauses_a_channel_that_has_one(inbox):
    outcome = mail(inbox().port, user="yuqing", password="s3cret-canary")
    assert (outcome.answer, outcome.pause_channel) == (Answer.PERMANENT, True)


def test_a_login_that_cannot_be_checked_right_now_is_tried_again(serve):
    greeting = ("220 hello", "250-hello\r\n250 AUTH PLAIN", "454 4.7.0 temporary failure")
    outcome = mail(serve(smtp_lines(*greeting)).port, user="yuqing", password="s3cret-canary")
    assert (outcome.answer, outcome.pause_channel) == (Answer.RETRY, False)


def test_a_password_no_server_can_read_does_not_show(serve):
    peer = serve(smtp_lines("220 hello", "250-hello\r\n250 AUTH PLAIN"))
    outcome = mail(peer.port, user="yuqing", password="密码canary")
    assert (outcome.answer, outcome.pause_channel) == (Answer.PERMANENT, True)
    assert "canary" not in outcome.detail


def test_starttls_is_demanded_not_hoped_for(inbox):
    controller = inbox()
    outcome = mail(controller.port, security="starttls")
    assert (outcome.answer, outcome.pause_channel) == (Answer.PERMANENT, True)
    assert not controller.handler.messages


def test_starttls_with_a_trusted_certificate(inbox, authority):
    controller = inbox(tls_context=authority.context, require_starttls=True)
    outcome = mail(controller.port, security="starttls", ca_file=authority.file, timeout=5)
    assert outcome.answer is Answer.ACCEPTED, outcome


def test_a_certificate_nobody_vouches_for_pauses_the_channel(inbox, authority):
    controller = inbox(tls_context=authority.context, require_starttls=True)
    outcome = mail(controller.port, security="starttls", timeout=5)
    assert (outcome.answer, outcome.pause_channel) == (Answer.PERMANENT, True)
    assert "certificate" in outcome.detail
    assert not controller.handler.messages


def test_tls_from_the_first_byte(serve, authority):
    peer = serve(smtp_lines(*UP_TO_THE_DOT, "250 ok id=1abc-2"), authority.context)
    outcome = mail(peer.port, security="tls", ca_file=authority.file, timeout=5)
    assert (outcome.answer, outcome.provider_id) == (Answer.ACCEPTED, "1abc-2")
    stranger = mail(peer.port, security="tls", timeout=5)
    assert (stranger.answer, stranger.pause_channel) == (Answer.PERMANENT, True)


def test_it_leaves_other_senders_deliveries_alone():
    assert send(delivery_over("sms", TO)) is None
