"""Reports (R16, R23, R24): facts from the store, words from templates, one document in every format.

    gather, gather_digest   the store -> frozen facts, each with where it comes from
    compose_event, ...      facts -> a document: what is said, in the organisation's words
    render                  a document -> text, HTML, PDF or Word

Nothing here writes, and nothing is said that is not on record.
"""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from .as_json import as_json
from .digest import day_span, gather_digest, week_span
from .document import Document, compose
from .facts import DigestFacts, EventFacts, ReportKind
from .gather import find, gather
from .render_docx import render_docx
from .render_html import render_html
from .render_pdf import render_pdf
from .render_text import render_text
from .view import Teller, digest_tables, digest_view, event_tables, event_view
from .words import words

__all__ = [
    "FORMATS",
    "DigestFacts",
    "Document",
    "EventFacts",
    "ReportKind",
    "as_json",
    "compose_digest",
    "compose_event",
    "day_span",
    "find",
    "gather",
    "gather_digest",
    "render",
    "week_span",
]

FORMATS = {"text": ".txt", "html": ".html", "pdf": ".pdf", "docx": ".docx"}  # and how their files' names end
LANGUAGES = ("zh", "en")


def compose_event(
    facts: EventFacts,
    kind: ReportKind,
    *,
    draft: bool = False,
    language: str,
    timezone: ZoneInfo,
    templates: Path | None = None,
) -> Document:
    """A report on one event in words; a draft says that it is one."""
    teller = Teller(words(language, templates), language, timezone)
    view, tables = event_view(facts, teller) | {"draft": draft}, event_tables(facts, teller)
    return compose(kind.value, view, tables, facts.curve, language=language, timezone=timezone, templates=templates)


def compose_digest(
    facts: DigestFacts, *, is_day: bool, language: str, timezone: ZoneInfo, templates: Path | None = None
) -> Document:
    """A digest in words."""
    teller = Teller(words(language, templates), language, timezone)
    view = digest_view(facts, teller) | {"is_day": is_day}
    tables = digest_tables(facts, teller)
    return compose(ReportKind.DIGEST.value, view, tables, (), language=language, timezone=timezone, templates=templates)


def render(document: Document, format: str, templates: Path | None = None) -> bytes:
    """A document as a file of one of the ``FORMATS``."""
    if format == "pdf":
        return render_pdf(document, templates)
    if format == "docx":
        return render_docx(document, templates)
    text = render_html(document, templates) if format == "html" else render_text(document)
    return text.encode()
