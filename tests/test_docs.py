"""The documents are true: hooks as they are, examples that run, help as it is printed.

``python tests/test_docs.py`` writes the help into docs/operating.md again.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import pytest

from yuqing_daemon import (
    AuditEntry,
    Callback,
    Channel,
    Consultation,
    Delivery,
    Event,
    Heat,
    Level,
    Notice,
    Page,
    Post,
    Source,
    hookspecs,
)
from yuqing_daemon.cli import BAD_CONFIG, NOT_NOW, cli, run
from yuqing_daemon.daemon import WATCHDOG_EVERY
from yuqing_daemon.plugins import Plugins

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
UNIT = ROOT / "config" / "systemd" / "yuqing.service"
MINE = ("hooks.md", "operating.md", "replay.md")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HELP = re.compile(r"(<!-- help -->\n).*?(<!-- /help -->)", re.DOTALL)

AT = datetime(2026, 3, 2, tzinfo=UTC)
POST = Post(url="https://a.cn/1", source="bbs", title="食堂怎么了", text="在食堂吃坏肚子", fetched_at=AT)
EVENT = Event(id=1, topic="food-safety", title="食堂", level=Level.GENERAL, found_at=AT, updated_at=AT)
SAMPLES: dict[str, dict[str, Any]] = {
    "spiders": {},
    "extract_article": {
        "page": Page(url="https://a.cn/1", body="标题\n正文".encode("gb18030"), fetched_at=AT),
        "source": Source(id="old-portal", urls=("https://a.cn/",)),
    },
    "match_post": {"post": POST, "topics": ()},
    "classify_event": {"event": EVENT, "posts": (POST,)},
    "advise": {"consultation": Consultation(id=1, event=1, topic="食堂", title="食堂怎么了", text="老师说没事")},
    "escalate_event": {"event": EVENT, "heat": Heat(posts=3)},
    "send": {
        "delivery": Delivery(
            key="k", event=1, event_code="E1", purpose="found", level=Level.GENERAL, recipient="duty", role="monitor",
            channel=Channel(id="x", sender="example"), to="1", notice=Notice(subject="s", text="t", short="short"),
        )
    },
    "hear": {"channel": Channel(id="x", sender="example"), "callback": Callback(body=b'{"id": "9"}')},
    "look_up": {
        "delivery": Delivery(
            key="k", event=1, event_code="E1", purpose="found", level=Level.GENERAL, recipient="duty", role="monitor",
            channel=Channel(id="x", sender="example"), to="1", notice=Notice(subject="s", text="t", short="short"),
            provider_id="9",
        )
    },
    "on_audit": {"entry": AuditEntry(at=AT, actor="yuqing", what="event.opened")},
}  # fmt: skip


def blocks(name: str, language: str) -> list[str]:
    return [code for kind, code in BLOCK.findall((DOCS / name).read_text()) if kind == language]


def sections() -> dict[str, str]:
    parts = re.split(r"^## (\w+)$", (DOCS / "hooks.md").read_text(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def signatures() -> dict[str, str]:
    """Each hook as it stands in hookspecs.py."""
    found = {}
    for node in ast.parse(Path(hookspecs.__file__).read_text()).body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = f"def {node.name}({ast.unparse(node.args)}) -> {ast.unparse(node.returns)}"  # type: ignore[arg-type]
    return found


def module(name: str, code: str) -> ModuleType:
    made = sys.modules["example"] = ModuleType("example")  # where dataclasses look for it
    exec(compile(code, name, "exec"), made.__dict__)
    return made


# -- hooks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("hook", Plugins.hook_names())
def test_every_hook_has_a_section_with_its_exact_signature(hook: str) -> None:
    assert f"\n    {signatures()[hook]}\n" in sections()[hook]
    assert "`None`" in sections()[hook] or hook == "on_audit"


def test_no_section_tells_of_a_hook_there_is_not() -> None:
    assert list(sections()) == list(signatures())


@pytest.mark.parametrize("hook", Plugins.hook_names())
def test_the_example_of_every_hook_is_a_plugin_that_answers(hook: str) -> None:
    (code,) = BLOCK.findall(sections()[hook])
    plugins = Plugins()
    plugin = module(hook, code[1])
    plugins.register(plugin, "example")
    assert plugins.entries["example"].hooks == (hook,)
    answers = list(plugins.ask(hook, **SAMPLES[hook]))
    assert plugins.entries["example"].failures == 0
    assert len(answers) == (0 if hook == "on_audit" else 1)
    if hook == "on_audit":
        assert plugin.seen == {"event.opened": 1}


@pytest.mark.parametrize("hook", Plugins.hook_names())
def test_every_hook_has_a_test_of_its_own(hook: str) -> None:
    texts = [path.read_text() for path in (ROOT / "tests").rglob("test_*.py")]
    assert any(re.search(rf"^def test_hook_{hook}_", text, re.MULTILINE) for text in texts)


def test_the_package_of_the_document_is_one() -> None:
    (code,) = blocks("hooks.md", "toml")
    assert tomllib.loads(code)["project"]["entry-points"]["yuqing_daemon"] == {"school": "yuqing_school"}


# -- operating and replay -------------------------------------------------------------------------


def paths(group: click.Group = cli, *path: str) -> Iterator[tuple[str, ...]]:
    yield path
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from paths(command, *path, name)
        else:
            yield (*path, name)


def help_pages() -> str:
    """The help of every command, as it is printed in 80 columns."""
    pages = []
    os.environ["COLUMNS"] = "80"
    for path in paths():
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            assert run([*path, "--help"]) == 0
        pages.append(f"```text\n$ {' '.join(('yuqing', *path, '--help'))}\n{printed.getvalue()}```\n")
    return "\n".join(pages)


def test_the_help_in_the_document_is_the_help_that_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    found = HELP.search((DOCS / "operating.md").read_text())
    assert found and found[0] == f"{found[1]}{help_pages()}{found[2]}", "python tests/test_docs.py writes it again"


def test_every_command_that_is_named_exists() -> None:
    known = {path[0] for path in paths() if path}
    text = "\n".join((DOCS / name).read_text() for name in MINE)
    named = set(re.findall(r"`yuqing (?:-c \S+ |--no-plugins )?([a-z][a-z-]+)", text))
    assert named and named <= known


def test_every_link_leads_to_a_document() -> None:
    for name in MINE:
        for target in re.findall(r"\]\(([^)#]+)\)", (DOCS / name).read_text()):
            assert (DOCS / target).exists(), f"{name}: {target}"


def test_the_replay_of_the_document_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (code,) = blocks("replay.md", "json")
    (tmp_path / "posts.jsonl").write_text(code)
    assert run(["init", str(tmp_path / "conf")]) == 0
    capsys.readouterr()
    assert run(["-c", str(tmp_path / "conf"), "replay", str(tmp_path / "posts.jsonl"), "--json"]) == 0
    done = json.loads(capsys.readouterr().out)
    text = (DOCS / "replay.md").read_text()
    for each in (done, done["events"][0], done["events"][0]["heat"], done["alerts"][0]):
        assert all(f"`{key}`" in text for key in each)


@pytest.mark.parametrize("name", MINE)
def test_code_in_the_documents_is_whole(name: str) -> None:
    for code in blocks(name, "python"):
        module(name, code)


# -- the service ----------------------------------------------------------------------------------


def unit() -> dict[str, str]:
    """The unit's settings; of those that stand there twice, both."""
    found: dict[str, str] = {}
    for line in UNIT.read_text().splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found[key] = f"{found[key]} {value}" if key in found else value
    return found


def test_the_unit_says_what_the_daemon_does() -> None:
    said = unit()
    assert (said["Type"], said["ExecReload"]) == ("notify", "/bin/kill -HUP $MAINPID")
    assert said["RestartPreventExitStatus"].split() == [str(NOT_NOW), str(BAD_CONFIG)]
    assert int(said["TimeoutStopSec"]) > 30
    assert int(said["WatchdogSec"]) >= 2 * WATCHDOG_EVERY.total_seconds()
    assert (said["StateDirectory"], said["DynamicUser"], said["UMask"]) == ("yuqing", "yes", "0077")


def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        return  # what it would say is checked where there is one
    installed = tmp_path / "yuqing.service"
    installed.write_text(UNIT.read_text().replace("/opt/yuqing/bin/yuqing", sys.executable))
    done = subprocess.run([analyze, "verify", "--man=no", str(installed)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


if __name__ == "__main__":
    document = DOCS / "operating.md"
    document.write_text(HELP.sub(lambda found: f"{found[1]}{help_pages()}{found[2]}", document.read_text()))
