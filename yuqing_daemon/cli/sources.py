"""Commands about how well the sources are heard: sources, blind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import click
from sqlalchemy import Connection

from ..clock import utc_now
from ..errors import RequestError
from ..extract import pins
from ..reports.facts import Blind
from ..reports.gather import blind_of_event
from ..reports.unheard import blind_of_source
from ..rules.health import State
from ..store import health, sources
from ..store.health import Canary, HealthRow
from ..store.sources import SourceRow
from .context import Context, as_json, pass_context
from .output import ago, picked, print_json, say, show, some

NEVER_LOOKED = timedelta(0)
DAYS_SHOWN = 30  # of one source's past


class _OneOrCommand(click.Group):
    """A group whose own argument, an ID, may stand where a command's name does."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take an ID first, unless a command is named."""
        is_command = bool(args) and args[0] in self.commands
        ctx.allow_interspersed_args = not is_command
        return super().parse_args(ctx, ["", *args] if is_command else args)


@click.group("sources", cls=_OneOrCommand, invoke_without_command=True)
@click.argument("id", required=False)
@click.option("--tag", help="Only the sources that have this tag.")
@click.option("--resume", is_flag=True, help="Visit the source again that was set aside or paused.")
@click.option("--repin", is_flag=True, help="Find out again what the source is: a feed, a page, a board.")
@click.option("--pause", metavar="REASON", help="Leave the source alone for a while, and say why.")
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]),
    help="When the pause ends, by the organisation's clock.",
)
@click.option("--canaries", is_flag=True, help="The good pages kept of the source, and how they are read now.")
@click.option("--accept", is_flag=True, help="With --canaries: how they are read now is right.")
@as_json
@pass_context
def show_sources(
    context: Context,
    id: str | None,
    tag: str | None,
    resume: bool,
    repin: bool,
    pause: str | None,
    until: datetime | None,
    canaries: bool,
    accept: bool,
    as_json: bool,
) -> None:
    """List the sources and how well they are heard: each one's state, since when, and what came last.

    With ID, one of them alone: why it is in its state, the figures behind that, when it was not heard lately, what its
    addresses were found to be, and the pages that could not be read.
    """
    if click.get_current_context().invoked_subcommand:
        return
    _check_usage(context, id, alone=resume or repin or pause is not None or canaries, pause=pause, until=until)
    if accept and not canaries:
        raise click.UsageError("--accept goes with --canaries")
    if resume or repin:
        context.ask("resume" if resume else "repin", source=id)
        say(f"source {id} is {'visited again from now on' if resume else 'visited now, and followed as it is then'}")
    elif pause is not None and until is not None:
        ends = until.replace(tzinfo=context.zone).astimezone(UTC)
        context.ask("pause", source=id, reason=pause, until=ends.isoformat())
        say(f"source {id} is left alone until {context.long_ago(ends)}")
    elif accept:
        done = context.ask("accept-canaries", source=id)["pages"]
        say(f"{some(done, 'page')} of {id} taken for right as read now")
    elif canaries:
        _show_canaries(context, str(id), as_json=as_json)
    elif id is not None:
        _show_one(context, id, as_json=as_json)
    else:
        _show_all(context, tag, as_json=as_json)


def _check_usage(context: Context, id: str | None, *, alone: bool, pause: str | None, until: datetime | None) -> None:
    if id is None and alone:
        raise click.UsageError("that wants the source's ID")
    if (pause is None) != (until is None):
        raise click.UsageError("--pause REASON and --until go together")
    if id is not None and context.settings.source(id) is None:
        raise RequestError(f"there is no source {id!r}; see: yuqing sources")


# -- all of them ----------------------------------------------------------------------------------


def _show_all(context: Context, tag: str | None, *, as_json: bool) -> None:
    wanted = [source.id for source in context.settings.sources if tag is None or tag in source.tags]
    with context.reading() as connection:
        found = {row.id: row for row in sources.all_rows(connection)}
        known = health.all_rows(connection)
        counts = {id: sources.post_count(connection, id) for id in wanted}
    rows = [found[id] for id in wanted if id in found]
    nodes = _nodes(context)
    if as_json:
        said = [_source(context, row, known.get(row.id, HealthRow(source=row.id)), counts[row.id]) for row in rows]
        print_json([each | {"node": nodes.get(each["id"])} for each in said])
        return
    now = utc_now()
    shown: list[tuple[str, ...]] = []
    for row in rows:
        wait = "-" if row.status in sources.NOT_VISITED else ago(max(row.due_at - now, NEVER_LOOKED))
        times = (_since(row.last_read_at, now), _since(row.last_new_at, now), wait)
        why = known[row.id].reason if row.id in known and not State(row.status).is_good else row.error
        shown.append((row.id, row.status, context.when(row.since), *times, f"{counts[row.id]:,}", why or "-"))
    columns: tuple[str, ...] = ("SOURCE", "STATE", "SINCE", "LAST READ", "LAST NEW", "NEXT IN", "POSTS", "WHY")
    if nodes:
        columns = (*columns[:-1], "NODE", columns[-1])
        shown = [(*row[:-1], nodes.get(row[0], "-"), row[-1]) for row in shown]
    show(columns, shown, spare=("SINCE", "NEXT IN", "LAST NEW", "NODE"))
    for row in rows:
        if reason := _ignores_robots(context, row.id):
            say(f"{row.id} ignores robots.txt, since: {reason}")
    _name_strangers(wanted, found)


def _nodes(context: Context) -> dict[str, str]:
    """Which crawl node visits which source, if there are any."""
    nodes = context.crawl_nodes().get("nodes", ())
    return {source: str(node["node"]) for node in nodes for source in node["sources"]}


def _ignores_robots(context: Context, id: str) -> str:
    source = context.settings.source(id)
    return source.ignore_robots if source else ""


def _name_strangers(wanted: list[str], found: dict[str, SourceRow]) -> None:
    strangers = [id for id in wanted if id not in found]
    if strangers:
        say(f"not yet known to the daemon: {', '.join(strangers)}; it learns of them by: yuqing reload")


def _source(context: Context, row: SourceRow, known: HealthRow, posts: int) -> dict[str, Any]:
    instants = ("due_at", "first_read_at", "last_visit_at", "last_read_at", "last_new_at")
    history = known.history
    return picked(row, "id", "status", "since", *instants, "failures", "error") | {
        "posts": posts,
        "ignore_robots": _ignores_robots(context, row.id),
        "reason": known.reason,
        "figures": known.figures,
        "last_good_at": history.good_at,
        "silent_at": history.silent_at,
        "paused_until": known.paused_until,
        "suspect": history.suspect,
        "found": [picked(pin, "url", "kind", "address", "shapes") for pin in pins(row.state)],
    }


def _since(at: datetime | None, now: datetime) -> str:
    return f"{ago(now - at)} ago" if at else "never"


# -- one of them ----------------------------------------------------------------------------------


def _show_one(context: Context, id: str, *, as_json: bool) -> None:
    now = utc_now()
    with context.reading() as connection:
        row = sources.get(connection, id)
        known = health.get(connection, id)
        posts = sources.post_count(connection, id)
        unread = sources.unread_pages(connection, id)
        blind = blind_of_source(connection, context.settings, id, since=now - timedelta(days=DAYS_SHOWN), until=now)
        kept = health.canaries(connection, id)
    if row is None:
        _name_strangers([id], {})
        return
    if as_json:
        pages = [dict(zip(("url", "error", "tries"), page, strict=True)) for page in unread]
        said = {"unread": pages, "blind": [_blind(each) for each in blind], "canaries": len(kept)}
        print_json([_source(context, row, known, posts) | {"node": _nodes(context).get(id)} | said])
        return
    _print_one(context, row, known, posts, now)
    _print_blind(context, blind, f"not heard well in the last {DAYS_SHOWN} days")
    differ = sum(bool(canary.lost) for canary in kept)
    if differ:
        say(f"{some(differ, 'kept page')} read otherwise than before; see: yuqing sources {id} --canaries", style="red")
    for pin in pins(row.state):
        say(f"{pin}; it is read as that until: yuqing sources {id} --repin")
    for url, error, tries in unread:
        say(f"could not read {url}, tried {some(tries, 'time')}: {error}")


def _print_one(context: Context, row: SourceRow, known: HealthRow, posts: int, now: datetime) -> None:
    history = known.history
    good = State(row.status).is_good
    lines = {
        "source": row.id,
        "state": row.status,
        "since": context.long_ago(row.since),
        "why": known.reason or "-" if not good or row.status == sources.PAUSED else "-",
        "figures": ", ".join(f"{name} {value}" for name, value in known.figures.items() if name != "traceback") or "-",
        "paused until": context.long_ago(known.paused_until) if known.paused_until else "-",
        "last good visit": _since(history.good_at or row.last_read_at, now),
        "last new post": _since(row.last_new_at, now),
        "silent from": context.long_ago(history.silent_at) if history.silent_at else "-",
        "suspicion": f"{history.suspect}: kept pages are read again at the next visit" if history.suspect else "-",
        "posts": f"{posts:,}",
        "crawl node": _nodes(context).get(row.id, "-"),
        "ignores robots": _ignores_robots(context, row.id) or "-",
        "last error": row.error or "-",
    }
    for name, text in lines.items():
        if text != "-":
            say(f"{name:18}{text}", style="red" if name == "state" and not good else "")


def _show_canaries(context: Context, id: str, *, as_json: bool) -> None:
    with context.reading() as connection:
        kept = health.canaries(connection, id)
    if as_json:
        print_json([_canary(canary) for canary in kept])
        return
    rows = [
        (context.when(canary.fetched_at), f"{canary.read.get('chars', 0):,}", canary.lost or "as before", canary.url)
        for canary in kept
    ]
    if rows:
        show(("KEPT", "CHARACTERS", "READ NOW", "PAGE"), rows, spare=("KEPT", "CHARACTERS"))
    else:
        say(f"no page of {id} is kept yet: it needs an article that reads well")


def _canary(canary: Canary) -> dict[str, Any]:
    return picked(canary, "url", "fetched_at", "read", differs="lost") | {"bytes": len(canary.body)}


# -- blind times ----------------------------------------------------------------------------------


@click.command
@click.argument("what", metavar="SOURCE|EVENT")
@click.option("--days", type=click.IntRange(1, 3660), default=90, show_default=True, help="How far back, of a source.")
@as_json
@pass_context
def blind(context: Context, what: str, days: int, as_json: bool) -> None:
    """Say when a source was not heard: from when it was last heard well until it was again.

    With an event's code (E12): every source that was blind from when the event was public until it was over.
    """
    now = utc_now()
    with context.reading() as connection:
        found = _blind_times(context, connection, what, now, days)
    if as_json:
        print_json([_blind(each) for each in found])
    elif found:
        _print_blind(context, found, "")
    else:
        say(f"nothing of {what} was missed, as far as is known")


def _blind_times(context: Context, connection: Connection, what: str, now: datetime, days: int) -> tuple[Blind, ...]:
    if context.settings.source(what) is not None:
        return blind_of_source(connection, context.settings, what, since=now - timedelta(days=days), until=now)
    code = what.strip().upper()
    if code.removeprefix("E").isdecimal():
        return blind_of_event(connection, context.settings, code, now=now)
    raise RequestError(f"{what!r} is neither a source nor an event; see: yuqing sources, yuqing events")


def _blind(span: Blind) -> dict[str, Any]:
    return picked(span, "source", "why", "since", "until", "visits", "error", "trace")


def _print_blind(context: Context, spans: tuple[Blind, ...], title: str) -> None:
    if not spans:
        return
    rows = [
        (
            each.source,
            each.why.replace("_", " "),
            context.long_ago(each.since),
            context.long_ago(each.until) if each.until else "still",
            each.error or "-",
        )
        for each in spans
    ]
    show(("SOURCE", "WHY", "FROM", "TO", "MORE"), rows, title=title)


COMMANDS = (blind,)
