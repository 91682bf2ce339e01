"""How a match is shown: the reason, and each place that was found with what stands around it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.text import Text

from ..config import shortened
from ..domain import Match, Post
from ..text.matcher import Verdict
from .output import console, inert, say

PLACES = 5  # that are shown for one topic
AROUND = 15  # characters that are shown on either side of a place


def print_topics(post: Post, matches: Iterable[tuple[str, Match]], verdicts: Iterable[Verdict]) -> None:
    """For each topic whether the post belongs to it, and why; matches come as (plugin, match)."""
    found: dict[tuple[str, str], list[Match]] = {}
    for plugin, match in matches:
        found.setdefault((plugin, match.topic), []).append(match)
    for (plugin, topic), some in found.items():
        why = some[0].why or f"{some[0].span} in {some[0].field}"
        say(f"  topic {topic}: yes, by {plugin}: {shortened(why)}", style="green")
        print_places(post, some)
    known = {topic for _, topic in found}
    for verdict in verdicts:
        if verdict.topic not in known:
            say(f"  topic {verdict.topic}: no, {shortened(verdict.why)}")


def print_places(post: Post, matches: Sequence[Match]) -> None:
    """Each place, marked by brackets and, on a screen, by colour."""
    for match in matches[:PLACES]:
        said = {"title": post.title, "text": post.text}.get(match.field)
        if said is not None and match.start is not None and match.end is not None:
            before, after = said[max(0, match.start - AROUND) : match.start], said[match.end : match.end + AROUND]
            how = "" if match.variant == "plain" else f"  ({match.variant} of {match.term})"
            line = Text(inert(f"    {match.field}: {before}"))
            line.append(inert(f"[{match.span}]"), style="bold yellow").append(inert(f"{after}{how}"))
            console().print(line, soft_wrap=True)
