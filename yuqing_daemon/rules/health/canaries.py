"""Pages that read well, read again: what is lost, in words for people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from .signs import Probe

ABOUT = timedelta(days=1)  # a page that said 3小时前 says 昨天 later
MUCH = 0.2  # a text that keeps less than this share is lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What was read from a page. ``chars`` is the length of its text."""

    title: str = ""
    chars: int = 0
    published_at: datetime | None = None
    counters: tuple[str, ...] = ()


def differences(was: Read, now: Read) -> list[str]:
    """How a reading of the same bytes differs from the one before; any difference is told.

    >>> differences(Read(title="通告", chars=1240), Read())
    ['title lost', 'body 1,240 -> 0 characters']
    """
    found = []
    if was.title != now.title:
        found.append(f"title {was.title!r} -> {now.title!r}" if now.title else "title lost")
    if was.chars != now.chars:
        found.append(f"body {was.chars:,} -> {now.chars:,} characters")
    if was.published_at != now.published_at:
        found.append(f"time {_at(was.published_at)} -> {_at(now.published_at)}")
    found += [f"no {name}" for name in was.counters if name not in now.counters]
    return found


def verdicts(pairs: Iterable[tuple[Read, Probe]]) -> dict[str, str]:
    """What pages fetched again say: by ``body``, ``time`` and counter what all of them have lost, or ``""``.

    Those that did not come say nothing. A live page may have changed, so only a loss counts.
    """
    came = [(was, probe) for was, probe in pairs if probe.chars is not None]
    if not came:
        return {}
    said = {
        "body": [_lost_body(was, probe) for was, probe in came],
        "time": [_lost_time(was, probe) for was, probe in came],
    }
    for name in sorted({name for was, _ in came for name in was.counters}):
        said[name] = [f"no {name}" * (name not in probe.counters) for was, probe in came if name in was.counters]
    return {name: texts[0] if all(texts) else "" for name, texts in said.items()}


def _lost_body(was: Read, probe: Probe) -> str:
    if not probe.title:
        return "title lost"
    chars = probe.chars or 0
    return f"body {was.chars:,} -> {chars:,} characters" if chars < MUCH * was.chars else ""


def _lost_time(was: Read, probe: Probe) -> str:
    was_at, at = was.published_at, probe.published_at
    is_near = was_at is not None and at is not None and abs(at - was_at) <= ABOUT
    return "" if is_near or was_at == at else f"time {_at(was_at)} -> {_at(at)}"


def _at(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else "none"
