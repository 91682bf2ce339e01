"""The command to see what changed topics would find, before they go live: backtest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from ..backtest import Change, Difference, backtest, live_topics, told
from ..clock import utc_now
from ..config import Settings, read_topics, shortened
from ..domain import Topic
from ..errors import YuqingError
from ..store import Store, posts
from .context import Context, as_json, pass_context
from .evidence import print_places
from .output import picked, print_json, say, some

DAYS = 7
EXAMPLES = 5  # posts that are shown of each kind
LONGEST = 3650
AT_ONCE = 5000  # posts that are asked while somebody waits for something else: a second or two


@click.command("backtest")
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--days", type=click.IntRange(1, LONGEST), default=DAYS, show_default=True, help="How far to look back.")
@click.option("--topic", "only", help="This topic only.")
@click.option("--all", "everything", is_flag=True, help="Show every post, not only the first ones.")
@as_json
@pass_context
def backtest_topics(
    context: Context, file: Path | None, days: int, only: str | None, everything: bool, as_json: bool
) -> None:
    """Try changed topics on the stored posts: which they would gain and lose, and why.

    FILE: the changed topics; without it, topics.toml as it is now. It is told against the topics that the daemon runs
    with. Nothing is changed.
    """
    topics = read_topics(file) if file else context.settings.topics
    changes, span = _changes(context.settings, topics, timedelta(days=days))
    changes = [change for change in changes if only in (None, change.topic)]
    if as_json:
        print_json([_as_json(change) for change in changes])
        return
    if not changes:
        say("no topic differs from what the daemon runs with")
    for change, line in zip(changes, told(changes, span), strict=True):
        say(f"{line}; finds {some(change.found, 'post')}", style="bold")
        _print(change.gained, "+", "green", everything)
        _print(change.lost, "-", "red", everything)


def told_changes(settings: Settings) -> list[str]:
    """A line for each topic that differs from what the daemon runs with; none if there is nothing to compare.

    Of very many posts only the newest are asked, and the line says since when: nobody waits for a check.
    """
    try:
        if not live_topics(settings.state):
            return []
        return list(told(*_changes(settings, settings.topics, timedelta(days=DAYS), most=AT_ONCE)))
    except YuqingError:
        return []


def _changes(
    settings: Settings, topics: Sequence[Topic], span: timedelta, *, most: int | None = None
) -> tuple[list[Change], timedelta]:
    """What differs, and how far back was looked."""
    store = Store.look(settings.state)
    try:
        with store.read() as connection:
            now, old = utc_now(), live_topics(settings.state)
            newest = posts.newest_since(connection, most) if most else None
            since = max(now - span, newest) if newest else now - span
            return backtest(connection, old, topics, since=since, source=settings.source), now - since
    finally:
        store.close()


def _print(differences: Sequence[Difference], sign: str, style: str, everything: bool) -> None:
    shown = differences if everything else differences[:EXAMPLES]
    for difference in shown:
        say(f"  {sign} {difference.post.title or difference.post.text[:40]}  {difference.post.url}", style=style)
        say(f"    {'because' if sign == '+' else 'no more, because'} {shortened(difference.why)}")
        print_places(difference.post, difference.matches)
    if more := len(differences) - len(shown):
        say(f"  {sign} and {some(more, 'more post')}; --all shows them")


def _as_json(change: Change) -> dict[str, Any]:
    return {
        "topic": change.topic,
        "found": change.found,
        "gained": [_difference(one) for one in change.gained],
        "lost": [_difference(one) for one in change.lost],
    }


def _difference(one: Difference) -> dict[str, Any]:
    evidence = ("term", "variant", "field", "start", "end", "span")
    post = picked(one.post, "url", "title")
    return {**post, "why": one.why, "matches": [picked(match, *evidence) for match in one.matches]}


COMMANDS = (backtest_topics,)
