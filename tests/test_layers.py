"""The tree is the architecture: a module imports only from smaller layers."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import tomli

ROOT = Path(__file__).parents[1]
LAYERS = [
    "domain errors",
    "extract text rules",
    "hookspecs",
    "plugins config",
    "store bus",
    "engine",
    "crawl notify web reports advising control heartbeat logs metrics systemd backtest",
    "crawl_node clock",
    "crawlers outage",
    "daemon",
    "demo replay trying",
    "cli",
    "__main__",
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names.split()}
FREE = {"__init__"}  # what plugin authors import


def imports(path: Path) -> set[str]:
    """Every module a file imports, wherever in the file, in full."""
    package = list(path.relative_to(ROOT).with_suffix("").parts)
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: -node.level] if node.level else []
            module = ".".join([*base, *(node.module or "").split(".")]).strip(".")
            found |= {f"{module}.{name.name}" for name in node.names} | {module}
    return found


def modules() -> list[Path]:
    return sorted((ROOT / "yuqing_daemon").rglob("*.py"))


def part(name: str) -> str | None:
    words = name.split(".")
    return words[1] if words[0] == "yuqing_daemon" and len(words) > 1 else None


def test_a_module_imports_only_from_smaller_layers_or_its_own_package() -> None:
    for path in modules():
        own = path.relative_to(ROOT / "yuqing_daemon").parts[0].removesuffix(".py")
        if own in FREE:
            continue
        assert own in RANK, f"{own} has no layer"
        for name in imports(path):
            other = part(name)
            if other in RANK:
                assert other == own or RANK[other] < RANK[own], f"{path} must not import {other}"


def test_only_the_crawl_worker_and_the_spiders_import_scrapy_and_twisted() -> None:
    for path in modules():
        if "crawl" not in path.parts:
            found = {name.split(".")[0] for name in imports(path)} & {"scrapy", "twisted"}
            assert not found, f"{path} imports {found}"


def loaded(code: str) -> set[str]:
    """The packages that a process has loaded after some code."""
    code = f"import sys; {code}; print(*{{name.split('.')[0] for name in sys.modules}})"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


def test_the_daemon_starts_without_what_it_may_never_need() -> None:
    code = "import yuqing_daemon.cli.running; from yuqing_daemon.plugins import Plugins; Plugins.load()"
    assert not loaded(code) & {"scrapy", "twisted", "jieba", "alembic", "redis", "apprise", "rich"}


def test_help_loads_no_command() -> None:
    assert not loaded("from yuqing_daemon.cli import run; run(['--help'])") & {"sqlalchemy", "pydantic", "rich"}


def test_a_crawl_worker_starts_without_the_store() -> None:
    assert not loaded("import yuqing_daemon.crawl.process") & {"sqlalchemy", "jinja2", "uvicorn"}


def test_every_package_is_in_the_wheel() -> None:
    listed = tomli.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    found = {str(path.parent.relative_to(ROOT)).replace("/", ".") for path in modules() if path.name == "__init__.py"}
    assert found <= set(listed)


def test_the_domain_is_standard_library_only() -> None:
    allowed = {"__future__", "collections", "dataclasses", "datetime", "enum", "typing"}
    package = ROOT / "yuqing_daemon"
    for path in (package / "errors.py", *(package / "domain").glob("*.py")):
        for module in imports(path):
            assert module.split(".")[0] in allowed or module.startswith("yuqing_daemon.domain")


def test_nothing_below_the_daemon_reads_the_clock() -> None:
    for path in modules():
        own = path.relative_to(ROOT / "yuqing_daemon").parts[0].removesuffix(".py")
        if own in RANK and RANK[own] <= RANK["engine"] and own != "bus":
            source = path.read_text()
            found = re.search(r"datetime\.now|(?<!date)time\.time\(|utcnow|date\.today", source)
            assert found is None, f"{path} reads the clock: {found and found[0]}"
