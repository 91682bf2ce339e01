"""What classifiers think of an event is asked, kept and put to a person; none of it decides (R5, R8)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..domain import Act, Event, Opinion, Post
from ..store import duties, events, opinions, posts
from . import learning
from .work import Work

READ = 20  # posts with words of their own that classifiers are shown


def ask(work: Work, event: Event) -> list[Opinion]:
    """Ask everybody what an event is, by its posts that are no copies; what is thought already is not kept again."""
    wordings = events.wordings(work.connection, event.id, limit=READ)
    members = posts.get(work.connection, wordings)
    found = [*_of_plugins(work, event, members), *learning.opinions(work, event, members)]
    opinions.keep(work.connection, event.id, found, now=work.now)
    return [opinion for _, opinion in found]


def named(work: Work, event: Event, found: Iterable[Opinion]) -> Opinion | None:
    """The opinion by which an event concerns a sensitive subject, where the regime lifts by words (R6).

    It holds provisionally: once a person has confirmed or corrected the event, words lift it no more.
    """
    regime = work.regime_of(event.id)
    said = next((each for each in found if each.subject in regime.subjects), None)
    if said is None or event.subject or not regime.lift_by_words:
        return None
    acts = {judgement.act for judgement in duties.judgements(work.connection, event.id)}
    return said if acts.isdisjoint({Act.CONFIRM, Act.CORRECT}) else None


def _of_plugins(work: Work, event: Event, members: tuple[Post, ...]) -> Iterator[tuple[str, Opinion]]:
    for plugin, answers in work.plugins.ask("classify_event", event=event, posts=members):
        if isinstance(answers, tuple):
            yield from ((plugin, opinion) for opinion in answers)
