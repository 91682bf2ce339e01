"""A configured folder, a database with a history, and a way to run commands as a person would."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from yuqing_daemon import Post, Reading
from yuqing_daemon.bus import Result, Visit
from yuqing_daemon.cli import run
from yuqing_daemon.clock import utc_now
from yuqing_daemon.config import Settings, load, write_example
from yuqing_daemon.engine import Engine
from yuqing_daemon.plugins import Plugins
from yuqing_daemon.store import Store

from .commandline import Ran, Yuqing

NASTY = "示例公司[bold]食堂[/bold] [/red]\x1b[31m\n:smile:"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The configuration that ``yuqing init`` writes, with the database beside it."""
    folder = tmp_path / "conf"
    write_example(folder)
    main = folder / "yuqing.toml"
    # the mail server is one that refuses at once
    text = main.read_text().replace("port = 25", "port = 1").replace('host = "localhost"', 'host = "127.0.0.1"')
    main.write_text(text.replace('# path = "/srv/yuqing"', f'path = "{tmp_path / "state"}"'))
    return folder


@pytest.fixture
def yuqing(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Yuqing:
    """Run a command on the folder; ``columns`` is the width of the terminal, none of a pipe."""

    def yuqing(*arguments: str, columns: int | None = None, config: Path | None = folder) -> Ran:
        monkeypatch.delenv("COLUMNS", raising=False)
        if columns:
            monkeypatch.setenv("COLUMNS", str(columns))
        capsys.readouterr()
        code = run([*(("-c", str(config)) if config else ()), *arguments])
        return Ran(code, *capsys.readouterr())

    return yuqing


@pytest.fixture
def settings(folder: Path) -> Settings:
    """What the folder says."""
    return load(folder, senders=Plugins.load().senders())


@pytest.fixture
def history(settings: Settings) -> Iterator[Engine]:
    """A database in which a daemon has opened one event, with a title that would like to be more than text."""
    store = Store.open(settings.state)
    engine = Engine(store, settings, Plugins.load(), secret=b"secret")
    now = utc_now() - timedelta(minutes=10)
    engine.begin(now=now)
    url = "https://www.example.com/a/very/long/address/that/must/not/be/cut/1.html"
    post = Post(
        url=url,
        source="city-news",
        site="example.com",
        mainstream=True,
        title=NASTY,
        text="在食堂吃坏肚子",
        fetched_at=now,
    )
    for posts, minutes in (((), 0), ((post,), 1)):
        at = now + timedelta(minutes=minutes)
        readings = (Reading(url=url, at=at, reads=12_000),) if posts else ()
        result = Result(
            job="j", source="city-news", visit=Visit.READ, started_at=at, ended_at=at, posts=posts, readings=readings
        )
        engine.take(result, now=at)
    yield engine
    store.close()
