"""The daemon from outside: a process with a site before it, and an inbox and a webhook behind it."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import runpy
import select
import signal
import socket
import sqlite3
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from daemon.house import DAEMON, HOST, House, house, until
from installed import install

from yuqing_daemon.backtest import live_topics
from yuqing_daemon.rules import ack_link

ROOT = Path(__file__).parents[1]


def patched(*statements: str) -> tuple[str, ...]:
    """The daemon's command with other constants, for what would take too long to wait for."""
    code = [
        "from datetime import timedelta",
        "from yuqing_daemon import cli, daemon, outage, plugins",
        "from yuqing_daemon.store import ballast",
        *statements,
        "cli.main()",
    ]
    return (sys.executable, "-c", "\n".join(code))


def seconds(**constants: float) -> tuple[str, ...]:
    """The same for spans of time."""
    return patched(*(f"daemon.{name} = timedelta(seconds={value})" for name, value in constants.items()))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A daemon that runs for all tests that leave it as they found it."""
    with house(tmp_path_factory.mktemp("home")) as home:
        yield home.start()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[House]:
    """A house for one test alone; its daemon is not running yet."""
    with house(tmp_path) as other:
        yield other


# -- while it runs --------------------------------------------------------------------------------


def test_it_says_that_it_lives_and_that_it_is_ready(home: House) -> None:
    assert home.get("/-/healthy") == (200, '{"status":"ok"}')
    assert home.get("/-/ready") == (200, '{"status":"ok"}')


def test_a_story_on_a_site_reaches_a_person(home: House) -> None:
    mail = home.alert(1)
    assert "一般" in str(mail["Subject"])
    assert f"{home.site.url}2026/0302/c1-100001.html" in home.inbox.text(mail)


def test_a_monitoring_system_reads_how_long_it_took(home: House) -> None:
    home.alert(8)
    until(lambda: 'detection_to_notice_seconds_count{level="general"}' in home.get("/metrics")[1], "the figure")
    figures = home.get("/metrics")[1]
    for figure in (
        'visits_total{outcome="read",source="news"}',
        'notifications_total{channel="mail",outcome="accepted"}',
    ):
        assert f"yuqing_{figure}" in figures
    assert "yuqing_config_last_reload_successful 1.0" in figures


def test_a_second_daemon_on_the_same_state_directory_exits_75_and_says_why(home: House) -> None:
    second = home.run_once()
    assert second.returncode == 75
    assert "belongs to a daemon that is running" in second.stderr
    assert home.get("/-/ready")[0] == 200


def test_a_scanner_that_follows_the_link_acknowledges_nothing_and_a_person_who_presses_the_button_does(
    home: House,
) -> None:
    mail = home.alert(2)
    link, code = home.link_in(mail), str(mail["Subject"]).split()[-1].rstrip("）")
    query = f"select acknowledged_by from event where id = {code[1:]}"
    assert [home.get(link, method=method)[0] for method in ("GET", "HEAD", "GET")] == [200, 200, 200]
    assert "<form method=" in home.get(link)[1]
    assert home.ask(query) == [("",)]
    assert home.get(link, method="POST")[0] == 200
    assert home.ask(query) == [("duty",)]
    assert home.get(link, method="POST")[0] == 200
    entries = home.ask(f"select actor, data from audit where what = 'event.acknowledged' and event = {code[1:]}")
    assert [(actor, json.loads(data)["how"]) for actor, data in entries] == [("duty", "link")]


def test_links_that_are_forged_cut_expired_or_of_another_daemon_are_refused(home: House) -> None:
    link = home.link_in(home.alert(3))
    secret = (home.folder / "state" / "secret.key").read_bytes()
    now = datetime.now(UTC)
    key = str(home.ask("select key from delivery where purpose = 'found' limit 1")[0][0])
    expired = ack_link.make(secret, key, expires_at=now - timedelta(seconds=1))
    foreign = ack_link.make(b"another daemon's", key, expires_at=now + timedelta(days=1))
    unknown = ack_link.make(secret, "E999:found:mail:duty", expires_at=now + timedelta(days=1))
    ours = home.ask("select count(*) from event where acknowledged_by <> ''")
    for bad in (
        link[:-1],
        link[:-9],
        link + "x",
        "/ack/x",
        *(f"/ack/{token}" for token in (expired, foreign, unknown)),
    ):
        assert home.get(bad)[0] == 404, bad
        assert home.get(bad, method="POST")[0] == 404, bad
        assert "Traceback" not in home.get(bad)[1]
    assert home.ask("select count(*) from event where acknowledged_by <> ''") == ours


def test_the_control_socket_acknowledges_once_and_names_the_first(home: House) -> None:
    code = str(home.alert(4)["Subject"]).split()[-1].rstrip("）")
    first = home.request("acknowledge", event=code)["ok"]
    again = home.request("acknowledge", event=code.lower())["ok"]
    assert (first["event"], first["by"], first["first"]) == (code, "tester", True)
    assert again == {**first, "first": False}


def test_the_control_socket_sends_a_test_over_the_real_channel(home: House) -> None:
    (key,) = home.request("test-notify", target="office")["ok"]["keys"]
    row = f"select state from delivery where key = '{key}'"
    until(lambda: home.ask(row) == [("accepted",)], "the test message")
    assert any(key == str(mail["X-Yuqing-Delivery"]) for mail in home.inbox.mails)


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (b"{", "not a request"),
        (b"null\n", "not a request"),
        (b"[]\n", "not a request"),
        (b"\xff\xfe\x00\n", "not a request"),
        (b"[" * 50_000 + b"\n", "not a request"),
        (b"x" * 100_000 + b"\n", "not a request"),
        (b'{"do": "acknowledge"}\n', "not a request: KeyError('by')"),
        (b'{"do": "acknowledge", "by": "x"}\n', "not a request: KeyError('event')"),
        (b'{"do": "drop tables", "by": "x"}\n', "no such request: 'drop tables'"),
        (b'{"do": ["reload"], "by": "x"}\n', "no such request"),
        (b'{"do": "acknowledge", "by": "x", "event": "E999"}\n', "there is no event 'E999'"),
        (b'{"do": "acknowledge", "by": "x", "event": "E9999999999999999999999"}\n', "there is no event"),
        (b'{"do": "resume", "by": "x", "source": "nowhere"}\n', "there is no source 'nowhere'"),
        (b'{"do": "test-notify", "by": "x", "target": "nobody"}\n', "no recipient, role or channel 'nobody'"),
    ],
)
def test_rubbish_on_the_control_socket_is_answered_in_words(home: House, line: bytes, answer: str) -> None:
    assert answer in home.control(line)["error"]


def test_only_the_daemons_user_may_open_what_is_in_the_state_directory(home: House) -> None:
    state = home.folder / "state"
    assert oct(state.stat().st_mode & 0o777) == "0o700"
    assert oct((state / "control.sock").stat().st_mode & 0o777) == "0o600"
    assert oct((state / "secret.key").stat().st_mode & 0o777) == "0o600"


def test_a_changed_configuration_is_taken_over_on_sighup(home: House) -> None:
    home.change("topics.toml", "产品质量", "质量投诉")
    before = home.log.count("config.reloaded")
    assert live_topics(home.folder / "state")[0].name == "产品质量"
    home.signal(signal.SIGHUP)
    until(lambda: home.log.count("config.reloaded") > before, "the reload")
    assert live_topics(home.folder / "state")[0].name == "质量投诉"  # what a backtest is told against
    assert "质量投诉" in home.inbox.text(home.alert(5))
    assert [row for (row,) in home.ask("select actor from audit where what = 'config.reloaded'")][-1] == "SIGHUP"


def test_a_configuration_with_a_fault_changes_nothing_and_is_told_until_it_is_mended(home: House) -> None:
    good = (home.folder / "topics.toml").read_text(encoding="utf-8")
    home.change("topics.toml", "any =", "eny =")
    home.signal(signal.SIGHUP)
    _, why = until(lambda: (said := home.get("/-/ready"))[0] == 503 and said, "the refusal")
    assert "topics.toml:4: topics.quality.eny" in json.loads(why)["config"]
    assert "config.kept_old" in home.log
    assert home.get("/-/healthy")[0] == 200
    answer = home.request("reload")
    assert "topics.toml:4" in answer["error"]
    home.alert(6)  # it works on as before
    home.write("topics.toml", good)
    assert home.request("reload")["ok"]["regime"]
    assert home.get("/-/ready")[0] == 200
    assert [row for (row,) in home.ask("select actor from audit where what = 'config.reloaded'")][-1] == "tester"


def test_a_sender_that_hangs_holds_up_its_own_channel_only(home: House) -> None:
    home.hook.open.clear()
    for number in range(10, 17):
        home.site.publish(number)
    try:
        until(lambda: all(home.mail_about(number) for number in range(10, 17)), "the mails")
        held = [key for (key,) in home.ask("select key from delivery where channel = 'chat' and state = 'sending'")]
        assert 1 <= len(held) <= 4
    finally:
        home.hook.open.set()
    waiting = "select 1 from delivery where channel = 'chat' and state <> 'accepted'"
    until(lambda: not home.ask(waiting), "the webhooks")
    assert len(home.hook.keys) == len(set(home.hook.keys))


def test_a_killed_worker_is_replaced(home: House) -> None:
    (worker,) = until(home.workers, "a worker")
    os.kill(worker, signal.SIGKILL)
    until(lambda: home.workers() not in ([], [worker]), "another worker")
    home.alert(20)


# -- its end --------------------------------------------------------------------------------------


class Manager:
    """The service manager's end of the notification socket."""

    def __init__(self, path: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.socket.setblocking(False)
        self.heard: list[str] = []

    def has_heard(self, word: str) -> int:
        """How often a word was said."""
        with contextlib.suppress(BlockingIOError):
            while True:
                self.heard += self.socket.recv(4096).decode().splitlines()
        return sum(line.startswith(word) for line in self.heard)


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    manager = Manager(tmp_path / "notify")
    yield manager
    manager.socket.close()


def test_it_tells_systemd_how_it_stands_and_drains_on_sigterm(other: House, manager: Manager, tmp_path: Path) -> None:
    other.environ = {"NOTIFY_SOCKET": str(tmp_path / "notify")}
    other.command = seconds(WATCHDOG_EVERY=0.3)
    other.start()
    assert manager.has_heard("READY=1") == 1
    until(lambda: manager.has_heard("WATCHDOG=1"), "the watchdog's ping")
    other.signal(signal.SIGHUP)
    until(lambda: manager.has_heard("READY=1") == 2, "the end of the reload")
    said = [line.partition("=")[0] for line in manager.heard if not line.startswith("WATCHDOG")]
    assert said == ["READY", "RELOADING", "MONOTONIC_USEC", "READY"]
    other.change("topics.toml", "any =", "eny =")
    other.signal(signal.SIGHUP)
    until(lambda: other.get("/-/ready")[0] == 503, "the refusal")
    pings = manager.has_heard("WATCHDOG=1")
    until(lambda: manager.has_heard("WATCHDOG=1") > pings + 1, "pings although the configuration has a fault")
    other.hook.open.clear()
    other.site.publish(1)
    until(lambda: other.hook.keys, "a notice on its way")
    other.signal(signal.SIGTERM)
    until(lambda: manager.has_heard("STOPPING=1"), "the announcement of the end")
    assert other.running()  # it waits for the sender
    other.hook.open.set()
    assert other.stop() == 0
    assert "on_its_way=nothing" in other.log
    assert other.ask("select distinct state from delivery") == [("accepted",)]
    assert not (other.folder / "state" / "control.sock").exists()


def test_a_sender_that_never_answers_does_not_keep_it_from_ending_and_is_sent_again(other: House) -> None:
    other.command = seconds(SEND_GRACE=0.5)
    other.start()
    other.hook.open.clear()
    other.alert(1)
    until(lambda: other.hook.keys, "a notice on its way")
    assert other.stop(seconds=10) == 0
    assert "it will be sent again" in other.log
    other.hook.open.set()
    other.launch()
    until(lambda: other.ask("select state from delivery where channel = 'chat'") == [("accepted",)], "the second try")
    assert len(other.hook.keys) == 2
    assert len(set(other.hook.keys)) == 1


def test_no_worker_outlives_a_daemon_that_was_killed(other: House) -> None:
    other.start()
    (worker,) = until(other.workers, "a worker")
    handle = os.pidfd_open(worker)
    try:
        other.kill()
        assert select.select([handle], [], [], 10)[0], "the worker lives on"
    finally:
        os.close(handle)


# -- trouble --------------------------------------------------------------------------------------


def test_a_store_that_takes_no_writes_stops_crawling_until_it_does_and_nothing_is_lost(other: House) -> None:
    other.command = patched("outage.PAUSE = timedelta(seconds=0.5)")
    process = other.start().process
    assert process is not None
    other.alert(1)
    unlimited = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (1, unlimited[1]))  # every write to a file now fails
    other.site.publish(2)
    _, why = until(lambda: (said := other.get("/-/ready"))[0] == 503 and said, "the trouble")
    assert "takes no writes" in json.loads(why)["store"]
    assert other.get("/-/healthy")[0] == 200
    assert "takes no writes" in other.request("acknowledge", event="E1")["error"]
    assert not other.mail_about(2)
    alarm = "服务无法写入数据库"
    until(lambda: any(alarm in subject for subject in other.inbox.subjects("office@")), "the word to the operators")
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, unlimited)
    until(lambda: other.mail_about(2), "the story after the trouble")
    until(lambda: other.get("/-/ready")[0] == 200, "ready again")
    assert other.stop() == 0
    assert other.ask("pragma integrity_check") == [("ok",)]
    keys = [str(mail["X-Yuqing-Delivery"]) for mail in other.inbox.mails]
    assert len(keys) == len(set(keys))
    assert sum(alarm in subject for subject in other.inbox.subjects("office@")) == 1


def test_a_database_that_cannot_be_read_is_told_and_what_is_counted_is_shown_all_the_same(other: House) -> None:
    other.start()

    def make(statement: str) -> None:
        with contextlib.closing(sqlite3.connect(other.folder / other.state / "yuqing.db", timeout=20)) as connection:
            connection.execute(statement)

    make("alter table delivery rename to gone")
    status, why = other.get("/-/ready")
    assert (status, json.loads(why)["store"]) == (503, "cannot be read: no such table: delivery")
    status, figures = other.get("/metrics")
    assert status == 200
    assert "yuqing_store_readable 0.0" in figures and "yuqing_visits_total" in figures
    make("alter table gone rename to delivery")
    until(lambda: other.get("/-/ready")[0] == 200, "ready again")
    assert "yuqing_store_readable 1.0" in other.get("/metrics")[1]


def test_when_the_disk_is_almost_full_it_stops_crawling_and_goes_on_telling_people(other: House) -> None:
    other.start()
    assert other.stop() == 0
    other.command = patched("ballast.least_free = lambda total: 1 << 60")
    other.site.publish(1)
    other.launch()
    until(lambda: "so nothing is crawled" in other.get("/-/ready")[1], "the shortage")
    until(
        lambda: any("磁盘将满" in subject for subject in other.inbox.subjects("office@")),
        "the word to the operators",
    )
    assert not other.mail_about(1)
    other.kill()
    other.command = DAEMON
    other.launch()
    until(lambda: other.mail_about(1), "the story")


def test_a_plugin_that_hangs_is_seen_and_left_behind(
    other: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    code = """
        import time
        from yuqing_daemon import hookimpl

        @hookimpl
        def match_post(post):
            time.sleep(600)
        """
    install(monkeypatch, tmp_path / "site", "hanging", "hanging_plugin", code)
    other.add("yuqing.toml", '[plugins]\nenable = ["hanging"]\n')
    other.command = patched("plugins.TIME_LIMIT = 2", "daemon.UNWELL_AFTER = timedelta(seconds=0.7)")
    other.start()
    other.site.publish(1)
    _, why = until(lambda: (said := other.get("/-/ready"))[0] == 503 and said, "the standstill")
    assert "has not looked at what is due" in json.loads(why)["engine"]
    assert other.get("/-/healthy")[0] == 200
    until(lambda: other.mail_about(1), "the story")
    until(lambda: other.get("/-/ready")[0] == 200, "ready again")
    assert "plugin.set_aside name=hanging" in other.log
    assert other.stop() == 0  # the thread that hangs does not keep it from ending


def test_a_state_directory_that_cannot_be_used_is_named_with_its_fix(tmp_path: Path) -> None:
    with house(tmp_path, state="yuqing.toml/state") as home:
        ended = home.run_once()
    assert ended.returncode == 1
    assert "yuqing.toml/state cannot be used: Not a directory" in ended.stderr
    assert "fix: " in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_place_where_nothing_can_be_written_is_named_with_its_fix(tmp_path: Path) -> None:
    with house(tmp_path, state="/sys/yuqing") as home:  # not even root may write there
        ended = home.run_once()
    assert ended.returncode == 1
    assert "the state directory /sys/yuqing cannot be used: " in ended.stderr
    assert "fix: " in ended.stderr


def test_a_file_that_is_no_database_is_named(other: House) -> None:
    (other.folder / "state").mkdir()
    (other.folder / "state" / "yuqing.db").write_bytes(b"this was a database once" * 400)
    ended = other.run_once()
    assert ended.returncode == 1
    assert "yuqing.db cannot be used: file is not a database" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_port_in_use_is_named(other: House) -> None:
    with socket.create_server((HOST, other.port)):
        ended = other.run_once()
    assert ended.returncode == 1
    assert f"cannot listen on {HOST}:{other.port}: Address already in use" in ended.stderr
    assert "fix: " in ended.stderr


def test_a_state_path_too_long_for_a_socket_is_refused_with_the_reason(tmp_path: Path) -> None:
    with house(tmp_path, state="s" * 100) as home:
        ended = home.run_once()
    assert ended.returncode == 1
    assert "too long for a socket" in ended.stderr
    assert "fix: a shorter path under [store]" in ended.stderr


# -- being killed ---------------------------------------------------------------------------------


def load_crash(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """The benchmark that kills the daemon again and again."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return runpy.run_path(str(ROOT / "benchmarks" / "crash.py"))


def test_nothing_is_lost_when_it_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    crash = load_crash(monkeypatch)
    run = crash["crash"](tmp_path, kills=5, workers_too=True)  # type: ignore[operator]
    wrong = crash["violations"](run)  # type: ignore[operator]
    assert not any(wrong.values()), wrong


def test_a_daemon_that_records_before_it_sends_does_not_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    crash = load_crash(monkeypatch)
    run = crash["crash"](tmp_path, kills=3, mother=crash["SWAPPED"], lives=(1.0, 1.5))  # type: ignore[operator]
    wrong = crash["violations"](run)  # type: ignore[operator]
    assert wrong["accepted, and never received"]
