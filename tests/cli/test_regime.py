"""yuqing regime show: the rules in plain sentences, on a terminal and for scripts."""

from __future__ import annotations

from pathlib import Path

import pytest

from yuqing_daemon.config import regime_path, shipped_regimes

from .commandline import Yuqing


def test_the_regime_of_the_configuration_is_told_in_its_language_with_its_special_periods(
    yuqing: Yuqing, folder: Path
) -> None:
    main = folder / "yuqing.toml"
    period = '\n[[special_periods]]\nname = "安全检查"\nfrom = 2026-03-04\nuntil = 2026-03-11\n'
    main.write_text(main.read_text("utf-8") + period, "utf-8")
    ran = yuqing("regime", "show")
    assert (ran.code, ran.err) == (0, "")
    assert ran.lines[0].startswith("企业网络舆情监测与应对办法 (company, ")
    assert "  已宣布：安全检查，自2026-03-04 00:00至2026-03-12 00:00。" in ran.lines
    main.write_text(main.read_text("utf-8").replace('language = "zh"', 'language = "en"'), "utf-8")
    assert "Duties and clocks" in yuqing("regime", "show").lines


@pytest.mark.parametrize("name", shipped_regimes())
def test_a_shipped_regime_is_told_without_a_configuration(yuqing: Yuqing, tmp_path: Path, name: str) -> None:
    ran = yuqing("regime", "show", name, "--language", "en", config=tmp_path / "nowhere")
    assert (ran.code, ran.err) == (0, "")
    assert "Levels" in ran.lines
    assert "  Major: over all posts of an event together, 1,000 reads, 100 comments or 1 mainstream site." in ran.lines


def test_a_file_is_told_and_its_problems_are(yuqing: Yuqing, tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    text = regime_path("agency", Path()).read_text("utf-8")
    mine.write_text(text, "utf-8")
    assert yuqing("regime", "show", "--file", str(mine)).out == yuqing("regime", "show", "agency").out
    mine.write_text(text.replace('breach_tells = ["leading_group"]\n', "", 1), "utf-8")
    ran = yuqing("regime", "show", "--file", str(mine))
    assert (ran.code, ran.out) == (78, "")
    assert "duties.2.breach_tells: want whom to tell when its time is over, as it has a clock" in ran.err


def test_a_script_gets_its_sections_and_version(yuqing: Yuqing) -> None:
    found = yuqing("regime", "show", "company", "--json").json
    assert (found["id"], found["language"], len(found["version"])) == ("company", "zh", 12)
    assert [section["title"] for section in found["sections"]] == [
        *("级别", "通知", "职责与时限", "特殊时期", "发展阶段", "记录与结束")
    ]
    assert len(found["sections"][2]["sentences"]) == 17


def test_an_unknown_regime_says_which_there_are(yuqing: Yuqing) -> None:
    ran = yuqing("regime", "show", "compnay")
    assert (ran.code, ran.out) == (1, "")
    assert "no shipped regime 'compnay'; there are agency, company, joint-conference; or say --file PATH" in ran.err


def test_a_name_and_a_file_are_one_too_many(yuqing: Yuqing, tmp_path: Path) -> None:
    ran = yuqing("regime", "show", "company", "--file", str(tmp_path / "mine.toml"))
    assert (ran.code, ran.out) == (2, "")
    assert "want a NAME or --file, not both" in ran.err
