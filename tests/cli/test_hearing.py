"""Commands about how well the sources are heard: what is shown, and what a person may do about it."""

from __future__ import annotations

from datetime import timedelta

from yuqing_daemon.bus import Result, Visit
from yuqing_daemon.clock import utc_now
from yuqing_daemon.engine import Engine

from .commandline import Yuqing


def fail(engine: Engine, times: int) -> None:
    """The news site refuses us some times in a row, the last time now."""
    for number in range(times, 0, -1):
        at = utc_now() - timedelta(minutes=number)
        result = Result(job="j", source="city-news", visit=Visit.FAILED, started_at=at, ended_at=at, error="HTTP 403")
        engine.take(result, now=at)


def test_a_source_alone_says_why_it_is_in_its_state_and_when_it_was_not_heard(yuqing: Yuqing, history: Engine) -> None:
    fail(history, 2)
    ran = yuqing("sources", "city-news")
    assert "state             unreachable" in ran.lines
    assert "why               HTTP 403" in ran.lines
    assert any(line.startswith("not heard well in the last 30 days") for line in ran.lines)
    assert "1 source unreachable; see: yuqing sources" in yuqing("status").out
    spans = yuqing("blind", "city-news", "--json").json
    (span,) = [span for span in spans if span["why"] == "unreachable"]
    assert (span["source"], span["until"], span["error"]) == ("city-news", None, "HTTP 403")
    assert "unreachable" in yuqing("blind", "city-news").out


def test_an_event_says_what_was_not_heard_while_it_went_on(yuqing: Yuqing, history: Engine) -> None:
    fail(history, 2)
    assert "unreachable" in {span["why"] for span in yuqing("blind", "E1", "--json").json}
    assert yuqing("blind", "E99").err == "yuqing: there is no event 'E99'; see: yuqing events\n"
    assert yuqing("blind", "nowhere").code == 1


def test_a_source_is_paused_with_a_reason_and_an_end(yuqing: Yuqing, history: Engine) -> None:
    assert yuqing("sources", "city-news", "--pause", "new version").code == 2
    assert yuqing("sources", "--pause", "new version", "--until", "2100-01-01").code == 2
    assert yuqing("sources", "city-news", "--pause", "new version", "--until", "2001-01-01").code == 1
    ran = yuqing("sources", "city-news", "--pause", "new version", "--until", "2100-01-01")
    assert ran.out == "source city-news is left alone until 2100-01-01 00:00:00\n"
    assert "state             paused" in yuqing("sources", "city-news").lines
    assert yuqing("sources", "city-news", "--resume").code == 0
    assert "state             waiting" in yuqing("sources", "city-news").lines


def test_kept_pages_are_listed_and_nothing_is_accepted_where_nothing_differs(yuqing: Yuqing, history: Engine) -> None:
    assert "no page of city-news is kept yet" in yuqing("sources", "city-news", "--canaries").out
    assert yuqing("sources", "city-news", "--canaries", "--json").json == []
    assert yuqing("sources", "city-news", "--canaries", "--accept").code == 1
    assert yuqing("sources", "city-news", "--accept").code == 2


def test_a_database_that_waits_for_its_daemon_is_told_in_a_line(yuqing: Yuqing, history: Engine) -> None:
    with history.store.write() as connection:
        connection.exec_driver_sql("update alembic_version set version_num = '0003'")
    for command in ("status", "events", "sources"):
        ran = yuqing(command)
        assert (ran.code, ran.out) == (1, "")
        assert ran.err.startswith("yuqing: the database is at schema 0003, and this version reads ")
        assert "fix: start the daemon with this version" in ran.err
