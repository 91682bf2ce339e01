"""The end of the demonstration: whether everything promised was really received, and what to type next."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ..domain import Level
from ..store import Store, audit
from .farm import SiteServer
from .sinks import Received, Sinks
from .view import CHANNELS, COLOURS, clock, level_name
from .watch import Scene

_LINES = 3  # of each kind of notice that are shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What the record says: how long it is, and whether its chain holds."""

    entries: int
    holds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that is known at the end."""

    folder: Path
    elapsed: float
    scene: Scene
    sinks: Sinks
    sites: tuple[SiteServer, ...]
    record: Record
    daemon_code: int
    looking_did_nothing: bool

    @property
    def received(self) -> dict[str, tuple[Received, ...]]:
        """What arrived, by channel."""
        return {"mail": self.sinks.mail.received, "chat": self.sinks.hooks.received, "sms": self.sinks.sms.received}


def read_record(state: Path) -> Record:
    """Go through the whole record."""
    store = Store.look(state)
    try:
        with store.read() as connection:
            return Record(
                entries=sum(1 for _ in audit.entries(connection)), holds=audit.first_broken(connection) is None
            )
    finally:
        store.close()


def missing(report: Report) -> list[str]:
    """What should have happened and has not."""
    return list(_missing(report))


def _missing(report: Report) -> Iterator[str]:
    scene = report.scene
    reached = {rise.level for rise in scene.rises}
    yield from (f"the event never became {level_name(level)}" for level in Level if level not in reached)
    if scene.others:
        yield f"the story became {scene.others + 1} events, not one"
    if scene.event is None or scene.event.acknowledged_at is None:
        yield "nobody acknowledged the event"
    elif not report.looking_did_nothing:
        yield "looking at the link acknowledged the event, which only the button may do"
    promised = Counter(notice.channel for notice in scene.notices)
    for channel, name in CHANNELS.items():
        arrived = len(report.received[channel])
        if arrived != promised[channel] or not arrived:
            yield f"{name}: {promised[channel]} promised, {arrived} received"
    if not report.record.holds:
        yield "the record's chain does not hold"
    if report.daemon_code:
        yield f"the daemon ended with exit code {report.daemon_code}, not 0"


# -- printing -------------------------------------------------------------------------------------


def print_summary(console: Console, report: Report) -> None:
    """Tell what really happened, and what to type next."""
    event = report.scene.event
    assert event is not None
    console.print()
    console.print(f"[bold green]All of it really happened[/], in {report.elapsed:.0f} seconds.\n")
    media = f"{event.heat.posts} posts, {event.heat.mainstream} mainstream sites"
    _say(console, f"[bold]One event[/], {event.code} {event.title}", f"{media}, reposts in other words included")
    console.print(Padding(_levels(report.scene), (0, 2)))
    console.print(Padding(_acknowledgement(report), (0, 2)))
    console.print()
    _print_received(console, report)
    _print_quiet(console, report)
    _print_next(console, report)


def print_failure(console: Console, problems: Iterable[str], log: Iterable[str], folder: Path) -> None:
    """Tell what is missing, with the end of the daemon's log."""
    console.print("\n[bold red]The demonstration did not come to its end.[/]")
    for problem in problems:
        console.print(f"  - {problem}", markup=False, highlight=False)
    console.print(f"\nThe last lines of {folder / 'daemon.log'}:", highlight=False)
    for line in log:
        console.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)


def _say(console: Console, head: str, more: str = "") -> None:
    console.print(head, highlight=False)
    if more:
        console.print(f"  {more}", highlight=False)


def _levels(scene: Scene) -> Table:
    grid = Table.grid(padding=(0, 2))
    for rise in scene.rises:
        grid.add_row(clock(rise.at), Text(level_name(rise.level), style=COLOURS[rise.level]), rise.reason)
    return grid


def _acknowledgement(report: Report) -> str:
    event = report.scene.event
    assert event is not None
    assert event.acknowledged_at is not None
    return f"{clock(event.acknowledged_at)}  acknowledged by {event.acknowledged_by}; opening the link had done nothing"


def _print_received(console: Console, report: Report) -> None:
    counts = ", ".join(f"{len(found)} {CHANNELS[channel]}" for channel, found in report.received.items())
    refused = f"the gateway refused {report.sinks.sms.refused} SMS first, with a code inside a 200: it was sent again"
    _say(console, f"[bold]Received[/]: {counts}", f"every webhook's signature was right; {refused}")
    for channel, found in report.received.items():
        last = found[-1]
        console.print(f"  [dim]{CHANNELS[channel]}, {last.file.relative_to(report.folder)}[/]", highlight=False)
        lines = [line for line in last.text.splitlines() if line.strip()][:_LINES]
        for line in lines:
            console.print(Padding(Text(line, overflow="ellipsis", no_wrap=True), (0, 4)))
    console.print()


def _print_quiet(console: Console, report: Report) -> None:
    visits = sum(site.visits for site in report.sites)
    unchanged = sum(site.unchanged for site in report.sites)
    posts = sum(site.posts for site in report.scene.sites)
    _say(
        console,
        "[bold]Nobody was woken[/] by anything else",
        f"{posts} posts read, an old complaint that stood there before the first visit among them; {visits} visits,",
    )
    console.print(f"  {unchanged} of them answered “not modified”; links that change at every visit doubled nothing")
    console.print(f"[bold]On record[/]: {report.record.entries} entries, the chain holds\n", highlight=False)


def _print_next(console: Console, report: Report) -> None:
    yuqing, folder = command(), shlex.quote(str(report.folder))
    console.print("[bold]Look closer[/]")
    _commands(console, f"{yuqing} --config {folder}", ("event E1", "deliveries", "sources", "audit verify"))
    console.print("[bold]Watch your own sites[/]")
    _commands(console, yuqing, ("init mysite", "--config mysite check", "--config mysite run"))
    console.print(f"[dim]Everything is in {report.folder}; delete it when you have seen enough.[/]", highlight=False)


def _commands(console: Console, start: str, ends: tuple[str, ...]) -> None:
    for end in ends:
        console.print(f"  {start} {end}", markup=False, highlight=False, soft_wrap=True)


def command() -> str:
    """How this very installation is called from where the reader is."""
    script = Path(sys.executable).parent / "yuqing"
    found = shutil.which("yuqing")
    if found and script.exists() and script.samefile(found):
        return "yuqing"
    if script.exists():
        return shlex.quote(os.path.relpath(script) if script.is_relative_to(Path.cwd()) else str(script))
    return f"{shlex.quote(sys.executable)} -m yuqing_daemon"
