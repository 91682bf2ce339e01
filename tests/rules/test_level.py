"""Levels by the company's figures, both sides of every edge (R6, R7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import tomli

from yuqing_daemon.domain import Floors, Heat, Level, LevelRule, Post, Reading, Regime
from yuqing_daemon.rules.heat import measure
from yuqing_daemon.rules.level import grade

AT = datetime(2025, 3, 1, tzinfo=UTC)
GENERAL, MAJOR, EXTRAORDINARY = Level


@pytest.fixture(scope="module")
def company() -> Regime:
    """What the levels of the company's regime file say; the rest of it does not matter here."""
    file = Path(__file__).parents[2] / "config" / "regimes" / "company.toml"
    said: dict[str, Any] = tomli.loads(file.read_text(encoding="utf-8"))
    return Regime(
        id=said["id"],
        name=said["name"],
        version="1",
        levels=tuple(
            LevelRule(level=Level[name.upper()], floors=Floors(**rule["floors"]))
            for name, rule in said["levels"].items()
        ),
        roles=said["roles"],
        subjects=said["subjects"],
        sensitive_level=Level[said["sensitive_level"].upper()],
        story_window=timedelta(days=30),
        over_after=timedelta(days=2),
    )


@pytest.mark.parametrize(
    ("heat", "level", "reason"),
    [
        (Heat(), GENERAL, "no floor reached: reads unknown, comments unknown, mainstream sites 0"),
        (Heat(reads=0, comments=0), GENERAL, "no floor reached: reads 0, comments 0, mainstream sites 0"),
        (Heat(reads=999), GENERAL, "no floor reached: reads 999, comments unknown, mainstream sites 0"),
        (Heat(reads=1000), MAJOR, "reads 1000 >= 1000"),
        (Heat(reads=2999), MAJOR, "reads 2999 >= 1000"),
        (Heat(reads=3000), EXTRAORDINARY, "reads 3000 >= 3000"),
        (Heat(comments=99), GENERAL, "no floor reached: reads unknown, comments 99, mainstream sites 0"),
        (Heat(comments=100), MAJOR, "comments 100 >= 100"),
        (Heat(comments=499), MAJOR, "comments 499 >= 100"),
        (Heat(comments=500), EXTRAORDINARY, "comments 500 >= 500"),
        (Heat(mainstream=1), MAJOR, "mainstream sites 1 >= 1"),
        (Heat(mainstream=4), MAJOR, "mainstream sites 4 >= 1"),
        (Heat(mainstream=5), EXTRAORDINARY, "mainstream sites 5 >= 5"),
        (Heat(reads=999, comments=99), GENERAL, "no floor reached: reads 999, comments 99, mainstream sites 0"),
        (Heat(reads=1500, comments=500, mainstream=1), EXTRAORDINARY, "comments 500 >= 500"),
        (Heat(reads=1500, mainstream=2), MAJOR, "reads 1500 >= 1000; mainstream sites 2 >= 1"),
    ],
)
def test_the_highest_of_all_criteria_wins(heat: Heat, level: Level, reason: str, company: Regime) -> None:
    grading = grade(heat, company)
    assert (grading.level, grading.reason) == (level, reason)


@pytest.mark.parametrize("subject", ["mass_incident", "food", "health", "natural_disaster", "safety", "secrecy"])
def test_a_sensitive_subject_is_extraordinary_whatever_its_figures(subject: str, company: Regime) -> None:
    grading = grade(Heat(reads=1000), company, subject=subject)
    assert grading.level is EXTRAORDINARY
    assert grading.reason == f"sensitive subject: {company.subjects[subject]}"


def test_any_other_subject_lifts_nothing(company: Regime) -> None:
    assert grade(Heat(), company, subject="sports").level is GENERAL


def test_where_a_sensitive_subject_is_only_major_higher_figures_still_count(company: Regime) -> None:
    milder = replace(company, sensitive_level=MAJOR)
    assert grade(Heat(), milder, subject="food").level is MAJOR
    assert grade(Heat(reads=3000), milder, subject="food").reason == "reads 3000 >= 3000"


def test_the_order_of_the_levels_in_the_file_does_not_matter(company: Regime) -> None:
    turned = replace(company, levels=company.levels[::-1])
    assert grade(Heat(reads=3000), turned).level is EXTRAORDINARY
    assert grade(Heat(), turned).level is GENERAL


def test_a_figure_without_a_floor_does_not_count() -> None:
    rules = (LevelRule(level=GENERAL), LevelRule(level=MAJOR, floors=Floors(comments=10)))
    agency = Regime(
        id="agency", name="机关", version="1", levels=rules, roles={},
        story_window=timedelta(days=30), over_after=timedelta(days=2),
    )  # fmt: skip
    assert grade(Heat(reads=10**9, mainstream=99), agency).level is GENERAL


@pytest.mark.parametrize(
    ("reads", "level"),
    [((400, 599), GENERAL), ((400, 600), MAJOR), ((1500, 1500), EXTRAORDINARY), ((None, 999), GENERAL)],
)
def test_it_is_the_sum_over_the_posts_that_is_graded(
    reads: tuple[int | None, ...], level: Level, company: Regime
) -> None:
    posts = [Post(url=str(n), source="bbs", title="酸奶里有异物", fetched_at=AT) for n in range(len(reads))]
    readings = [Reading(url=str(n), at=AT, reads=count) for n, count in enumerate(reads)]
    assert grade(measure(posts, readings), company).level is level


@pytest.mark.parametrize(
    ("sites", "level"),
    [("", GENERAL), ("a", MAJOR), ("aaaaa", MAJOR), ("abcd", MAJOR), ("abcdea", EXTRAORDINARY)],
)
def test_five_different_mainstream_sites_are_extraordinary_one_site_five_times_is_not(
    sites: str, level: Level, company: Regime
) -> None:
    posts = [
        Post(url=str(n), source="s", site=site, mainstream=True, title="酸奶里有异物", fetched_at=AT)
        for n, site in enumerate(sites)
    ]
    assert grade(measure(posts, []), company).level is level
