"""What docs/channels.md promises is what the senders do."""

import dataclasses
import importlib.util
import json
import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from peer import delivery_over, says

from yuqing_daemon import Alert, Event, Heat, Level, Match, Post, Recipient, Topic
from yuqing_daemon.rules.notice import render_notice
from yuqing_plugins.senders import (
    aliyun_sms,
    aliyun_voice,
    apprise,
    dingtalk,
    dingtalk_app,
    feishu,
    feishu_app,
    mail,
    serverchan,
    sms,
    tencent_sms,
    tencent_voice,
    webhook,
    wecom,
    wecom_app,
)
from yuqing_plugins.senders._service import ServiceOptions

ROOT = Path(__file__).parents[3]
DOC = (ROOT / "docs" / "channels.md").read_text(encoding="utf-8")
SENDERS = {
    "mail": mail,
    "webhook": webhook,
    "wecom": wecom,
    "dingtalk": dingtalk,
    "feishu": feishu,
    "wecom_app": wecom_app,
    "dingtalk_app": dingtalk_app,
    "feishu_app": feishu_app,
    "serverchan": serverchan,
    "sms": sms,
    "aliyun_sms": aliyun_sms,
    "aliyun_voice": aliyun_voice,
    "tencent_sms": tencent_sms,
    "tencent_voice": tencent_voice,
    "apprise": apprise,
}
# The options that every sender over HTTP has; docs/channels.md tells them once.
COMMON = {field.name: json.dumps(field.default) for field in dataclasses.fields(ServiceOptions)}


def section(name):
    return DOC.split(f"\n## {name}\n")[1].split("\n## ")[0]


def block(language, text=DOC):
    return re.search(rf"```{language}\n(.*?)```", text, re.DOTALL)[1]


@pytest.mark.parametrize("sender", SENDERS)
def test_every_option_is_told_with_its_default(sender):
    told = dict(re.findall(r"^\| `(\w+)` \| `?(.*?)`? \|", section(sender), re.MULTILINE))
    options = {}
    for field in dataclasses.fields(SENDERS[sender].Options):
        if field.default_factory is not dataclasses.MISSING:
            filled = field.default_factory()
            options[field.name] = "{" + ", ".join(text.strip("{}") for text in filled.values()) + "}"
        elif field.default == ():
            options[field.name] = "[]"
        elif field.default is dataclasses.MISSING:
            options[field.name] = "required"
        else:
            options[field.name] = json.dumps(field.default)
    assert told == {name: default for name, default in options.items() if COMMON.get(name) != default}


def test_the_options_of_all_are_told_once():
    told = dict(re.findall(r"^\| `(\w+)` \| `?(.*?)`? \|", section("Options of all"), re.MULTILINE))
    assert told == COMMON


@pytest.mark.parametrize("sender", SENDERS)
def test_the_examples_are_options_of_their_sender(sender):
    for channel in tomllib.loads(block("toml", section(sender)))["channels"].values():
        assert channel.pop("sender") == sender
        SENDERS[sender].Options(**channel)


def test_the_json_is_what_a_webhook_gets():
    found_at = datetime(2026, 3, 1, 0, 12, tzinfo=UTC)
    notice = render_notice(
        alert=Alert(event=12, purpose="raise:major:3", level=Level.MAJOR, reason="reads 1234 >= 1000", roles=()),
        event=Event(
            id=12,
            topic="food",
            title="青禾乳业一批次酸奶被指变质",
            key_words="酸奶 变质",
            level=Level.MAJOR,
            found_at=found_at,
            updated_at=found_at,
            heat=Heat(reads=1234, mainstream=2, posts=7),
            rev=3,
        ),
        topic=Topic(id="food"),
        posts=(
            Post(
                url="https://bbs.qinghe.example/t/1",
                source="bbs",
                title="求助：买到的酸奶变质了",
                text="昨天在超市买的青禾酸奶，打开已经变质，孩子喝了拉肚子。",
                site="bbs.qinghe.example",
                published_at=datetime(2026, 2, 28, 23, 12, tzinfo=UTC),
                fetched_at=found_at,
            ),
        ),
        matches=(Match(topic="food", span="变质"),),
        organisation="青禾乳业",
        recipient=Recipient(id="wang"),
        role="舆情办",
        link="https://yuqing.qinghe.example/ack/token",
        timezone=ZoneInfo("Asia/Shanghai"),
        now=found_at,
    )
    delivery = dataclasses.replace(
        delivery_over("webhook", "https://desk.qinghe.example/"),
        key="E12:raise:major:3:desk:wang",
        purpose="raise:major:3",
        notice=notice,
        id=41,
    )
    sent, told = json.loads(webhook.body_of(delivery)), json.loads(block("json"))
    assert sent["data"].pop("text").startswith(told["data"].pop("text").rstrip(" …"))
    assert sent == told


def test_the_receivers_six_lines_verify_a_signature_and_refuse_a_forged_one(serve):
    names = {}
    exec(block("python"), names)
    peer = serve(says("200 OK"))
    webhook.send(delivery_over("webhook", f"http://127.0.0.1:{peer.port}/", secret="s3cret", internal=True))
    head, _, body = peer.requests[0].partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    assert names["is_ours"]("s3cret", headers, body)
    assert not names["is_ours"]("other", headers, body)
    assert not names["is_ours"]("s3cret", headers, body.replace(b"E12", b"E13"))
    old = str(int(headers["X-Yuqing-Timestamp"]) - 301)
    signed = webhook.sign("s3cret", old, body)
    assert not names["is_ours"]("s3cret", {**headers, "X-Yuqing-Timestamp": old, "X-Yuqing-Signature": signed}, body)


def test_the_templates_that_are_told_are_there():
    folder = Path(__file__).parents[3] / "config" / "templates"
    for language in ("zh", "en"):
        names = {path.name for path in (folder / language).iterdir() if path.is_file()}
        assert names >= {"subject.txt", "text.txt", "notice.html", "short.txt", "happened.txt", "chat.txt", "chat.md"}
        assert all(name in DOC for name in names)


@pytest.fixture(scope="module")
def shown():
    spec = importlib.util.spec_from_file_location("show_channels", ROOT / "benchmarks" / "show_channels.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_the_document_shows_is_what_arrives(shown):
    (told,) = shown.MARKS.findall(DOC)
    assert told == shown.shown(), "python benchmarks/show_channels.py --write writes it again"
    assert shown.PICTURE.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("title", ["An ordinary event", "The same in English", "A hostile one"])
def test_every_sender_is_shown_in_both_languages_and_with_a_hostile_page(shown, title):
    (part,) = re.findall(rf"### {title}\n(.*?)(?=\n### )", shown.shown(), re.DOTALL)
    assert {name for name in SENDERS if f"`{name}`" in part} == set(SENDERS)


def test_what_is_shown_of_a_hostile_page_is_within_every_limit(shown):
    told = shown.shown().split("### A hostile one")[1].split("### One message")[0]
    figures = re.findall(r"(\d+) of (\d+) (bytes|characters)", told)
    assert len(figures) >= 8
    assert all(int(used) <= int(most) for used, most, _ in figures)
    assert max(map(len, told.splitlines())) < 2000  # nor is anything in what a webhook gets
    assert "javascript:alert(1)>" not in told
