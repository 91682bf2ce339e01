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
ROSTER = """
[people.li]
roles = ["monitor", "office"]
channels = [{ channel = "hook", to = "https://example.com/hook" }]
hours = "mon-fri 08:30-17:30"
quiet = "22:00-07:00"
quiet_passes_from = "extraordinary"

[[rotas]]
role = "monitor"
people = ["duty", "li"]
shift = "7 days"
starts_on = 2026-03-02
handover = "08:30"

[[overrides]]
role = "monitor"
person = "li"
from = 2026-03-05T18:00:00
until = 2026-03-06T08:00:00

[[absences]]
person = "li"
substitute = "duty"
from = 2026-03-09
until = 2026-03-10

[[subscriptions]]
role = "office"
topics = ["canteen"]
any = ["食堂"]
from = "major"
hours = "mon-fri 08:30-17:30"
channels = ["hook"]
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

[stages]
young = 21600
rising = 1.25
subsiding_share = 0.2
subsiding_after = 21600
over_life_share = 0.25
over_at_latest = 604800
over_voices_share = 0.0
over_reads_share = 0.05
still_reads = 10
early_sign = 7200
must_subside = 86400
spread_share = 0.3
spread_sites = 3
spread_within = 86400
"""
DUTIES = """
[special]
clock_factor = 0.5
floors.major = { reads = 500 }

[kinds]
inquiry = "咨询"
hype = "炒作"

[[duties]]
id = "judge"
name = "研判"
name_en = "judge"
on = "found"
owner = "monitor"
within = "2h"
warn_at = [0.5, 0.9]
breach_tells = ["office"]
done_by = ["confirm", "dismiss"]

[[duties]]
id = "report"
name = "报告"
name_en = "report"
on = "level"
owner = "monitor"
from_level = "major"
within = "30min"
breach_tells = ["office"]
done_by = ["report"]
every = 3600

[[duties]]
id = "opinion"
name = "答复"
name_en = "opinion"
on = "done:judge"
owner = "office"
kinds = ["inquiry"]
within = "same day"
breach_tells = ["monitor"]

[[duties]]
id = "refer"
name = "移送"
name_en = "refer"
on = "done:opinion"
owner = "office"
kinds = ["hype", "inquiry"]
done_by = ["refer"]
"""
FILES = {
    "yuqing.toml": MAIN,
    "sources.toml": SOURCES,
    "topics.toml": TOPICS,
    "people.toml": PEOPLE,
    "rules.toml": RULES,
}
FULL = FILES | {"people.toml": PEOPLE + ROSTER, "rules.toml": RULES + DUTIES}


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


def duties(old: str = "", new: str = "") -> dict[str, str]:
    """The regime with its duties, and one text of them for another: [special] stands on line 60."""
    assert old in DUTIES
    return {"rules.toml": RULES + DUTIES.replace(old, new)}


def roster(old: str = "", new: str = "") -> dict[str, str]:
    """The people with their rota, and one text of it for another: [people.li] stands on line 5."""
    assert old in ROSTER
    return {"people.toml": PEOPLE + ROSTER.replace(old, new)}


def people(roles: str, ways: str = 'channels = [{ channel = "mail", to = "duty@example.com" }]') -> dict[str, str]:
    """One person: the roles stand on line 2, the channels from line 3 on."""
    return {"people.toml": f"[people.duty]\n{roles}\n{ways}\n"}
