"""Rotas, absences, hours, subscriptions and special periods, as the files write them and the daemon uses them."""

from __future__ import annotations

from datetime import datetime, time
from pathlib import Path

from sample_config import loaded, main, roster

from yuqing_daemon.domain import Level
from yuqing_daemon.rules.hours import parse_hours
from yuqing_daemon.rules.rota import on_duty
from yuqing_daemon.rules.subscriptions import Subscription


def test_who_is_on_duty_comes_from_rotas_overrides_absences_and_hours(tmp_path: Path) -> None:
    plan = loaded(tmp_path, roster()).roster
    on = {
        "2026-03-02T08:29:00+08:00": ("duty",),  # before the rota begins: by their hours
        "2026-03-02T08:30:00+08:00": ("duty",),
        "2026-03-05T17:59:00+08:00": ("duty",),
        "2026-03-05T18:00:00+08:00": ("li",),  # the override
        "2026-03-06T08:00:00+08:00": ("duty",),
        "2026-03-09T08:30:00+08:00": ("duty",),  # for li, who is away
        "2026-03-10T23:59:59+08:00": ("duty",),
        "2026-03-11T00:00:00+08:00": ("li",),
    }
    assert {at: on_duty("monitor", datetime.fromisoformat(at), plan).people for at in on} == on


def test_of_two_overrides_the_one_further_down_counts(tmp_path: Path) -> None:
    again = '\n[[overrides]]\nrole = "monitor"\nperson = "duty"\nfrom = 2026-03-05\nuntil = 2026-03-05\n'
    changes = {"people.toml": roster()["people.toml"] + again}
    at = datetime.fromisoformat("2026-03-05T20:00:00+08:00")
    assert on_duty("monitor", at, loaded(tmp_path, changes).roster).people == ("duty",)


def test_hours_quiet_hours_and_subscriptions_are_kept(tmp_path: Path) -> None:
    settings = loaded(tmp_path, roster())
    assert settings.hours == {"li": parse_hours("mon-fri 08:30-17:30")}
    assert settings.quiet["li"].passes_from is Level.EXTRAORDINARY
    assert settings.subscriptions == (
        Subscription(
            role="office", topics=("canteen",), any=("食堂",), from_level=Level.MAJOR,
            hours=parse_hours("mon-fri 08:30-17:30"), channels=("hook",),
        ),
    )  # fmt: skip


def test_a_special_period_lasts_from_its_first_to_its_last_midnight(tmp_path: Path) -> None:
    text = '[[special_periods]]\nname = "安全检查"\nfrom = 2026-03-04\nuntil = 2026-03-11'
    settings = loaded(tmp_path, main(f'cut_off = "17:00"\n{text}'))
    inside = ("2026-03-04T00:00:00+08:00", "2026-03-11T23:59:59+08:00")
    outside = ("2026-03-03T23:59:59+08:00", "2026-03-12T00:00:00+08:00")
    assert all(settings.special_period(datetime.fromisoformat(at)) for at in inside)
    assert not any(settings.special_period(datetime.fromisoformat(at)) for at in outside)
    assert settings.cut_off == time(17)
