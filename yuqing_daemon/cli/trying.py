"""The command for people who write configurations: try."""

from __future__ import annotations

from typing import Any

import click
from rich.text import Text

from ..config import shortened
from ..domain import Match, Post, Reading
from ..trying import Trial, Tried, try_out
from .context import Context, as_json, pass_context
from .output import console, count, inert, picked, print_json, say, some

EXCERPT = 160  # characters of a text
IN_FULL = 10  # posts that are shown with everything known of them
EVIDENCE = 5  # places that are shown for one topic
AROUND = 15  # characters that are shown on either side of a place
TITLES = 10  # posts of which the list shows only the title


@click.command("try", short_help="Show what would be read, and what matches and why.")
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
    full = [tried for tried in trial.posts if tried.post.text]
    titles = [tried for tried in trial.posts if not tried.post.text]
    for tried in full[:IN_FULL]:
        _print_post(context, tried)
    if titles:
        say()
        say(f"{some(len(titles), 'post')} known by title only, as the list shows it:", style="bold")
    for tried in titles[:TITLES]:
        topics = ", ".join(sorted({match.topic for _, match in tried.matches}))
        say(f"  {tried.post.title}  {tried.post.url}{f'  topics: {topics}' if topics else ''}")
    if more := len(full[IN_FULL:]) + len(titles[TITLES:]):
        say(f"and {some(more, 'more post')}; --json shows them all")


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
    for (plugin, topic), matches in _by_topic(tried).items():
        why = matches[0].why or f"{matches[0].span} in {matches[0].field}"
        say(f"  topic {topic}: yes, by {plugin}: {shortened(why)}", style="green")
        for match in matches[:EVIDENCE]:
            _print_evidence(post, match)
    found = {match.topic for _, match in tried.matches}
    for verdict in tried.verdicts:
        if verdict.topic not in found:
            say(f"  topic {verdict.topic}: no, {shortened(verdict.why)}")


def _by_topic(tried: Tried) -> dict[tuple[str, str], list[Match]]:
    found: dict[tuple[str, str], list[Match]] = {}
    for plugin, match in tried.matches:
        found.setdefault((plugin, match.topic), []).append(match)
    return found


def _print_evidence(post: Post, match: Match) -> None:
    """The place that was found with what stands around it, marked by brackets and, on a screen, by colour."""
    said = {"title": post.title, "text": post.text}.get(match.field)
    if said is None or match.start is None or match.end is None:
        return
    before, after = said[max(0, match.start - AROUND) : match.start], said[match.end : match.end + AROUND]
    how = "" if match.variant == "plain" else f" ({match.variant} of {match.term})"
    line = Text(inert(f"    {match.field}: {before}"))
    line.append(inert(f"[{match.span}]"), style="bold yellow").append(inert(f"{after}{how}"))
    console().print(line, soft_wrap=True)


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


COMMANDS = (try_target,)
