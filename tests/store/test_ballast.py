"""The room that is given up when the disk is full."""

from __future__ import annotations

import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from yuqing_daemon.store.ballast import MIB, Ballast

Disk = namedtuple("Disk", "total used free")


@pytest.fixture
def ballast(tmp_path: Path) -> Ballast:
    return Ballast(tmp_path)


def room(path: Path) -> int:
    """The bytes that a file really takes."""
    return path.stat().st_blocks * 512


def test_it_takes_real_room_and_lets_it_go_at_once(ballast: Ballast, tmp_path: Path) -> None:
    assert ballast.make(2 * MIB)
    assert room(tmp_path / "ballast") >= 2 * MIB
    assert ballast.give_up()
    assert room(tmp_path / "ballast") == 0
    assert not ballast.give_up()  # there is nothing left to give


@pytest.mark.parametrize("size", [0, MIB, 3 * MIB])
def test_it_becomes_as_large_as_is_written_now(ballast: Ballast, tmp_path: Path, size: int) -> None:
    ballast.make(2 * MIB)
    assert ballast.make(size)
    assert room(tmp_path / "ballast") == size


def test_a_disk_without_so_much_room_is_left_as_it_was(ballast: Ballast, tmp_path: Path) -> None:
    assert not ballast.make(1 << 60)
    assert not ballast.give_up()


@pytest.mark.parametrize(
    ("total", "free", "held", "lacks"),
    [
        (1000, 50, 64, ""),  # one twentieth of a small disk
        (1000, 49, 64, "49 MiB are free where 50 have to be"),
        (1000, 114, 0, ""),  # what the ballast will take is not there for crawling
        (1000, 113, 0, "113 MiB are free where 114 have to be"),
        (4_000_000, 512, 64, ""),  # a large disk is not left empty for us
        (4_000_000, 511, 64, "511 MiB are free where 512 have to be"),
    ],
)
def test_a_crawl_leaves_room_for_what_was_promised(
    ballast: Ballast, monkeypatch: pytest.MonkeyPatch, total: int, free: int, held: int, lacks: str
) -> None:
    ballast.make(held * MIB)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Disk(total * MIB, 0, free * MIB))
    assert ballast.lacks(64 * MIB) == lacks


def test_that_people_were_told_outlives_a_restart_and_the_room(ballast: Ballast, tmp_path: Path) -> None:
    ballast.make(MIB)
    assert Ballast(tmp_path).told_at is None
    ballast.give_up()
    ballast.mark_told()
    assert Ballast(tmp_path).told_at is not None
    assert ballast.make(MIB)
    ballast.forget_told()
    assert Ballast(tmp_path).told_at is None


def test_a_directory_that_is_gone_remembers_nothing_and_breaks_nothing(tmp_path: Path) -> None:
    gone = Ballast(tmp_path / "gone")
    gone.mark_told()
    assert gone.told_at is None
    assert not gone.make(MIB)
    assert not gone.give_up()
    gone.forget_told()
