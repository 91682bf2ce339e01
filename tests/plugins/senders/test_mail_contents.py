"""What is in a mail: text and HTML, the curve inside the message, and nothing that a page put there."""

import email.policy
import itertools
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.headerregistry import Address
from html.parser import HTMLParser
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from peer import delivery_over
from PIL import Image

from yuqing_daemon import Alert, Event, Heat, Level, Match, Post, Recipient, Topic
from yuqing_daemon.rules.notice import render_notice
from yuqing_plugins.senders import _picture, mail
from yuqing_plugins.senders._service import chat_text
from yuqing_plugins.senders.mail import PRESETS, Options, compose

NOW = datetime(2026, 3, 1, 1, 12, tzinfo=UTC)
CURVE = tuple((NOW + timedelta(minutes=10 * n), 40 * n, None if n < 3 else n) for n in range(12))
SENDER, RECIPIENT = Address("舆情监测", addr_spec="yuqing@qinghe.example"), Address(addr_spec="wang@qinghe.example")


def notice(words="变质", curve=CURVE, **changed):
    event = Event(id=12, topic="food", title=words, level=Level.MAJOR, found_at=NOW, updated_at=NOW, heat=Heat(posts=2))
    post = Post(url="https://bbs.example/1", source="bbs", title=words, text=f"打开已经{words}了", fetched_at=NOW)
    given = {
        "alert": Alert(event=12, purpose="found", level=Level.MAJOR, reason=words, roles=()),
        "event": event,
        "topic": Topic(id="food", name=words),
        "posts": (replace(post, site=words, source_name=words), replace(post, url=words)),
        "matches": (Match(topic="food", span=words),),
        "organisation": words,
        "recipient": Recipient(id="wang", name=words),
        "role": words,
        "link": "https://yuqing.example/ack/token",
        "timezone": ZoneInfo("Asia/Shanghai"),
        "now": NOW,
        "curve": curve,
    }
    return render_notice(**{**given, **changed})


def composed(rendered):
    delivery = replace(delivery_over("mail", "wang@qinghe.example"), notice=rendered, created_at=NOW)
    message = compose(delivery, SENDER, RECIPIENT)
    return message_from_bytes(message.as_bytes(), policy=email.policy.default)


def html_of(message):
    return message.get_body(("html",)).get_content()


def test_the_curve_is_inside_the_message_and_drawn_the_same_each_time():
    rendered = notice()
    message = composed(rendered)
    (image,) = [part for part in message.walk() if part.get_content_type() == "image/png"]
    assert image["Content-ID"] == f"<{mail.CURVE}>"
    assert f'src="cid:{mail.CURVE}"' in html_of(message)
    assert Image.open(BytesIO(image.get_content())).size[0] == 960
    assert composed(rendered).as_bytes() == message.as_bytes()


def test_without_a_library_to_draw_the_curve_is_in_words(monkeypatch):
    def absent(_chart):
        raise ModuleNotFoundError("PIL")

    monkeypatch.setattr(_picture, "_png", absent)
    _picture._drawn.cache_clear()
    message = composed(notice())
    assert "<img" not in html_of(message)
    assert "阅读 0 → 440，评论 未知 → 11" in html_of(message)
    assert next(part.get_content_type() for part in message.walk()) == "multipart/alternative"
    _picture._drawn.cache_clear()


@pytest.mark.parametrize("curve", [(), CURVE[:1]])
def test_one_reading_makes_no_curve(curve):
    message = composed(notice(curve=curve))
    assert "cid:" not in html_of(message)
    assert not [part for part in message.walk() if part.get_content_type() == "image/png"]


def test_the_matched_word_is_marked_and_the_button_leads_to_the_confirmation():
    text = html_of(composed(notice()))
    assert ">变质</b>" in text
    assert 'href="https://yuqing.example/ack/token"' in text


# -- what a page may try ------------------------------------------------------------------------------

TAGS = [
    "script",
    "img",
    "svg",
    "iframe",
    "a",
    "form",
    "style",
    "meta",
    "object",
    "math",
    "video",
    "body",
    "details",
    "base",
]
HANDLERS = ["onerror=alert(1)", "onload=alert(1)", 'onmouseover="alert(1)"', "ontoggle=alert(1) open"]
SCHEMES = ["javascript:alert(1)", "data:text/html,x", "vbscript:x", " jAvAsCrIpT:alert(1)", "java\tscript:alert(1)"]
BREAKS = ['"><', "'><", "--><", "]]><", "</title><", "</style><", "</b><", "&quot;><", '\\"><']
VECTORS = [
    *(f"{start}{tag} {handler}>" for start, tag, handler in itertools.product(['"><', "'><", "<"], TAGS, HANDLERS)),
    *(f'<a href="{scheme}">x</a>' for scheme in SCHEMES),
    *(f"<img src='{scheme}'>" for scheme in SCHEMES),
    *(scheme for scheme in SCHEMES),
    *(f"{start}script>alert(1)</script>" for start in BREAKS),
    *(f"{start}img src=x onerror=alert(1)>" for start in BREAKS),
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)",
    "＜script＞alert(1)＜/script＞",
    "{{ 7*7 }}<script>",
    "<scr\x00ipt>alert(1)</scr\x00ipt>",
    "<<script>alert(1);//<</script>",
    "变质\r\nBcc: evil@x.example\r\n\r\n<script>",
    "=?utf-8?q?=0ABcc:_evil@x.example?=",
]


class Parsed(HTMLParser):
    """What a browser would make of it."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.attributes, self.links = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append(tag)
        self.attributes += [name for name, _ in attrs]
        self.links += [value for name, value in attrs if name in ("href", "src", "action", "srcset")]


def test_there_are_200_vectors():
    assert len(set(VECTORS)) >= 200


@pytest.mark.parametrize("vector", VECTORS)
def test_a_page_puts_no_script_no_handler_and_no_other_scheme_into_a_mail(vector):
    rendered = notice(vector)
    page, clean = Parsed(rendered.html), Parsed(notice("变质").html)
    assert set(page.elements) <= set(clean.elements)
    assert not [name for name in page.attributes if name.startswith("on")]
    assert all(link.startswith(("https://", f"cid:{mail.CURVE}")) for link in page.links)
    assert "\n" not in rendered.subject and len(rendered.short) <= 70


@pytest.mark.parametrize("vector", VECTORS)
def test_a_page_puts_no_link_no_tag_and_no_mention_into_a_chat(vector):
    rendered = notice(vector)
    ours = re.sub(r"\[[^]\[]*\]\(https://(bbs|yuqing)\.example/[^)]*\)", "", rendered.markdown)
    assert not set("<[]`") & set(ours)
    delivery = replace(delivery_over("wecom", "group"), notice=rendered)
    assert "<" not in chat_text(delivery)


@pytest.mark.parametrize("vector", VECTORS[-4:])
def test_a_page_adds_no_header(vector):
    message = composed(notice(vector))
    known = {"From", "To", "Subject", "Date", "Message-ID", "References", "In-Reply-To", "Auto-Submitted"}
    known |= {"X-Yuqing-Delivery", "MIME-Version", "Content-Type"}
    assert set(message.keys()) <= known


# -- the usual hosts ----------------------------------------------------------------------------------


def test_a_preset_is_host_port_tls_and_the_address_that_logs_in():
    for name, host in PRESETS.items():
        options = Options(preset=name, from_address="舆情 <a@qq.com>", password="x")
        assert options.server() == (host, 465, "tls")
        assert options.login() == "a@qq.com"
        assert not list(options.misfits())


def test_what_is_written_goes_before_what_is_usual():
    options = Options(
        preset="qq", from_address="a@qq.com", host="mail.example.com", port=587, security="starttls", user="u"
    )
    assert options.server() == ("mail.example.com", 587, "starttls")
    assert options.login() == "u"
    assert Options(host="a", from_address="a@b.cn").server() == ("a", 25, "none")
    assert Options(host="a", from_address="a@b.cn", security="starttls").server()[1] == 587
    assert Options(host="a", from_address="a@b.cn").login() == ""


def test_a_channel_without_a_server_or_a_password_is_told_at_load():
    assert [key for key, _, _ in Options(from_address="a@b.cn").misfits()] == ["host"]
    assert [key for key, _, _ in Options(from_address="a@qq.com", preset="qq").misfits()] == ["password"]
