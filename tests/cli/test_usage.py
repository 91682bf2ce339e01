"""Every command explains itself, and tells in a line or two what it lacks; its exit code says which kind it is."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest

import yuqing_daemon.cli
from yuqing_daemon.cli import cli
from yuqing_daemon.cli.commands import COMMANDS
from yuqing_daemon.config import Settings
from yuqing_daemon.engine import Engine

from .commandline import Yuqing

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
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        found.append(((*path, name), command))
        if isinstance(command, click.Group):
            found += commands(command, *path, name)
    return found


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
    short_help = COMMANDS[path[0]][1] if len(path) == 1 else command.short_help
    assert 0 < len(short_help or "") <= 55
    assert all(option.help for option in command.params if isinstance(option, click.Option))
    if len(path) == 1:
        assert "..." not in "".join(
            line for line in yuqing("--help", columns=80).lines if line.split()[:1] == [path[0]]
        )


def test_every_command_that_a_module_has_can_be_found() -> None:
    folder = Path(yuqing_daemon.cli.__file__).parent
    modules = {path.stem: import_module(f"yuqing_daemon.cli.{path.stem}") for path in folder.glob("[a-z]*.py")}
    own = {(name, command.name) for name, module in modules.items() for command in getattr(module, "COMMANDS", ())
           if name != "commands"}  # fmt: skip
    assert own == {(module, name) for name, (module, _) in COMMANDS.items()}


@pytest.mark.parametrize(
    "arguments",
    [("nonsense",), ("event",), ("ack",), ("try",), ("status", "--nonsense"), ("deliveries", "--last", "0"),
     ("test-notify", "duty", "--wait", "-1"), ("sources", "--resume"), ("replay", "/no/such/file"), ("plugins", "x"),
     ()],
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


def test_an_error_of_the_system_is_told_in_a_line(
    yuqing: Yuqing, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "exists", refuse)
    ran = yuqing("status")
    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert ran.err.endswith("yuqing.toml: Permission denied\n")


@pytest.mark.parametrize("command", ["events", "events --json", "--help"])
def test_a_reader_that_has_seen_enough_is_no_error(folder: Path, history: Engine, command: str) -> None:
    command = f"{sys.executable} -m yuqing_daemon -c {folder} {command} | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("1\n", "")


def test_a_terminal_that_knows_no_chinese_shows_question_marks(folder: Path, history: Engine) -> None:
    environ = os.environ | {"PYTHONIOENCODING": "ascii", "COLUMNS": "80"}
    done = subprocess.run(
        [sys.executable, "-m", "yuqing_daemon", "-c", str(folder), "events"],
        capture_output=True, text=True, env=environ, check=True,
    )  # fmt: skip
    assert "????" in done.stdout
    assert done.stderr == ""
