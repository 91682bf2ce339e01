"""Sources: sites where something was missed that nobody watches, and sources that bring nothing."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from .facts import Missed, ReviewFacts, Suggestion, entries, events, quoted


def sources(facts: ReviewFacts) -> Iterator[Suggestion]:
    """The sources to add, and those to look after."""
    by_site: dict[str, list[Missed]] = defaultdict(list)
    for post in facts.missed:
        if post.home:
            by_site[post.site].append(post)
    for site, posts in sorted(by_site.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        yield Suggestion(
            about="sources",
            key=f"source:{site}",
            why=f"{len(posts)} missed there, and no source watches it",
            file="sources.toml",
            toml=f"[[source]]\nid = {quoted(_id(site))}\nurl = {quoted(posts[0].home)}",
            events=events(posts),
            entries=entries(posts),
            figures={"urls": [post.url for post in posts]},
        )
    for quiet in facts.quiet:
        yield Suggestion(
            about="sources",
            key=f"quiet:{quiet.source}",
            why="not one post in the period" + (f": {quiet.error}" if quiet.error else ""),
            file="sources.toml",
            toml=f"# id = {quoted(quiet.source)}: yuqing try {quiet.source}, then repair it or take it out",
        )


def _id(site: str) -> str:
    return re.sub(r"[^a-z0-9_-]+", "-", site.casefold()).strip("-")[:64] or "site"
