"""From an alert to the words that people get: rendered once, kept with the delivery, sent unchanged.

All wording is in templates, one folder a language, which an organisation may replace file by file. They see
plain values only. What a page says is cleaned before it gets there and escaped where it is HTML or markdown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ...domain import Alert, Duty, Event, Match, Notice, Opinion, Post, Recipient, Regime, Topic
from .. import drill
from .facts import (
    UNKNOWN,
    WORDS,
    alert_facts,
    clock_facts,
    curve_facts,
    doubt_facts,
    event_facts,
    post_facts,
    template_words,
)
from .purpose import ACKNOWLEDGE, asks
from .reasons import in_english
from .words import clean, cut, cut_units, local, safe_url, units
from .writer import FAILURES, SHORT, Writer, highlight

__all__ = [
    "FAILURES",
    "SHORT",
    "clean",
    "cut",
    "cut_units",
    "highlight",
    "post_facts",
    "render_notice",
    "render_plain",
    "units",
]

SUBJECT = 120  # characters
POSTS, CLOCKS, DOUBTS = 5, 5, 5  # posts, clocks and doubts shown
CURVE = 60  # points of the curve that are kept with a notice

Points = Sequence[tuple[datetime, int | None, int | None]]


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
    duties: Sequence[Duty] = (),
    regime: Regime | None = None,
    curve: Points = (),
    opinions: Sequence[Opinion] = (),
) -> Notice:
    """Put an alert into the recipient's language.

    Args:
        role: what people call the role in which the recipient is told.
        link: where to acknowledge, for a notice that asks for it; empty for none.
        templates: the organisation's own, in the layout of the built-in ones. One that fails is replaced by the
            built-in one, and ``data["template_error"]`` says so.
        duties: what is owed about the event; ``regime`` has the names of it.
        curve: the event's totals over time: when, reads, comments.
        opinions: what is thought of the event; what is unsure is put to the recipient, if anything is asked of them.
    """
    language = recipient.language if recipient.language in UNKNOWN else "zh"
    if language == "en" and regime is not None:
        alert = replace(alert, reason=in_english(alert.reason, regime))
    points, asked = _thinned(curve), asks(alert.purpose, event)
    evidence = [match for match in matches if match.topic == event.topic]
    facts = {
        **alert_facts(alert, language, timezone, now),
        **event_facts(event, topic, timezone, language),
        "code": drill.CODE if drill.is_drill(alert.purpose) else event.code,
        "organisation": clean(organisation),
        "recipient": clean(recipient.name or recipient.id),
        "role": clean(role),
        "as_of": local(now, timezone),
        "posts": [post_facts(post, evidence, timezone) for post in posts[:POSTS]],
        "more": max(0, event.heat.posts - len(posts[:POSTS])),
        "asks": asked,
        "link": safe_url(link) if asked == ACKNOWLEDGE else "",
        "clocks": clock_facts(duties, regime, timezone=timezone, language=language, now=now)[:CLOCKS],
        "curve": curve_facts(points, timezone),
        "doubts": doubt_facts(opinions, regime)[:DOUBTS] if asked else [],
    }
    writer = Writer(language, facts, templates)
    text, short = writer.write("text.txt"), writer.write_short()
    reply = clean(writer.write("reply.txt")) if asked == ACKNOWLEDGE else ""
    html, chat, markdown = writer.write("notice.html"), writer.write("chat.txt"), writer.write("chat.md")
    subject = cut(clean(writer.write("subject.txt")), SUBJECT)
    data = _data(alert, event, topic, facts, text, now) | {"language": language}
    if writer.errors:
        data["template_error"] = "; ".join(writer.errors)
    return Notice(
        subject=subject,
        text=text,
        html=html,
        short=short,
        answerable=writer.write_short(reply) if reply else "",
        chat=chat,
        markdown=markdown,
        data=data,
        words=template_words(writer.facts, short=short, reply=reply),
        curve=tuple((at.astimezone(timezone).isoformat(), reads, comments) for at, reads, comments in points),
    )


def render_plain(*, subject: str, text: str) -> Notice:
    """A word of the daemon about itself, with no event behind it."""
    subject = cut(clean(subject), SUBJECT)
    short = cut_units(subject, SHORT)
    data = {"type": "yuqing.system", "title": subject, "text": text}
    return Notice(subject=subject, text=text, short=short, data=data, words={"title": subject, "short": short})


def _thinned(curve: Points) -> Points:
    """At most so many points, evenly chosen, the first and the last among them."""
    if len(curve) <= CURVE:
        return curve
    return [curve[round(number * (len(curve) - 1) / (CURVE - 1))] for number in range(CURVE)]


def _data(
    alert: Alert, event: Event, topic: Topic, facts: Mapping[str, Any], text: str, now: datetime
) -> dict[str, Any]:
    """What a webhook sends; docs/channels.md shows it."""
    return {
        "type": "yuqing.alert",
        "purpose": alert.purpose,
        "time": now.isoformat(),
        "organisation": facts["organisation"],
        "test": facts["is_test"],
        "drill": facts["is_drill"],
        "level": facts["level_name"],
        "level_title": facts["level"],
        "event": {
            "code": facts["code"],
            "title": facts["title"],
            "topic": topic.id,
            "key_words": [cut(word, WORDS) for word in clean(event.key_words).split()],
            "level": event.level.title("en"),
            "rev": event.rev,
            "heat": facts["heat"],
            "found_at": event.found_at.isoformat(),
        },
        "clocks": facts["clocks"],
        "posts": [_data_of(post) for post in facts["posts"]],
        "text": text,
        "link": facts["link"],
    }


def _data_of(post: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: post[name] for name in ("title", "url", "site", "published_at")}
    return kept | {"excerpt": "".join(post["excerpt"].values())}
