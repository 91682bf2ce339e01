"""A disk and a database that run full under a daemon at work: nothing is lost, and it goes on by itself."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from daemon.house import House, house, until

MIB = 1 << 20
DISK, BALLAST = 48 * MIB, 8 * MIB
ALARM, OVER = "服务无法写入数据库", "数据库已恢复写入"
SOON_WELL = """
from datetime import timedelta
from yuqing_daemon import cli, daemon, outage
outage.PAUSE = daemon.HOUSEKEEPING_EVERY = timedelta(seconds=0.3)
outage.WELL_AFTER = timedelta(seconds=2)
"""
LIMITED = """
from sqlalchemy import event
from yuqing_daemon import store
make = store._engine
def limited(*given, **named):
    engine = make(*given, **named)
    @event.listens_for(engine, "begin")
    def limit(connection):
        connection.exec_driver_sql("pragma max_page_count = " + open("{file}").read())
    return engine
store._engine = limited
"""


def changed(*code: str) -> tuple[str, ...]:
    """The daemon's command with changes to it."""
    return (sys.executable, "-c", "\n".join([SOON_WELL, *code, "cli.main()"]))


def words(home: House, about: str) -> int:
    """How many mails to the operators there are about that."""
    return sum(about in subject for subject in home.inbox.subjects("office@"))


def unready(home: House, part: str) -> str:
    """What it says is wrong with a part of it, once it does."""
    said = until(lambda: (found := home.get("/-/ready"))[0] == 503 and part in (told := json.loads(found[1])) and told)
    return str(said[part])


# -- the database -----------------------------------------------------------------------------------


def test_what_came_from_a_site_while_the_database_was_full_is_stored_later_even_if_the_site_shows_it_no_more(
    tmp_path: Path,
) -> None:
    limit = tmp_path / "pages"
    limit.write_text("1000000")
    with house(tmp_path, command=changed(LIMITED.format(file=limit))) as home:
        home.start()
        home.alert(1)
        limit.write_text("1")  # as many as it has now
        for number in range(2, 30):
            home.site.publish(number)
        assert "database or disk is full" in unready(home, "store")
        until(lambda: words(home, ALARM), "the word to the operators")
        status = json.loads(home.cli("status", "--json").stdout)
        assert "takes no writes" in status["trouble"]["store"]
        assert any("store: takes no writes" in wrong for wrong in status["wrong"])
        home.site.listed.clear()
        home.site.bodies.clear()
        limit.write_text("1000000")
        for number in range(2, 30):
            until(lambda number=number: home.mail_about(number), f"story {number}")
        until(lambda: words(home, OVER), "the word that it is over")
        assert (words(home, ALARM), home.get("/-/ready")[0]) == (1, 200)
        keys = [str(mail["X-Yuqing-Delivery"]) for mail in home.inbox.mails]
        assert len(keys) == len(set(keys))
        assert home.stop() == 0
        assert home.ask("pragma integrity_check") == [("ok",)]


# -- the disk ---------------------------------------------------------------------------------------


class Disk:
    """A small real one, in a place of its own that only its own processes see."""

    def __init__(self, place: Path) -> None:
        self.place = place
        place.mkdir()
        mount = f"mount -t tmpfs -o size={DISK} none {place} && echo && exec sleep infinity"
        self.keeper = subprocess.Popen(["unshare", "-Urm", "sh", "-c", mount], stdout=subprocess.PIPE)
        assert self.keeper.stdout is not None
        self.is_there = bool(self.keeper.stdout.readline())
        self.within = ("nsenter", "-t", str(self.keeper.pid), "-U", "-m", "--preserve-credentials")
        self.seen = Path(f"/proc/{self.keeper.pid}/root{place}")
        self.filler = self.seen / "filler"

    def fill(self) -> None:
        """Leave no byte but those that a ballast gives up meanwhile."""
        held = self.ballast()
        with self.filler.open("ab") as file:
            while (left := shutil.disk_usage(self.seen).free - held + self.ballast()) > 0:
                with contextlib.suppress(OSError):  # the daemon was faster: it wrote something, or gave the ballast up
                    os.posix_fallocate(file.fileno(), os.fstat(file.fileno()).st_size, left)

    def ballast(self) -> int:
        """The bytes that it takes."""
        file = self.seen / "ballast"
        return file.stat().st_blocks * 512 if file.exists() else 0

    def free(self) -> None:
        self.filler.unlink()

    def remount(self, how: str) -> None:
        subprocess.run([*self.within, "mount", "-o", f"remount,{how}", str(self.place)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    disk = Disk(tmp_path / "state")
    try:
        if not disk.is_there:
            pytest.skip("no file system may be mounted here")
        yield disk
    finally:
        disk.keeper.kill()
        disk.keeper.wait()


@dataclass
class HouseOnDisk(House):
    """A house whose database is on the small disk; SQLite finds it from within only."""

    disk: Disk = field(kw_only=True)

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        code = f"import json, sqlite3; db = sqlite3.connect({str(self.folder)!r} + '/state/yuqing.db')"
        look = f"{code}; print(json.dumps(db.execute({query!r}).fetchall()))"
        said = subprocess.run([*self.disk.within, sys.executable, "-c", look], capture_output=True, check=False)
        return [tuple(row) for row in json.loads(said.stdout or b"[]")]


@pytest.fixture
def home(tmp_path: Path, disk: Disk) -> Iterator[House]:
    home = HouseOnDisk(tmp_path, disk=disk, command=(*disk.within, *changed()))
    home.change("yuqing.toml", "ballast_mib = 1", f"ballast_mib = {BALLAST // MIB}")
    home.state = str(disk.seen)  # where the socket is, as seen from here
    try:
        yield home
    finally:
        home.close()


def test_a_full_disk_costs_no_notice_and_is_over_when_there_is_room(home: House, disk: Disk) -> None:
    home.start()
    assert disk.ballast() == BALLAST
    home.alert(1)
    disk.fill()
    assert "nothing is crawled" in unready(home, "disk")
    home.site.publish(2)
    promised: list[str] = []
    while "store.ballast_given_up" not in home.log:
        promised += home.request("test-notify", target="duty").get("ok", {}).get("keys", [])
    promised += home.request("test-notify", target="duty")["ok"]["keys"]  # there is room again to promise
    until(lambda: words(home, ALARM), "the word to the operators")
    sent = "select count(*) from delivery where purpose like 'test:%' and state = 'accepted'"
    until(lambda: home.ask(sent) == [(len(promised),)], "all that was promised")
    assert not home.mail_about(2)
    disk.free()
    until(lambda: home.mail_about(2), "the story after the trouble")
    until(lambda: words(home, OVER), "the word that it is over")
    assert disk.ballast() == BALLAST
    assert (words(home, ALARM), home.get("/-/ready")[0]) == (1, 200)
    keys = [str(mail["X-Yuqing-Delivery"]) for mail in home.inbox.mails]
    assert len(keys) == len(set(keys))
    assert home.stop() == 0
    assert home.ask("pragma integrity_check") == [("ok",)]


def test_a_daemon_starts_on_a_full_disk_with_the_room_of_the_ballast(home: House, disk: Disk) -> None:
    home.start()
    assert home.stop() == 0
    disk.fill()
    home.site.publish(1)
    home.launch()
    assert "nothing is crawled" in unready(home, "disk")
    assert disk.ballast() == 0
    disk.free()
    until(lambda: home.mail_about(1), "the story")
    until(lambda: disk.ballast() == BALLAST, "the ballast")


def test_a_disk_that_cannot_be_used_is_named_at_the_start_and_once_it_can_all_goes_on(home: House, disk: Disk) -> None:
    home.start()
    assert home.stop() == 0
    (disk.seen / "ballast").unlink()
    disk.fill()
    assert "yuqing.db cannot be used" in home.run_once().stderr
    disk.free()
    disk.remount("ro")
    ended = home.run_once()
    assert ended.returncode == 1
    assert "cannot be used: Read-only file system" in ended.stderr
    disk.remount("rw")
    home.site.publish(1)
    home.launch()
    until(lambda: home.mail_about(1), "the story")
