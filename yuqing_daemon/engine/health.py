"""How well each source is heard: after every visit its state is judged, and what changes is told to the operators.

States are decided in ``rules/health``; here they meet the store, the record and the people. A change is put on record
in the transaction of the visit; telling is left to the next round of housekeeping, so that many sources that change
together are one word.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from ..bus.messages import Lost, Result, Visit
from ..domain import Source
from ..errors import RequestError
from ..rules.calendar import MondayToFriday, work_calendar
from ..rules.health import Days, Finding, Piece, Seen, State, judge, restart
from ..store import health, sources
from ..store.health import HealthRow
from ..store.sources import SourceRow
from . import canaries, network
from .telling import tell_operators
from .work import ACTOR, Work

NO_ARTICLE = ("no article found on the page", "it shows a login page", "it leads to the front page")
MOST_LINES = 30  # of one word to the operators


def take(work: Work, source: Source, row: SourceRow, result: Result, *, new: int) -> bool:
    """Judge a source after a visit; whether it is in doubt. ``row`` is how it stood before."""
    if row.status in sources.NOT_VISITED or network.is_down_for(work, source, result):
        return False
    known = health.get(work.connection, source.id)
    failed = result.visit is Visit.FAILED
    is_baseline = row.first_read_at is None
    seen = Seen(
        at=work.now,
        failed=failed,
        unchanged=result.visit is Visit.UNCHANGED,
        signs=result.signs,
        links=result.links,
        new=0 if is_baseline else new,
        pieces=tuple(_pieces(result, is_baseline=is_baseline)),
        probed=canaries.probed(work, source.id, result.signs.probes) if known.history.suspect else {},
        error=result.error,
        every=longest_wait(work, source),
        network_works=not network.is_mute(result) or network.others_answer(work, source, known.history, result.node),
    )
    history, finding = judge(known.history, seen, State(row.status), work.settings.health, days(work, source))
    _enter(work, row, replace(known, history=history), finding)
    if not failed:
        canaries.keep(work, source, result.kept)
    return history.is_in_doubt


def lost(work: Work, row: SourceRow, lost: Lost) -> None:
    """Its code has cost a worker its life."""
    known = health.get(work.connection, row.id)
    history = replace(known.history, good=0, symptom=State.FAILING.value, streak=known.history.streak + 1)
    figures = {"traceback": lost.traceback} if lost.traceback else {}
    found = Finding(
        state=State.FAILING, reason=lost.reason, figures=figures, blind_from=known.history.good_at or row.last_read_at
    )
    _enter(work, row, replace(known, history=history), found)


def set_aside(work: Work, row: SourceRow, lost: Lost, *, strikes: int) -> None:
    """It did so too often: it is not visited until a person says so. The operators are told at once, by the caller."""
    known = health.get(work.connection, row.id)
    reason = f"its spider cost {strikes} workers their lives: {lost.reason}"
    _enter(work, row, known, Finding(state=State.SET_ASIDE, reason=reason, blind_from=row.last_read_at))
    told = replace(health.get(work.connection, row.id), told_state=sources.SET_ASIDE, told_at=work.now, changes=0)
    health.save(work.connection, told)


def _enter(work: Work, row: SourceRow, known: HealthRow, found: Finding) -> None:
    """Keep what was found; a change of state is a spell that ends or begins, and an entry in the record."""
    was = State(row.status)
    if found.state is was:
        same = replace(known, reason=found.reason or known.reason, figures=dict(found.figures) or known.figures)
        health.save(work.connection, same)
        return
    health.end_spells(work.connection, row.id, until=work.now)
    if not found.state.is_good or found.state is State.PAUSED:
        health.open_spell(
            work.connection,
            row.id,
            found.state,
            since=work.now,
            blind_from=found.blind_from or row.first_read_at or row.since,
            reason=found.reason,
            figures=dict(found.figures),
        )
    sources.save(work.connection, row.id, status=found.state.value, since=work.now)
    is_first = was is State.WAITING and found.state is State.OK
    if not is_first:
        what = f"source.{found.state.value.replace(' ', '_')}"
        figures = {name: value for name, value in found.figures.items() if name != "traceback"}
        since = row.since.isoformat()
        work.audit(what, source=row.id, after=was.value, since=since, reason=found.reason, figures=figures)
    changes = known.changes + (not is_first)
    health.save(work.connection, replace(known, reason=found.reason, figures=dict(found.figures), changes=changes))


def _pieces(result: Result, *, is_baseline: bool) -> Iterator[Piece]:
    """The articles of a visit. A baseline takes most of its posts from the list, unread: these say nothing."""
    for post in result.posts:
        if not is_baseline or post.text or post.confidence is not None:
            yield Piece(
                title=post.title,
                chars=len(post.text),
                confidence=post.confidence,
                published_at=post.published_at,
                fetched_at=post.fetched_at,
            )
    for page in result.unread:
        if page.tries == 1 and page.error in NO_ARTICLE:
            yield Piece(fetched_at=result.ended_at, lost=True)


def longest_wait(work: Work, source: Source) -> timedelta:
    """The longest time between two of its visits that is as it should be."""
    return work.settings.crawl.longest if source.adapts else source.every


def days(work: Work, source: Source) -> Days:
    """The days of a source, as its week is counted."""
    return _days(source.timezone, work.settings.health.calendar)


@cache
def _days(zone: str, calendar: str) -> Days:
    noon = time(12)
    worked, usual = work_calendar(calendar, closes=noon), MondayToFriday(closes=noon)

    @cache
    def is_holiday(day: date) -> bool:
        return usual.day(day).is_working and not worked.day(day).is_working

    return Days(zone=ZoneInfo(zone), is_holiday=is_holiday)


# -- people ---------------------------------------------------------------------------------------


def housekeeping(work: Work) -> None:
    """End the pauses that are over, and tell the operators what has changed."""
    network.forget_nodes(work)
    for id in health.ended_pauses(work.connection, now=work.now):
        _unpause(work, id, by="", why="its time is over")
    lines = [line for row in health.untold(work.connection) if (line := _told(work, row))]
    if lines:
        subject = lines[0].partition("\n")[0] if len(lines) == 1 else f"{len(lines)} sources have changed"
        shown = "\n".join(lines[:MOST_LINES])
        more = f"\nand {len(lines) - MOST_LINES} more" if len(lines) > MOST_LINES else ""
        text = f"{shown}{more}\n\nSee: yuqing sources"
        tell_operators(work, f"ops:sources:{work.now:%Y%m%dT%H%M%S}", subject, text)


def _told(work: Work, row: HealthRow) -> str:
    """What to tell of a source; nothing if that was done a short while ago, or if it is as the operators know it."""
    source = sources.get(work.connection, row.source)
    if source is None or work.settings.source(row.source) is None:
        return ""
    if row.told_at is not None and work.now - row.told_at < work.settings.health.calm:
        return ""
    state, knew = State(source.status), State(row.told_state)
    is_news = state is not knew and not (state.is_good and knew.is_good)
    health.save(
        work.connection,
        replace(row, told_state=state.value, told_at=work.now if is_news else row.told_at, changes=0),
    )
    if not is_news:
        return ""
    often = f" (changed {row.changes} times since you were told)" if row.changes > 1 else ""
    if state.is_good:
        return f"source {row.source} is well again: it was {knew.value}{often}"
    traceback = f"\n{row.figures['traceback']}" if row.figures.get("traceback") else ""
    return f"source {row.source} is {state.value}{often}: {row.reason}{traceback}"


def pause(work: Work, id: str, *, reason: str, until: datetime, by: str) -> None:
    """Leave a source alone for a while: a person says why, and until when."""
    row = sources.get(work.connection, id)
    if row is None or work.settings.source(id) is None:
        raise RequestError(f"there is no source {id!r}; see: yuqing sources")
    if not reason.strip():
        raise RequestError("want a reason: --pause 'new version of the site'")
    if until <= work.now:
        raise RequestError(f"want an end that is still to come; {_utc(until)} is over")
    known = replace(health.get(work.connection, id), paused_until=until, told_state=sources.PAUSED, changes=0)
    said = f"{reason} (by {by})"
    if row.status == sources.PAUSED:
        health.save(work.connection, replace(known, reason=said))
        work.audit("source.paused", actor=by, source=id, reason=reason, until=until.isoformat())
        return
    health.end_spells(work.connection, id, until=work.now)
    health.open_spell(work.connection, id, State.PAUSED, since=work.now, blind_from=work.now, reason=said, figures={})
    health.save(work.connection, replace(known, reason=said, figures={}))
    sources.save(work.connection, id, status=sources.PAUSED, since=work.now)
    work.audit("source.paused", actor=by, source=id, reason=reason, until=until.isoformat(), was=row.status)


def resume(work: Work, id: str, *, by: str) -> None:
    """Visit a source again that was set aside or paused."""
    row = sources.get(work.connection, id)
    if row is None or work.settings.source(id) is None:
        raise RequestError(f"there is no source {id!r}; see: yuqing sources")
    _unpause(work, id, by=by, why="")


def _unpause(work: Work, id: str, *, by: str, why: str) -> None:
    row = sources.get(work.connection, id)
    source = work.settings.source(id)
    known = health.get(work.connection, id)
    if row is None:
        return
    history = known.history
    if source is not None:
        history = restart(history, work.now, days(work, source), work.settings.health, every=longest_wait(work, source))
    health.end_spells(work.connection, id, until=work.now)
    fresh = replace(known, history=history, paused_until=None, reason="", figures={}, told_state=sources.OK, changes=0)
    health.save(work.connection, fresh)
    if row.status in sources.NOT_VISITED or by:
        values = {"status": sources.WAITING, "since": work.now, "due_at": work.now, "failures": 0, "error": ""}
        sources.save(work.connection, id, **values)
        work.audit("source.resumed", actor=by or ACTOR, source=id, was=row.status, reason=why)


def _utc(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
