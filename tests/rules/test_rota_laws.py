"""What holds of any plan, in any zone, at any instant: somebody is on duty, and gaps are where on_duty says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import given
from hypothesis import strategies as st

from yuqing_daemon.rules.hours import parse_hours
from yuqing_daemon.rules.rota import Absence, Override, Roster, Rota, gaps, handovers, on_duty

DAY, WEEK = timedelta(days=1), timedelta(days=7)
MOMENTS = st.timedeltas(timedelta(0), WEEK - timedelta(microseconds=1))  # of a week
PEOPLE = ("wang", "li", "zhao", "qian")
ZONES = st.one_of(
    st.sampled_from(["Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"]),
    st.sampled_from(sorted(available_timezones() - {"localtime", "Factory"})),
).map(ZoneInfo)
EARLIEST, LATEST = datetime.fromisoformat("2011-12-01"), datetime.fromisoformat("2030-01-01")
INSTANTS = st.datetimes(EARLIEST, LATEST, timezones=st.just(UTC))
NAMES = st.sampled_from(PEOPLE)
HOURS = st.sampled_from(["always", "mon-fri 08:30-17:30", "22:00-07:00", "sat-sun 00:00-24:00"]).map(parse_hours)
ROTAS = st.builds(
    Rota,
    role=st.just("monitor"),
    people=st.lists(NAMES, min_size=1, max_size=4).map(tuple),
    shift=st.integers(1, 200).map(lambda n: timedelta(hours=n)),
    starts_on=st.dates(date(2011, 11, 1), date(2030, 1, 1)),
    handover=st.times(),
)


@st.composite
def plans(draw: st.DrawFn, since: datetime) -> Roster:
    """A plan with something going on in the week from ``since`` on."""

    def term() -> dict[str, datetime]:
        start = since + draw(st.timedeltas(-2 * DAY, WEEK))
        return {"starts_at": start, "ends_at": start + draw(st.timedeltas(timedelta(0), WEEK))}

    overrides = [
        Override(role="monitor", person=draw(NAMES), created_at=draw(INSTANTS), **term())
        for _ in range(draw(st.integers(0, 2)))
    ]
    absences = [
        Absence(person=draw(NAMES), substitute=draw(st.none() | NAMES), **term())
        for _ in range(draw(st.integers(0, 4)))
    ]
    return Roster(
        holders={"monitor": draw(st.dictionaries(NAMES, HOURS))},
        zone=draw(ZONES),
        rotas=tuple(draw(st.lists(ROTAS, max_size=2))),
        overrides=tuple(overrides),
        absences=tuple(absences),
    )


@given(INSTANTS, ZONES, ROTAS)
def test_exactly_one_person_of_a_rota_is_on_duty_at_any_instant(at: datetime, zone: ZoneInfo, plan: Rota) -> None:
    alone = replace(plan, people=("wang",), starts_on=date(2011, 11, 1))
    assert on_duty("monitor", at, Roster(holders={}, zone=zone, rotas=(alone,))).people == ("wang",)
    many = replace(plan, starts_on=date(2011, 11, 1))
    assert len(on_duty("monitor", at, Roster(holders={}, zone=zone, rotas=(many,))).people) == 1


@given(INSTANTS, ZONES, ROTAS, MOMENTS)
def test_between_two_handovers_nobody_else_is_on_duty(
    since: datetime, zone: ZoneInfo, plan: Rota, later: timedelta
) -> None:
    until = since + WEEK
    at = since + later
    who = Roster(holders={}, zone=zone, rotas=(plan,))
    past = [change for change in handovers(plan, since, until, zone) if change.at <= at]
    expected = (past[-1].on,) if past else on_duty("monitor", since, who).people
    assert on_duty("monitor", at, who).people == expected


@given(st.data(), INSTANTS, MOMENTS)
def test_gaps_and_on_duty_agree_at_every_instant(data: st.DataObject, since: datetime, later: timedelta) -> None:
    plan = data.draw(plans(since))
    at = since + later
    found = gaps("monitor", since, since + WEEK, plan)
    assert all(one.ends_at <= other.starts_at for one, other in pairwise(found))
    covering = [gap.why for gap in found if gap.starts_at <= at < gap.ends_at]
    why = on_duty("monitor", at, plan).gap
    assert covering == ([why] if why else [])


@given(st.data(), INSTANTS)
def test_a_role_that_anybody_holds_is_never_nobodys(data: st.DataObject, at: datetime) -> None:
    plan = data.draw(plans(at))
    duty = on_duty("monitor", at, plan)
    assert duty.reason
    assert duty.people or not plan.holders["monitor"]
    assert len(set(duty.people)) == len(duty.people)
