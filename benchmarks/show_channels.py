"""What arrives on each channel, as text: every template through every sender, an ordinary event and a hostile one.

``python benchmarks/show_channels.py`` prints it; with ``--write`` it goes between the marks in docs/channels.md, and
the curve of the mail into docs/pictures. A test compares the document with what is printed.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address as MailAddress
from pathlib import Path
from zoneinfo import ZoneInfo

from lxml import html

from yuqing_daemon import Alert, Channel, Delivery, Event, Heat, Level, Match, Notice, Opinion, Post, Recipient, Topic
from yuqing_daemon.domain import Duty, DutyState
from yuqing_daemon.rules import bundle
from yuqing_daemon.rules.notice import render_notice, render_plain
from yuqing_plugins.senders import (
    _picture,
    aliyun_sms,
    aliyun_voice,
    apprise,
    dingtalk,
    dingtalk_app,
    feishu,
    feishu_app,
    mail,
    serverchan,
    tencent_sms,
    tencent_voice,
    webhook,
    wecom,
    wecom_app,
)
from yuqing_plugins.senders._service import chat_markdown, chat_text, json_bytes, split_bytes

DOC = Path(__file__).resolve().parents[1] / "docs" / "channels.md"
PICTURE = DOC.parent / "pictures" / "curve.png"
MARKS = re.compile(r"(?<=<!-- shown -->\n).*?(?=<!-- /shown -->)", re.DOTALL)
NOW = datetime(2026, 3, 1, 1, 12, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
CURVE = tuple((NOW - timedelta(minutes=60 - 5 * n), 20 * n * n // 2 + 24, 3 * n) for n in range(13))
HOSTILE = (
    "Größe & Übelkeit 😀𠮷 <script>alert(1)</script><img src=x onerror=alert(1)> [点我](javascript:alert(1)) "
    '<@all> <at id=all></at> {{ 7*7 }}\r\nBcc: evil@x.example\r\n\r\n"><b>'
) + "长" * 10_000
OTHER = {"zh": "【一般】食堂排队太久（后勤 E13）", "en": "[GENERAL] Long queues (canteen E13)"}
ALIYUN = {"access_key_id": "k", "access_key_secret": "s"}
TENCENT = {"secret_id": "k", "secret_key": "s", "app_id": "1400006666"}


def notice(
    words: str = "青禾乳业一批次酸奶被指变质",
    language: str = "zh",
    purpose: str = "raise:major:3",
    reason: str = "reads 1464 >= 1000",
) -> Notice:
    """An event at its second level: one post, two clocks, a curve, a doubt; ``words`` are what pages say."""
    is_hostile = words == HOSTILE
    role = "office" if language == "en" else "舆情办"
    duty = Duty(
        event=12, rule="上报领导小组", owner=role, state=DutyState.OPEN, started_at=NOW, due_at=NOW + timedelta(hours=1)
    )
    return render_notice(
        alert=Alert(event=12, purpose=purpose, level=Level.MAJOR, reason=reason, roles=()),
        event=Event(
            id=12, topic="food", title=words, level=Level.MAJOR, rev=3,
            found_at=NOW - timedelta(hours=1), updated_at=NOW, heat=Heat(reads=1464, mainstream=2, posts=7),
            key_words=words if is_hostile else "酸奶 变质 青禾 拉肚子",
        ),
        topic=Topic(id="food", name="食品安全"),
        posts=(
            Post(
                url="javascript:alert(1)" if is_hostile else "https://bbs.qinghe.example/t/1",
                source="bbs",
                title=words if is_hostile else "求助：买到的酸奶变质了",
                text=words if is_hostile else "昨天在超市买的青禾酸奶，打开已经变质，孩子喝了拉肚子。",
                site=words if is_hostile else "bbs.qinghe.example",
                published_at=NOW - timedelta(hours=2),
                fetched_at=NOW,
            ),
        ),
        matches=(Match(topic="food", span="<script>" if is_hostile else "变质"),),
        organisation="青禾乳业",
        recipient=Recipient(id="wang", name="Director Wang" if language == "en" else "王主任", language=language),
        role=role,
        link="https://yuqing.qinghe.example/ack/token",
        timezone=ZONE,
        now=NOW,
        duties=(duty, replace(duty, rule="写出书面报告", due_at=NOW - timedelta(minutes=12))),
        curve=CURVE,
        opinions=(Opinion(detail="claim", reason=words if is_hostile else "喝了拉肚子", confidence=0.5, unsure=True),),
    )  # fmt: skip


def folded(language: str = "zh") -> Notice:
    """One message for three notices."""
    lines = [("E12", Level.MAJOR, notice(language=language).subject), ("E13", Level.GENERAL, OTHER[language])]
    each = [
        bundle.Folded(key=f"{code}:{n}", event=int(code[1:]), purpose="found", level=level, at=NOW, subject=subject)
        for n, (code, level, subject) in enumerate([*lines, lines[0]])
    ]
    return bundle.render(each, organisation="青禾乳业", language=language, timezone=ZONE)


def over(sender: str, content: Notice, to: str = "wang", **options: object) -> Delivery:
    """The notice on its way over one channel."""
    return Delivery(
        key=f"E12:raise:major:3:{sender}:wang",
        event=12,
        event_code="E12",
        purpose="raise:major:3",
        level=Level.MAJOR,
        recipient="wang",
        role="office",
        channel=Channel(id=sender, sender=sender, options=options),
        to=to,
        notice=content,
        created_at=NOW,
        id=41,
    )


def shown() -> str:
    """The whole section."""
    parts = ["### An ordinary event\n", *_on_every_channel(notice())]
    parts += ["### The same in English\n", *_on_every_channel(notice(language="en"))]
    parts += [
        "### A hostile one\n",
        "The title, the post and the site's name are 10,000 characters long and hold umlauts, emoji, characters of\n"
        "four bytes, HTML, markdown, mentions, a template and line breaks with a mail header; the post's address is\n"
        "`javascript:`.\n",
        *_on_every_channel(notice(HOSTILE)),
    ]
    closed = notice(purpose="closed:4:20260301", reason="closed by 李主任: 已致歉并退货")
    parts += ["### A correction, which asks for nothing\n", _block(_mail_text(closed)), _block(closed.short)]
    parts += ["### One message for many\n", *(_block(_mail_text(folded(language))) for language in OTHER)]
    parts += ["### A test, a drill, and a word about the daemon\n"]
    parts += [_block(notice(purpose=each, language=lang).short) for each in ("test:1", "drill:1") for lang in OTHER]
    parts += [_block(_mail_text(render_plain(subject="渠道 sms 中断", text="它拒绝我们：535", language="zh")))]
    return "\n".join(parts)


def _on_every_channel(content: Notice) -> Iterator[str]:
    yield from _mail(content)
    yield from _chats(content)
    yield from _phones(content)
    yield "`webhook`\n"
    yield _block(json.dumps(webhook.cloud_event(over("webhook", content)), ensure_ascii=False, indent=1), "json")
    yield '`webhook` with `payload = "alertmanager"`\n'
    yield _block(json.dumps(webhook.alertmanager(over("webhook", content)), ensure_ascii=False, indent=1), "json")


def _mail(content: Notice) -> Iterator[str]:
    sender, to = (
        MailAddress("舆情监测", addr_spec="yuqing@qinghe.example"),
        MailAddress("王主任", addr_spec="wang@qinghe.example"),
    )
    message = mail.compose(over("mail", content, "wang@qinghe.example"), sender, to)
    headers = "\n".join(f"{name}: {value}" for name, value in message.items() if not name.startswith("Content"))
    body = message.get_body(("plain",))
    assert body is not None
    yield "`mail`, headers and text\n"
    yield _block(f"{headers}\n\n{body.get_content().rstrip()}")
    page = message.get_body(("html",))
    assert page is not None
    yield "`mail`, HTML as its words and links; the picture is inside the message: ![the curve](pictures/curve.png)\n"
    yield _block("\n".join(_lines(page.get_content())))


def _lines(page: str) -> Iterator[str]:
    """An HTML page as a reader sees it: marked words in *stars*, links in <angles>, pictures in [brackets]."""
    tree = html.fromstring(page)
    for element in tree.iter():
        if element.tag == "b" and element.get("style", "").startswith("background"):
            element.text = f"*{element.text}*"
        if element.tag == "a":
            element.text = f"{(element.text or '').strip()} <{element.get('href')}>"
        if element.tag == "img":
            element.tail = f"[{element.get('src')}: {element.get('alt')}]{element.tail or ''}"
        if element.tag == "br":
            element.tail = f"\n{(element.tail or '').lstrip()}"
    body = tree.find("body")
    for block in body if body is not None else ():
        text = "\n".join(" ".join(line.split()) for line in block.text_content().split("\n") if line.strip())
        if text:
            yield text


def _chats(content: Notice) -> Iterator[str]:
    text, markdown = chat_text(over("wecom", content)), chat_markdown(over("wecom", content))
    for name, what, most in (("wecom", text, 2048), ("wecom", markdown, 4096)):
        parts = split_bytes(what, most)
        kind = "text" if most == wecom.MOST["text"] else "markdown"
        number = "1 part" if len(parts) == 1 else f"{len(parts)} parts"
        yield f"`{name}`, {kind}: {number}, {len(what.encode())} of {most} bytes\n"
        yield _block("\n\n".join(parts), kind)
    options = dingtalk.Options(url="https://oapi.dingtalk.com/robot/send?access_token=TOKEN")
    payload = dingtalk.payload_of(markdown, over("dingtalk", content, "13800000000"), options)
    yield f"`dingtalk`, markdown: {len(json_bytes(payload))} of {dingtalk.MOST} bytes; its title and its end\n"
    yield _block(f"{payload['markdown']['title']}\n…{payload['markdown']['text'][-30:]}")
    card = feishu.card_message(over("feishu", content))
    yield f"`feishu`, card: {len(json_bytes(card))} of {feishu.MOST} bytes; its head and its button\n"
    yield _block(
        json.dumps([card["card"]["header"], card["card"]["elements"][1]], ensure_ascii=False, indent=1), "json"
    )
    yield from _apps(content)


def _apps(content: Notice) -> Iterator[str]:
    options = wecom_app.Options(corp_id="ww1", secret="s", agent_id=1000002, format="card")
    delivery = over("wecom_app", content)
    sent = wecom_app.payload_of(wecom_app.parts_of(delivery, options)[0], delivery, options)
    yield f"`wecom_app`, card: {len(sent['textcard']['description'].encode())} of {wecom_app.CARD} bytes\n"
    yield _block(json.dumps(sent["textcard"], ensure_ascii=False, indent=1), "json")
    options = replace(options, token="t", aes_key="a" * 43)
    sent = wecom_app.payload_of(wecom_app.parts_of(delivery, options)[0], delivery, options)
    yield "`wecom_app`, a card whose button calls back, its text the same\n"
    shown = {name: sent["template_card"][name] for name in ("card_type", "main_title", "button_list", "card_action")}
    yield _block(json.dumps(shown, ensure_ascii=False, indent=1), "json")
    message = dingtalk_app.message_of(
        over("dingtalk_app", content), dingtalk_app.Options(app_key="k", app_secret="s", agent_id=1)
    )
    yield f"`dingtalk_app`, card: {len(json_bytes(message))} of {dingtalk_app.MOST} bytes; the markdown above\n"
    large = feishu_app.payload_of(over("feishu_app", content), feishu_app.Options(app_id="c", app_secret="s"))
    yield f"`feishu_app`, card: {len(large['content'].encode())} of {feishu_app.CARD} bytes; as the robot's\n"
    card = feishu.card_of(over("feishu_app", content), "", calls_back=True)
    yield "`feishu_app`, a button that calls back\n"
    yield _block(json.dumps([card["elements"][1], card["card_link"]], ensure_ascii=False, indent=1), "json")
    pushed = serverchan.payload_of(over("serverchan", content, "SCT1T"))
    text = apprise.fitting(content, "wecombot")
    used = len(f"{content.subject}\r\n{text}".encode())
    yield f"`apprise`, the subject as title and the mail's text; with `wecombot://` {used} of 2048 bytes, its end\n"
    yield _block(f"{content.subject}\n…{text[-30:]}")
    yield f"`serverchan`: the title, {len(pushed['title'])} of {serverchan.TITLE} characters; the markdown above\n"
    yield _block(pushed["title"])


def _phones(content: Notice) -> Iterator[str]:
    yield f"`sms`: {len(content.short)} of 70 characters\n"
    yield _block(content.short)
    yield "`sms` that can be answered, with `callback_number` and `callback_text`\n"
    yield _block(content.answerable)
    sms = aliyun_sms.Options(**ALIYUN, sign_name="青禾乳业", template_code="SMS_1")
    voice = aliyun_voice.Options(**ALIYUN, template_code="TTS_1")
    spoken = aliyun_voice.request_of(over("aliyun_voice", content, "13800000000"), voice)[1]["TtsParam"]
    yield "`aliyun_sms` and `aliyun_voice`, the variables of their templates\n"
    yield _block(
        f"{aliyun_sms.parameters_of(over('aliyun_sms', content, '13800000000'), sms)['TemplateParam']}\n{spoken}",
        "json",
    )
    message = tencent_sms.Options(**TENCENT, sign_name="青禾乳业", template_id="1")
    call = tencent_voice.Options(**TENCENT, template_id="1")
    yield "`tencent_sms` and `tencent_voice`, the variables of their templates\n"
    told = tencent_sms.payload_of(over("tencent_sms", content, "13800000000"), message)["TemplateParamSet"]
    said = tencent_voice.payload_of(over("tencent_voice", content, "13800000000"), call)["TemplateParamSet"]
    yield _block(f"{json.dumps(told, ensure_ascii=False)}\n{json.dumps(said, ensure_ascii=False)}", "json")


def _mail_text(content: Notice) -> str:
    return f"{content.subject}\n\n{content.text}"


def _block(text: str, kind: str = "text") -> str:
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return f"```{'text' if kind == 'json' else kind}\n{lines}\n```\n"


def main(arguments: list[str]) -> int:
    section = shown()
    if arguments != ["--write"]:
        print(section)
        return 0
    DOC.write_text(MARKS.sub(lambda _: section, DOC.read_text("utf-8")), "utf-8")
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_bytes(_picture.picture(notice()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
