"""The command for people who write configurations: try."""

from __future__ import annotations

from dataclasses import asdict

import click

from ..trying import Trial, Tried, try_out
from .context import Context, as_json, console, count, pass_context, print_json

EXCERPT = 160  # characters of a text


@click.command("try")
@click.argument("target", metavar="URL|SOURCE")
@click.option("--internal", is_flag=True, help="Allow an address inside the organisation's network.")
@as_json
@pass_context
def try_target(context: Context, target: str, internal: bool, as_json: bool) -> None:
    """Show what would be extracted from an address or a source, which topics match, and why, or why not.

    Nothing is stored and nobody is told. Exits 1 if nothing could be read.
    """
    trial = try_out(target, context.settings, context.plugins, internal=internal, others=context.others)
    if as_json:
        print_json(asdict(trial))
    else:
        _print(context, trial)
    raise SystemExit(0 if trial.posts else 1)


def _print(context: Context, trial: Trial) -> None:
    result = trial.result
    took = (result.ended_at - result.started_at).total_seconds()
    console.print(
        f"[bold]{trial.source.id}[/] read by spider {trial.source.spider}: {result.visit.value}, {result.links} links, "
        f"{result.pages} pages, {len(result.posts)} posts, {took:.1f} s"
    )
    if result.error:
        console.print(f"[red]{result.error}[/]", markup=True)
    for page in result.unread:
        console.print(f"could not read {page.url}: {page.error}", markup=False)
    full = [tried for tried in trial.posts if tried.post.text]
    for tried in full or trial.posts[:10]:
        _print_post(context, tried)
    if len(full) < len(trial.posts):
        console.print(f"\n{len(trial.posts) - len(full)} more were found by title only", markup=False)


def _print_post(context: Context, tried: Tried) -> None:
    post, reading = tried.post, tried.reading
    console.print(f"\n[bold]{post.title}[/]", markup=True, highlight=False)
    sure = "unknown" if post.confidence is None else f"{post.confidence:.0%}"
    console.print(
        f"  {post.url}\n  published {context.when(post.published_at)}, from {post.source_name or '-'}, "
        f"text {len(post.text)} characters, confidence {sure}",
        markup=False,
    )
    if reading:
        figures = f"reads {count(reading.reads)}, comments {count(reading.comments)}, reposts {count(reading.reposts)}"
        console.print(f"  {figures}", markup=False)
    if post.text:
        console.print(f"  {post.text[:EXCERPT].replace(chr(10), ' ')}…", markup=False)
    for plugin, match in tried.matches:
        console.print(f"  topic {match.topic}: yes, {plugin}: {match.why or match.span}", markup=False)
    for verdict in tried.verdicts:
        if not verdict.matched:
            console.print(f"  topic {verdict.topic}: no, {verdict.why}", markup=False)


COMMANDS = (try_target,)
