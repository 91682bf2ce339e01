"""From an alert to the words that people get: rendered once, kept with the delivery, sent unchanged.

All wording is in templates, one folder a language, which an organisation may replace file by file. They see
plain values only. What a page says is cleaned before it gets there and escaped where it is HTML.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from jinja2 import BaseLoader, ChoiceLoader, FileSystemLoader, FunctionLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ..domain import Alert, Event, Match, Notice, Post, Recipient, Topic
from . import subscriptions

UNKNOWN = {"zh": "未知", "en": "unknown"}  # what a figure is that no site tells; the languages there are
SUBJECT, SHORT = 120, 70  # characters; an SMS holds 70
TITLE, EXCERPT, LEAD = 200, 120, 40  # characters; LEAD stand before the matched word
POSTS, SEARCHED, URL = 5, 20_000, 2_000  # posts shown; characters of a post that are searched; longest link
# Whatever an organisation's own template may raise: the built-in one is used then.
FAILURES = (TemplateError, ArithmeticError, AttributeError, LookupError, OSError, RuntimeError, TypeError, ValueError)
# The reasons that have words of their own in the templates; any other is shown as it stands.
REACHED = re.compile(r"(reads|comments|mainstream sites) (\d+) >= (\d+)")
SUBJECT_HIT = re.compile(r"sensitive subject: (.+)")
UNREACHED = re.compile(r"nobody could be reached as (.+?): .+")
HANDED_ON = re.compile(r"^(handover:[^:]*:)+")


def render_notice(
    *,
    alert: Alert,
    event: Event,
    topic: Topic,
    posts: tuple[Post, ...],
    matches: tuple[Match, ...],
    organisation: str,
    recipient: Recipient,
    role: str,
    link: str,
    timezone: ZoneInfo,
    now: datetime,
    templates: Path | None = None,
) -> Notice:
    """Put an alert into the recipient's language.

    Args:
        role: what people call the role in which the recipient is told.
        link: where to acknowledge; empty for none.
        templates: the organisation's own, in the layout of the built-in ones. One that fails is replaced by the
            built-in one, and ``data["template_error"]`` says so.
    """
    language = recipient.language if recipient.language in UNKNOWN else "zh"
    facts = {
        **_alert_facts(alert, language),
        **_event_facts(event, topic, timezone, language),
        "organisation": clean(organisation),
        "recipient": clean(recipient.name or recipient.id),
        "role": clean(role),
        "as_of": _local(now, timezone),
        "posts": [_post_facts(post, matches, timezone) for post in posts[:POSTS]],
        "more": max(0, event.heat.posts - len(posts[:POSTS])),
        "link": _safe_url(link),
    }
    writer = _Writer(language, facts, templates)
    text, html, short = writer.write("text.txt"), writer.write("notice.html"), writer.write_short()
    subject = cut(clean(writer.write("subject.txt")), SUBJECT)
    data = _data(alert, event, topic, facts, text)
    if writer.errors:
        data["template_error"] = "; ".join(writer.errors)
    return Notice(subject=subject, text=text, html=html, short=short, data=data)


def render_plain(*, subject: str, text: str) -> Notice:
    """A word of the daemon about itself, with no event behind it."""
    subject = cut(clean(subject), SUBJECT)
    data = {"type": "yuqing.system", "title": subject, "text": text}
    return Notice(subject=subject, text=text, short=cut_units(subject, SHORT), data=data)


# -- words ----------------------------------------------------------------------------------------


def clean(text: str) -> str:
    """Foreign text on one line, without control, direction and zero-width characters.

    >>> clean("酸奶\\r\\nBcc: a@b\\u202e  \\u200b!")
    '酸奶 Bcc: a@b !'
    """
    kept = (" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    return " ".join("".join(c for c in kept if unicodedata.category(c) not in ("Cf", "Cs")).split())


def cut(text: str, most: int) -> str:
    """Text of at most so many characters, with an ellipsis where it was cut."""
    return text if len(text) <= most else text[: max(0, most - 1)].rstrip() + "…"


def units(text: str) -> int:
    """How much of an SMS a text takes: a character beyond the first 65,536 counts twice.

    >>> units("酸奶"), units("😀")
    (2, 2)
    """
    return len(text.encode("utf-16-le", "replace")) // 2


def cut_units(text: str, most: int) -> str:
    """Text that takes at most so much of an SMS.

    >>> cut_units("😀😀😀", 5)
    '😀😀…'
    """
    kept = text[:most]
    while units(kept) > most - (kept != text):
        kept = kept[:-1]
    return kept if kept == text else kept.rstrip() + "…"


def _safe_url(url: str) -> str:
    """The address if it is an ordinary web address, else nothing."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    plain = len(url) <= URL and " " not in url and clean(url) == url
    return url if plain and parts.scheme in ("http", "https") and parts.hostname else ""


def _local(at: datetime | None, timezone: ZoneInfo) -> str:
    """An instant by the organisation's clock; empty if it is not known."""
    return f"{at.astimezone(timezone):%Y-%m-%d %H:%M}" if at else ""


# -- facts: what templates see --------------------------------------------------------------------


def _alert_facts(alert: Alert, language: str) -> dict[str, Any]:
    """The occasion: ``act`` is the purpose's first word, ``n`` the number it ends with."""
    words = alert.purpose.removeprefix(subscriptions.PREFIX).split(":")
    return {
        "act": words[0],
        "n": int(words[-1]) if words[-1].isdigit() else 0,
        "is_test": HANDED_ON.sub("", alert.purpose).startswith("test"),
        "level": alert.level.title(language),
        "level_name": alert.level.title("en"),
        "because": [_because(part) for part in alert.reason.split("; ")],
    }


def _because(reason: str) -> dict[str, Any]:
    """One reason in parts that a template can put into words.

    >>> _because("reads 2999 >= 1000")
    {'kind': 'reads', 'count': 2999, 'floor': 1000}
    """
    if found := REACHED.fullmatch(reason):
        return {"kind": found[1], "count": int(found[2]), "floor": int(found[3])}
    if found := SUBJECT_HIT.fullmatch(reason):
        return {"kind": "subject", "name": clean(found[1])}
    if found := UNREACHED.fullmatch(reason):
        return {"kind": "unreached", "name": clean(found[1])}
    return {"kind": "other", "words": cut(clean(reason), TITLE)}


def _event_facts(event: Event, topic: Topic, timezone: ZoneInfo, language: str) -> dict[str, Any]:
    """The happening, its totals as they are, and as ``figures`` to show."""
    heat = asdict(event.heat)
    return {
        "title": cut(clean(event.title), TITLE),
        "topic": clean(topic.name or topic.id),
        "code": event.code,
        "heat": heat,
        "figures": {name: UNKNOWN[language] if count is None else str(count) for name, count in heat.items()},
        "found_at": _local(event.found_at, timezone),
    }


def _post_facts(post: Post, matches: tuple[Match, ...], timezone: ZoneInfo) -> dict[str, Any]:
    """One post: its excerpt comes in three parts, the middle one is the matched word."""
    return {
        "title": cut(clean(post.title), TITLE),
        "url": _safe_url(post.url),
        "site": cut(clean(post.source_name or post.site or urlsplit(_safe_url(post.url)).netloc), 40),
        "at": _local(post.published_at, timezone),
        "published_at": post.published_at.isoformat() if post.published_at else None,
        "excerpt": _excerpt(clean(post.text[:SEARCHED]), [clean(match.span) for match in matches]),
    }


def _excerpt(text: str, spans: list[str]) -> dict[str, str]:
    """The surroundings of the first span that the text holds, or the beginning.

    >>> _excerpt("青禾乳业的酸奶变质了", ["牛奶", "酸奶"])
    {'before': '青禾乳业的', 'word': '酸奶', 'after': '变质了'}
    """
    word = next((span for span in spans if span and span in text), "")
    at = text.find(word) if word else 0
    start = max(0, min(at - LEAD, len(text) - EXCERPT))
    end = max(start + EXCERPT, at + len(word))
    return {
        "before": ("…" if start else "") + text[start:at],
        "word": word,
        "after": text[at + len(word) : end] + ("…" if end < len(text) else ""),
    }


def _data(alert: Alert, event: Event, topic: Topic, facts: Mapping[str, Any], text: str) -> dict[str, Any]:
    """What a webhook sends; docs/channels.md shows it."""
    return {
        "type": "yuqing.alert",
        "purpose": alert.purpose,
        "test": facts["is_test"],
        "level": facts["level_name"],
        "level_title": facts["level"],
        "event": {
            "code": event.code,
            "title": facts["title"],
            "topic": topic.id,
            "level": event.level.title("en"),
            "rev": event.rev,
            "heat": facts["heat"],
            "found_at": event.found_at.isoformat(),
        },
        "posts": [_data_of(post) for post in facts["posts"]],
        "text": text,
        "link": facts["link"],
    }


def _data_of(post: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: post[name] for name in ("title", "url", "site", "published_at")}
    return kept | {"excerpt": "".join(post["excerpt"].values())}


# -- templates ------------------------------------------------------------------------------------


class _Writer:
    """Renders one notice's templates and remembers which of the organisation's own failed."""

    def __init__(self, language: str, facts: Mapping[str, Any], templates: Path | None) -> None:
        self.language, self.facts, self.templates = language, facts, templates
        self.errors: list[str] = []
        self.facts = {**facts, "happened": clean(self.write("happened.txt"))}

    def write(self, name: str, **changed: Any) -> str:
        """The text of one template."""
        name = f"{self.language}/{name}"
        facts = {**self.facts, **changed}
        if self.templates is not None:
            try:
                return _environment(self.templates).get_template(name).render(facts).strip()
            except FAILURES as error:
                problem = f"{name}: {cut(clean(str(error)), TITLE)}"
                self.errors += [] if problem in self.errors else [problem]
        return _environment(None).get_template(name).render(facts).strip()

    def write_short(self) -> str:
        """The short text. Its title gives way, so that level, figures and code stay."""
        whole = clean(self.write("short.txt"))
        over = units(whole) - SHORT
        if over > 0:
            title = cut_units(self.facts["title"], max(1, units(self.facts["title"]) - over))
            whole = clean(self.write("short.txt", title=title))
        return cut_units(whole, SHORT)


@cache
def _environment(templates: Path | None) -> ImmutableSandboxedEnvironment:
    """The built-in templates, behind the organisation's own if there are any."""
    loader: BaseLoader = FunctionLoader(_built_in)
    if templates is not None:
        loader = ChoiceLoader([FileSystemLoader(templates), loader])
    environment = ImmutableSandboxedEnvironment(
        loader=loader,
        undefined=StrictUndefined,
        autoescape=lambda name: name is not None and name.endswith(".html"),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["cut"] = cut
    return environment


def _built_in(name: str) -> str | None:
    """The source of a built-in template, or ``None``."""
    place = files("yuqing_config").joinpath("templates", *name.split("/"))
    return place.read_text(encoding="utf-8") if place.is_file() else None
