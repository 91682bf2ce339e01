"""The words that set events apart, for people to read. Nothing waits for them: the dictionary is loaded aside."""

from __future__ import annotations

import threading
from dataclasses import replace

from ..domain import Event
from ..store import events, posts
from ..store.naming import unnamed
from ..text import dictionary, story
from .work import Work

READ, AT_ONCE = 5, 100  # posts of an event that key words are taken from; events named in one go


def with_key_words(work: Work, event: Event) -> Event:
    """The event with the key words of the first of its posts that are no copies, once the dictionary is there."""
    if not dictionary.is_loaded():
        return event
    members = posts.get(work.connection, events.wordings(work.connection, event.id, limit=READ))
    return replace(event, key_words=" ".join(story.telling_words(members)))


def catch_up(work: Work, *, below: int | None) -> int | None:
    """Name live events that opened before the dictionary was there, the latest first.

    Each is looked at once, for there are texts without any key word. Returns where to go on: ``below`` that event.
    """
    if not dictionary.is_loaded():
        threading.Thread(target=dictionary.tokenizer, name="dictionary", daemon=True).start()
        return below
    numbers = unnamed(work.connection, below=below, limit=AT_ONCE)
    for number in numbers:
        event = events.get(work.connection, number)
        if event is not None:
            events.save(work.connection, with_key_words(work, event))
    return numbers[-1] if numbers else 0
