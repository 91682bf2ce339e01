"""The curve of an event, from the readings of its posts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from ..domain import Post, Reading
from ..rules.curve import Curve, curve_of
from . import posts


def of_event(connection: Connection, event: int, members: tuple[Post, ...], *, now: datetime) -> Curve:
    """How an event's figures came about, as far as anybody looked."""
    readings: dict[str, list[Reading]] = {post.url: [] for post in members}
    for reading in posts.readings_of_event(connection, event):
        readings[reading.url].append(reading)
    for post in members:
        if not readings[post.url]:
            readings[post.url].append(Reading(url=post.url, at=post.fetched_at))
    if not any(reading.says_something for each in readings.values() for reading in each):
        for url, each in readings.items():  # no counter to look at: that no post came is all that can be seen, and is
            each.append(Reading(url=url, at=now))
    published = {post.url: post.published_at for post in members if post.published_at is not None}
    return curve_of(readings, published=published)
