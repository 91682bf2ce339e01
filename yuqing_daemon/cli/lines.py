"""The input of a replay: one JSON object a line, checked, completed and named by its line where it is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from ..config import Settings
from ..extract import canonical_url, parse_count, registrable_host
from ..replay import Line
from .jsonl import numbered, read_object

MOST = 10**15  # of anything a site counts
EXAMPLE = '{"url": "https://...", "title": "..."}'
EXAMPLE_TIME = "2026-03-01T09:00:00+08:00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A line that cannot be used, and what is wanted instead."""

    line: int
    error: str


def read_lines(lines: Iterable[bytes], *, settings: Settings) -> tuple[list[Line], list[Refused]]:
    """The lines of a JSONL file in UTF-8, and those that cannot be used.

    What a line leaves out of the post is taken from the other lines of the same url.
    """
    found: list[Line] = []
    refused: list[Refused] = []
    for number, raw in numbered(lines):
        try:
            found.append(_line(number, read_object(raw, such_as=EXAMPLE), settings))
        except ValueError as error:
            refused.append(Refused(line=number, error=str(error)))
    stories: dict[str, list[Line]] = {}
    for line in sorted(found, key=lambda line: line.order):
        stories.setdefault(line.url, []).append(line)
    complete: list[Line] = []
    for story in stories.values():
        if any(line.title or line.text for line in story):
            complete += _completed(story, settings)
        else:
            wanted = "want a title or a text, on this line or on another one of the same url"
            refused += (Refused(line=line.number, error=wanted) for line in story)
    return complete, sorted(refused, key=lambda each: each.line)


def _line(number: int, record: Mapping[str, Any], settings: Settings) -> Line:
    url = canonical_url(str(record.get("url") or ""))
    if not url:
        raise ValueError(f"url = {_shown(record.get('url'))}: want an http or https address")
    published_at = _instant(record, "published_at", settings.timezone)
    at = _instant(record, "fetched_at", settings.timezone) or published_at
    if at is None:
        raise ValueError(f"want fetched_at or published_at, such as {EXAMPLE_TIME}")
    return Line(
        number=number,
        at=at,
        url=url,
        source=_text(record, "source").strip(),
        mainstream=_claim(record, "mainstream"),
        title=_text(record, "title"),
        text=_text(record, "text"),
        published_at=published_at,
        reads=_count(record, "reads"),
        comments=_count(record, "comments"),
        reposts=_count(record, "reposts"),
    )


def _completed(story: list[Line], settings: Settings) -> Iterable[Line]:
    """One post's lines, each with all that is known of the post: as it was said last, or else first."""
    first = next(line for line in story if line.title or line.text)
    title, text = first.title, first.text
    source = next((line.source for line in story if line.source), "")
    mainstream = next((line.mainstream for line in story if line.mainstream is not None), None)
    published_at = next((line.published_at for line in story if line.published_at), None)
    known = settings.source(source)
    host = registrable_host(story[0].url)
    for line in story:
        title, text = line.title or title, line.text or text
        yield replace(
            line,
            source=source or host,
            site=known.site if known else source or host,
            mainstream=mainstream if mainstream is not None else bool(known and known.mainstream),
            title=title,
            text=text,
            published_at=published_at,
        )


# -- values ---------------------------------------------------------------------------------------


def _text(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    if value is None or isinstance(value, str):
        return value or ""
    raise ValueError(f"{name} = {_shown(value)}: want text")


def _claim(record: Mapping[str, Any], name: str) -> bool | None:
    value = record.get(name)
    if value is None or isinstance(value, bool):
        return value
    raise ValueError(f"{name} = {_shown(value)}: want true or false")


def _instant(record: Mapping[str, Any], name: str, timezone: ZoneInfo) -> datetime | None:
    """An instant in UTC; one that names no zone is in the organisation's."""
    value = record.get(name)
    if value in (None, ""):
        return None
    try:
        found = datetime.fromisoformat(str(value).strip())
        return (found if found.tzinfo else found.replace(tzinfo=timezone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{name} = {_shown(value)}: want a time such as {EXAMPLE_TIME}") from error


def _count(record: Mapping[str, Any], name: str) -> int | None:
    """A counter; ``None`` if it is not known, which is not zero."""
    value = record.get(name)
    if value is None or value == "":
        return None
    found = None
    if isinstance(value, str):
        found = parse_count(value)
    elif isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1:
        found = int(value)
    if found is None or not 0 <= found <= MOST:
        raise ValueError(f"{name} = {_shown(value)}: want a whole number, or nothing if it is not known")
    return found


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."
