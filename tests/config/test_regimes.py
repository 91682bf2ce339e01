"""The three shipped regimes say what the organisations' rules say (R6, R9, R11-R24)."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from yuqing_daemon.config import read_regime, regime_path, shipped_regimes
from yuqing_daemon.domain import Act, DutyRule, Floors, Kind, Level, Regime

REGIMES = {name: read_regime(regime_path(name, Path())) for name in shipped_regimes()}
COMPANY, AGENCY, CONFERENCE = (REGIMES[name] for name in ("company", "agency", "joint-conference"))
every_regime = pytest.mark.parametrize("regime", REGIMES.values(), ids=REGIMES)


def duty(regime: Regime, id: str) -> DutyRule:
    return next(rule for rule in regime.duties if rule.id == id)


def clock(regime: Regime, id: str) -> tuple[str, str, str]:
    """What starts a duty, who owes it, and within what time."""
    rule = duty(regime, id)
    return rule.on, rule.owner, rule.within


def chain(regime: Regime, id: str) -> list[str]:
    """The duties that have to be done before one, from the first on."""
    rule = duty(regime, id)
    return [*(chain(regime, rule.on.removeprefix("done:")) if rule.on.startswith("done:") else []), id]


@every_regime
def test_the_levels_are_those_of_r6(regime: Regime) -> None:
    assert [rule.floors for rule in regime.levels] == [
        Floors(),
        Floors(reads=1000, comments=100, mainstream=1),
        Floors(reads=3000, comments=500, mainstream=5),
    ]
    assert set(regime.subjects) == {"mass_incident", "food", "health", "natural_disaster", "safety", "secrecy"}
    assert regime.sensitive_level is Level.EXTRAORDINARY


@every_regime
def test_a_special_period_lowers_floors_and_shortens_clocks(regime: Regime) -> None:
    for rule in regime.levels[1:]:
        floors = regime.special.floors[rule.level]
        assert floors.reads is not None and rule.floors.reads is not None
        assert floors.reads < rule.floors.reads
    assert 0 < regime.special.clock_factor < 1


@every_regime
def test_every_clock_warns_at_a_half_and_nine_tenths_and_somebody_hears_of_its_breach(regime: Regime) -> None:
    for rule in regime.duties:
        assert bool(rule.within) == bool(rule.breach_tells)
        assert rule.warn_at == ((0.5, 0.9) if rule.within else ())


@every_regime
def test_every_finding_is_judged_by_a_person_and_handed_over_within_two_hours(regime: Regime) -> None:
    assert clock(regime, "judge") == ("found", "monitor", "2h")
    assert {Act.CONFIRM, Act.DISMISS, Act.MERGE} <= set(duty(regime, "judge").done_by)
    assert (duty(regime, "hand_over").on, duty(regime, "hand_over").within) == ("found", "2h")


@every_regime
def test_an_urgent_event_is_told_by_phone_at_once_and_in_writing_within_30_minutes(regime: Regime) -> None:
    phone, written = duty(regime, "phone"), duty(regime, "written")
    assert (phone.on, phone.from_level, phone.done_by) == ("level", Level.EXTRAORDINARY, (Act.PHONE,))
    assert (written.within, written.from_level, written.done_by) == ("30min", Level.EXTRAORDINARY, (Act.REPORT,))


@every_regime
def test_follow_ups_come_again_and_a_summary_is_due_three_days_after_the_end(regime: Regime) -> None:
    assert duty(regime, "follow_up").every is not None
    assert duty(regime, "bulletin").every is not None
    assert (duty(regime, "summary").on, duty(regime, "summary").within) == ("over", "3 days")
    assert duty(regime, "summary").done_by == (Act.SUMMARISE,)


@pytest.mark.parametrize("regime", [COMPANY, AGENCY], ids=["company", "agency"])
def test_a_major_event_is_reported_to_the_office_within_two_hours_and_then_to_the_leading_group(regime: Regime) -> None:
    assert clock(regime, "report") == ("level", "monitor", "2h")
    assert clock(regime, "departments") == ("level", "office", "2h")
    assert {duty(regime, id).from_level for id in ("report", "departments", "meeting")} == {Level.MAJOR}
    assert chain(regime, "report_up") == ["report", "report_up"]
    assert chain(regime, "spokesperson") == ["meeting", "spokesperson"]


def test_in_a_company_the_department_answers_within_a_day_and_reports_the_result_back() -> None:
    assert clock(COMPANY, "answer") == ("handed_over", "department", "1 day")
    assert chain(COMPANY, "result") == ["answer", "result"]
    assert duty(COMPANY, "result").every == timedelta(days=1)
    assert chain(COMPANY, "release") == ["meeting", "spokesperson", "wording", "release"]


def test_an_agency_has_a_route_for_each_kind() -> None:
    routes = {kind: [rule.id for rule in AGENCY.duties if rule.kinds == (kind,)] for kind in Kind}
    assert routes == {
        Kind.INQUIRY: ["inquiry_opinion", "inquiry_facts", "inquiry_approval", "inquiry_result"],
        Kind.HYPE: ["hype_facts", "hype_approval", "hype_release", "hype_referral"],
        Kind.FABRICATION: ["fabrication_facts", "fabrication_approval", "fabrication_release", "fabrication_referral"],
        Kind.CONSTRUCTIVE: ["constructive_taken_up", "constructive_answer"],
    }


def test_an_inquiry_gets_a_first_opinion_the_day_it_was_found_and_its_result_the_day_it_is_settled() -> None:
    assert clock(AGENCY, "inquiry_opinion") == ("found", "department", "same day")
    assert clock(AGENCY, "inquiry_approval") == ("done:inquiry_facts", "responsible", "2h")
    assert clock(AGENCY, "inquiry_result") == ("done:inquiry_approval", "spokesperson", "same day")


@pytest.mark.parametrize("kind", ["hype", "fabrication"])
def test_a_referral_is_a_decision_of_a_person_after_the_facts_are_published(kind: str) -> None:
    steps = ("facts", "approval", "release", "referral")
    assert chain(AGENCY, f"{kind}_referral") == [f"{kind}_{step}" for step in steps]
    referral = duty(AGENCY, f"{kind}_referral")
    assert (referral.owner, referral.from_level, referral.done_by) == ("leading_group", Level.MAJOR, (Act.REFER,))
    assert Act.REFER in AGENCY.wants_reason


def test_a_joint_conference_is_called_after_a_first_analysis_and_handling_and_release_start_together() -> None:
    assert clock(CONFERENCE, "report") == ("found", "unit", "2h")
    assert chain(CONFERENCE, "handling") == ["report", "analysis", "call", "units", "wording", "handling"]
    assert chain(CONFERENCE, "release")[:-1] == chain(CONFERENCE, "handling")[:-1]
    assert chain(CONFERENCE, "spokesperson")[:-1] == chain(CONFERENCE, "wording")[:-1]
    assert [duty(CONFERENCE, id).owner for id in ("analysis", "call", "units", "wording", "committee")] == [
        *("lead_unit", "lead_unit", "conference", "conference", "lead_unit"),
    ]
    assert duty(CONFERENCE, "call").from_level is Level.MAJOR


@pytest.mark.parametrize("name", REGIMES)
def test_the_file_says_which_figures_are_not_the_organisations_own(name: str) -> None:
    text = regime_path(name, Path()).read_text("utf-8")
    assert "What the plan itself does not say is marked" in text
    assert ("The plan names no figures for the levels" in text) == (name != "company")
    assert len(re.findall("default", text)) > 15


@every_regime
def test_the_superior_authority_is_told_by_a_persons_decision_only(regime: Regime) -> None:
    told = {role for level in regime.levels for step in level.steps for role in step.roles}
    owing = {role for rule in regime.duties for role in (rule.owner, *rule.breach_tells)}
    assert "superior" in regime.roles
    assert "superior" not in told | owing | set(regime.next_role.values())
