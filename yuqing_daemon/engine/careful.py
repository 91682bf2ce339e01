"""Let the engine do a thing so that what it cannot digest costs only itself.

Trouble with the store is nobody's fault and goes to the caller, as ``OperationalError``.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy.exc import OperationalError

from ..bus.messages import Lost, Result
from ..extract.urls import url_hash
from ..rules import drill

if TYPE_CHECKING:
    from . import Engine

log = logging.getLogger(__name__)

AT_ONCE = 25  # readings in one transaction: nobody who wants to send waits for longer than that takes


def together(items: Sequence[Result | Lost]) -> list[list[Result | Lost]]:
    """What is taken in at a time: together what brought nothing, as most visits do, the rest one by one."""
    empty = [item for item in items if _is_empty(item)]
    others = [[item] for item in items if not _is_empty(item)]
    return [empty, *others] if empty else others


def _is_empty(item: Result | Lost) -> bool:
    found = isinstance(item, Lost) or item.posts or item.readings or item.kept
    return not found and item.source != drill.SOURCE


def take_all(engine: Engine, items: Sequence[Result | Lost], *, now: datetime) -> None:
    """Take in what came back from crawls, all or nothing; one by one if the engine cannot digest it together."""
    results = [item for item in items if isinstance(item, Result)]
    if len(results) == len(items) > 1:
        try:
            engine.take(*results, now=now)
        except OperationalError:
            raise
        except Exception:
            log.exception("engine.failed visits=%d", len(results))
        else:
            return
    for item in items:
        take(engine, item, now=now)


def take(engine: Engine, item: Result | Lost, *, now: datetime) -> None:
    """Take in what came back from a crawl."""
    if isinstance(item, Lost):
        log.warning("crawl.lost source=%s blamed=%s reason=%s", item.source, item.blamed, item.reason)
        engine.lost(item, now=now)
        return
    try:
        _take_in_parts(engine, item, now=now)
    except OperationalError:
        raise
    except Exception:
        log.exception("engine.failed source=%s", item.source)
        _take_apart(engine, item, now=now)


def take_drill(engine: Engine, item: Result | Lost, *, clock: Callable[[], datetime], now: datetime) -> None:
    """Take in what came of a drill's crawl; if the engine fails over it, that is what the drill has shown."""
    try:
        engine.take_drill(item, clock=clock, now=now)
    except OperationalError:
        raise
    except Exception as error:
        log.exception("drill.failed")
        engine.end_drill(f"the engine failed over it: {error!r}; see the daemon's log", now=now)


def _take_in_parts(engine: Engine, result: Result, *, now: datetime) -> None:
    """First the counters of posts that are known, a few at a time; then what is new, and with it the source's state."""
    new = {post.url for post in result.posts}
    known = [reading for reading in result.readings if reading.url not in new]
    for start in range(0, len(known), AT_ONCE):
        engine.take_posts((), tuple(known[start : start + AT_ONCE]), now=now)
    engine.take(replace(result, readings=tuple(r for r in result.readings if r.url in new)), now=now)


def _take_apart(engine: Engine, result: Result, *, now: datetime) -> None:
    """One post with its readings at a time: one that fails again is counted, and left alone after the third time.

    Until then the source's state does not advance, so that the post comes again.
    """
    baseline = engine.is_first_visit(result.source)
    posts = {post.url: post for post in result.posts}
    waiting = False
    for url in dict.fromkeys([*posts, *(reading.url for reading in result.readings)]):
        key = f"post:{url_hash(url)}"
        if engine.is_quarantined(key):
            continue
        own = (posts[url],) if url in posts else ()
        readings = tuple(reading for reading in result.readings if reading.url == url)
        try:
            engine.take_posts(own, readings, baseline=baseline, now=now)
        except OperationalError:
            raise
        except Exception:
            log.exception("post.failed url=%s", url)
            left_alone = engine.failed(key, f"post {url}", traceback.format_exc(), now=now)
            waiting = waiting or not left_alone
    rest = replace(result, posts=(), readings=(), state=None if waiting else result.state)
    engine.take(rest, now=now)


def fire_due(engine: Engine, *, now: datetime) -> list[timedelta]:
    """Let everything due happen; what fails is put off, and holds up nothing else. Returns how late the timers were."""
    lateness = []
    for due in engine.due(now=now):
        try:
            engine.fire(due, now=now)
        except OperationalError:
            raise
        except Exception:
            log.exception("timer.failed %s", due.key)
            engine.put_off(due, traceback.format_exc(), now=now)
        else:
            lateness += [now - due.timer.due_at] if due.timer else []
    return lateness
