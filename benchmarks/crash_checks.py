"""What ``benchmarks/crash.py`` holds its runs against: the database, what was published, and what arrived."""

from __future__ import annotations

import json
import sqlite3
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crash_sinks import Sinks

from yuqing_daemon.store import Store, audit

CHANNELS = ("mail", "chat", "desk", "sms")
AT = "%Y-%m-%d %H:%M:%S.%f"  # an instant as the database has it
PATIENCE = 90.0  # seconds without progress until what has not arrived is taken for lost


@dataclass
class Run:
    """What happened while the daemon was being killed: what was published, and what was on its way at each kill."""

    folder: Path
    sinks: Sinks
    published: list[dict[str, Any]] = field(default_factory=list)
    kills: int = 0
    on_its_way: Counter[str] = field(default_factory=Counter)
    stored_at: datetime | None = None
    drained: bool = False
    exit_code: int | None = None


def ask(folder: Path, query: str) -> list[tuple[Any, ...]]:
    """Look into the database, without touching it; nothing if there is none yet."""
    with suppress(sqlite3.OperationalError):
        connection = sqlite3.connect(f"file:{folder}/state/yuqing.db?mode=ro", uri=True)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()
    return []


def unstored(folder: Path, run: Run) -> set[str]:
    """What was published and is not in the database."""
    return {post["url"] for post in run.published} - {url for (url,) in ask(folder, "select url from post")}


def owed(run: Run) -> int:
    """How many deliveries are not accepted, of those promised by the time when all that was published was stored.

    What comes later are repeats and steps of open events, which have no end.
    """
    until = f" and created_at <= '{run.stored_at:{AT}}'" if run.stored_at else ""
    return int(ask(run.folder, f"select count(*) from delivery where state != 'accepted'{until}")[0][0])


def drained(run: Run, ended_at: datetime) -> bool:
    """Whether all that was published until then is stored and told; given up when nothing gets any further."""
    accepted = "select count(*) from attempt where answer = 'accepted'"
    progress = f"select (select count(*) from post), (select count(*) from delivery), ({accepted})"
    unseen = f"select id from source where id not in (select source from visit where started_at > '{ended_at:{AT}}')"
    reached: list[tuple[Any, ...]] = []
    since = time.monotonic()
    while run.stored_at is None or owed(run):
        if run.stored_at is None and not ask(run.folder, unseen) and not unstored(run.folder, run):
            run.stored_at = datetime.now(UTC)
        if (now_at := ask(run.folder, progress)) != reached:
            reached, since = now_at, time.monotonic()
        elif time.monotonic() - since > PATIENCE:
            return False
        time.sleep(0.1)
    return True


def violations(run: Run) -> dict[str, int]:
    """Everything that must be 0, by its name."""
    folder = run.folder
    with Store.look(folder / "state").read() as connection:
        broken = audit.first_broken(connection)
    return {
        **wrong_deliveries(folder, run),
        **wrong_copies(run),
        **wrong_events(folder, run),
        "faults in the database": int(ask(folder, "pragma integrity_check") != [("ok",)]),
        "broken links in the record": int(broken is not None),
        "unclean end": int(not run.drained or run.exit_code != 0),
    }


def wrong_deliveries(folder: Path, run: Run) -> dict[str, int]:
    """What was promised is what was recorded is what arrived."""
    promised = dict(ask(folder, "select key, state from delivery"))
    accepted = {key for key, state in promised.items() if state == "accepted"}
    entries = ask(folder, "select data from audit where what = 'alert.planned'")
    planned = {json.loads(data)["key"] for (data,) in entries}
    return {
        "accepted, and never received": len(accepted - run.sinks.received.keys()),
        "promised, and not accepted": owed(run),
        "on record as planned, and not promised": len(planned - promised.keys()),
        "received, and never promised": len(run.sinks.received.keys() - promised.keys()),
    }


def wrong_copies(run: Run) -> dict[str, int]:
    """A copy is the same bytes, and has a crash as its reason."""
    copies = {key: len(marks) - 1 for key, marks in run.sinks.received.items()}
    return {
        "copies with other bytes": sum(len(set(marks)) - 1 for marks in run.sinks.received.values()),
        "copies without a crash on the way": sum(max(0, more - run.on_its_way[key]) for key, more in copies.items()),
    }


def wrong_events(folder: Path, run: Run) -> dict[str, int]:
    """Every story is stored, is one event, and is told over every channel."""
    story_of = {post["url"]: post["story"] for post in run.published}
    found: dict[int, set[int | None]] = {story: set() for story in story_of.values()}
    for url, event in ask(folder, "select url, event from post left join event_post on event_post.post = post.id"):
        found[story_of[url]].add(event)
    told_by = Counter(event for of in found.values() for event in of)
    events = {event for (event,) in ask(folder, "select id from event")}
    told = Counter(event for (event,) in ask(folder, "select event from delivery where purpose = 'found'"))
    return {
        "published, and not stored": len(unstored(folder, run)),
        "stories that are not exactly one event": sum(len(of) != 1 or None in of for of in found.values()),
        "events of no story, or of several": sum(told_by[event] != 1 for event in events),
        "events not told over every channel": sum(told[event] != len(CHANNELS) for event in events),
    }
