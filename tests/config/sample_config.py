"""A small configuration without a fault, for the tests to break, and a way to load it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from yuqing_daemon.config import Settings, load

MAIN = """\
organisation = "示例公司"
regime = "rules.toml"

[channels.mail]
sender = "mail"
host = "mail.example.com"

[channels.hook]
sender = "webhook"
"""
SOURCES = """\
[[source]]
id = "news"
url = "https://www.example.com/news/"

[[source]]
id = "forum"
url = "https://bbs.example.com/board"
"""
TOPICS = """\
[topics.canteen]
any = ["食堂", "吃坏肚子"]
"""
PEOPLE = """\
[people.duty]
roles = ["monitor"]
channels = [{ channel = "mail", to = "duty@example.com" }]
"""
RULES = """\
id = "rules"
name = "小规程"
sensitive_level = "extraordinary"
story_window = 2592000
over_after = 172800

[roles]
monitor = "监控人员"
office = "舆情办"

[next_role]
office = "monitor"

[subjects]
food = "食品"

[levels.general]
floors = {}
steps = [
  { after = 0, roles = ["monitor"] },
  { after = 1800, roles = ["office"] },
]
repeats = 0
fallback_after = 1800
give_up_after = 86400

[levels.major]
floors = { reads = 1000, comments = 100, mainstream = 1 }
steps = [{ after = 0, roles = ["monitor", "office"] }]
repeat_every = 900
repeats = 8
fallback_after = 600
give_up_after = 7200

[levels.extraordinary]
floors = { reads = 3000, comments = 500, mainstream = 5 }
steps = [{ after = 0, roles = ["monitor", "office"] }]
repeat_every = 300
repeats = 24
fallback_after = 120
give_up_after = 1800
"""
FILES = {
    "yuqing.toml": MAIN,
    "sources.toml": SOURCES,
    "topics.toml": TOPICS,
    "people.toml": PEOPLE,
    "rules.toml": RULES,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MailOptions:
    """What a sender may declare."""

    host: str
    port: int = 25
    security: Literal["none", "tls"] = "none"
    password: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.password == "letmein":
            raise ValueError(f"a password other than {self.password}")


SENDERS: dict[str, type | None] = {"mail": MailOptions, "webhook": None}


def write(folder: Path, changes: Mapping[str, str] | None = None) -> Path:
    """Write the good files with changes: other texts by file name, or text to append behind a ``+``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (FILES | {name.removeprefix("+"): "" for name in changes or {}}).items():
        given = (changes or {}).get(name, FILES.get(name, text))
        (folder / name).write_text(given + (changes or {}).get(f"+{name}", ""), encoding="utf-8")
    return folder


def loaded(
    folder: Path, changes: Mapping[str, str] | None = None, environ: Mapping[str, str] | None = None
) -> Settings:
    """Write and load."""
    return load(write(folder, changes), senders=SENDERS, environ=environ or {})


def source(body: str, url: str = 'url = "https://a.example.com/"') -> dict[str, str]:
    """A third source, with this in it: its id stands on line 10, its URL on line 11."""
    return {"+sources.toml": f'\n[[source]]\nid = "third"\n{url}\n{body}\n'}


def main(body: str) -> dict[str, str]:
    """The main file, with this from line 3 on."""
    return {"yuqing.toml": MAIN.replace("\n\n", f"\n{body}\n\n", 1)}


def channel(body: str) -> dict[str, str]:
    """A third channel: its table stands on line 11, its sender on line 12."""
    return {"+yuqing.toml": f'\n[channels.third]\nsender = "mail"\n{body}\n'}


def rules(old: str, new: str) -> dict[str, str]:
    """The regime, with one text for another."""
    assert old in RULES
    return {"rules.toml": RULES.replace(old, new)}


def people(roles: str, ways: str = 'channels = [{ channel = "mail", to = "duty@example.com" }]') -> dict[str, str]:
    """One person: the roles stand on line 2, the channels from line 3 on."""
    return {"people.toml": f"[people.duty]\n{roles}\n{ways}\n"}
