"""Who is on duty at any instant, and where the plan leaves a hole (R28, R29)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from yuqing_daemon.rules.hours import ALWAYS, Hours, parse_hours
from yuqing_daemon.rules.rota import (
    Absence,
    Duty,
    Gap,
    Handover,
    Override,
    Roster,
    Rota,
    gaps,
    handovers,
    on_duty,
    parse_shift,
)

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
LORD_HOWE, APIA = ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Pacific/Apia")
DAY, WEEK = timedelta(days=1), timedelta(days=7)
OFFICE = parse_hours("mon-fri 08:30-17:30")


def seen(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    at = datetime.fromisoformat(text)
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=zone).astimezone(UTC)


def rota(*people: str, shift: timedelta = WEEK, starts: str = "2026-03-02", handover: str = "08:30") -> Rota:
    """A rota of monitors, from a Monday on."""
    start, at = date.fromisoformat(starts), time.fromisoformat(handover)
    return Rota(role="monitor", people=people, shift=shift, starts_on=start, handover=at)


def roster(*rotas: Rota, zone: ZoneInfo = SHANGHAI, **hours: Hours) -> Roster:
    """Monitors with their hours; wang, li and zhao, always, unless others are given."""
    holders = hours or {"wang": ALWAYS, "li": ALWAYS, "zhao": ALWAYS}
    return Roster(holders={"monitor": holders}, zone=zone, rotas=rotas)


def override(
    person: str, starts: str, ends: str, *, created: str = "2026-03-01T00:00", role: str = "monitor"
) -> Override:
    return Override(
        role=role, person=person, starts_at=seen(starts), ends_at=seen(ends), created_at=seen(created)
    )  # fmt: skip


def absence(person: str, starts: str, ends: str, substitute: str | None = None) -> Absence:
    return Absence(person=person, starts_at=seen(starts), ends_at=seen(ends), substitute=substitute)


def monitors(at: str, plan: Roster) -> tuple[str, ...]:
    return on_duty("monitor", seen(at, plan.zone), plan).people


# -- the rota -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "person"),
    [
        ("2026-03-02T08:30:00", "wang"),
        ("2026-03-09T08:29:59", "wang"),
        ("2026-03-09T08:30:00", "li"),
        ("2026-03-16T08:30:00", "zhao"),
        ("2026-03-23T08:29:59", "zhao"),
        ("2026-03-23T08:30:00", "wang"),
        ("2026-12-31T23:59:59", "li"),
        ("2027-01-04T08:30:00", "zhao"),
    ],
)
def test_people_take_weeks_in_turn_and_hand_over_on_monday_morning(at: str, person: str) -> None:
    assert monitors(at, roster(rota("wang", "li", "zhao"))) == (person,)


@pytest.mark.parametrize(
    ("zone", "shift", "starts", "at", "person"),
    [
        (NEW_YORK, DAY, "2026-03-07", "2026-03-08T08:29:59", "wang"),  # over the gap: 23 hours
        (NEW_YORK, DAY, "2026-03-07", "2026-03-08T08:30:00", "li"),
        (NEW_YORK, DAY, "2026-10-31", "2026-11-01T08:29:59", "wang"),  # over the fold: 25 hours
        (NEW_YORK, DAY, "2026-10-31", "2026-11-01T08:30:00", "li"),
        (NEW_YORK, WEEK, "2026-03-02", "2026-03-09T08:29:59", "wang"),
        (NEW_YORK, WEEK, "2026-03-02", "2026-03-09T08:30:00", "li"),
        (LORD_HOWE, DAY, "2026-04-04", "2026-04-05T08:29:59", "wang"),  # 24 hours and a half
        (LORD_HOWE, DAY, "2026-04-04", "2026-04-05T08:30:00", "li"),
        (LORD_HOWE, DAY, "2026-10-03", "2026-10-04T08:29:59", "wang"),  # 23 hours and a half
        (LORD_HOWE, DAY, "2026-10-03", "2026-10-04T08:30:00", "li"),
        (APIA, DAY, "2011-12-28", "2011-12-29T08:29:59", "wang"),
        (APIA, DAY, "2011-12-28", "2011-12-29T23:59:59", "li"),
        (APIA, DAY, "2011-12-28", "2011-12-31T00:00:00", "zhao"),  # the morning of the 30th never was
        (APIA, DAY, "2011-12-28", "2011-12-31T08:29:59", "zhao"),
        (APIA, DAY, "2011-12-28", "2011-12-31T08:30:00", "wang"),
        (SHANGHAI, DAY, "2028-02-28", "2028-02-29T08:30:00", "li"),  # leap day
        (SHANGHAI, DAY, "2028-02-28", "2028-03-01T08:30:00", "zhao"),
    ],
)
def test_a_handover_goes_by_the_clock_on_the_wall(
    zone: ZoneInfo, shift: timedelta, starts: str, at: str, person: str
) -> None:
    assert monitors(at, roster(rota("wang", "li", "zhao", shift=shift, starts=starts), zone=zone)) == (person,)


@pytest.mark.parametrize(
    ("handover", "at", "person"),
    [
        ("02:30", "2026-03-08T01:59:59", "wang"),  # never shown: the first instant after
        ("02:30", "2026-03-08T03:00:00", "li"),
        ("01:30", "2026-11-01T01:29:59-04:00", "li"),  # shown twice: the first time
        ("01:30", "2026-11-01T01:30:00-04:00", "zhao"),
        ("01:30", "2026-11-01T01:10:00-05:00", "zhao"),
    ],
)
def test_a_handover_in_a_gap_is_right_after_it_and_one_in_a_fold_at_its_first_showing(
    handover: str, at: str, person: str
) -> None:
    plan = roster(rota("wang", "li", "zhao", shift=DAY, starts="2026-03-07", handover=handover), zone=NEW_YORK)
    assert monitors(at, plan) == (person,)


def test_three_shifts_a_day_keep_their_times_though_one_lasts_an_hour_less() -> None:
    plan = rota("wang", "li", "zhao", shift=timedelta(hours=8), starts="2026-03-07", handover="00:00")
    since, until = seen("2026-03-08T00:00", NEW_YORK), seen("2026-03-09T00:00", NEW_YORK)
    assert handovers(plan, since, until, NEW_YORK) == [
        Handover(at=seen("2026-03-08T00:00", NEW_YORK), off="zhao", on="wang"),
        Handover(at=seen("2026-03-08T08:00", NEW_YORK), off="wang", on="li"),
        Handover(at=seen("2026-03-08T16:00", NEW_YORK), off="li", on="zhao"),
    ]
    assert seen("2026-03-08T08:00", NEW_YORK) - since == timedelta(hours=7)


def test_a_shift_that_a_gap_swallows_is_nobodys() -> None:
    plan = rota("wang", "li", "zhao", shift=timedelta(hours=1), starts="2026-03-08", handover="01:00")
    since, until = seen("2026-03-08T01:30", NEW_YORK), seen("2026-03-08T03:30", NEW_YORK)
    assert handovers(plan, since, until, NEW_YORK) == [
        Handover(at=seen("2026-03-08T03:00", NEW_YORK), off="wang", on="zhao")
    ]


def test_two_rotas_of_one_role_put_two_people_on_duty_and_the_same_person_once() -> None:
    plan = roster(rota("wang", "li"), rota("zhao", "li"))
    assert monitors("2026-03-03T12:00", plan) == ("wang", "zhao")
    assert monitors("2026-03-10T12:00", plan) == ("li",)


def test_before_a_rota_begins_it_is_those_whose_hours_cover_the_instant() -> None:
    plan = roster(rota("wang"), wang=ALWAYS, li=OFFICE)
    assert monitors("2026-02-27T12:00", plan) == ("wang", "li")
    assert monitors("2026-03-02T08:29:59", plan) == ("wang",)
    assert monitors("2026-03-02T08:30:00", plan) == ("wang",)
    assert monitors("2026-03-02T09:00:00", plan) == ("wang",)


def test_the_rota_of_another_role_does_not_matter() -> None:
    plan = roster(replace(rota("wang"), role="office"), li=ALWAYS)
    assert monitors("2026-03-03T12:00", plan) == ("li",)


def test_handovers_are_from_one_person_to_another_and_the_first_is_from_nobody() -> None:
    since, until = seen("2026-03-01T00:00"), seen("2026-03-16T08:30")
    assert handovers(rota("wang", "li"), since, until, SHANGHAI) == [
        Handover(at=seen("2026-03-02T08:30"), off="", on="wang"),
        Handover(at=seen("2026-03-09T08:30"), off="wang", on="li"),
    ]
    assert handovers(rota("wang"), seen("2026-03-03T00:00"), until, SHANGHAI) == []
    assert handovers(rota("wang"), since, seen("2026-03-01T12:00"), SHANGHAI) == []


@pytest.mark.parametrize(
    ("people", "shift"), [((), DAY), (("wang",), timedelta(0)), (("wang",), timedelta(minutes=59))]
)
def test_a_rota_without_people_or_with_too_short_a_shift_is_refused(people: tuple[str, ...], shift: timedelta) -> None:
    with pytest.raises(ValueError, match='"8h", "1 day" or "7 days", and at least an hour'):
        rota(*people, shift=shift)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("8h", timedelta(hours=8)), ("60min", timedelta(hours=1)), ("1 day", DAY), ("7 days", WEEK), (86_400, DAY)],
)
def test_a_shift_is_read_as_people_write_it(text: object, expected: timedelta) -> None:
    assert parse_shift(text) == expected


@pytest.mark.parametrize("text", ["59min", "same day", "1 working day", "week", None])
def test_what_is_not_a_shift_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match=r"^want "):
        parse_shift(text)


# -- overrides ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "person"),
    [
        ("2026-03-03T17:59:59", "wang"),
        ("2026-03-03T18:00:00", "zhao"),
        ("2026-03-04T05:59:59", "zhao"),
        ("2026-03-04T06:00:00", "wang"),
    ],
)
def test_an_override_wins_from_its_first_instant_and_no_longer_at_its_end(at: str, person: str) -> None:
    evening = override("zhao", "2026-03-03T18:00", "2026-03-04T06:00")
    assert monitors(at, replace(roster(rota("wang", "li")), overrides=(evening,))) == (person,)


def test_of_two_overrides_the_one_created_last_wins_wherever_it_stands() -> None:
    first = override("zhao", "2026-03-03T00:00", "2026-03-05T00:00", created="2026-03-01T09:00")
    last = override("li", "2026-03-03T12:00", "2026-03-04T00:00", created="2026-03-01T10:00")
    for both in ((first, last), (last, first)):
        plan = replace(roster(rota("wang")), overrides=both)
        assert monitors("2026-03-03T11:59:59", plan) == ("zhao",)
        assert monitors("2026-03-03T12:00:00", plan) == ("li",)
        assert monitors("2026-03-04T00:00:00", plan) == ("zhao",)


def test_an_override_also_wins_over_hours_and_over_two_rotas() -> None:
    night = override("zhao", "2026-03-03T00:00", "2026-03-05T00:00")
    assert monitors("2026-03-03T12:00", replace(roster(wang=ALWAYS, li=ALWAYS), overrides=(night,))) == ("zhao",)
    assert monitors("2026-03-03T12:00", replace(roster(rota("wang"), rota("li")), overrides=(night,))) == ("zhao",)


def test_an_override_of_another_role_does_not_matter() -> None:
    other = override("zhao", "2026-03-03T00:00", "2026-03-05T00:00", role="office")
    assert monitors("2026-03-03T12:00", replace(roster(rota("wang")), overrides=(other,))) == ("wang",)


def test_an_override_to_somebody_away_goes_to_their_substitute_or_else_does_not_count() -> None:
    plan = replace(roster(rota("wang")), overrides=(override("zhao", "2026-03-03T00:00", "2026-03-05T00:00"),))
    helped = replace(plan, absences=(absence("zhao", "2026-03-01T00:00", "2026-03-08T00:00", "li"),))
    assert on_duty("monitor", seen("2026-03-03T12:00"), helped) == Duty(
        people=("li",), reason="li (for zhao, who is away) by override"
    )
    alone = replace(plan, absences=(absence("zhao", "2026-03-01T00:00", "2026-03-08T00:00"),))
    assert monitors("2026-03-03T12:00", alone) == ("wang",)


# -- absences -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "person"),
    [
        ("2026-03-02T23:59:59", "wang"),
        ("2026-03-03T00:00:00", "zhao"),
        ("2026-03-04T23:59:59", "zhao"),
        ("2026-03-05T00:00:00", "wang"),
    ],
)
def test_a_substitute_stands_in_while_a_person_is_away(at: str, person: str) -> None:
    away = absence("wang", "2026-03-03T00:00", "2026-03-05T00:00", "zhao")
    assert monitors(at, replace(roster(rota("wang", "li")), absences=(away,))) == (person,)


def test_without_a_substitute_the_next_of_the_rota_is_on_duty_and_the_reason_says_why() -> None:
    away = absence("wang", "2026-03-03T00:00", "2026-03-05T00:00")
    duty = on_duty("monitor", seen("2026-03-03T12:00"), replace(roster(rota("wang", "li")), absences=(away,)))
    assert duty == Duty(people=("li",), reason="li by the rota, next after wang (away without a substitute)")


def test_the_substitute_of_a_substitute_stands_in_and_two_for_each_other_are_none() -> None:
    first = absence("wang", "2026-03-03T00:00", "2026-03-05T00:00", "li")
    second = absence("li", "2026-03-03T00:00", "2026-03-05T00:00", "zhao")
    plan = roster(rota("wang", "li", "zhao", "qian"))
    assert monitors("2026-03-03T12:00", replace(plan, absences=(first, second))) == ("zhao",)
    circle = replace(second, substitute="wang")
    assert monitors("2026-03-03T12:00", replace(plan, absences=(first, circle))) == ("zhao",)
    duty = on_duty("monitor", seen("2026-03-03T12:00"), replace(plan, absences=(first, circle)))
    assert duty.reason == "zhao by the rota, next after wang and li (away without a substitute)"


def test_of_two_absences_at_once_the_one_with_a_substitute_counts() -> None:
    both = (
        absence("wang", "2026-03-01T00:00", "2026-03-10T00:00"),
        absence("wang", "2026-03-03T00:00", "2026-03-05T00:00", "zhao"),
    )
    assert monitors("2026-03-03T12:00", replace(roster(rota("wang", "li")), absences=both)) == ("zhao",)


def test_if_the_whole_rota_is_away_it_is_whoever_else_holds_the_role_and_the_plan_has_a_gap() -> None:
    away = tuple(absence(name, "2026-03-03T00:00", "2026-03-05T00:00") for name in ("wang", "li"))
    duty = on_duty("monitor", seen("2026-03-03T12:00"), replace(roster(rota("wang", "li")), absences=away))
    assert duty == Duty(people=("zhao",), reason="by hours", gap="everybody of the rota is away: li, wang")


def test_if_one_of_two_rotas_is_away_the_other_is_on_duty_and_the_plan_has_a_gap() -> None:
    away = (absence("li", "2026-03-03T00:00", "2026-03-05T00:00"),)
    duty = on_duty("monitor", seen("2026-03-03T12:00"), replace(roster(rota("wang"), rota("li")), absences=away))
    assert duty == Duty(people=("wang",), reason="wang by the rota", gap="everybody of the rota is away: li")


# -- hours ----------------------------------------------------------------------------------------


def test_without_a_rota_all_whose_hours_cover_the_instant_are_on_duty() -> None:
    plan = roster(wang=OFFICE, li=parse_hours("12:00-20:00"))
    assert monitors("2026-03-03T08:30", plan) == ("wang",)
    assert monitors("2026-03-03T12:00", plan) == ("wang", "li")
    assert monitors("2026-03-03T17:30", plan) == ("li",)


def test_an_absent_persons_hours_are_covered_by_the_substitute() -> None:
    away = absence("wang", "2026-03-03T00:00", "2026-03-05T00:00", "li")
    plan = replace(roster(wang=OFFICE, li=parse_hours("20:00-24:00")), absences=(away,))
    assert monitors("2026-03-03T12:00", plan) == ("li",)


def test_where_nobodys_hours_cover_it_all_who_hold_the_role_are_told_and_the_reason_says_so() -> None:
    duty = on_duty("monitor", seen("2026-03-03T22:00"), roster(wang=OFFICE, li=OFFICE))
    hole = "nobody's hours cover it"
    assert duty == Duty(people=("wang", "li"), reason=f"{hole}: all who hold the role", gap=hole)


def test_those_away_are_left_in_peace_unless_all_are_away() -> None:
    plan = roster(wang=OFFICE, li=ALWAYS)
    one = (absence("li", "2026-03-01T00:00", "2026-03-10T00:00"),)
    night = seen("2026-03-03T22:00")
    hole = "all whose hours cover it are away"
    assert on_duty("monitor", night, replace(plan, absences=one)) == Duty(
        people=("wang",), reason=f"{hole}: all who hold the role", gap=hole
    )
    both = (*one, absence("wang", "2026-03-01T00:00", "2026-03-10T00:00"))
    hole = "all who hold the role are away"
    assert on_duty("monitor", night, replace(plan, absences=both)) == Duty(people=("wang", "li"), reason=hole, gap=hole)


def test_a_role_nobody_holds_is_nobodys_and_says_so_but_a_rota_or_an_override_still_counts() -> None:
    nobody = Roster(holders={}, zone=SHANGHAI)
    at = seen("2026-03-03T12:00")
    assert on_duty("monitor", at, nobody) == Duty(
        people=(), reason="nobody holds the role", gap="nobody holds the role"
    )
    assert on_duty("monitor", at, replace(nobody, rotas=(rota("wang"),))).people == ("wang",)


# -- gaps -----------------------------------------------------------------------------------------


def test_a_week_ahead_every_night_without_anybody_is_a_gap() -> None:
    plan = roster(wang=parse_hours("00:00-18:00"), li=parse_hours("17:00-22:00"))
    found = gaps("monitor", seen("2026-03-02T12:00"), seen("2026-03-09T12:00"), plan)
    assert len(found) == 7
    why = "nobody's hours cover it"
    assert found[0] == Gap(starts_at=seen("2026-03-02T22:00"), ends_at=seen("2026-03-03T00:00"), why=why)


def test_a_gap_begins_and_ends_with_the_week_asked_for_and_lasts_as_long_as_its_reason() -> None:
    away = tuple(absence(name, "2026-03-03T00:00", "2026-03-20T00:00") for name in ("wang", "li"))
    plan = replace(roster(rota("wang", "li", shift=DAY), wang=ALWAYS, li=ALWAYS), absences=away)
    assert gaps("monitor", seen("2026-03-02T12:00"), seen("2026-03-09T12:00"), plan) == [
        Gap(
            starts_at=seen("2026-03-03T00:00"),
            ends_at=seen("2026-03-09T12:00"),
            why="everybody of the rota is away: li, wang; all who hold the role are away",
        )
    ]


def test_an_override_closes_a_gap_while_it_lasts() -> None:
    plan = roster(wang=parse_hours("00:00-22:00"))
    helped = replace(plan, overrides=(override("li", "2026-03-03T20:00", "2026-03-03T23:00"),))
    since, until = seen("2026-03-03T12:00"), seen("2026-03-04T12:00")
    why = "nobody's hours cover it"
    assert gaps("monitor", since, until, helped) == [
        Gap(starts_at=seen("2026-03-03T23:00"), ends_at=seen("2026-03-04T00:00"), why=why)
    ]


def test_a_full_rota_has_no_gap_and_no_time_has_no_gap() -> None:
    since = seen("2026-03-03T12:00")
    assert gaps("monitor", since, since + WEEK, roster(rota("wang", "li"))) == []
    assert gaps("monitor", since, since, Roster(holders={}, zone=SHANGHAI)) == []
