"""What a notice's templates see: plain values, cleaned, by the recipient's clock and in the recipient's language."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from ...domain import Alert, Duty, Event, Match, Opinion, Post, Regime, Topic
from .. import drill, route, subscriptions
from .reasons import told
from .words import clean, cut, local, marked, safe_url

MARKS = {"zh": {"test": "测试", "drill": "演练"}, "en": {"test": "TEST", "drill": "DRILL"}}  # of what is not real
UNKNOWN = {"zh": "未知", "en": "unknown"}  # what a figure is that no site tells; the languages there are
TITLE, EXCERPT, LEAD, SITE, WORDS = 200, 120, 40, 40, 60  # characters; LEAD stand before the matched word
SEARCHED, FOUND = 20_000, 10  # characters of a post that are searched; words in it that are marked
# The reasons that have words of their own in the templates; any other is shown as it stands.
REACHED = re.compile(r"(reads|comments|mainstream sites) (\d+) >= (\d+)")
SUBJECT_HIT = re.compile(r"sensitive subject: (.+)")
PROVISIONAL = re.compile(r"its words name it \((.+)\): provisional, until a person confirms")
UNREACHED = re.compile(r"nobody could be reached as (.+?): .+")
HANDED_ON = re.compile(r"^(handover:[^:]*:)+")


def alert_facts(alert: Alert, language: str, timezone: ZoneInfo, now: datetime) -> dict[str, Any]:
    """The occasion: ``act`` is the purpose's first word, ``word`` that of what was handed on, ``n`` its last number."""
    words = alert.purpose.removeprefix(subscriptions.PREFIX).split(":")
    mark = MARKS[language].get(HANDED_ON.sub("", alert.purpose).partition(":")[0], "")
    return {
        "act": words[0],
        "word": route.first_purpose(":".join(words)).partition(":")[0],
        "n": int(words[-1]) if words[-1].isdigit() else 0,
        "is_test": bool(mark),
        "is_drill": drill.is_drill(alert.purpose),
        "mark": mark,
        "level": alert.level.title(language),
        "level_name": alert.level.title("en"),
        "because": [
            because(part, told(part, language, near=now, timezone=timezone)) for part in alert.reason.split("; ")
        ],
    }


def because(reason: str, words: str = "") -> dict[str, Any]:
    """One reason in parts that a template can put into words; ``words``: as it is shown if the template has none.

    >>> because("reads 2999 >= 1000")
    {'kind': 'reads', 'count': 2999, 'floor': 1000}
    """
    if found := REACHED.fullmatch(reason):
        return {"kind": found[1], "count": int(found[2]), "floor": int(found[3])}
    if found := SUBJECT_HIT.fullmatch(reason):
        return {"kind": "subject", "name": clean(found[1])}
    if found := PROVISIONAL.fullmatch(reason):
        return {"kind": "provisional", "name": clean(found[1])}
    if found := UNREACHED.fullmatch(reason):
        return {"kind": "unreached", "name": clean(found[1])}
    if reason.startswith("no floor reached"):
        return {"kind": "nothing"}
    return {"kind": "other", "words": cut(clean(words or reason), TITLE)}


def event_facts(event: Event, topic: Topic, timezone: ZoneInfo, language: str) -> dict[str, Any]:
    """The happening, its totals as they are, and as ``figures`` to show."""
    heat = asdict(event.heat)
    return {
        "title": cut(clean(event.title), TITLE),
        "key_words": cut(clean(event.key_words), WORDS),
        "topic": clean(topic.name or topic.id),
        "heat": heat,
        "figures": {name: UNKNOWN[language] if count is None else str(count) for name, count in heat.items()},
        "found_at": local(event.found_at, timezone),
    }


def post_facts(post: Post, matches: Sequence[Match], timezone: ZoneInfo) -> dict[str, Any]:
    """One post: its excerpt comes in three parts, the middle one is the first of the words that were ``found``."""
    title, text = cut(clean(post.title), TITLE), clean(post.text[:SEARCHED])
    spans = list(dict.fromkeys(clean(match.span) for match in matches))
    return {
        "title": title,
        "found": [span for span in spans if span and (span in title or span in text)][:FOUND],
        "url": safe_url(post.url),
        "site": cut(clean(post.source_name or post.site or urlsplit(safe_url(post.url)).netloc), SITE),
        "at": local(post.published_at, timezone),
        "published_at": post.published_at.isoformat() if post.published_at else None,
        "excerpt": excerpt(text, spans),
    }


def excerpt(text: str, spans: list[str]) -> dict[str, str]:
    """The surroundings of the first span that the text holds, or the beginning.

    >>> excerpt("青禾乳业的酸奶变质了", ["牛奶", "酸奶"])
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


def clock_facts(
    duties: Sequence[Duty], regime: Regime | None, *, timezone: ZoneInfo, language: str, now: datetime
) -> list[dict[str, Any]]:
    """The duties that are owed and have an end, the nearest first: what, by whom, by when, and whether it is late."""
    rules = {rule.id: rule for rule in regime.duties} if regime else {}
    roles = regime.roles if regime else {}
    found = []
    for duty in sorted((duty for duty in duties if duty.due_at), key=lambda duty: str(duty.due_at)):
        rule = rules.get(duty.rule)
        name = (rule.name_en if language == "en" else rule.name) if rule else duty.rule
        found.append(
            {
                "name": clean(name or duty.rule),
                "owner": clean(roles.get(duty.owner, duty.owner)),
                "due_at": local(duty.due_at, timezone),
                "is_late": duty.due_at is not None and duty.due_at <= now,
            }
        )
    return found


def doubt_facts(opinions: Sequence[Opinion], regime: Regime | None) -> list[dict[str, str]]:
    """What a person should look at first: of what sort it is, the subject's name if it is one, and the words.

    >>> doubt_facts([Opinion(reason="吃出", confidence=0.8, subject="food", unsure=True)], None)
    [{'what': 'subject', 'name': 'food', 'why': '吃出'}]
    """
    names = regime.subjects if regime else {}
    return [
        {
            "what": "subject" if each.subject else "sentiment" if each.sentiment else _sort_of(each),
            "name": clean(names.get(each.subject, each.subject)),
            "why": cut(clean(each.reason), TITLE),
        }
        for each in opinions
        if each.unsure
    ]


def _sort_of(opinion: Opinion) -> str:
    return opinion.detail if opinion.detail in ("claim", "pushed", "relevance") else "kind"


def curve_facts(points: Sequence[tuple[datetime, int | None, int | None]], timezone: ZoneInfo) -> dict[str, Any] | None:
    """Where the curve begins and ends, for those who cannot see it; none if there is nothing to draw."""
    if len(points) < 2:
        return None
    (first_at, *first), (last_at, *last) = points[0], points[-1]
    return {"from": local(first_at, timezone), "to": local(last_at, timezone), "first": first, "last": last}


def template_words(facts: Mapping[str, Any], **more: str) -> dict[str, str]:
    """The named variables of approved SMS and voice templates, all of them text."""
    figures = {name: str(facts["figures"][name]) for name in ("reads", "comments", "mainstream", "posts")}
    names = ("level", "title", "topic", "code", "organisation", "recipient", "role", "happened", "found_at")
    words = {name: str(facts[name]) for name in names}
    if facts["is_drill"]:
        words |= {name: marked(words[name], facts["mark"]) for name in ("level", "title", "happened")}
    return words | figures | more
