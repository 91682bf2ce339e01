"""The demonstration itself: the real daemon, real crawl workers, real mail, webhooks and SMS."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console
from world import ROOT

from yuqing_daemon.cli import run
from yuqing_daemon.demo import run_demo
from yuqing_daemon.errors import RequestError

WALK = re.compile(r"<!-- walk -->\n```sh\n(.*?)```", re.DOTALL)


def test_the_demo_shows_a_story_that_grows_and_everybody_is_really_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path /= "walk"
    console = Console(file=io.StringIO(), width=100)
    code = run_demo(console, folder=tmp_path, quick=True)
    assert isinstance(console.file, io.StringIO)
    said = console.file.getvalue()
    assert code == 0, said
    for level in ("一般 general", "重大 major", "特别重大 extraordinary"):
        assert said.count(f"E1 {level}: ") == 1  # it opened once, and rose twice
    assert "looking alone acknowledges nothing" in said
    received = tmp_path / "received"
    assert len(list((received / "mail").glob("*.eml"))) == 6
    assert len(list((received / "webhooks").glob("*.json"))) == 2
    assert len(list((received / "sms").glob("*.txt"))) == 2
    last = json.loads((received / "webhooks" / "02.json").read_text(encoding="utf-8"))
    assert last["body"]["data"]["level"] == "extraordinary"
    _commands_work(said)
    _the_walk_of_the_document_leads_to_a_closed_summary(tmp_path, capsys, monkeypatch)


def _commands_work(said: str) -> None:
    """What it tells the reader to type next can be typed."""
    lines = [line.strip() for line in said.splitlines() if line.startswith("  ") and " --config " in line]
    looks = [line for line in lines if "mysite" not in line]
    assert looks
    for line in looks:
        done = subprocess.run(line, shell=True, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, f"{line}\n{done.stderr}"


def _the_walk_of_the_document_leads_to_a_closed_summary(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Someone new follows docs/operating.md, from the forum post that the demonstration found to the end."""
    monkeypatch.chdir(folder.parent)
    (walk,) = WALK.findall((ROOT / "docs" / "operating.md").read_text(encoding="utf-8"))
    steps = [shlex.split(line, comments=True) for line in walk.splitlines()]
    said = []
    for program, _, _, *words in steps:
        assert (program, run(["-c", str(folder), *words])) == ("yuqing", 0), f"{words}: {capsys.readouterr().err}"
        said.append(capsys.readouterr().out)
    assert "客服应在一小时内上报食品异物投诉" in (folder.parent / "summary.html").read_text(encoding="utf-8")
    assert "〔" in (folder.parent / "bulletin.html").read_text(encoding="utf-8")
    assert "E1 close: closed" in "".join(said)
    assert "event.reviewed" in "".join(said)
    assert "the chain holds" in said[-1]


def test_a_folder_that_is_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(RequestError, match="is not empty"):
        run_demo(Console(file=io.StringIO()), folder=tmp_path)


def _start(folder: Path) -> subprocess.Popen[str]:
    """The demonstration in a process of its own, once its daemon works."""
    command = [sys.executable, "-m", "yuqing_daemon", "demo", "--dir", str(folder)]
    demo = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert demo.stdout is not None
    said = []
    for line in demo.stdout:
        said.append(line)
        if "first visits" in line:
            return demo
    raise AssertionError("".join(said))


def _daemon_of(demo: subprocess.Popen[str]) -> int:
    children = Path(f"/proc/{demo.pid}/task/{demo.pid}/children")
    if not children.exists():
        pytest.skip("this system does not tell a process's children")
    (child,) = map(int, children.read_text().split())
    return child


def test_ctrl_c_stops_everything_without_a_word_too_many(tmp_path: Path) -> None:
    demo = _start(tmp_path)
    daemon = _daemon_of(demo)
    demo.send_signal(signal.SIGINT)
    said, _ = demo.communicate(timeout=30)
    assert demo.returncode == 130
    assert "Traceback" not in said
    assert f"stopped; what there was so far is in {tmp_path}" in said
    with pytest.raises(ProcessLookupError):
        os.kill(daemon, 0)
    assert "daemon.stopped" in (tmp_path / "daemon.log").read_text(encoding="utf-8")


def test_a_daemon_that_dies_is_reported_with_its_last_words(tmp_path: Path) -> None:
    demo = _start(tmp_path)
    os.kill(_daemon_of(demo), signal.SIGKILL)
    said, _ = demo.communicate(timeout=30)
    assert demo.returncode == 1
    assert "the daemon ended with exit code -9" in said
    assert "daemon.started" in said
