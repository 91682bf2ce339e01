"""Commands that write something to begin with: new spider."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import click

from ..errors import RequestError
from .context import Context, pass_context
from .output import say

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")


@click.group
def new() -> None:
    """Write something to begin with."""


@new.command("spider", short_help="Write a spider and its test with a saved page.")
@click.argument("name")
@pass_context
def new_spider(context: Context, name: str) -> None:
    """Write a spider into the spiders folder, and a test that reads a saved page and passes.

    NAME is what sources.toml calls it: a-z, 0-9, - and _.
    """
    if not _NAME.fullmatch(name):
        raise RequestError(f"{name!r} is no name for a spider: want a letter, then a-z, 0-9, - and _, at most 64")
    folder = context.settings.crawl.spiders or context.folder / "spiders"
    for path in write_spider(folder, name):
        say(f"wrote {path}")
    say()
    say(f"next: save a page over {folder / 'tests' / _module(name)}.html, change what is marked CHANGE, and run")
    say(f"  python -m pytest {folder / 'tests'}")
    say(f'then in sources.toml: spider = "{name}"')


def write_spider(folder: Path, name: str) -> list[Path]:
    """Write a spider, its saved page and its test; returns the files.

    Raises:
        RequestError: one of them exists; then nothing is written.
    """
    module = _module(name)
    wanted = {
        folder / f"{module}.py": "spider.py.txt",
        folder / "tests" / f"test_{module}.py": "test.py.txt",
        folder / "tests" / f"{module}.html": "page.html",
    }
    existing = [str(path) for path in wanted if path.exists()]
    if existing:
        raise RequestError(f"these files exist already and are left alone: {', '.join(existing)}")
    words = {"CLASS": "".join(part.capitalize() for part in module.split("_")), "MODULE": module, "NAME": name}
    for path, skeleton in wanted.items():
        text = (files("yuqing_config") / "skeletons" / skeleton).read_text("utf-8")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(re.sub("CLASS|MODULE|NAME", lambda found: words[found[0]], text), "utf-8")
    return list(wanted)


def _module(name: str) -> str:
    return name.replace("-", "_")


COMMANDS = (new,)
