"""Posts, their counters, their matches, and the index of their clauses."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, func, insert, select, update

from ..domain import Match, Post, Reading
from ..extract.urls import url_hash
from . import schema

_STORED = tuple(name for name in Post.__slots__ if name != "tags")  # its source tells them


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A post after it was stored: with its number, and what was new about it.

    ``is_baseline``: it was there before the source was first visited, so it is not news.
    """

    post: Post
    is_new: bool
    is_changed: bool
    is_baseline: bool


def store(connection: Connection, post: Post, *, title_key: str, baseline: bool, now: datetime) -> Stored:
    """Insert a post, or update the one of the same URL if it reads differently now.

    A list that shows titles only does not wipe out a text that was read before, and ``first_seen_at`` is never
    changed.
    """
    table = schema.post
    hash = url_hash(post.url)
    content = hashlib.sha256(f"{post.title}\n{post.text}".encode(errors="replace")).hexdigest()[:32]
    before = connection.execute(select(table).where(table.c.url_hash == hash)).first()
    if before is not None and (before.content_hash == content or (before.text and not post.text)):
        return Stored(post=_post(before), is_new=False, is_changed=False, is_baseline=before.baseline)
    values = {
        "title": post.title,
        "title_key": title_key,
        "text": post.text,
        "content_hash": content,
        "fetched_at": post.fetched_at,
        "source_name": post.source_name,
        "confidence": post.confidence,
        "published_at": post.published_at or (before.published_at if before else None),
        "author": post.author or (before.author if before else ""),
    }
    if before is not None:
        connection.execute(update(table).where(table.c.id == before.id).values(**values))
        return Stored(post=replace(post, id=before.id), is_new=False, is_changed=True, is_baseline=before.baseline)
    first = {
        "url_hash": hash,
        "url": post.url,
        "source": post.source,
        "site": post.site,
        "mainstream": post.mainstream,
        "first_seen_at": now,
        "baseline": baseline,
        "clause_chars": 0,
    }
    key = connection.execute(insert(table).values(**values, **first)).inserted_primary_key
    assert key is not None
    return Stored(post=replace(post, id=int(key[0])), is_new=True, is_changed=True, is_baseline=baseline)


def get(connection: Connection, ids: Collection[int], *, texts: bool = True) -> tuple[Post, ...]:
    """The posts of those numbers, in the order in which they were first seen; their long texts only if wanted."""
    table = schema.post
    columns = [table.c[name] for name in _STORED if texts or name != "text"]
    query = select(*columns).where(table.c.id.in_(ids)).order_by(table.c.first_seen_at, table.c.id)
    return tuple(Post(**{"text": "", **row._mapping}) for row in connection.execute(query))


def numbers(connection: Connection, urls: Collection[str]) -> dict[str, int]:
    """The numbers of those of the URLs that are stored."""
    table = schema.post
    hashes = {url_hash(url): url for url in urls}
    rows = connection.execute(select(table.c.url_hash, table.c.id).where(table.c.url_hash.in_(hashes)))
    return {hashes[row.url_hash]: row.id for row in rows}


# -- counters -------------------------------------------------------------------------------------


def add_reading(connection: Connection, post: int, reading: Reading) -> None:
    """Keep a reading; a second one of the same instant is the same reading."""
    table = schema.reading
    if connection.execute(select(exists().where(table.c.post == post, table.c.at == reading.at))).scalar():
        return
    counts = {"reads": reading.reads, "comments": reading.comments, "reposts": reading.reposts, "hot": reading.hot}
    connection.execute(insert(table).values(post=post, at=reading.at, **counts))


def readings(connection: Connection, post: int) -> list[Reading]:
    """All readings of one post, the oldest first."""
    table = schema.reading
    query = select(table, schema.post.c.url).join(schema.post).where(table.c.post == post).order_by(table.c.at)
    return [_reading(row) for row in connection.execute(query)]


def peaks(connection: Connection, ids: Collection[int]) -> list[Reading]:
    """For each of the posts the highest value ever read of each counter, as one reading at its last instant."""
    table = schema.reading
    columns = [func.max(table.c[name]).label(name) for name in ("at", "reads", "comments", "reposts", "hot")]
    query = select(schema.post.c.url, *columns).join(schema.post).where(table.c.post.in_(ids)).group_by(table.c.post)
    return [_reading(row) for row in connection.execute(query)]


def watch(connection: Connection, urls: Collection[str], look_at: datetime | None) -> None:
    """Say when some posts' counters are due again; ``None``: no longer."""
    if urls:
        hashes = [url_hash(url) for url in urls]
        connection.execute(update(schema.post).where(schema.post.c.url_hash.in_(hashes)).values(look_at=look_at))


def due_looks(connection: Connection, *, now: datetime) -> dict[str, list[str]]:
    """The URLs whose counters are due, by source, the longest due first."""
    table = schema.post
    query = select(table.c.source, table.c.url).where(table.c.look_at <= now).order_by(table.c.look_at)
    found: dict[str, list[str]] = {}
    for row in connection.execute(query):
        found.setdefault(row.source, []).append(row.url)
    return found


# -- matches and clauses --------------------------------------------------------------------------


def set_matches(connection: Connection, post: int, found: Iterable[tuple[str, Match]]) -> None:
    """Keep the (plugin, match) pairs of a post in place of those it had."""
    connection.execute(delete(schema.match).where(schema.match.c.post == post))
    add_matches(connection, post, found)


def add_matches(connection: Connection, post: int, found: Iterable[tuple[str, Match]]) -> None:
    """Keep further (plugin, match) pairs of a post."""
    for plugin, match in found:
        values = {name: getattr(match, name) for name in match.__slots__}
        connection.execute(insert(schema.match).values(post=post, plugin=plugin, **values))


def matches(connection: Connection, ids: Collection[int]) -> tuple[Match, ...]:
    """The matches of those posts."""
    table = schema.match
    query = select(table).where(table.c.post.in_(ids)).order_by(table.c.id)
    return tuple(Match(**{name: row._mapping[name] for name in Match.__slots__}) for row in connection.execute(query))


def index_clauses(connection: Connection, post: int, clauses: Mapping[int, int]) -> None:
    """Make a post findable by its clauses (hash -> characters)."""
    connection.execute(delete(schema.clause).where(schema.clause.c.post == post))
    if clauses:
        rows = [{"hash": hash, "post": post, "chars": chars} for hash, chars in clauses.items()]
        connection.execute(insert(schema.clause), rows)
    values = {"clause_chars": sum(clauses.values())}
    connection.execute(update(schema.post).where(schema.post.c.id == post).values(**values))


def clauses_of(connection: Connection, post: int) -> dict[int, int]:
    """A post's clauses."""
    table = schema.clause
    rows = connection.execute(select(table.c.hash, table.c.chars).where(table.c.post == post))
    return {row.hash: row.chars for row in rows}


def purge(connection: Connection, *, before: datetime) -> int:
    """Delete the posts first seen before that belong to no event; returns how many."""
    table = schema.post
    kept = exists().where(schema.event_post.c.post == table.c.id)
    return connection.execute(delete(table).where(table.c.first_seen_at < before, ~kept)).rowcount


def _post(row: Row[Any]) -> Post:
    return Post(**{name: row._mapping[name] for name in _STORED})


def _reading(row: Row[Any]) -> Reading:
    return Reading(**{name: row._mapping[name] for name in Reading.__slots__})
