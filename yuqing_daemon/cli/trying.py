"""The commands for people who write configurations: try, sources add."""

from __future__ import annotations

from typing import Any

import click

from ..clock import utc_now
from ..domain import Reading
from ..trying import Trial, Tried, look_at, try_out
from ..trying.draft import draft
from .context import Context, as_json, pass_context
from .evidence import print_topics
from .output import ago, count, inert, picked, print_json, say, some
from .sources import show_sources

EXCERPT = 160  # characters of a text
IN_FULL = 3  # posts that are shown with everything known of them
LINKS = 12  # links that are shown


@click.command("try")
@click.argument("target", metavar="URL|SOURCE")
@click.option("--internal", is_flag=True, help="Allow an address inside the organisation's network.")
@as_json
@pass_context
def try_target(context: Context, target: str, internal: bool, as_json: bool) -> None:
    """Show what would be read from an address or a source, which topics match, and why, or why not.

    An address is read as an article, and if it is none, as a list. Nothing is stored and nobody is told. Exits 1 if
    nothing could be read.
    """
    trial = try_out(target, context.settings, context.plugins, internal=internal, others=context.others)
    if as_json:
        print_json(_as_json(trial))
    else:
        _print(context, trial, target)
    raise SystemExit(0 if trial.posts else 1)


def _print(context: Context, trial: Trial, target: str) -> None:
    result, source = trial.result, trial.source
    found = (some(result.links, "link"), some(result.pages, "page"), some(len(result.posts), "post"))
    say(f"{target}: {result.visit.value} by spider {source.spider}, {', '.join(found)}, {_seconds(trial):.1f} s")
    if result.error:
        say(result.error, style="red")
    for hint in trial.hints:
        say(f"  {hint}")
    for page in result.unread:
        say(f"could not read {page.url}: {page.error}", style="yellow")
    for name, status in context.failed_plugins().items():
        say(f"plugin {name}: {status}", style="yellow")
    _print_source(context, trial)
    if source.spider != "article":
        _print_links(trial)
    full = [tried for tried in trial.posts if tried.post.text]
    for tried in full[:IN_FULL]:
        _print_post(context, tried)


def _print_source(context: Context, trial: Trial) -> None:
    """What it is, what robots.txt says, and when it would be looked at."""
    source, row = trial.source, trial.known
    for pin in trial.found:
        say(f"found       {pin}")
    for pin in trial.pinned:
        say(f"            but the daemon goes on with: {pin}; if that is over: yuqing sources {source.id} --repin")
    ignored = f"; ignored, since: {source.ignore_robots}" if source.ignore_robots else ""
    if ignored or trial.result.robots:
        say(f"robots.txt  {trial.result.robots or 'not asked'}{ignored}")
    asked = trial.result.retry_after
    waits = f", not before {ago(asked)}, which the site asks for" if asked else ""
    if context.settings.source(source.id):
        planned = f"at {context.when(row.due_at)}" if row else "as soon as the daemon knows of it"
        say(f"next visit  {planned}, then every {ago(source.every)}{waits}")


def _print_links(trial: Trial) -> None:
    """Which links would be taken, with the topics that the titles alone belong to."""
    say()
    say(f"would take {some(len(trial.posts), 'link')}:", style="bold")
    for tried in trial.posts[:LINKS]:
        topics = ", ".join(sorted({match.topic for _, match in tried.matches}))
        say(f"  {tried.post.title}  {tried.post.url}{f'  topics: {topics}' if topics else ''}")
    if more := len(trial.posts[LINKS:]):
        say(f"  and {more} more; --json shows them all")


def _print_post(context: Context, tried: Tried) -> None:
    post = tried.post
    say()
    say(post.title, style="bold")
    say(f"  {post.url}")
    published = context.long_ago(post.published_at) if post.published_at else "unknown"
    say(f"  published   {published}{f', {post.source_name}' if post.source_name else ''}")
    say(f"  counters    {_figures(tried.reading)}")
    sure = "unknown" if post.confidence is None else f"{post.confidence:.0%}"
    say(f"  text        {some(len(post.text), 'character')}, confidence {sure}")
    say(f"  decoding    {tried.decoding}")
    say(f"  {post.text[:EXCERPT]}{'…' if len(post.text) > EXCERPT else ''}")
    print_topics(post, tried.matches, tried.verdicts)


def _figures(reading: Reading | None) -> str:
    if reading is None:
        return "none found"
    names = ("reads", "comments", "reposts", "hot")
    return ", ".join(f"{name} {count(getattr(reading, name))}" for name in names)


def _seconds(trial: Trial) -> float:
    return (trial.result.ended_at - trial.result.started_at).total_seconds()


def _as_json(trial: Trial) -> dict[str, Any]:
    result = trial.result
    return {
        "source": picked(trial.source, "id", "spider", "urls"),
        "found": [picked(pin, "url", "kind", "address", "shapes") for pin in trial.found],
        "pinned_otherwise": [picked(pin, "url", "kind", "address", "shapes") for pin in trial.pinned],
        "robots": result.robots,
        "due_at": trial.known.due_at if trial.known else None,
        "every": trial.source.every.total_seconds(),
        "visit": result.visit.value,
        "error": result.error,
        "hints": trial.hints,
        **picked(result, "links", "pages"),
        "seconds": _seconds(trial),
        "unread": [picked(page, "url", "error") for page in result.unread],
        "posts": [_post(tried) for tried in trial.posts],
    }


def _post(tried: Tried) -> dict[str, Any]:
    post = picked(tried.post, "url", "site", "mainstream", "title", "text", "published_at", "source_name", "confidence")
    counters = ("reads", "comments", "reposts", "hot")
    figures = picked(tried.reading, *counters) if tried.reading else dict.fromkeys(counters)
    found = ("topic", "field", "span", "term", "start", "end", "variant", "why")
    return {
        **post,
        **figures,
        "decoding": tried.decoding,
        "matches": [{"plugin": plugin, **picked(match, *found)} for plugin, match in tried.matches],
        "topics": [picked(verdict, "topic", "matched", "why") for verdict in tried.verdicts],
    }


@show_sources.command("add", short_help="Draft the lines of sources.toml for an address.")
@click.argument("url")
@click.option("--internal", is_flag=True, help="Allow an address inside the organisation's network.")
@pass_context
def add_source(context: Context, url: str, internal: bool) -> None:
    """Look at an address, and print the lines of sources.toml for it, with what was found as comments.

    Nothing is stored and no file is changed: append the lines yourself, with >> sources.toml. Exits 1 if no article was
    found.
    """
    trial = look_at(url, context.settings, context.plugins, internal=internal, others=context.others)
    taken = {source.id for source in context.settings.sources}
    click.echo("\n".join(map(inert, draft(trial, taken=taken, now=utc_now()).splitlines())))
    raise SystemExit(0 if trial.posts else 1)


COMMANDS: tuple[click.Command, ...] = (try_target, show_sources)  # with what is added here
