"""The end of the demonstration: whether everything promised was really received, and what to type next."""

from __future__ import annotations

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
from .setup import PEOPLE
from .sinks import Received, Sinks
from .story import script
from .view import CHANNELS, COLOURS, WIDEST, clock, level_name
from .watch import Scene

MAIL_LINES = 3  # that are shown of a mail


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
    published = Counter(script().site(text.site).name for text in script().texts)
    yield from (f"{site.name}: posts were doubled" for site in scene.sites if site.posts > published[site.name])
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


def print_failure(console: Console, problems: Iterable[str], log: Iterable[str], folder: Path) -> None:
    """Tell what is missing, with the end of the daemon's log."""
    _say(console, "\n[bold red]The demonstration did not come to its end.[/]")
    for problem in problems:
        _print(console, f"  - {problem}")
    _print(console, f"\nThe last lines of {folder / 'daemon.log'}:")
    for line in log:
        _print(console, f"  {line}")


def print_summary(console: Console, report: Report) -> None:
    """Tell what really happened, and what to type next."""
    _say(console, f"\n[bold green]All of it really happened[/], in {report.elapsed:.0f} seconds.\n")
    _print_event(console, report)
    _print_received(console, report)
    _print_quiet(console, report)
    _print_next(console, report)


def _print_event(console: Console, report: Report) -> None:
    scene = report.scene
    assert scene.event is not None
    heat = scene.event.heat
    where = f"{heat.posts} posts on {heat.mainstream} mainstream sites, a forum and a hot list"
    _say(console, f"[bold]One event[/], {scene.event.code}: {where}")
    lines = [(rise.at, Text(level_name(rise.level), style=COLOURS[rise.level]), rise.reason) for rise in scene.rises]
    if scene.event.acknowledged_at:
        by = PEOPLE.get(scene.event.acknowledged_by, scene.event.acknowledged_by)
        said = f"by {by} with the button; looking alone did nothing"
        lines.append((scene.event.acknowledged_at, Text("acknowledged", style="green"), said))
    grid = Table.grid(padding=(0, 2))
    for at, what, why in sorted(lines, key=lambda line: line[0]):
        grid.add_row(clock(at), what, why)
    console.print(Padding(grid, (0, 0, 1, 2), expand=False), highlight=False)


def _print_received(console: Console, report: Report) -> None:
    received = report.received
    counts = f"{len(received['mail'])} mails, {len(received['chat'])} webhooks, {len(received['sms'])} SMS"
    _say(console, f"[bold]Really received[/]: {counts}; the last of each")
    for channel, found in received.items():
        last = found[-1]
        _say(console, f"  [dim]{CHANNELS[channel]}, {last.file.relative_to(report.folder)}[/]")
        lines = [line for line in last.text.splitlines() if line.strip()][:MAIL_LINES]
        for line in lines if channel == "mail" else (last.head,):
            console.print(Padding(Text(line, overflow="ellipsis", no_wrap=True), (0, 0, 0, 4), expand=False))
    _explain(
        console,
        f"Every webhook's signature was right. The gateway refused {report.sinks.sms.refused} SMS at first, with an "
        "error code inside a 200 answer: that was noticed, and it was sent again.",
    )


def _print_quiet(console: Console, report: Report) -> None:
    assert report.scene.event is not None
    visits = sum(site.visits for site in report.sites)
    unchanged = sum(site.unchanged for site in report.sites)
    others = report.scene.posts - report.scene.event.heat.posts
    _say(console, f"[bold]Nobody was woken[/] by the {others} other posts")
    _explain(
        console,
        "They are news that names the company, and an old complaint that was there before the first visit. Links "
        f"that change at every visit doubled nothing; {unchanged} of {visits} visits were answered “not modified”.",
    )
    _say(console, f"[bold]On record[/]: {report.record.entries} entries, and their chain holds\n")


def _print_next(console: Console, report: Report) -> None:
    yuqing, folder = command(), shlex.quote(str(report.folder))
    code = report.scene.event.code if report.scene.event else ""
    _say(console, "[bold]Look closer[/]")
    for end in (f"event {code}", "deliveries", "sources", "audit verify"):
        _print(console, f"  {yuqing} --config {folder} {end}")
    _say(console, "[bold]Watch sites of your own[/]")
    for end in ("init mysite", "--config mysite check"):
        _print(console, f"  {yuqing} {end}")
    _print(console, f"\nAll its files are in {report.folder}; delete it when you have seen enough.")


def _say(console: Console, words: str) -> None:
    """Words of ours, marked up."""
    console.print(words, markup=True, highlight=False)


def _explain(console: Console, sentences: str) -> None:
    """Plain sentences, indented, with a blank line after them."""
    width = min(console.width, WIDEST)
    console.print(Padding(Text(sentences), (0, 0, 1, 2), expand=False), width=width)


def _print(console: Console, line: str) -> None:
    """One line as it is: never wrapped, so that it can be copied."""
    console.print(line, markup=False, highlight=False, soft_wrap=True)


def command() -> str:
    """How this very installation is called from where the reader is."""
    beside = Path(sys.executable).parent / "yuqing"
    found = shutil.which("yuqing")
    if found and beside.exists() and beside.samefile(found):
        return "yuqing"
    if beside.exists():
        return shlex.quote(str(beside.relative_to(Path.cwd()) if beside.is_relative_to(Path.cwd()) else beside))
    return f"{shlex.quote(sys.executable)} -m yuqing_daemon"
