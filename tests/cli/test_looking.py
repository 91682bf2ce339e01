"""Commands that look into the database: lines for people, JSON for scripts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from yuqing_daemon.engine import Engine

from .commandline import Yuqing


def test_events_are_listed_with_what_no_site_says(yuqing: Yuqing, history: Engine) -> None:
    ran = yuqing("events")
    assert ran.code == 0
    assert ran.lines[0].split() == [
        "EVENT", "LEVEL", "FOUND", "READS", "COMMENTS", "MEDIA", "POSTS", "DOUBTS", "ACKNOWLEDGED", "TITLE",
    ]  # fmt: skip
    assert "12,000         ?      1      1       1  no" in ran.lines[1]
    assert "[bold]食堂[/bold]" in ran.lines[1]
    assert all(len(line) <= 80 for line in yuqing("events", columns=80).lines)
    first = yuqing("events", "--json").json[0]
    assert (first["level"], first["state"], first["acknowledged"]) == ("extraordinary", "found", False)
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
    assert "key words: " in ran.out
    assert any(line.strip().startswith("text: 在食堂[吃坏肚子]") for line in ran.lines)
    assert "\x1b" not in ran.out


def test_an_event_as_json_holds_no_acknowledgement_link(yuqing: Yuqing, history: Engine) -> None:
    story = yuqing("event", "1", "--json").json
    assert {"posts", "matches", "notices", "record", "heat"} <= set(story)
    assert [notice["recipient"] for notice in story["notices"]] == ["duty"]
    assert [entry["what"] for entry in story["record"]][:2] == ["event.opened", "event.measured"]
    assert "/ack/" not in json.dumps(story)


@pytest.mark.parametrize("code", ["E99", "99", "x", "E-1", "E99999999999999999999", ""])
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
        "running", "trouble", "network_down_since", "nodes_down_since", "nodes", "nodes_gone_since", "sources",
        "open_events", "not_acknowledged",
        "deliveries", "channels_on_hold", "quarantine", "wrong",
    }  # fmt: skip


def test_sources_are_listed_and_one_alone_with_its_unread_pages(yuqing: Yuqing, history: Engine, folder: Path) -> None:
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


def test_a_dead_letter_is_shown_with_the_key_by_which_it_is_sent_again(yuqing: Yuqing, history: Engine) -> None:
    with history.store.write() as connection:
        connection.exec_driver_sql("UPDATE delivery SET state = 'dead' WHERE id = 1")
        ((key,),) = connection.exec_driver_sql("SELECT key FROM delivery WHERE id = 1")
    for columns in (80, None):
        ran = yuqing("deliveries", "--dead", columns=columns)
        assert "KEY" in ran.lines[0]
        assert key in ran.out
        assert ran.lines[-1] == "when mended: yuqing deliveries --requeue KEY"
    assert yuqing("deliveries", "--requeue", key).code == 0


@pytest.mark.parametrize(
    ("option", "name", "said"),
    [
        ("--to", "nobody", "no person 'nobody'"),
        ("--channel", "fax", "no channel 'fax'"),
        ("--event", "E99", "no event"),
    ],
)
def test_deliveries_of_a_name_that_stands_nowhere_are_an_error(
    yuqing: Yuqing, history: Engine, option: str, name: str, said: str
) -> None:
    ran = yuqing("deliveries", option, name)
    assert (ran.code, ran.out) == (1, "")
    assert said in ran.err


def test_the_record_is_verified_and_a_changed_entry_is_named(yuqing: Yuqing, history: Engine) -> None:
    assert yuqing("audit", "verify").code == 0
    with history.store.write() as connection:
        connection.exec_driver_sql("UPDATE audit SET actor = 'nobody' WHERE id = 2")
    ran = yuqing("audit", "verify")
    assert ran.code == 1
    assert ran.out.startswith("the record is broken at entry 2, ")
    assert yuqing("audit", "verify", "--json").json["broken"]["id"] == 2


OPERATING = Path(__file__).parents[2] / "docs" / "operating.md"


@pytest.mark.parametrize(
    ("command", "path"),
    [
        ("check", ("regime",)), ("status", ()), ("sources", (0,)), ("sources city-news", (0,)), ("events", (0,)),
        ("event E1", ()), ("event E1", ("posts", 0)), ("event E1", ("matches", 0)), ("event E1", ("record", 0)),
        ("deliveries", (0,)), ("event E1", ("heat",)), ("audit verify", ()), ("plugins list", (0,)), ("ack E1", ()),
    ],
)  # fmt: skip
def test_every_key_of_the_json_is_documented(
    yuqing: Yuqing, history: Engine, command: str, path: tuple[str | int, ...]
) -> None:
    found = yuqing(*command.split(), "--json").json
    inner = found
    for step in path:
        inner = inner[step]
    told = OPERATING.read_text().partition("## JSON for scripts")[2]
    outer = found[0] if isinstance(found, list) else found
    for key in {*outer, *inner}:
        assert f"`{key}`" in told, key
