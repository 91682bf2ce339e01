"""The digest of a day or a week (R23, R25, R26): what happened in it, and nothing of before or after."""

from __future__ import annotations

from datetime import date, timedelta

from newsdesk import Desk

from yuqing_daemon.bus import Result, Visit
from yuqing_daemon.domain import Answer, Outcome
from yuqing_daemon.reports import DigestFacts, compose_digest, day_span, gather_digest, render, week_span
from yuqing_daemon.rules.health import Signs, Trouble
from yuqing_daemon.store import audit

DAY = date(2026, 3, 2)  # a Monday


def digest(desk: Desk, day: date = DAY, *, week: bool = False, language: str = "zh") -> DigestFacts:
    since, until = (week_span if week else day_span)(day, desk.settings.timezone)
    with desk.world.engine.store.read() as connection:
        return gather_digest(
            connection, desk.settings, since=since, until=until, language=language, now=desk.world.clock.now
        )


def text(desk: Desk, facts: DigestFacts, format: str = "text", language: str = "zh") -> str:
    document = compose_digest(facts, is_day=True, language=language, timezone=desk.settings.timezone)
    return render(document, format).decode()


def test_it_lists_the_events_of_the_day_with_the_figures_of_its_end(desk: Desk) -> None:
    post = desk.facts().spread[0]
    before = digest(desk)
    desk.world.clock.now += timedelta(days=1)
    stored = desk.world.post(url=post.url)
    desk.world.read(stored, reads=90_000, comments=4000)
    desk.world.visit("press2", desk.world.post("press2"))
    (line,) = digest(desk).events
    assert (line.figures.reads.value, line.figures.posts.value, line.is_new) == (2750, 2, True)
    assert line.level == before.events[0].level < desk.world.event().level
    (tomorrow,) = digest(desk, DAY + timedelta(days=1)).events
    assert (tomorrow.figures.reads.value, tomorrow.is_new) == (90_000, False)


def test_an_event_found_later_is_not_in_it(desk: Desk) -> None:
    desk.world.clock.now += timedelta(days=1)
    assert digest(desk, DAY - timedelta(days=1)).events == ()


def test_it_names_the_clocks_that_were_missed_on_that_day(desk: Desk) -> None:
    (duty,) = digest(desk).breached
    assert (duty.event, duty.name, duty.owner) == ("E1", "报告舆情办", "监控人员")
    assert digest(desk, DAY + timedelta(days=1), week=True).breached == (duty,)
    assert digest(desk, DAY - timedelta(days=1)).breached == ()


def test_it_says_how_many_sources_are_in_which_state(desk: Desk) -> None:
    world = desk.world
    number = len(desk.settings.sources)
    before = dict(digest(desk).states)
    assert sum(before.values()) == number
    for _ in range(2):
        now, signs = world.clock.now, Signs(trouble=Trouble.REFUSED)
        failed = Result(job="j", source="press3", visit=Visit.FAILED, started_at=now, ended_at=now, signs=signs)
        world.engine.take(failed, now=now)
    facts = digest(desk)
    assert facts.states[-1] == ("unreachable", 1) and sum(dict(facts.states).values()) == number
    assert "生成时来源状态：" in text(desk, facts) and "无法访问 1。" in text(desk, facts)
    assert "unreachable 1." in text(desk, facts, language="en")


def test_it_names_the_notices_that_did_not_arrive_with_the_entry_that_says_so(quiet: Desk) -> None:
    quiet.world.visit("forum", quiet.world.post())
    quiet.world.send(Outcome(answer=Answer.PERMANENT, detail="550 no such user"))
    failed = digest(quiet).failed
    assert [(each.recipient, each.channel, each.detail) for each in failed] == [
        ("王敏", "mail", "refused: 550 no such user"),
        ("王敏", "sms", "refused: 550 no such user"),
    ]
    assert all(each.trace[-1].startswith("E1#") for each in failed)
    assert "550 no such user" in text(quiet, digest(quiet))


def test_it_carries_the_head_of_the_record(desk: Desk) -> None:
    facts = digest(desk)
    with desk.world.engine.store.read() as connection:
        head = audit.head(connection)
    assert head is not None and (facts.head, facts.head_hash) == (f"#{head.id}", head.hash)
    assert f"最后一条 {facts.head}，校验值 {head.hash}" in text(desk, facts)
    assert facts.broken == ""


def test_a_record_that_was_altered_is_named(desk: Desk) -> None:
    with desk.world.engine.store.write() as connection:
        connection.exec_driver_sql("update audit set actor = 'nobody' where id = 5")
    facts = digest(desk)
    assert facts.broken == "#5"
    assert "留痕链从 #5 起不成立" in text(desk, facts)


def test_a_day_without_anything_says_so(quiet: Desk) -> None:
    for language, said in (("zh", "没有事件。"), ("en", "No events.")):
        assert said in text(quiet, digest(quiet), language=language)
        assert said in text(quiet, digest(quiet), "html", language)
