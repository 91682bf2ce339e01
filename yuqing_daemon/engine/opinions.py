"""What classifiers think of an event is asked, kept and put to a person; none of it decides (R5, R8)."""

from __future__ import annotations

from collections.abc import Iterator

from ..domain import Event, Opinion, Post
from ..store import events, opinions, posts
from . import learning
from .work import Work

READ = 20  # posts with words of their own that classifiers are shown


def ask(work: Work, event: Event) -> None:
    """Ask everybody what an event is, by its posts that are no copies; what is thought already is not kept again."""
    wordings = events.wordings(work.connection, event.id, limit=READ)
    members = posts.get(work.connection, wordings)
    found = [*_of_plugins(work, event, members), *learning.opinions(work, event, members)]
    opinions.keep(work.connection, event.id, found, now=work.now)


def _of_plugins(work: Work, event: Event, members: tuple[Post, ...]) -> Iterator[tuple[str, Opinion]]:
    for plugin, answers in work.plugins.ask("classify_event", event=event, posts=members):
        if isinstance(answers, tuple):
            yield from ((plugin, opinion) for opinion in answers)
