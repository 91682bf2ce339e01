"""The digests that go out by themselves, each with the head of the record (R25)."""

from __future__ import annotations

from datetime import datetime

from ..domain import Notice
from ..engine import Engine
from ..rules.notice import SHORT, SUBJECT, clean, cut, cut_units
from ..rules.periodicals import Issue
from . import compose_digest, render
from .digest import day_span, gather_digest, week_span


def send_due(engine: Engine, *, now: datetime) -> None:
    """Compose the digests that are due, outside of any transaction, and promise them."""
    for issue in engine.issues_due(now=now):
        languages = dict.fromkeys((engine.settings.language, *(each.language for each in engine.settings.recipients)))
        engine.issue(issue, {language: _paper(engine, issue, language, now=now) for language in languages}, now=now)


def _paper(engine: Engine, issue: Issue, language: str, *, now: datetime) -> Notice:
    settings = engine.settings
    since, until = (day_span if issue.kind == "daily" else week_span)(issue.day, settings.timezone)
    with engine.store.read() as connection:
        facts = gather_digest(connection, settings, since=since, until=until, language=language, now=now)
    document = compose_digest(
        facts,
        is_day=issue.kind == "daily",
        language=language,
        timezone=settings.timezone,
        templates=settings.templates,
    )
    subject = cut(clean(f"{settings.organisation} {document.title} {issue.day}"), SUBJECT)
    data = {
        "type": "yuqing.digest",
        "title": subject,
        "events": len(facts.events),
        "breached": len(facts.breached),
        "head": facts.head,
        "head_hash": facts.head_hash,
    }
    return Notice(
        subject=subject,
        text=render(document, "text").decode(),
        short=cut_units(f"{document.title} {issue.day} {facts.head} {facts.head_hash[:16]}", SHORT),
        html=render(document, "html", settings.templates).decode(),
        data=data,
    )
