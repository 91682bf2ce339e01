"""``yuqing backtest``, and what ``check`` and ``reload`` say of changed topics."""

from __future__ import annotations

from pathlib import Path

import pytest

from yuqing_daemon.backtest import keep_live
from yuqing_daemon.config import Settings
from yuqing_daemon.engine import Engine

from .commandline import Yuqing

CHANGED = '[topics.canteen]\nname = "x"\nquery = "食堂 AND 吃坏"\n'


def test_a_changed_file_is_tried_on_the_stored_posts_and_told_with_its_evidence(
    yuqing: Yuqing, history: Engine, settings: Settings, tmp_path: Path
) -> None:
    keep_live(settings)
    file = tmp_path / "changed.toml"
    file.write_text(CHANGED.replace("吃坏", "拉肚子"), "utf-8")
    ran = yuqing("backtest", str(file))
    assert (ran.code, ran.err) == (0, "")
    assert "topic company: +0 / -1 posts in the last 7 days; finds 0 posts" in ran.lines
    assert "topic canteen: +0 / -1 posts in the last 7 days; finds 0 posts" in ran.lines
    assert "    no more, because NOT 拉肚子" in ran.lines
    assert any(line.startswith("    title: [示例公司][bold]食堂") for line in ran.lines)
    told = yuqing("backtest", str(file), "--topic", "canteen", "--json").json
    assert [(each["topic"], each["found"], len(each["lost"])) for each in told] == [("canteen", 0, 1)]
    assert told[0]["lost"][0]["matches"][0]["span"] == "示例公司"


def test_check_says_in_a_line_what_a_change_would_do(
    yuqing: Yuqing, history: Engine, settings: Settings, folder: Path
) -> None:
    keep_live(settings)
    assert "posts in the last" not in yuqing("check").out
    (folder / "topics.toml").write_text(CHANGED, "utf-8")
    assert "topic canteen: +0 / -0 posts in the last 7 days; 'yuqing backtest' shows them" in yuqing("check").lines


def test_of_very_many_posts_check_asks_only_the_newest_and_says_since_when(
    yuqing: Yuqing, history: Engine, settings: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("yuqing_daemon.cli.backtest.AT_ONCE", 1)
    keep_live(settings)
    (folder / "topics.toml").write_text(CHANGED, "utf-8")
    assert "topic canteen: +0 / -0 posts in the last 0 hours; 'yuqing backtest' shows them" in yuqing("check").lines


def test_nothing_changed_is_said_too(yuqing: Yuqing, history: Engine, settings: Settings) -> None:
    keep_live(settings)
    assert yuqing("backtest").lines == ["no topic differs from what the daemon runs with"]


def test_without_a_database_there_is_nothing_to_try_on(yuqing: Yuqing) -> None:
    ran = yuqing("backtest")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("yuqing: there is no database in ")
