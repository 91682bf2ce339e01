"""What the daemon says: lines for people, objects for collectors; and what it tells systemd."""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from yuqing_daemon import logs, systemd
from yuqing_daemon.config.settings import LogSettings


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Give the root logger back as it was."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)


def say(capsys: pytest.CaptureFixture[str], **settings: str) -> str:
    logs.set_up(LogSettings(**settings))
    log = logging.getLogger("yuqing_daemon.test")
    log.info("alert.sent event=%s to=%s words=两个字", "E12", "wang")
    try:
        int("第一行\n第二行")
    except ValueError:
        log.exception("engine.failed source=forum")
    return capsys.readouterr().err


def test_json_lines_are_one_object_each_with_the_pairs_as_fields(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = map(json.loads, say(capsys, format="json").splitlines())
    assert first["message"] == "alert.sent event=E12 to=wang words=两个字"
    assert first["fields"] == {"event": "E12", "to": "wang", "words": "两个字"}
    assert (first["level"], first["logger"]) == ("info", "yuqing_daemon.test")
    assert second["traceback"].startswith("Traceback")
    assert r"ValueError: invalid literal for int() with base 10: '第一行\n第二行'" in second["traceback"]


def test_plain_lines_are_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    first, *_ = say(capsys, format="plain").splitlines()
    assert first.endswith("INFO    alert.sent event=E12 to=wang words=两个字")


def test_the_level_is_the_least_that_is_logged(capsys: pytest.CaptureFixture[str]) -> None:
    assert "alert.sent" not in say(capsys, level="WARNING")


@pytest.mark.parametrize("abstract", [False, True])
def test_systemd_hears_every_line_in_one_datagram(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, abstract: bool
) -> None:
    name = f"{tmp_path}/notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"\0{name}" if abstract else name)
        manager.settimeout(10)
        monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}" if abstract else name)
        assert systemd.notify("READY=1", "STATUS=well")
        assert manager.recv(999) == b"READY=1\nSTATUS=well"
        systemd.notify_reloading()
        first, second = manager.recv(999).decode().split("\n")
    assert first == "RELOADING=1"
    assert second.removeprefix("MONOTONIC_USEC=").isdigit()


def test_without_systemd_or_with_one_that_is_gone_nothing_happens(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert not systemd.notify("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    assert not systemd.notify("WATCHDOG=1")


def test_a_systemd_that_does_not_listen_holds_nothing_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    monkeypatch.setattr(systemd, "PATIENCE", 0.01)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as deaf:
        deaf.bind(str(tmp_path / "notify"))
        assert not all(systemd.notify("WATCHDOG=1") for _ in range(10_000))
