"""Events that others found before us: opened by hand, and on record as a miss (R25-R27)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from ..domain import Event, Match, Post
from ..errors import RequestError
from ..extract.urls import canonical_url, registrable_host
from ..store import events, posts
from ..store.posts import Stored
from ..text import story
from . import grouping, judging
from .people import find
from .work import Work

SOURCE = "by-hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What somebody told us: under which topic it belongs, what it says, where and since when it is public.

    ``url`` is empty for what was told by phone; ``unit`` is who told us.
    """

    topic: str
    title: str
    url: str = ""
    text: str = ""
    unit: str = ""
    public_at: datetime | None = None


def add(work: Work, told: Told, *, by: str, reason: str = "") -> Event:
    """Open the event, and say on record that we did not find it ourselves."""
    if work.settings.topic(told.topic) is None:
        known = ", ".join(topic.id for topic in work.settings.topics)
        raise RequestError(f"there is no topic {told.topic!r}; there are {known}")
    if not told.title.strip():
        raise RequestError("want a title, as people will call the event")
    url = canonical_url(told.url) if told.url else f"told:{secrets.token_hex(8)}"
    if not url:
        raise RequestError(f"{told.url!r} is not an http or https address")
    stored = _stored(work, told, url)
    found = events.of_post(work.connection, stored.post.id).get(told.topic)
    if found is not None:
        raise RequestError(f"it is part of E{found} already; see: yuqing event E{found}")
    match = Match(topic=told.topic, span=told.title, field="title", why=f"told by {told.unit or by}")
    posts.add_matches(work.connection, {stored.post.id: [(SOURCE, match)]})
    grouping.place(work, stored, [match])
    number = events.of_post(work.connection, stored.post.id)[told.topic]
    public_at = told.public_at.isoformat() if told.public_at else None
    source = told.url or "phone"
    data = {"unit": told.unit, "public_at": public_at, "source": source, "title": told.title, "reason": reason}
    work.audit("event.added_by_hand", event=number, actor=by, **data)
    judging.measure(work, number)
    work.looks.add(stored.post.id)
    return find(work, f"E{number}")


def _stored(work: Work, told: Told, url: str) -> Stored:
    """The post, new or known; one that stood there before its source was first visited is news now."""
    if known := posts.numbers(work.connection, [url]):
        (post,) = posts.get(work.connection, list(known.values()))
        return Stored(post=post, is_new=False, is_changed=False, is_baseline=False)
    key = story.title_key(told.title)
    (stored,) = posts.store(work.connection, [(_post(work, told, url), key)], baseline=False, now=work.now)
    return stored


def _post(work: Work, told: Told, url: str) -> Post:
    """It counts as a post of the monitored site it stands on, if there is one, and is watched as such (R4)."""
    host = urlsplit(url).hostname if told.url else None
    source = next((one for one in work.settings.sources if urlsplit(one.urls[0]).hostname == host), None)
    return Post(
        url=url,
        source=source.id if source else SOURCE,
        site=source.site if source else registrable_host(url) if told.url else SOURCE,
        mainstream=source.mainstream if source else False,
        title=told.title,
        text=told.text,
        published_at=told.public_at,
        fetched_at=work.now,
    )
