"""A second opinion on what is unsure: chosen and written down here, asked elsewhere, outside of any transaction.

What comes back is one more opinion. It can put more to a person; it takes nothing away from what is put to one.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, time

from ..domain import Advice, Consultation, Event, EventState, Post
from ..store import consultations, events, opinions, posts
from .work import Work

NAME = "second_opinion"
LOOKED_AT = 200  # waiting events that are looked through for one to ask about


def next_consultation(work: Work) -> Consultation | None:
    """The next event to ask about, if one is unsure, was not asked about yet, and the day's budget allows it.

    A text that was asked about before is not asked about again: the answer is kept for this event too.
    """
    settings = work.settings.second_opinion
    if settings is None:
        return None
    waiting = [e for e in events.listed(work.connection, live=True, limit=LOOKED_AT) if e.state is EventState.FOUND]
    thought = opinions.current(work.connection, [event.id for event in waiting])
    asked = consultations.asked(work.connection, [event.id for event in waiting])
    for event in waiting:
        unsure = any(held.opinion.unsure for held in thought.get(event.id, ()))
        post = _first_post(work, event) if unsure and event.id not in asked else None
        if post is None:
            continue
        digest = hash_of(post, settings.model)
        if known := consultations.answered(work.connection, digest):
            consultations.begin(work.connection, event.id, digest, now=work.now, answered=known)
            _keep(work, event.id, known)
        elif consultations.count_since(work.connection, _midnight(work)) < settings.a_day:
            id = consultations.begin(work.connection, event.id, digest, now=work.now)
            topic = work.topic(event.topic)
            return Consultation(
                id=id, event=event.id, topic=topic.name or topic.id, title=post.title, text=post.text,
                options={name: getattr(settings, name) for name in settings.__slots__},
            )  # fmt: skip
    return None


def record(work: Work, consultation: Consultation, advice: Advice) -> None:
    """Keep what was asked and answered, and the opinions in it."""
    consultations.end(work.connection, consultation.id, advice, now=work.now)
    _keep(work, consultation.event, advice)
    said = advice.error or "; ".join(each.reason for each in advice.opinions)
    work.audit("advice.given", event=consultation.event, actor=NAME, reason=said, usable=not advice.error)


def hash_of(post: Post, model: str) -> str:
    """What names a text and the model it was put to."""
    return hashlib.sha256(f"{model}\n{post.title}\n{post.text}".encode("utf-8", "replace")).hexdigest()[:32]


def _keep(work: Work, event: int, advice: Advice) -> None:
    opinions.keep(work.connection, event, [(NAME, each) for each in advice.opinions], now=work.now)


def _first_post(work: Work, event: Event) -> Post | None:
    found = posts.get(work.connection, events.wordings(work.connection, event.id, limit=1))
    return found[0] if found else None


def _midnight(work: Work) -> datetime:
    zone = work.settings.timezone
    return datetime.combine(work.now.astimezone(zone).date(), time(), zone)
