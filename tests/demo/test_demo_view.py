"""The live view fits a small terminal, and without one every change is one line."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from conftest import NOON
from rich.cells import cell_len
from rich.console import Console

from yuqing_daemon.demo.view import Moment, changes, notice_state, picture
from yuqing_daemon.demo.watch import NoticeSeen, Rise, Scene, nothing_yet
from yuqing_daemon.domain import Event, Heat, Level

TITLE = "孩子喝了青禾酸奶拉肚子，瓶底还有异物，求助"


def notice(number: int, **values: object) -> NoticeSeen:
    given = {
        "key": str(number),
        "recipient": "品质管理部",
        "role": "leading group",
        "channel": "chat",
        "is_first": False,
        "level": Level.EXTRAORDINARY,
        "accepted_at": NOON,
        "attempts": 1,
    }
    return NoticeSeen(**{**given, **values})  # type: ignore[arg-type]


def grown(notices: int = 10) -> Scene:
    """A scene with everything in it."""
    start = nothing_yet()
    event = Event(
        id=1,
        topic="quality",
        title=TITLE,
        level=Level.EXTRAORDINARY,
        found_at=NOON,
        updated_at=NOON,
        heat=Heat(reads=6400, comments=965, mainstream=5, posts=8),
    )
    return replace(
        start,
        sites=tuple(replace(site, visited_at=NOON, posts=12) for site in start.sites),
        event=event,
        reads=(40, 880, 1050, 6400),
        rises=tuple(Rise(level=level, at=NOON, reason="reads 3120 >= 3000") for level in Level),
        notices=tuple(notice(number) for number in range(notices)),
    )


def moment(scene: Scene, caption: str = "the complaint is read more and more", duty: str = "") -> Moment:
    return Moment(scene=scene, caption=caption, duty=duty, elapsed=23.4, now=NOON + timedelta(seconds=2))


def drawn(scene: Scene, *, width: int, height: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width, height=height, force_terminal=True, color_system=None)
    console.print(picture(moment(scene), width=width, height=height))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40)])
@pytest.mark.parametrize("scene", [nothing_yet(), grown()])
def test_the_picture_fits_its_terminal_and_chinese_is_aligned(scene: Scene, width: int, height: int) -> None:
    lines = drawn(scene, width=width, height=height)
    assert len(lines) < height
    assert {cell_len(line) for line in lines} == {min(width, 100)}


def test_everything_that_matters_is_in_the_picture() -> None:
    text = "\n".join(drawn(grown(), width=80, height=24))
    for words in (TITLE, "特别重大 extraordinary", "reads  6,400", "临溪论坛", "12 posts", "read 2 s ago", "0:23"):
        assert words in text
    assert text.count("✓") == 10


def test_a_low_terminal_shows_the_latest_notices() -> None:
    lines = drawn(grown(notices=30), width=80, height=24)
    assert len(lines) < 24


def test_without_a_terminal_every_change_is_one_line() -> None:
    before, now = (
        moment(nothing_yet(), "the daemon starts"),
        moment(grown(notices=1), "it is told", duty="acknowledged"),
    )
    lines = list(changes(before, now))
    assert lines[0] == "-- it is told"
    assert lines[1] == "临溪晚报: first visit, 12 posts"
    assert lines[8] == f"E1 一般 general: {TITLE} (reads 3120 >= 3000)"
    assert lines[-2].startswith("品质管理部 by webhook, 特别重大 extraordinary: accepted")
    assert lines[-1] == "acknowledged"
    assert list(changes(now, now)) == []


def test_a_notice_says_how_often_it_was_tried() -> None:
    assert notice_state(notice(1, attempts=2)) == "accepted 12:00:00, try 2"
    assert notice_state(notice(1, accepted_at=None, attempts=0)) == "on its way"
    assert notice_state(notice(1, accepted_at=None, refusal="code 1008")) == "refused, tried again soon: code 1008"
