"""Posts, their counters, their matches, and the index of their clauses."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, delete, exists, func, insert, or_, select, update

from ..domain import Match, Post, Reading
from ..extract.urls import url_hash
from . import schema, sources
from .statements import insert_new

_POST, _MEMBER, _READING = schema.post, schema.event_post, schema.reading
_STORED = tuple(name for name in Post.__slots__ if name != "tags")  # its source tells them
_COLUMNS = {texts: [_POST.c[name] for name in _STORED if texts or name != "text"] for texts in (True, False)}
_KNOWN: Select[Any] = select(*_COLUMNS[True], _POST.c.url_hash, _POST.c.content_hash, _POST.c.baseline)
_BY_HASH = _KNOWN.where(_POST.c.url_hash.in_(bindparam("hashes", expanding=True)))
_AS_SEEN = (_POST.c.first_seen_at, _POST.c.id)
_BY_NUMBER = {
    texts: select(*_COLUMNS[texts]).where(_POST.c.id.in_(bindparam("ids", expanding=True))).order_by(*_AS_SEEN)
    for texts in _COLUMNS
}
_SINCE = (
    select(*_COLUMNS[True])
    .where(_POST.c.first_seen_at >= bindparam("at"), _POST.c.id > bindparam("last"))
    .order_by(_POST.c.id)
    .limit(bindparam("limit"))
)
_AT_A_TIME = 500
_OF_EVENT = {
    texts: select(*_COLUMNS[texts])
    .join(_MEMBER, _MEMBER.c.post == _POST.c.id)
    .where(_MEMBER.c.event == bindparam("event"))
    .order_by(*_AS_SEEN)
    for texts in _COLUMNS
}
_NUMBERS = select(_POST.c.url_hash, _POST.c.id).where(_POST.c.url_hash.in_(bindparam("hashes", expanding=True)))
_READINGS = select(_READING, _POST.c.url).join(_POST, _POST.c.id == _READING.c.post)
_RANKED = (
    _READINGS.add_columns(
        func.row_number().over(partition_by=_READING.c.post, order_by=_READING.c.at.desc()).label("place")
    )
    .where(_READING.c.post.in_(bindparam("posts", expanding=True)))
    .subquery()
)
_LAST_READINGS = select(_RANKED).where(_RANKED.c.place <= bindparam("number")).order_by(_RANKED.c.at)
_NEW, _NEW_MATCH, _NEW_CLAUSE = insert(_POST), insert(schema.match), insert(schema.clause)
_WATCH = update(_POST).where(_POST.c.id == bindparam("number"))
_MATCHES = (
    select(schema.match).where(schema.match.c.post.in_(bindparam("posts", expanding=True))).order_by(schema.match.c.id)
)
_CLAUSES_OF = select(schema.clause.c.hash, schema.clause.c.chars).where(schema.clause.c.post == bindparam("post"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A post after it was stored: with its number, and what was new about it.

    ``is_baseline``: it was there before the source was first visited, so it is not news.
    """

    post: Post
    is_new: bool
    is_changed: bool
    is_baseline: bool


def store(connection: Connection, found: Sequence[tuple[Post, str]], *, baseline: bool, now: datetime) -> list[Stored]:
    """Insert posts, each with the key of its title, or update those of the same URL that read differently now.

    A list that shows titles only does not wipe out a text that was read before, and ``first_seen_at`` is never
    changed. A second post of the same URL comes after all others.
    """
    if not found:
        return []
    at_first: dict[str, tuple[Post, str]] = {}
    again = []
    for post, key in found:
        if (hash := url_hash(post.url)) in at_first:
            again.append((post, key))
        at_first.setdefault(hash, (post, key))
    before = {row.url_hash: row for row in connection.execute(_BY_HASH, {"hashes": list(at_first)})}
    new = {hash: named for hash, named in at_first.items() if hash not in before}
    numbers = _insert(connection, new, baseline=baseline, now=now) if new else {}
    stored = [
        _changed(connection, *named, before[hash])
        if hash in before
        else Stored(post=replace(named[0], id=numbers[hash]), is_new=True, is_changed=True, is_baseline=baseline)
        for hash, named in at_first.items()
    ]
    return stored + store(connection, again, baseline=baseline, now=now)


def _insert(
    connection: Connection, new: Mapping[str, tuple[Post, str]], *, baseline: bool, now: datetime
) -> dict[str, int]:
    """Insert posts by the hashes of their URLs; returns their numbers."""
    rows = []
    for hash, (post, key) in new.items():
        stays: dict[str, Any] = {"url_hash": hash, "url": post.url, "source": post.source, "site": post.site}
        stays |= {"mainstream": post.mainstream, "first_seen_at": now, "baseline": baseline}
        rows.append(_values(post, key, None) | stays)
    connection.execute(_NEW, rows)
    return {row.url_hash: row.id for row in connection.execute(_NUMBERS, {"hashes": list(new)})}


def _changed(connection: Connection, post: Post, title_key: str, before: Row[Any]) -> Stored:
    """A post that is known: updated if it reads differently now."""
    values = _values(post, title_key, before)
    if before.content_hash == values["content_hash"] or (before.text and not post.text):
        return Stored(post=_known(before), is_new=False, is_changed=False, is_baseline=before.baseline)
    connection.execute(update(_POST).where(_POST.c.id == before.id).values(**values))
    return Stored(post=replace(post, id=before.id), is_new=False, is_changed=True, is_baseline=before.baseline)


def _values(post: Post, title_key: str, before: Row[Any] | None) -> dict[str, Any]:
    """What may change with every reading of a post."""
    return {
        "title": post.title,
        "title_key": title_key,
        "text": post.text,
        "content_hash": hashlib.sha256(f"{post.title}\n{post.text}".encode(errors="replace")).hexdigest()[:32],
        "fetched_at": post.fetched_at,
        "source_name": post.source_name,
        "confidence": post.confidence,
        "published_at": post.published_at or (before.published_at if before else None),
        "author": post.author or (before.author if before else ""),
    }


def get(connection: Connection, ids: Collection[int], *, texts: bool = True) -> tuple[Post, ...]:
    """The posts of those numbers, in the order in which they were first seen; their long texts only if wanted."""
    return _posts(connection, _BY_NUMBER[texts], {"ids": list(ids)})


def of_event(connection: Connection, event: int, *, texts: bool = True) -> tuple[Post, ...]:
    """The posts of an event, in the order in which they were first seen; their long texts only if wanted."""
    return _posts(connection, _OF_EVENT[texts], {"event": event})


def _posts(connection: Connection, query: Select[Any], given: Mapping[str, object]) -> tuple[Post, ...]:
    return tuple(Post(**{"text": "", **row._mapping}) for row in connection.execute(query, given))


def newest_since(connection: Connection, most: int) -> datetime | None:
    """Since when the newest ``most`` posts were first seen; ``None`` if there are not so many."""
    query = select(_POST.c.first_seen_at).order_by(_POST.c.first_seen_at.desc()).offset(most - 1).limit(1)
    return connection.execute(query).scalar()


def seen_since(connection: Connection, at: datetime) -> Iterator[Post]:
    """The posts first seen since then, the oldest first, a few at a time in memory."""
    last = 0
    while found := connection.execute(_SINCE, {"at": at, "last": last, "limit": _AT_A_TIME}).all():
        yield from map(_known, found)
        last = found[-1].id


def numbers(connection: Connection, urls: Collection[str]) -> dict[str, int]:
    """The numbers of those of the URLs that are stored."""
    hashes = {url_hash(url): url for url in urls}
    if not hashes:
        return {}
    rows = connection.execute(_NUMBERS, {"hashes": list(hashes)})
    return {hashes[row.url_hash]: row.id for row in rows}


# -- counters -------------------------------------------------------------------------------------


def add_readings(connection: Connection, found: Iterable[tuple[int, Reading]]) -> None:
    """Keep readings of posts; a second one of the same post and instant is the same reading."""
    names = ("at", "reads", "comments", "reposts", "hot")
    rows = [{"post": post} | {name: getattr(reading, name) for name in names} for post, reading in found]
    if rows:
        connection.execute(insert_new(connection, _READING), rows)


def readings(connection: Connection, post: int) -> list[Reading]:
    """All readings of one post, the oldest first."""
    query = _READINGS.where(_READING.c.post == post).order_by(_READING.c.at)
    return [_counters(row) for row in connection.execute(query)]


def readings_of_event(connection: Connection, event: int) -> Iterator[Reading]:
    """All readings of an event's posts, of each post the oldest first."""
    query = _READINGS.join(_MEMBER, _MEMBER.c.post == _POST.c.id).where(_MEMBER.c.event == event)
    return map(_counters, connection.execute(query.order_by(_READING.c.post, _READING.c.at)))


def last_readings(connection: Connection, ids: Collection[int], number: int) -> dict[int, list[Reading]]:
    """The last readings of some posts, so many of each at the most, the oldest first."""
    rows = connection.execute(_LAST_READINGS, {"posts": list(ids), "number": number}) if ids else ()
    found: dict[int, list[Reading]] = {}
    for row in rows:
        found.setdefault(row.post, []).append(_counters(row))
    return found


def all_readings(connection: Connection, ids: Collection[int], *, limit: int) -> list[Reading]:
    """The readings of some posts in the order of time, at most so many."""
    query = _READINGS.where(_READING.c.post.in_(ids)).order_by(_READING.c.at)
    return [_counters(row) for row in connection.execute(query.limit(limit))]


def peaks(connection: Connection, ids: Collection[int]) -> list[Reading]:
    """For each of the posts the highest value ever read of each counter, as one reading at its last instant."""
    columns = [func.max(_READING.c[name]).label(name) for name in ("at", "reads", "comments", "reposts", "hot")]
    query = select(_POST.c.url, *columns).join(_POST).where(_READING.c.post.in_(ids)).group_by(_READING.c.post)
    return [_counters(row) for row in connection.execute(query)]


def watch(connection: Connection, look_at: Mapping[int, datetime | None]) -> None:
    """Say when posts' counters are due again; ``None``: no longer."""
    if look_at:
        connection.execute(_WATCH, [{"number": post, "look_at": at} for post, at in look_at.items()])


def unwatch(connection: Connection, event: int) -> None:
    """The counters of an event's posts are not looked at any more."""
    members = select(_MEMBER.c.post).where(_MEMBER.c.event == event)
    connection.execute(update(_POST).where(_POST.c.id.in_(members), _POST.c.look_at.is_not(None)).values(look_at=None))


def due_looks(connection: Connection, *, now: datetime, busy: Collection[str], limit: int) -> dict[str, list[str]]:
    """The URLs whose counters are due, by source, the longest due first, none of the busy hosts, at most so many.

    A source that fails is not visited for them alone.
    """
    table, source = schema.post, schema.source
    query = select(table.c.source, table.c.url).join(source, source.c.id == table.c.source)
    query = query.where(table.c.look_at <= now, *sources.may_be_visited(busy))
    query = query.where(or_(source.c.failures == 0, source.c.due_at <= now)).order_by(table.c.look_at).limit(limit)
    found: dict[str, list[str]] = {}
    for row in connection.execute(query):
        found.setdefault(row.source, []).append(row.url)
    return found


# -- matches and clauses --------------------------------------------------------------------------


def forget_matches(connection: Connection, ids: Collection[int]) -> None:
    """Drop the matches of posts that read differently now."""
    if ids:
        connection.execute(delete(schema.match).where(schema.match.c.post.in_(ids)))


def add_matches(connection: Connection, found: Mapping[int, Iterable[tuple[str, Match]]]) -> None:
    """Keep further (plugin, match) pairs of posts."""
    rows = [
        {"post": post, "plugin": plugin} | {name: getattr(match, name) for name in match.__slots__}
        for post, pairs in found.items()
        for plugin, match in pairs
    ]
    if rows:
        connection.execute(_NEW_MATCH, rows)


def matches(connection: Connection, ids: Collection[int]) -> tuple[Match, ...]:
    """The matches of those posts."""
    rows = connection.execute(_MATCHES, {"posts": list(ids)})
    return tuple(Match(**{name: row._mapping[name] for name in Match.__slots__}) for row in rows)


def index_clauses(connection: Connection, post: int, clauses: Mapping[int, int], *, anew: bool) -> None:
    """Make a post findable by its clauses (hash -> characters); ``anew``: instead of those it was found by."""
    if anew:
        connection.execute(delete(schema.clause).where(schema.clause.c.post == post))
    if clauses:
        rows = [{"hash": hash, "post": post, "chars": chars} for hash, chars in clauses.items()]
        connection.execute(_NEW_CLAUSE, rows)


def clauses_of(connection: Connection, post: int) -> dict[int, int]:
    """A post's clauses."""
    return {row.hash: row.chars for row in connection.execute(_CLAUSES_OF, {"post": post})}


def purge(connection: Connection, *, before: datetime) -> int:
    """Delete the posts first seen before that belong to no event; returns how many."""
    table = schema.post
    kept = exists().where(schema.event_post.c.post == table.c.id)
    return connection.execute(delete(table).where(table.c.first_seen_at < before, ~kept)).rowcount


def _known(row: Row[Any]) -> Post:
    return Post(**{name: row._mapping[name] for name in _STORED})


def _counters(row: Row[Any]) -> Reading:
    return Reading(**{name: row._mapping[name] for name in Reading.__slots__})
