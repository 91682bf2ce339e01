"""The words of one message that stands for many: what is in it, how many, the gravest first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import BaseLoader, ChoiceLoader, FileSystemLoader, FunctionLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ..domain import Level, Notice
from .notice import FAILURES, SHORT, SUBJECT, clean, cut, cut_units
from .route import CORRECTIONS, first_purpose

SHOWN = 30  # events in one message


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """A notice that is not sent by itself; ``link``: where to acknowledge, if there is such a place."""

    key: str
    event: int | None
    purpose: str
    level: Level
    at: datetime
    subject: str
    link: str = ""


@dataclass(slots=True, kw_only=True)
class _Line:
    """One event of the message: its latest and gravest word, and how many there were."""

    subject: str
    level: Level
    at: str
    link: str = ""
    count: int = 0
    keys: list[str] = field(default_factory=list)


def render(
    folded: Sequence[Folded],
    *,
    organisation: str,
    language: str,
    timezone: ZoneInfo,
    templates: Path | None = None,
    silence: str = "",
) -> Notice:
    """One message for notices that are not sent one by one; ``silence``: who held them back, and why."""
    lines = _lines(folded, timezone)
    facts: dict[str, Any] = {
        "organisation": clean(organisation),
        "silence": clean(silence),
        "count": len(folded),
        "events": [asdict(line) for line in lines],
        "most": SHOWN,
    }
    written, error = write(f"{language}/folded.txt", facts, templates)
    subject, _, text = written.partition("\n")
    items = [
        {"key": one.key, "event": f"E{one.event}" if one.event else "", "level": one.level.title("en")}
        | {"purpose": one.purpose, "title": one.subject}
        for one in folded
    ]
    data: dict[str, Any] = {
        "type": "yuqing.summary",
        "title": subject,
        "text": text.strip(),
        "count": len(folded),
        "items": items,
    }
    if error:
        data["template_error"] = error
    return Notice(subject=cut(subject, SUBJECT), text=text.strip(), short=cut_units(subject, SHORT), data=data)


def _lines(folded: Iterable[Folded], timezone: ZoneInfo) -> list[_Line]:
    lines: dict[object, _Line] = {}
    for one in folded:
        line = lines.setdefault(one.event or one.key, _Line(subject="", level=Level.GENERAL, at=""))
        line.count += 1
        line.keys.append(one.key)
        word = first_purpose(one.purpose).partition(":")[0]
        if one.level >= line.level or word in CORRECTIONS:  # what was taken back counts no more, however grave it was
            line.subject, line.level = one.subject, one.level
            line.at = f"{one.at.astimezone(timezone):%Y-%m-%d %H:%M}"
            line.link = one.link or ("" if word in CORRECTIONS else line.link)
    return sorted(lines.values(), key=lambda line: -line.level)


def write(name: str, facts: dict[str, Any], templates: Path | None) -> tuple[str, str]:
    """The text of a template and what was wrong with the organisation's own, for which the built-in one stands in."""
    error = ""
    if templates is not None:
        try:
            return _environment(templates).get_template(name).render(facts).strip(), ""
        except FAILURES as failure:
            error = f"{name}: {cut(clean(str(failure)), SUBJECT)}"
    return _environment(None).get_template(name).render(facts).strip(), error


@cache
def _environment(templates: Path | None) -> ImmutableSandboxedEnvironment:
    built_in = FunctionLoader(_built_in)
    loader: BaseLoader = built_in if templates is None else ChoiceLoader([FileSystemLoader(templates), built_in])
    return ImmutableSandboxedEnvironment(
        loader=loader, undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True
    )


def _built_in(name: str) -> str | None:
    place = files("yuqing_config").joinpath("templates", *name.split("/"))
    return place.read_text(encoding="utf-8") if place.is_file() else None
