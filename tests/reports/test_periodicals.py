"""The daily and weekly digests go out by themselves, once, with the head of the record (R25)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from newsdesk import Desk

from yuqing_daemon.reports.periodicals import send_due
from yuqing_daemon.rules.periodicals import Periodicals
from yuqing_daemon.store import audit
from yuqing_daemon.store.outbox import DeliveryRow

NEXT_DAY = datetime.fromisoformat("2026-03-03T00:00:00+00:00")  # 08:00 in Shanghai, on a Tuesday
WANTED = Periodicals(roles=("office",), daily=time(8), weekly=time(8, 30))


@pytest.fixture
def morning(desk: Desk) -> Desk:
    """The day after, just before the digest is due."""
    desk.world.configure(periodicals=WANTED)
    desk.world.clock.now = NEXT_DAY - timedelta(seconds=1)
    return desk


def sent(desk: Desk) -> list[DeliveryRow]:
    send_due(desk.world.engine, now=desk.world.clock.now)
    return [row for row in desk.world.deliveries() if row.purpose.startswith("digest:")]


def test_it_goes_out_when_it_is_due_and_only_once(morning: Desk) -> None:
    assert sent(morning) == []
    morning.world.clock.pass_(seconds=1)
    (row,) = sent(morning)
    assert (row.purpose, row.recipient, row.event) == ("digest:daily:2026-03-02", "office", None)
    assert "舆情日报" in row.notice.subject
    assert "青禾酸奶里有异物" in row.notice.text and "青禾酸奶里有异物" in row.notice.html
    morning.world.clock.pass_(hours=5)
    assert sent(morning) == [row]


def test_it_carries_the_head_of_the_record_also_where_there_is_little_room(morning: Desk) -> None:
    with morning.world.engine.store.read() as connection:
        head = audit.head(connection)
    assert head is not None
    morning.world.clock.pass_(seconds=1)
    (row,) = sent(morning)
    assert head.hash in row.notice.text
    assert head.hash[:16] in row.notice.short and len(row.notice.short) <= 70
    (entry,) = morning.world.record("digest.sent")
    assert (entry["head"], entry["head_hash"], entry["to"]) == (f"#{head.id}", head.hash, ["office"])


def test_after_a_week_of_silence_only_the_latest_of_each_comes(morning: Desk) -> None:
    morning.world.clock.pass_(days=7, hours=1)  # Tuesday, 09:00
    assert [row.purpose for row in sent(morning)] == ["digest:daily:2026-03-09", "digest:weekly:2026-03-02"]


def test_there_is_none_of_a_time_before_the_record_was_begun(desk: Desk) -> None:
    desk.world.configure(periodicals=replace(WANTED, daily=time(6)))
    assert sent(desk) == []


def test_each_gets_it_in_their_own_language(morning: Desk) -> None:
    people = [replace(each, language="en") if each.id == "office" else each for each in morning.settings.recipients]
    morning.world.configure(recipients=tuple(people), periodicals=replace(WANTED, roles=("office", "leading_group")))
    morning.world.clock.pass_(seconds=1)
    titles = {row.recipient: row.notice.text.splitlines()[0] for row in sent(morning)}
    assert "日报" in titles["leader"] and "日报" not in titles["office"]


def test_one_that_nobody_gets_is_told_to_those_who_run_the_daemon(morning: Desk) -> None:
    morning.world.configure(periodicals=replace(WANTED, roles=("superior",)))
    morning.world.clock.pass_(seconds=1)
    assert sent(morning) == []
    morning.world.clock.pass_(hours=1)
    assert sent(morning) == []
    (row,) = [row for row in morning.world.deliveries() if row.purpose.startswith("ops:digest")]
    assert (row.recipient, row.notice.subject) == ("admin", "每日摘要没有人接收")
    assert "superior" in row.notice.text
