"""What the real senders say at load of their options and of people's addresses, with exactly what is printed."""

from __future__ import annotations

from pathlib import Path

import pytest
from sample_config import write

from yuqing_daemon.config import load
from yuqing_daemon.errors import ConfigError
from yuqing_daemon.plugins import Plugins

PASTED = {
    "wecom": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx-4bc4",
    "dingtalk": "https://oapi.dingtalk.com/robot/send?access_token=566cc69da782ec",
    "feishu": "https://open.feishu.cn/open-apis/bot/v2/hook/ebe59a5d-5a06-4ea8",
    "serverchan": "https://123.push.ft07.com/send/sctp123tabc.send",
    "apprise": "https://oapi.dingtalk.com/robot/send?access_token=566cc69da782ec",
}


def problems(folder: Path, sender: str, to: str, options: str = "") -> str:
    """What is printed about one channel (from line 11 of yuqing.toml on) and one address (line 6 of people.toml)."""
    people = f'\n[people.robot]\nroles = ["office"]\nchannels = [{{ channel = "third", to = "{to}" }}]\n'
    changes = {"+yuqing.toml": f'\n[channels.third]\nsender = "{sender}"\n{options}\n', "+people.toml": people}
    mail = '[channels.mail]\nsender = "mail"\nhost = "a"\nfrom_address = "a@b.cn"\n'
    main = (write(folder) / "yuqing.toml").read_text("utf-8")
    start, end = main.index("[channels.mail]"), main.index("[channels.hook]")
    write(folder, {"yuqing.toml": main[:start] + mail + main[end:], **changes})
    try:
        load(folder, senders=Plugins.load().senders(), environ={})
    except ConfigError as error:
        return str(error).replace(str(folder), "conf")
    return ""


@pytest.mark.parametrize("sender", PASTED)
def test_what_is_pasted_from_a_robots_page_is_an_address(sender: str, tmp_path: Path) -> None:
    assert problems(tmp_path, sender, PASTED[sender]) == ""


@pytest.mark.parametrize("sender", ["wecom", "dingtalk", "feishu"])
def test_the_robots_address_may_be_the_channels(sender: str, tmp_path: Path) -> None:
    assert problems(tmp_path, sender, "13800000000", f'url = "{PASTED[sender]}"') == ""


@pytest.mark.parametrize(
    ("sender", "to", "wanted", "fix"),
    [
        ("wecom", PASTED["feishu"], "another service", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=TOKEN"),
        ("dingtalk", "13800000000 ", "the robot's address as its page shows it", "https://oapi.dingtalk.com/robot"),
        ("serverchan", "13800000000", "a key of Server酱", "SCT..."),
        ("apprise", "wecom://token", "apprise takes wecom:// for PushPlus", "wecombot://KEY"),
        ("apprise", "schan://sctp123tabc", "to the old host", 'sender = "serverchan"'),
        ("apprise", "https://sctapi.ftqq.com/SCT1abc.send", "another sender", 'sender = "serverchan"'),
        ("apprise", "nosuch://x", "it would leave this one out without a word", "apprise --details"),
        (
            "apprise",
            PASTED["dingtalk"] + "&timestamp=1&sign=x",
            "without &timestamp and &sign",
            "dingtalk://TOKEN/",
        ),
    ],
)
def test_an_address_that_would_never_arrive_is_refused(
    sender: str, to: str, wanted: str, fix: str, tmp_path: Path
) -> None:
    text = problems(tmp_path, sender, to)
    assert "conf/people.toml:" in text and ": people.robot.channels.1.to = " in text
    assert wanted in text and fix in text


def test_a_robot_of_another_service_is_refused_without_its_token(tmp_path: Path) -> None:
    text = problems(tmp_path, "wecom", "group", f'url = "{PASTED["dingtalk"]}"')
    assert (
        text.startswith("conf/yuqing.toml:1") and ": channels.third.url = a text: want a robot of this sender" in text
    )
    assert "566cc69da782ec" not in text


def test_an_apprise_url_of_the_channel_is_tried_too(tmp_path: Path) -> None:
    assert "channels.third.url" in problems(tmp_path, "apprise", "x", 'url = "wecom://x"')
    assert problems(tmp_path, "apprise", "topic", 'url = "ntfys://ntfy.example.com/{to}"') == ""
    assert "channels.1.to" in problems(tmp_path, "apprise", "x", 'url = "nosuch://x/{to}"')


def test_a_missing_secret_is_the_only_problem(tmp_path: Path) -> None:
    text = problems(tmp_path, "wecom", "group", 'url = { env = "GONE" }')
    assert text.count("conf/") == 1
