"""The live view: a calm picture on a terminal; one line for each change where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from ..domain import Level
from .press import ZONE
from .watch import NoticeSeen, Scene, SiteSeen

COLOURS = {Level.GENERAL: "cyan", Level.MAJOR: "yellow", Level.EXTRAORDINARY: "bold red"}
CHANNELS = {"mail": "mail", "chat": "webhook", "sms": "SMS"}
ON_ITS_WAY = "on its way"
BARS = "▁▂▃▄▅▆▇█"
WIDEST, FIXED_LINES = 100, 13  # columns; lines of the picture without the notices
CURVE = 20  # columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What is shown: the scene, what is going on, and who has acknowledged.

    ``elapsed`` is in seconds.
    """

    scene: Scene
    caption: str
    duty: str
    elapsed: float
    now: datetime


class View(Protocol):
    """Something that shows moments."""

    def show(self, moment: Moment) -> None:
        """Show one."""


@contextmanager
def view(console: Console) -> Iterator[View]:
    """The view that suits the console."""
    if not console.is_terminal or console.is_dumb_terminal:
        yield Lines(console)
        return
    with Live(console=console, refresh_per_second=4, transient=False) as live:
        yield Picture(live, console)


class Picture:
    """A picture that is drawn anew several times a second."""

    def __init__(self, live: Live, console: Console) -> None:
        self._live = live
        self._console = console

    def show(self, moment: Moment) -> None:
        """Draw it."""
        self._live.update(picture(moment, height=self._console.height, width=self._console.width))


class Lines:
    """One line for each change."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._last: Moment | None = None

    def show(self, moment: Moment) -> None:
        """Print what has changed since the last one."""
        for line in changes(self._last, moment):
            self._console.print(f"{moment.elapsed:5.1f} s  {line}", markup=False, highlight=False, soft_wrap=True)
        self._last = moment


# -- the picture ----------------------------------------------------------------------------------


def picture(moment: Moment, *, width: int, height: int) -> RenderableType:
    """The whole picture, at most so wide and so high."""
    width = min(width, WIDEST)
    head = Table.grid(expand=True)
    head.add_column(no_wrap=True, overflow="ellipsis")
    head.add_column(justify="right", no_wrap=True)
    minutes, seconds = divmod(int(moment.elapsed), 60)
    head.add_row(Text.assemble(("yuqing demo  ", "bold"), moment.caption), f"{minutes}:{seconds:02}")
    parts = (head, _rule(), _sites(moment), _rule(), _event(moment), _rule(), _notices(moment, height - FIXED_LINES))
    outer = Table.grid()
    outer.add_column(width=width)
    outer.add_row(Group(*parts))
    return outer


def _rule() -> Rule:
    return Rule(style="dim")


def _sites(moment: Moment) -> Table:
    """All sites in two columns."""
    grid = Table.grid(padding=(0, 2), expand=True)
    for _ in range(2):
        grid.add_column(no_wrap=True)
        grid.add_column(no_wrap=True, justify="right", style="dim")
        grid.add_column(no_wrap=True, justify="right")
    cells = [_site(site, moment.now) for site in moment.scene.sites]
    half = (len(cells) + 1) // 2
    for row, left in enumerate(cells[:half]):
        right = cells[half + row] if half + row < len(cells) else (Text("● mainstream site", style="dim"), "", "")
        grid.add_row(*left, *right)
    return grid


def _site(site: SiteSeen, now: datetime) -> tuple[Text, str, str]:
    name = Text.assemble(site.name, (" ●" if site.mainstream else "", "green"))
    if site.visited_at is None:
        return name, "not visited yet", ""
    seconds = max(0, round((now - site.visited_at).total_seconds()))
    return name, f"read {seconds} s ago", f"{site.posts} posts"


def _event(moment: Moment) -> RenderableType:
    event = moment.scene.event
    if event is None:
        return Group(Text("no event: nothing new speaks of the topic", style="dim"), "", "", "")
    title = _line((f"{event.code}  ", "bold"), _level(event.level), f"  {event.title}")
    heat = event.heat
    figures = _line(
        f"reads {count(heat.reads):>6} ",
        (f"{sparkline(moment.scene.reads, CURVE):<{CURVE}}", COLOURS[event.level]),
        f" comments {count(heat.comments):>5}   mainstream sites {heat.mainstream}   posts {heat.posts}",
    )
    rises = [part for rise in moment.scene.rises for part in (" → ", _level(rise.level), (f" {clock(rise.at)}", "dim"))]
    duty = _line((moment.duty, "green" if event.is_acknowledged else "yellow"))
    return Group(title, figures, _line(*rises[1:]), duty)


def _notices(moment: Moment, room: int) -> RenderableType:
    """The latest notices, as many as there is room for."""
    grid = Table.grid(padding=(0, 1))
    for _ in range(6):
        grid.add_column(no_wrap=True)
    notices = moment.scene.notices[-max(3, room) :]
    for notice in notices:
        style = "green" if notice.accepted_at else "yellow"
        what = Text.assemble("found " if notice.is_first else "raised ", (notice.level.title(), COLOURS[notice.level]))
        who = (notice.recipient, Text(notice.role, style="dim"), CHANNELS[notice.channel])
        mark = Text("✓" if notice.accepted_at else "·", style=style)
        grid.add_row(mark, *who, what, Text(notice_state(notice), style=style))
    return grid if notices else Text("nobody was told anything yet", style="dim")


def _line(*parts: str | Text | tuple[str, str]) -> Text:
    """Text that is cut, not wrapped, if there is no room."""
    line = Text.assemble(*parts)
    line.no_wrap, line.overflow = True, "ellipsis"
    return line


def _level(level: Level) -> tuple[str, str]:
    return level_name(level), COLOURS[level]


# -- the lines ------------------------------------------------------------------------------------


def changes(before: Moment | None, now: Moment) -> Iterator[str]:
    """What is different, in words."""
    scene = now.scene
    if before is None or before.caption != now.caption:
        yield f"-- {now.caption}"
    known = {site.name for site in before.scene.sites if site.visited_at} if before else set()
    for site in scene.sites:
        if site.visited_at and site.name not in known:
            yield f"{site.name}: first visit, {site.posts} posts"
    risen = len(before.scene.rises) if before else 0
    for rise in scene.rises[risen:]:
        assert scene.event is not None
        yield f"{scene.event.code} {level_name(rise.level)}: {scene.event.title} ({rise.reason})"
    said = {(notice.key, notice_state(notice)) for notice in before.scene.notices} if before else set()
    for notice in scene.notices:
        if notice_state(notice) != ON_ITS_WAY and (notice.key, notice_state(notice)) not in said:
            told = f"{notice.recipient} by {CHANNELS[notice.channel]}, {level_name(notice.level)}"
            yield f"{told}: {notice_state(notice)}"
    if before is not None and before.duty != now.duty:
        yield now.duty


# -- words ----------------------------------------------------------------------------------------


def notice_state(notice: NoticeSeen) -> str:
    """Where a notice stands."""
    if notice.accepted_at:
        tries = f", try {notice.attempts}" if notice.attempts > 1 else ""
        return f"accepted {clock(notice.accepted_at)}{tries}"
    return f"refused, tried again soon: {notice.refusal}" if notice.refusal else ON_ITS_WAY


def level_name(level: Level) -> str:
    """A level in both languages.

    >>> level_name(Level.MAJOR)
    '重大 major'
    """
    return f"{level.title()} {level.title('en')}"


def count(number: int | None) -> str:
    """A count for people: unknown is not zero."""
    return "unknown" if number is None else f"{number:,}"


def clock(at: datetime, zone: ZoneInfo = ZONE) -> str:
    """The time of day."""
    return f"{at.astimezone(zone):%H:%M:%S}"


def sparkline(counts: tuple[int, ...], width: int) -> str:
    """The last counts as bars, the highest one full.

    >>> sparkline((0, 50, 100), 8)
    '▁▄█'
    """
    top = max(counts, default=0)
    return "".join(BARS[count * (len(BARS) - 1) // top] if top else BARS[0] for count in counts[-width:])
