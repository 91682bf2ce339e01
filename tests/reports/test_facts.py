"""Every fact comes from a row, and says from which (R16, R23, R24, R25)."""

from __future__ import annotations

import re
from datetime import timedelta

from newsdesk import Desk
from sqlalchemy import select

from yuqing_daemon.domain import Act
from yuqing_daemon.reports import EventFacts, as_json
from yuqing_daemon.store import audit, bulletins, duties, outbox, schema

TABLES = {"P": schema.post, "D": schema.duty, "J": schema.judgement, "N": schema.delivery, "V": schema.visit}


def traces(value: object) -> set[str]:
    """Every trace that stands anywhere in the facts."""
    if isinstance(value, dict):
        own = {*value["trace"]} if "trace" in value else set()
        return own.union(*map(traces, value.values()))
    return set().union(*map(traces, value)) if isinstance(value, list) else set()


def of(facts: EventFacts) -> dict[str, int | None]:
    return {name: getattr(facts.figures, name).value for name in ("reads", "comments", "mainstream", "posts")}


def test_the_figures_are_those_of_the_store(desk: Desk) -> None:
    heat = desk.world.event().heat
    assert of(desk.facts()) == {
        "reads": heat.reads, "comments": heat.comments, "mainstream": heat.mainstream, "posts": heat.posts,
    }  # fmt: skip
    assert of(desk.facts()) == {"reads": 2750, "comments": 99, "mainstream": 1, "posts": 2}


def test_the_curve_has_a_point_for_each_reading_and_ends_at_the_figures(desk: Desk) -> None:
    facts = desk.facts()
    assert [point.reads for point in facts.curve] == [120, 400, 1500, 2600, 2750]
    assert [point.comments for point in facts.curve] == [4, 20, 60, 60, 99]  # a total never falls
    assert facts.curve[-1].at <= facts.as_of


def test_every_trace_names_a_row_that_is_there(desk: Desk) -> None:
    desk.act(Act.REPORT, kind="bulletin")
    found = traces(as_json(desk.facts()))
    assert {trace[0] for trace in found} >= set("EPDJNVR")
    with desk.world.engine.store.read() as connection:
        entries = {f"E{entry.event}#{entry.id}" for entry in audit.entries(connection)}
        readings = {at.isoformat() for at in connection.execute(select(schema.reading.c.at)).scalars()}
        for trace in found:
            if trace.startswith("E"):
                assert trace in entries
            elif trace.startswith("R@"):
                assert trace[2:] in readings
            else:
                table = TABLES[trace[0]]
                assert connection.execute(select(table.c.id).where(table.c.id == int(trace[1:]))).first(), trace


def test_everything_on_record_is_in_it(desk: Desk) -> None:
    facts = desk.facts()
    with desk.world.engine.store.read() as connection:
        assert len(facts.told) == len(outbox.of_event(connection, 1)) > 3
        assert len(facts.duties) == len(duties.of_event(connection, 1)) == 1
    assert [(deed.act, deed.by, deed.reason) for deed in facts.deeds] == [
        ("confirm", "王敏", ""),
        ("reply", "王敏", "已联系消费者，并召回同批次产品"),
    ]
    first = facts.spread[0]
    assert (first.site, first.mainstream, first.relation) == ("forum", False, "first")
    assert facts.duties[0].breached_at is not None


def test_a_follow_up_says_what_is_new_since_the_last_report_and_no_more(desk: Desk) -> None:
    assert desk.facts("follow_up").since is None
    desk.act(Act.REPORT, kind="first")
    desk.world.pass_(minutes=10)
    since = desk.facts("follow_up").since
    assert since is not None and since.is_empty and since.figures.reads.value == 2750
    desk.world.visit("press2", desk.world.post("press2"))
    desk.act(Act.NOTE, "called the shop")
    since = desk.facts("follow_up").since
    assert since is not None
    assert [post.site for post in since.posts] == ["press2"]
    assert [deed.reason for deed in since.deeds] == ["called the shop"]


def test_a_bulletin_counts_from_its_own_last_issue_not_from_another_report(desk: Desk) -> None:
    desk.act(Act.REPORT, kind="bulletin")
    issued_at = desk.world.clock.now
    desk.world.pass_(minutes=10)
    desk.act(Act.REPORT, kind="first")
    since = desk.facts().since
    assert since is not None and since.at == issued_at


def test_numbers_are_given_out_once_per_year_and_an_event_keeps_its_own(desk: Desk) -> None:
    with desk.world.engine.store.write() as connection:
        connection.execute(schema.event.insert().from_select(
            [c.name for c in schema.event.c if c.name != "id"],
            select(*[c for c in schema.event.c if c.name != "id"]),
        ))  # fmt: skip
        now, later = desk.world.clock.now, desk.world.clock.now + timedelta(days=365)
        given = [
            bulletins.issue(connection, event, by="wang", year=year, now=at)
            for event, year, at in ((1, 2026, now), (2, 2026, now), (1, 2027, later))
        ]
    assert [(each.year, each.number, each.issue) for each in given] == [(2026, 1, 1), (2026, 2, 1), (2026, 1, 2)]


def test_the_number_is_on_record_with_the_act(desk: Desk) -> None:
    desk.act(Act.REPORT, kind="bulletin")
    (entry,) = desk.world.record("judged.report")
    assert (entry["year"], entry["number"], entry["issue"]) == (2026, 1, 1)


def test_the_same_report_twice_is_one_issue(desk: Desk) -> None:
    desk.act(Act.REPORT, kind="bulletin")
    desk.act(Act.REPORT, kind="bulletin")
    with desk.world.engine.store.read() as connection:
        latest = bulletins.latest(connection, 1)
    assert latest is not None and latest.issue == 1


def test_a_preview_writes_nothing(desk: Desk) -> None:
    with desk.world.engine.store.read() as connection:
        before = audit.head(connection)
    desk.text()
    with desk.world.engine.store.read() as connection:
        assert audit.head(connection) == before


def test_each_figure_in_the_text_stands_with_its_source(desk: Desk) -> None:
    line = next(line for line in desk.text().splitlines() if line.startswith("截至"))
    assert re.fullmatch(
        r"截至 [\d: -]+：阅读 2,750 \[R@[\d: -]+\]，评论 99 \[R@[\d: -]+\]，"
        r"主流媒体 1 \[P2\] 家，信息 2 \[E1#\d+\] 条。",
        line,
    )
