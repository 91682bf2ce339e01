"""The demonstration says that all went well only if it did."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import NOON
from rich.console import Console

from yuqing_daemon.demo.sinks import Sinks, sinks
from yuqing_daemon.demo.summary import Record, Report, missing, print_summary
from yuqing_daemon.demo.watch import NoticeSeen, Rise, Scene, nothing_yet
from yuqing_daemon.domain import Event, Heat, Level


@pytest.fixture
def inboxes(tmp_path: Path) -> Iterator[Sinks]:
    """One mail, one webhook and one SMS have arrived."""
    with sinks(tmp_path, secret="secret") as found:
        for box in (found.mail, found.hooks, found.sms):
            box.keep(b"x", ".txt", to="somebody", head="head", text="first line\nsecond line")
        yield found


def notice(channel: str) -> NoticeSeen:
    return NoticeSeen(
        key=channel,
        recipient="值班员",
        role="monitor",
        channel=channel,
        is_first=True,
        level=Level.GENERAL,
        accepted_at=NOON,
        attempts=1,
    )


@pytest.fixture
def scene() -> Scene:
    event = Event(
        id=1,
        topic="quality",
        title="酸奶里有异物",
        level=Level.EXTRAORDINARY,
        found_at=NOON,
        updated_at=NOON,
        heat=Heat(reads=6400, comments=965, mainstream=5, posts=8),
        acknowledged_level=Level.MAJOR,
        acknowledged_by="duty",
        acknowledged_at=NOON,
    )
    return replace(
        nothing_yet(),
        event=event,
        rises=tuple(Rise(level=level, at=NOON, reason="reads 3120 >= 3000") for level in Level),
        notices=tuple(map(notice, ("mail", "chat", "sms"))),
    )


@pytest.fixture
def report(scene: Scene, inboxes: Sinks, tmp_path: Path) -> Report:
    return Report(
        folder=tmp_path,
        elapsed=31.0,
        scene=scene,
        sinks=inboxes,
        sites=(),
        record=Record(entries=42, holds=True),
        daemon_code=0,
        looking_did_nothing=True,
    )


def test_nothing_is_missing_when_everything_arrived(report: Report) -> None:
    assert missing(report) == []


def test_what_was_promised_and_not_received_is_missing(report: Report, scene: Scene) -> None:
    twice = replace(scene, notices=(*scene.notices, replace(notice("mail"), key="another")))
    assert missing(replace(report, scene=twice)) == ["mail: 2 promised, 1 received"]


def test_what_was_received_more_often_than_promised_is_told(report: Report) -> None:
    report.sinks.sms.keep(b"x", ".txt", to="1", head="again", text="again")
    assert missing(report) == ["SMS: 1 promised, 2 received"]


def test_a_level_that_was_not_reached_is_missing(report: Report, scene: Scene) -> None:
    assert missing(replace(report, scene=replace(scene, rises=scene.rises[:2]))) == [
        "the event never became 特别重大 extraordinary"
    ]


def test_a_second_event_is_told(report: Report, scene: Scene) -> None:
    assert missing(replace(report, scene=replace(scene, others=1))) == ["the story became 2 events, not one"]


def test_posts_that_stand_there_twice_are_told(report: Report, scene: Scene) -> None:
    sites = (replace(scene.sites[0], posts=7), *scene.sites[1:])
    assert missing(replace(report, scene=replace(scene, sites=sites))) == ["临溪晚报: posts were doubled"]


def test_a_link_that_acknowledges_when_it_is_looked_at_is_told(report: Report) -> None:
    (problem,) = missing(replace(report, looking_did_nothing=False))
    assert problem.startswith("looking at the link acknowledged the event")


def test_nobody_acknowledging_is_told(report: Report, scene: Scene) -> None:
    assert scene.event is not None
    event = replace(scene.event, acknowledged_at=None)
    assert missing(replace(report, scene=replace(scene, event=event))) == ["nobody acknowledged the event"]


def test_a_broken_record_and_a_bad_end_of_the_daemon_are_told(report: Report) -> None:
    broken = replace(report, record=Record(entries=42, holds=False), daemon_code=-9)
    assert missing(broken) == ["the record's chain does not hold", "the daemon ended with exit code -9, not 0"]


def test_the_summary_shows_levels_notices_and_what_to_type_next(report: Report) -> None:
    console = Console(file=io.StringIO(), width=80, markup=False)  # as the command line's
    print_summary(console, report)
    assert isinstance(console.file, io.StringIO)
    said = console.file.getvalue()
    assert "All of it really happened, in 31 seconds." in said
    assert "特别重大 extraordinary  reads 3120 >= 3000" in said
    assert "[bold]" not in said
    assert "1 mails, 1 webhooks, 1 SMS" in said
    assert f"--config {report.folder} event E1\n" in said
    assert "init mysite\n" in said
