"""Commands that do something, with and without a daemon: ack, test-notify, run, reload, replay."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from yuqing_daemon.clock import utc_now
from yuqing_daemon.config import Settings
from yuqing_daemon.control import ControlServer, perform
from yuqing_daemon.engine import Engine
from yuqing_daemon.store import owning

from .commandline import Yuqing


def test_an_acknowledgement_works_without_the_daemon_and_twice(yuqing: Yuqing, history: Engine) -> None:
    history.store.close()
    ran = yuqing("ack", "E1")
    assert (ran.code, ran.out.startswith("E1 acknowledged by ")) == (0, True)
    assert yuqing("ack", "e1").out.startswith("E1 was already acknowledged by ")
    done = yuqing("ack", "1", "--json").json
    assert (done["event"], done["first"]) == ("E1", False)


def test_a_person_takes_a_sensitive_subject_away_with_an_empty_one(yuqing: Yuqing, history: Engine) -> None:
    history.store.close()
    for subject in ("food", ""):
        assert yuqing("correct", "E1", "--subject", subject, "-m", "looked at it").code == 0
        assert yuqing("event", "E1", "--json").json["subject"] == subject


def test_with_a_daemon_it_is_the_daemon_who_acts(yuqing: Yuqing, history: Engine, settings: Settings) -> None:
    server = ControlServer(settings.state, lambda request: perform(history, request, now=utc_now()))
    server.start()
    try:
        with owning(settings.state):
            assert yuqing("ack", "E1").out.startswith("E1 acknowledged by ")
            assert yuqing("status", "--json").json["running"] is True
            assert yuqing("sources", "city-news", "--resume").code == 0
            assert yuqing("sources", "city-news", "--repin").code == 0
            ran = yuqing("ack", "E99")
            assert (ran.code, ran.err) == (1, "yuqing: there is no event 'E99'; see: yuqing events\n")
    finally:
        server.stop()


def test_a_second_daemon_exits_75(yuqing: Yuqing, settings: Settings) -> None:
    with owning(settings.state):
        ran = yuqing("run")
    assert (ran.code, ran.out) == (75, "")
    assert "belongs to a daemon that is running" in ran.err


def test_a_test_message_shows_what_came_of_it(yuqing: Yuqing, settings: Settings) -> None:
    ran = yuqing("test-notify", "duty")
    assert ran.code == 1
    assert ran.lines[0].split() == ["RECIPIENT", "CHANNEL", "TO", "STATE", "TOOK", "ANSWER"]
    assert "refused" in ran.lines[1]
    (row,) = yuqing("test-notify", "mail", "--json").json
    assert (row["recipient"], row["state"], row["accepted_at"]) == ("duty", "pending", None)
    assert yuqing("test-notify", "nobody").code == 1
    (grave,) = yuqing("test-notify", "mail", "--level", "extraordinary", "--json").json
    assert "特别重大" in yuqing("deliveries", "--json", "--last", "1").json[0]["subject"]
    assert grave["state"] == "pending"


def test_a_reload_without_a_daemon_says_so(yuqing: Yuqing, settings: Settings) -> None:
    ran = yuqing("reload")
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert "no daemon is running" in ran.err


LINE = '{"url": "https://a.cn/1", "title": "示例公司的事", "published_at": "2026-03-01 09:00", "reads": "1.2万"}\n'


def test_a_replay_prints_events_and_alerts_and_refuses_bad_lines_by_number(yuqing: Yuqing, tmp_path: Path) -> None:
    file = tmp_path / "posts.jsonl"
    file.write_text(LINE)
    ran = yuqing("replay", str(file), columns=80)
    assert (ran.code, ran.err) == (0, "")
    assert ran.lines[0] == "1 line, 1 event, 1 alert"
    assert "reads 12000 >= 3000" in ran.out
    assert "2026-03-01 09:00:00" in ran.out
    file.write_text("\ufeffnonsense\n" + LINE + "nonsense\n" * 30)
    ran = yuqing("replay", str(file), "--json")
    assert ran.code == 1
    assert (ran.json["lines"], len(ran.json["events"]), len(ran.json["refused"])) == (1, 1, 31)
    assert ran.json["refused"][0]["line"] == 1
    assert f"{file}: line 1: not JSON" in ran.err
    assert ran.err.count("\n") == 21
    assert ran.err.endswith("and 11 more lines\n")


def test_a_replay_reads_standard_input_and_leaves_no_database(folder: Path, settings: Settings) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "yuqing_daemon", "-c", str(folder), "replay", "-", "--json"],
        input=LINE, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert [event["level"] for event in json.loads(done.stdout)["events"]] == ["extraordinary"]
    assert not settings.state.exists()
