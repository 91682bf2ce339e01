"""A drill with the real daemon: its own page, a crawl worker, the engine, mail and webhook, from the command line."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from daemon.house import House, free_port, house, until

KEPT = ("event", "post", "match", "duty", "timer", "opinion", "judgement")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path) as made:
        yield made


def test_a_drill_goes_all_the_way_and_leaves_nothing_behind(home: House) -> None:
    home.start()
    sources = home.ask("select id from source")
    done = home.cli("drill", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    came = json.loads(done.stdout)
    names = ["asked", "crawled", "matched", "event", "level", "escalated", "promised"]
    assert [each["step"] for each in came["steps"]] == names
    seconds = [each["seconds"] for each in came["steps"]]
    assert seconds == sorted(seconds)
    answers = {(each["recipient"], each["channel"]): each["answer"] for each in came["told"]}
    assert answers == {("duty", "mail"): "250 OK", ("second", "chat"): "200 OK", ("office", "mail"): "250 OK"}
    assert home.inbox.subjects() == ["【演练】【特别重大】演练 DRILL：舆情预警演练（演练 DRILL）"] * 2
    assert [home.ask(f'select count(*) from "{table}"') for table in KEPT] == [[(0,)]] * len(KEPT)
    assert home.ask("select id from source") == sources
    assert home.ask("select what, actor, event from audit where what like 'drill%'") == [
        ("drill.begun", came["steps"][0]["note"], None),
        ("drill.ended", came["steps"][0]["note"], None),
    ]
    home.alert(1)  # and what is real is told as ever
    assert home.ask("select id from event") == [(1,)]


def test_what_is_not_accepted_is_shown_with_the_answer_and_exits_1(home: House) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}/"
    home.add("people.toml", f'[people.deaf]\nroles = ["ops"]\nchannels = [{{ channel = "chat", to = "{nowhere}" }}]\n')
    home.start()
    done = home.cli("drill", "--wait", "8")
    assert done.returncode == 1, done.stdout + done.stderr
    (deaf,) = [line for line in done.stdout.splitlines() if line.startswith("deaf")]
    assert "not accepted" in deaf
    assert "not connected" in deaf
    assert "3 of 4 notices accepted" in done.stdout
    assert home.ask("select recipient from delivery where state = 'cancelled'") == [("deaf",)]


def test_one_at_a_time_and_only_with_a_daemon(home: House) -> None:
    done = home.cli("drill")
    assert (done.returncode, "no daemon is running" in done.stderr) == (75, True)
    home.hook.open.clear()
    home.start()
    first = threading.Thread(target=home.cli, args=("drill", "--channel", "chat"))
    first.start()
    until(lambda: home.hook.keys, "the first drill's notice")
    other = home.cli("drill")
    assert (other.returncode, "a drill is under way" in other.stderr) == (75, True)
    home.hook.open.set()
    first.join()
    nobody = home.cli("drill", "--person", "duty", "--channel", "chat")
    assert (nobody.returncode, "see people.toml" in nobody.stderr) == (78, True)
