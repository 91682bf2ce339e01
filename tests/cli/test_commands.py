"""Every command, with and without what it needs: its exit code, its lines for people, its JSON for scripts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from yuqing_daemon.cli import cli
from yuqing_daemon.config import Settings
from yuqing_daemon.control import ControlServer
from yuqing_daemon.daemon import perform, utc_now
from yuqing_daemon.engine import Engine
from yuqing_daemon.store import owning

from commandline import Yuqing

LOOKING = [
    ("status",),
    ("sources",),
    ("events",),
    ("event", "E1"),
    ("deliveries",),
    ("audit", "verify"),
    ("ack", "E1"),
]
WANTS_CONFIG = [*LOOKING, ("run",), ("reload",), ("try", "x"), ("test-notify", "duty"), ("replay", "-")]


def commands(group: click.Group = cli, *path: str) -> list[tuple[tuple[str, ...], click.Command]]:
    found: list[tuple[tuple[str, ...], click.Command]] = []
    for name, command in group.commands.items():
        found.append(((*path, name), command))
        if isinstance(command, click.Group):
            found += commands(command, *path, name)
    return found


# -- help and exit codes --------------------------------------------------------------------------


@pytest.mark.parametrize("path", [path for path, _ in commands()], ids=" ".join)
def test_every_command_and_option_is_explained_and_the_short_help_is_one_line(
    yuqing: Yuqing, path: tuple[str, ...]
) -> None:
    ran = yuqing(*path, "--help", columns=80)
    assert ran.code == 0
    assert ran.err == ""
    assert all(len(line) <= 80 for line in ran.lines)
    command = dict(commands())[path]
    assert command.help
    assert 0 < len(command.short_help or "") <= 55
    assert all(option.help for option in command.params if isinstance(option, click.Option))
    if len(path) == 1:
        assert "..." not in "".join(line for line in yuqing("--help", columns=80).lines if line.split()[:1] == [path[0]])


@pytest.mark.parametrize(
    "arguments",
    [("nonsense",), ("event",), ("ack",), ("try",), ("status", "--nonsense"), ("deliveries", "--last", "0"),
     ("test-notify", "duty", "--wait", "-1"), ("sources", "--resume"), ("replay", "/no/such/file"), ("plugins", "x"), ()],
)  # fmt: skip
def test_wrong_usage_exits_2_and_says_how_it_goes(yuqing: Yuqing, arguments: tuple[str, ...]) -> None:
    ran = yuqing(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert "Usage: yuqing" in ran.err


@pytest.mark.parametrize("arguments", WANTS_CONFIG, ids=" ".join)
def test_a_command_without_a_configuration_exits_78_and_says_where_it_looked(
    yuqing: Yuqing, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    ran = yuqing(*arguments, config=tmp_path / "nowhere")
    assert (ran.code, ran.out) == (78, "")
    assert f"{tmp_path}/nowhere/yuqing.toml" in ran.err
    assert f"fix: yuqing init {tmp_path}/nowhere" in ran.err
    assert ran.err.count("\n") == 3


@pytest.mark.parametrize("arguments", WANTS_CONFIG, ids=" ".join)
def test_a_command_with_a_broken_configuration_exits_78_and_shows_the_problem(
    yuqing: Yuqing, folder: Path, arguments: tuple[str, ...]
) -> None:
    (folder / "topics.toml").write_text("[topics.company]\nanny = ['x']\n")
    ran = yuqing(*arguments)
    assert (ran.code, ran.out) == (78, "")
    assert "topics.toml:2: topics.company.anny" in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("arguments", LOOKING, ids=" ".join)
def test_a_command_that_looks_into_the_database_makes_none(
    yuqing: Yuqing, settings: Settings, arguments: tuple[str, ...]
) -> None:
    ran = yuqing(*arguments)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("yuqing: there is no database in ")
    assert ran.err.count("\n") == 1
    assert not settings.state.exists()


@pytest.mark.parametrize("arguments", [("status",), ("plugins", "list"), ("event", "E1"), ("audit", "verify")])
def test_a_database_that_is_none_is_told_in_a_line(
    yuqing: Yuqing, settings: Settings, arguments: tuple[str, ...]
) -> None:
    settings.state.mkdir()
    (settings.state / "yuqing.db").write_bytes(b"something else entirely" * 100)
    ran = yuqing(*arguments)
    assert "file is not a database" in ran.err + ran.out
    assert "Traceback" not in ran.err
    assert ran.code == (0 if arguments[0] == "plugins" else 1)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_told_in_a_line(yuqing: Yuqing, settings: Settings, history: Engine) -> None:
    settings.state.chmod(0)
    try:
        ran = yuqing("status")
    finally:
        settings.state.chmod(0o700)
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert "Permission denied" in ran.err


def test_an_error_of_the_system_is_told_in_a_line(
    yuqing: Yuqing, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "exists", refuse)
    ran = yuqing("status")
    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert ran.err.endswith("yuqing.toml: Permission denied\n")


def test_a_reader_that_has_seen_enough_is_no_error(folder: Path, history: Engine) -> None:
    command = f"{sys.executable} -m yuqing_daemon -c {folder} event E1 --json | head -n 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("{\n", "")


def test_a_terminal_that_knows_no_chinese_shows_question_marks(folder: Path, history: Engine) -> None:
    environ = os.environ | {"PYTHONIOENCODING": "ascii", "COLUMNS": "80"}
    done = subprocess.run(
        [sys.executable, "-m", "yuqing_daemon", "-c", str(folder), "events"],
        capture_output=True, text=True, env=environ, check=True,
    )  # fmt: skip
    assert "????" in done.stdout
    assert done.stderr == ""


# -- setting up -----------------------------------------------------------------------------------


def test_init_writes_what_check_finds_good_and_overwrites_nothing(yuqing: Yuqing, tmp_path: Path) -> None:
    made = tmp_path / "new"
    ran = yuqing("init", str(made), config=None)
    assert ran.code == 0
    assert f"  yuqing -c {made} check" in ran.lines
    assert yuqing("check", str(made), config=None).code == 0
    ran = yuqing("init", str(made), config=None)
    assert (ran.code, ran.out) == (1, "")
    assert "exist already and are left alone" in ran.err


def test_check_tells_the_regime_in_words(yuqing: Yuqing) -> None:
    ran = yuqing("check")
    assert ran.lines[0] == "ok: 1 source, 2 topics, 1 recipient, 1 channel"
    assert "from 1,000 reads or 100 comments or 1 mainstream site; told: 监控人员, 舆情办" in ran.out
    assert "舆情办 after 30 min; 领导小组 after 2 h; again every 30 min, 3 times, until acknowledged" in ran.out
    found = yuqing("check", "--json").json
    assert (found["ok"], found["problems"], found["plugins"]) == (True, [], {})
    assert (found["sources"], found["topics"], found["regime"]["id"]) == (1, 2, "company")


def test_check_shows_every_problem_with_its_place_and_exits_2(yuqing: Yuqing, folder: Path) -> None:
    sources = folder / "sources.toml"
    sources.write_text(sources.read_text().replace("mainstream = true", "mainstrem = true\nevery = '5m'"))
    ran = yuqing("check")
    assert ran.code == 2
    assert "sources.toml:8: source.1.mainstrem" in ran.out
    assert ran.lines[-1] == "2 problems"
    found = yuqing("check", "--json").json
    assert [(problem["line"], problem["key"]) for problem in found["problems"]] == [
        (8, "source.1.mainstrem"),
        (9, "source.1.every"),
    ]
    assert set(found["problems"][0]) == {"file", "line", "key", "found", "wanted", "fix"}
    assert (found["ok"], found["sources"], found["regime"]) == (False, None, None)


def test_check_warns_of_a_password_that_is_written_out(yuqing: Yuqing, folder: Path) -> None:
    main = folder / "yuqing.toml"
    main.write_text(main.read_text().replace("port = 1", 'port = 1\nuser = "u"\npassword = "geheim99"'))
    ran = yuqing("check")
    assert ran.code == 0
    assert "channels.mail.password" in ran.err
    assert "geheim99" not in ran.err + ran.out


def test_a_wanted_plugin_that_cannot_be_loaded_is_a_problem(yuqing: Yuqing, folder: Path) -> None:
    main = folder / "yuqing.toml"
    main.write_text(main.read_text().replace("enable = []", 'enable = ["nowhere"]'))
    ran = yuqing("check")
    assert ran.code == 2
    assert "plugin nowhere: failed: no installed package has a plugin of this name" in ran.out
    assert "failed: no installed package" in yuqing("plugins", "list").out


def test_plugins_are_listed_even_with_a_broken_configuration(yuqing: Yuqing, folder: Path) -> None:
    (folder / "people.toml").write_text("nonsense")
    ran = yuqing("plugins", "list", columns=80)
    assert ran.code == 0
    assert any(line.split() == ["keywords", "built-in", "0", "match_post", "active"] for line in ran.lines)
    assert ran.lines[-1].startswith("without the daemon's own figures")
    names = [each["name"] for each in yuqing("plugins", "list", "--json").json]
    assert {"keywords", "reader", "mail", "webhook", "sms", "apprise", "spiders"} <= set(names)


# -- looking --------------------------------------------------------------------------------------


def test_events_are_listed_with_what_no_site_says(yuqing: Yuqing, history: Engine) -> None:
    ran = yuqing("events")
    assert ran.code == 0
    assert ran.lines[0].split() == [
        "EVENT", "LEVEL", "FOUND", "READS", "COMMENTS", "MEDIA", "POSTS", "ACKNOWLEDGED", "TITLE",
    ]  # fmt: skip
    assert "12,000         ?      1      1  no" in ran.lines[1]
    assert "[bold]食堂[/bold]" in ran.lines[1]
    assert all(len(line) <= 80 for line in yuqing("events", columns=80).lines)
    first = yuqing("events", "--json").json[0]
    assert (first["level"], first["state"], first["acknowledged"]) == ("extraordinary", "open", False)
    assert first["heat"] == {"reads": 12000, "comments": None, "reposts": None, "mainstream": 1, "posts": 1}


@pytest.mark.parametrize("columns", [None, 80, 40])
def test_an_event_is_shown_with_everything_that_hangs_on_it(
    yuqing: Yuqing, history: Engine, columns: int | None
) -> None:
    ran = yuqing("event", "E1", columns=columns)
    assert ran.code == 0
    for heading in ("posts", "matches", "notices", "record"):
        assert heading in ran.lines
    assert "reads 12,000, comments unknown, reposts unknown" in ran.out
    assert "/a/very/long/address/that/must/not/be/cut/1.html" in ran.out
    assert "take it over with: yuqing ack E1" in ran.out
    assert "\x1b" not in ran.out


def test_an_event_as_json_holds_no_acknowledgement_link(yuqing: Yuqing, history: Engine) -> None:
    story = yuqing("event", "1", "--json").json
    assert {"posts", "matches", "notices", "record", "heat"} <= set(story)
    assert [notice["recipient"] for notice in story["notices"]] == ["duty"]
    assert [entry["what"] for entry in story["record"]][:2] == ["event.opened", "event.measured"]
    assert "/ack/" not in json.dumps(story)


@pytest.mark.parametrize("code", ["E99", "99", "x", "E-1", ""])
def test_an_event_there_is_not_is_told_in_a_line(yuqing: Yuqing, history: Engine, code: str) -> None:
    for command in ("event", "ack"):
        ran = yuqing(command, code)
        assert (ran.code, ran.out, ran.err) == (1, "", f"yuqing: there is no event {code!r}; see: yuqing events\n")


def test_status_names_what_needs_a_person(yuqing: Yuqing, history: Engine) -> None:
    ran = yuqing("status")
    assert ran.code == 1
    assert "wrong             no daemon is running; start it with: yuqing run" in ran.lines
    said = yuqing("status", "--json").json
    assert (said["running"], said["sources"], said["not_acknowledged"]) == (False, {"ok": 1}, ["E1", "E2"])
    assert set(said) == {
        "running", "sources", "open_events", "not_acknowledged", "deliveries", "channels_on_hold", "quarantine", "wrong",
    }  # fmt: skip


def test_sources_are_listed_and_one_alone_with_its_unread_pages(
    yuqing: Yuqing, history: Engine, folder: Path
) -> None:
    ran = yuqing("sources")
    assert ran.lines[1].split()[:2] == ["city-news", "ok"]
    assert all(len(line) <= 80 for line in yuqing("sources", columns=80).lines)
    (one,) = yuqing("sources", "city-news", "--json").json
    assert (one["id"], one["posts"], one["unread"]) == ("city-news", 1, [])
    assert yuqing("sources", "nowhere").err == "yuqing: there is no source 'nowhere'; see: yuqing sources\n"
    (folder / "sources.toml").write_text('[[source]]\nid = "new"\nurl = "https://new.example.com/"\n')
    assert "not yet known to the daemon: new; it learns of them by: yuqing reload" in yuqing("sources").lines


def test_deliveries_are_listed_and_dead_letters_alone(yuqing: Yuqing, history: Engine) -> None:
    assert "E1" in yuqing("deliveries").out
    assert yuqing("deliveries", "--dead").out == "no dead letters\n"
    rows = yuqing("deliveries", "--json", "--last", "1").json
    assert [row["event"] for row in rows] == ["E2"]
    assert {"key", "state", "attempts", "accepted_at", "answer", "subject"} <= set(rows[0])


def test_the_record_is_verified_and_a_changed_entry_is_named(yuqing: Yuqing, history: Engine) -> None:
    assert yuqing("audit", "verify").code == 0
    with history.store.write() as connection:
        connection.exec_driver_sql("UPDATE audit SET actor = 'nobody' WHERE id = 2")
    ran = yuqing("audit", "verify")
    assert ran.code == 1
    assert ran.out.startswith("the record is broken at entry 2, ")
    assert yuqing("audit", "verify", "--json").json["broken"]["id"] == 2


# -- acting ---------------------------------------------------------------------------------------


def test_an_acknowledgement_works_without_the_daemon_and_twice(yuqing: Yuqing, history: Engine) -> None:
    history.store.close()
    ran = yuqing("ack", "E1")
    assert (ran.code, ran.out.startswith("E1 acknowledged by ")) == (0, True)
    assert yuqing("ack", "e1").out.startswith("E1 was already acknowledged by ")
    done = yuqing("ack", "1", "--json").json
    assert (done["event"], done["first"]) == ("E1", False)


def test_with_a_daemon_it_is_the_daemon_who_acts(yuqing: Yuqing, history: Engine, settings: Settings) -> None:
    server = ControlServer(settings.state, lambda request: perform(history, request, now=utc_now()))
    server.start()
    try:
        with owning(settings.state):
            assert yuqing("ack", "E1").out.startswith("E1 acknowledged by ")
            assert yuqing("status", "--json").json["running"] is True
            assert yuqing("sources", "city-news", "--resume").code == 0
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


def test_a_reload_without_a_daemon_says_so(yuqing: Yuqing, settings: Settings) -> None:
    ran = yuqing("reload")
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert "no daemon is running" in ran.err


# -- replay ---------------------------------------------------------------------------------------

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
