"""When a source counts as deaf, both sides of each edge (R1)."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from yuqing_daemon.config.health_table import HealthTable, health_rules
from yuqing_daemon.rules.health import Days, History, Piece, Seen, Signs, State, Trouble, judge
from yuqing_daemon.rules.health.rhythm import arrive, begin, silent_at, usual_gap

RULES = health_rules(HealthTable())
MONDAY = datetime(2026, 3, 2, 1, tzinfo=UTC)
DAYS = Days(zone=UTC)
EVERY = timedelta(minutes=5)


def run(
    *visits: Seen, history: History | None = None, state: State = State.OK, at: datetime = MONDAY
) -> tuple[History, State]:
    """Visits five minutes apart, and the state after the last."""
    history = history or History()
    for seen in visits:
        at += EVERY
        history, found = judge(history, replace(seen, at=at), state, RULES, DAYS)
        state = found.state
    return history, state


def listed(links: int, **signs: object) -> Seen:
    given = {"lists": 1, "list_bytes": 40_000, **signs}
    return Seen(at=MONDAY, every=EVERY, links=links, signs=Signs(**given))  # type: ignore[arg-type]


def failed(trouble: Trouble = Trouble.REFUSED) -> Seen:
    return Seen(at=MONDAY, every=EVERY, failed=True, signs=Signs(trouble=trouble), error="HTTP 503")


def article(number: int, *, chars: int = 500, dated: bool = True, lost: bool = False) -> Piece:
    at = MONDAY - timedelta(minutes=number)
    return Piece(title=f"t{number}", chars=chars, published_at=at if dated else None, fetched_at=MONDAY, lost=lost)


def brought(*pieces: Piece, **counted: int) -> Seen:
    signs = Signs(lists=1, items=len(pieces), list_bytes=40_000, looked=len(pieces), counted=counted)
    return Seen(at=MONDAY, every=EVERY, links=20, pieces=pieces, signs=signs)


@pytest.mark.parametrize(
    ("usual", "empty", "state"),
    [(6, 1, State.BROKEN), (5, 1, State.OK), (5, 5, State.OK), (5, 6, State.BROKEN), (1, 6, State.BROKEN)],
)
def test_a_list_without_links_is_broken_at_once_if_it_usually_has_more_than_five_else_after_six(
    usual: int, empty: int, state: State
) -> None:
    assert run(*[listed(usual)] * 10, *[listed(0)] * empty)[1] is state


def test_a_list_that_is_empty_now_and_then_is_never_broken() -> None:
    visits = ([listed(3)] * 4 + [listed(0)] * 2) * 5
    assert run(*visits, *[listed(0)] * 10)[1] is State.OK


def test_an_empty_list_that_stays_the_same_stays_broken() -> None:
    same = replace(listed(0), unchanged=True)
    assert run(*[listed(20)] * 10, listed(0), same, same, same)[1] is State.BROKEN


@pytest.mark.parametrize(("times", "state"), [(1, State.OK), (2, State.UNREACHABLE)])
def test_unreachable_is_two_in_a_row(times: int, state: State) -> None:
    assert run(listed(20), *[failed()] * times)[1] is state


@pytest.mark.parametrize(
    "gate",
    [
        listed(0, gate="it asks for a password"),
        listed(0, host="parked.example"),
        listed(2, list_bytes=7_999),
        listed(20, same=2),
        failed(Trouble.GATE),
        failed(Trouble.ROBOTS),
    ],
)
def test_blocked_is_two_in_a_row_by_whatever_sign(gate: Seen) -> None:
    usual = [listed(20)] * 10
    assert run(*usual, gate)[1] is State.OK
    assert run(*usual, gate, gate)[1] is State.BLOCKED
    assert run(*usual, gate, failed())[1] is State.UNREACHABLE  # a site that will not have us shows one or the other


@pytest.mark.parametrize(
    "well",
    [listed(20, gate="it asks for a password"), listed(15, host="www.new.example"), listed(10, list_bytes=8_000)],
)
def test_what_looks_like_a_gate_is_none_while_the_links_are_there(well: Seen) -> None:
    assert run(*[listed(20)] * 10, *[well] * 4)[1] is State.OK


@pytest.mark.parametrize(
    ("trouble", "state"), [(Trouble.IDLE, State.IDLE), (Trouble.SPIDER, State.FAILING)], ids=["idle", "spider"]
)
def test_a_spider_that_does_nothing_or_raises_is_known_at_once(trouble: Trouble, state: State) -> None:
    assert run(listed(20), failed(trouble))[1] is state
    assert run(listed(20), failed(trouble), listed(20))[1] is state
    assert run(listed(20), failed(trouble), listed(20), listed(20))[1] is State.OK


def test_a_spider_that_yields_only_what_is_new_is_not_broken_when_nothing_is() -> None:
    yields = Seen(at=MONDAY, every=EVERY, signs=Signs(lists=1, items=12))
    nothing = replace(yields, signs=Signs(lists=1))
    assert run(yields, *[nothing] * 12)[1] is State.OK


# -- articles -------------------------------------------------------------------------------------


def test_more_than_thirty_in_a_hundred_bad_articles_where_one_in_twenty_was_are_a_degraded_reading() -> None:
    fine = [brought(article(n)) for n in range(40)]
    mixed = [brought(article(100 + n, chars=0 if n % 3 == 0 else 500)) for n in range(19)]
    assert run(*fine, *mixed[:18])[1] is State.OK  # six of the last twenty
    assert run(*fine, *mixed)[1] is State.DEGRADED  # seven


def test_bad_articles_in_a_row_count_at_once_if_the_past_makes_them_unlikely() -> None:
    fine = [brought(article(n)) for n in range(110)]
    bad = [brought(article(200 + n, lost=True)) for n in range(3)]
    assert run(*fine, *bad[:2])[1] is State.OK
    history, state = run(*fine, *bad)
    assert state is State.DEGRADED
    _, state = run(brought(article(300)), history=history, state=state)
    assert state is State.DEGRADED
    assert run(*[brought(article(n)) for n in (300, 301)], history=history, state=State.DEGRADED)[1] is State.OK


def test_one_bad_article_is_a_suspicion_and_kept_pages_that_read_badly_too_are_the_proof() -> None:
    fine = [brought(article(n)) for n in range(30)]
    history, state = run(*fine, brought(article(90, chars=0)))
    assert (state, history.suspect) == (State.OK, "body")
    cleared, state = run(replace(listed(20), probed={"body": ""}), history=history)
    assert (state, cleared.suspect) == (State.OK, "")
    proof = replace(listed(20), probed={"body": "body 1,240 -> 0 characters"})
    assert run(proof, history=history)[1] is State.DEGRADED


def test_a_source_whose_articles_never_had_text_is_not_degraded() -> None:
    assert run(*[brought(article(n, chars=0)) for n in range(60)])[1] is State.OK


def test_a_long_breakage_does_not_become_usual() -> None:
    fine = [brought(article(n), comments=1) for n in range(40)]
    bad = [brought(article(500 + n, chars=0)) for n in range(150)]
    assert run(*fine, *bad)[1] is State.DEGRADED
    uncounted = [brought(article(500 + n)) for n in range(150)]
    assert run(*fine, *uncounted)[1] is State.METRICS


@pytest.mark.parametrize(("pages", "state"), [(2, State.OK), (3, State.METRICS)])
def test_counters_are_gone_after_three_pages_in_a_row(pages: int, state: State) -> None:
    fine = [brought(article(n), comments=1) for n in range(20)]
    assert run(*fine, *[brought(article(90 + n)) for n in range(pages)])[1] is state


def test_counters_that_few_pages_show_are_not_missed() -> None:
    some = [brought(article(n), **({"comments": 1} if n % 2 else {})) for n in range(40)]
    assert run(*some, *[brought(article(90 + n)) for n in range(8)])[1] is State.OK


def rows(shown: int, of: int = 30) -> Seen:
    return listed(of, rows=of, rows_counted={"reads": shown, "comments": shown})


def test_the_counters_of_a_list_are_gone_at_the_first_visit_that_shows_none() -> None:
    history, state = run(rows(27), rows(0))
    assert state is State.METRICS
    assert "reads in the list" in history.condemned
    assert run(rows(30), history=history, state=state)[1] is State.OK


def test_a_list_of_which_some_rows_show_no_counter_is_read_well() -> None:
    assert run(*[rows(25)] * 5, rows(1))[1] is State.OK
    assert run(*[rows(400, of=500)] * 3, rows(0, of=500))[1] is State.METRICS


def test_pages_without_counters_say_nothing_about_their_list_and_a_visit_that_shows_some_proves_all() -> None:
    both = replace(rows(30), signs=replace(rows(30).signs, looked=5, counted={}))
    assert run(*[both] * 5)[1] is State.OK
    fine = [brought(article(n), comments=1) for n in range(20)]
    assert run(*fine, brought(*[article(90 + n) for n in range(9)], comments=5))[1] is State.OK


def test_times_that_are_missing_are_seen_apart_from_the_text() -> None:
    fine = [brought(article(n)) for n in range(110)]
    assert run(*fine, *[brought(article(200 + n, dated=False)) for n in range(3)])[1] is State.TIMELESS


# -- silence --------------------------------------------------------------------------------------


def office(weeks: int, days: Days = DAYS) -> tuple[datetime, History]:
    """A site with something new at ten, noon and four on every working day, for some weeks."""
    rhythm = begin(MONDAY - timedelta(hours=1))
    at = MONDAY
    for day in range(7 * weeks):
        for hour in (10, 12, 16):
            at = MONDAY.replace(hour=0) + timedelta(days=day, hours=hour)
            if at.weekday() < 5:
                rhythm = arrive(rhythm, at, days)
    return at, History(rhythm=rhythm)


def test_a_weekend_is_no_silence_for_a_site_that_never_writes_then() -> None:
    _, history = office(6)
    when = silent_at(history.rhythm, DAYS, RULES, every=EVERY)
    friday = history.rhythm.last_at
    assert friday is not None and when is not None
    assert usual_gap(history.rhythm) < 2
    assert when.weekday() < 5 and timedelta(days=2) < when - friday < timedelta(days=5)


def test_a_public_holiday_counts_like_a_weekend() -> None:
    _, history = office(6)
    last = history.rhythm.last_at
    assert last is not None
    off = {(last + timedelta(days=day)).date() for day in range(1, 10)}

    def is_holiday(day: date) -> bool:
        return day in off

    plain = silent_at(history.rhythm, DAYS, RULES, every=EVERY)
    festive = silent_at(history.rhythm, Days(zone=UTC, is_holiday=is_holiday), RULES, every=EVERY)
    assert plain is not None and festive is not None
    assert festive - plain >= timedelta(days=6)


def test_silence_is_never_sooner_than_six_hours() -> None:
    rhythm, at = begin(MONDAY), MONDAY
    for _ in range(28 * 24 * 6):
        at += timedelta(minutes=10)
        rhythm = arrive(rhythm, at, DAYS)
    assert silent_at(rhythm, DAYS, RULES, every=EVERY) == at + timedelta(hours=6)


def test_a_gap_in_which_we_did_not_listen_teaches_nothing() -> None:
    _, history = office(4)
    assert history.rhythm.last_at is not None
    later = history.rhythm.last_at + timedelta(days=30)
    assert arrive(history.rhythm, later, DAYS, whole=False).gaps == history.rhythm.gaps
    assert len(arrive(history.rhythm, later, DAYS).gaps) == len(history.rhythm.gaps) + 1


def test_a_source_of_which_little_is_known_is_silent_only_after_a_month() -> None:
    rhythm = arrive(begin(MONDAY), MONDAY + timedelta(days=1), DAYS)
    assert silent_at(rhythm, DAYS, RULES, every=EVERY) == MONDAY + timedelta(days=31)


def test_a_source_that_brought_little_so_far_may_be_quiet_for_longer_than_a_month() -> None:
    rhythm = begin(MONDAY)
    for days in (2, 9, 12):
        rhythm = arrive(rhythm, MONDAY + timedelta(days=days), DAYS)
    when = silent_at(rhythm, DAYS, RULES, every=EVERY)
    assert when is not None and timedelta(days=48) < when - MONDAY - timedelta(days=12) < timedelta(days=60)


def test_a_source_that_writes_often_is_not_silent_for_a_gap_that_chance_brings_every_year() -> None:
    rhythm, at, dice = begin(MONDAY), MONDAY, random.Random(1)
    for _ in range(2000):
        at += timedelta(hours=dice.expovariate(1))
        rhythm = arrive(rhythm, at, DAYS)
    when = silent_at(rhythm, DAYS, RULES, every=EVERY)
    assert when is not None and 12 < (when - at) / timedelta(hours=1) < 20


def test_something_new_ends_the_silence() -> None:
    _, history = office(6)
    assert history.rhythm.last_at is not None
    history = replace(history, silent_at=silent_at(history.rhythm, DAYS, RULES, every=EVERY))
    late = history.rhythm.last_at + timedelta(days=6)
    history, state = run(listed(20), history=history, at=late)
    assert state is State.SILENT
    assert run(replace(listed(20), new=1), history=history, state=state, at=late)[1] is State.OK
