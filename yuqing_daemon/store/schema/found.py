"""What is watched and what was found: sources, visits, posts, and what they are about."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from .base import ID, Instant, metadata

source = Table(
    "source",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("status", String(16), nullable=False),  # one of rules.health.State
    Column("since", Instant, nullable=False),  # when it came into that status
    Column("due_at", Instant, nullable=False),
    Column("first_read_at", Instant),  # the baseline
    Column("last_visit_at", Instant),
    Column("last_read_at", Instant),
    Column("last_new_at", Instant),
    Column("failures", Integer, nullable=False),  # in a row
    Column("error", Text, nullable=False),
    Column("host", String(255), nullable=False, server_default=""),  # the registrable one; "": not configured
    Column("tempo", JSON(none_as_null=True)),  # what it brings by hour of the day
    Column("state", JSON, nullable=False),  # last: it may be large, and SQLite reads it to get at what stands behind it
    Index("source_due", "due_at"),
)

health = Table(
    "health",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("history", JSON, nullable=False),
    Column("reason", Text, nullable=False),  # of its state
    Column("figures", JSON, nullable=False),
    Column("told_state", String(16), nullable=False),  # what the operators know
    Column("told_at", Instant),
    Column("changes", Integer, nullable=False),  # since they were told
    Column("paused_until", Instant),
)

spell = Table(
    "spell",
    metadata,
    Column("id", ID, primary_key=True),
    Column("source", String(64), nullable=False),  # "" is our own network
    Column("state", String(16), nullable=False),
    Column("since", Instant, nullable=False),  # when it was noticed
    Column("blind_from", Instant, nullable=False),  # when the source was last heard well
    Column("until", Instant),
    Column("reason", Text, nullable=False),
    Column("figures", JSON, nullable=False),
    Index("spell_by_source", "source", "since"),
    Index("spell_by_until", "until"),
)

canary = Table(
    "canary",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("url", Text, primary_key=True),
    Column("content_type", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),  # deflated
    Column("fetched_at", Instant, nullable=False),
    Column("read", JSON, nullable=False),  # what was extracted when it was kept, or accepted
    Column("digest", String(32), nullable=False),  # of the program and the source's settings it was last read with
    Column("lost", Text, nullable=False),  # how the last reading differs; "": not at all
)

strike = Table(
    "strike",
    metadata,
    Column("id", ID, primary_key=True),
    Column("source", String(64), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("reason", Text, nullable=False),
    Column("traceback", Text, nullable=False),
)

visit = Table(
    "visit",
    metadata,
    Column("id", ID, primary_key=True),
    Column("source", String(64), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant, nullable=False, index=True),
    Column("outcome", String(16), nullable=False),
    Column("links", Integer, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("found", Integer, nullable=False),
    Column("new", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Column("trouble", String(16), nullable=False, server_default=""),
    Column("since", Instant),  # of visits one after the other that brought nothing: when the first of them began
    Column("number", Integer, nullable=False, server_default="1"),  # how many they are; the rest tells of the last
    Column("node", String(255), nullable=False, server_default=""),
    Index("visit_by_source", "source", "ended_at"),
)

unread = Table(
    "unread",
    metadata,
    Column("url", Text, primary_key=True),
    Column("source", String(64), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

post = Table(
    "post",
    metadata,
    Column("id", ID, primary_key=True),
    Column("url_hash", String(32), nullable=False, unique=True),
    Column("url", Text, nullable=False),
    Column("source", String(64), nullable=False, index=True),
    Column("site", String(255), nullable=False),
    Column("mainstream", Boolean, nullable=False),
    Column("title", Text, nullable=False),
    Column("title_key", Text, nullable=False, index=True),  # the bare title; "" if too short to tell
    Column("text", Text, nullable=False),
    Column("content_hash", String(32), nullable=False),
    Column("published_at", Instant),
    Column("first_seen_at", Instant, nullable=False, index=True),
    Column("fetched_at", Instant, nullable=False),
    Column("author", String(32), nullable=False),  # a keyed hash
    Column("source_name", Text, nullable=False),
    Column("confidence", Float),
    Column("baseline", Boolean, nullable=False),  # was there before we first looked
    Column("look_at", Instant, index=True),  # when its counters are due again; NULL: not watched
)

reading = Table(
    "reading",
    metadata,
    Column("post", ID, ForeignKey("post.id", ondelete="CASCADE"), primary_key=True),
    Column("at", Instant, primary_key=True),
    Column("reads", BigInteger),
    Column("comments", BigInteger),
    Column("reposts", BigInteger),
    Column("hot", BigInteger),
)

match = Table(
    "match",
    metadata,
    Column("id", ID, primary_key=True),
    Column("post", ID, ForeignKey("post.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("topic", String(64), nullable=False),
    Column("plugin", String(64), nullable=False),
    Column("term", Text, nullable=False),
    Column("span", Text, nullable=False),
    Column("field", String(16), nullable=False),
    Column("start", Integer),
    Column("end", Integer),
    Column("variant", String(32), nullable=False),
    Column("why", Text, nullable=False),
)

clause = Table(
    "clause",
    metadata,
    Column("hash", BigInteger, primary_key=True, autoincrement=False),
    Column("post", ID, ForeignKey("post.id", ondelete="CASCADE"), primary_key=True),
    Column("chars", Integer, nullable=False),
    Index("clause_by_post", "post"),
    sqlite_with_rowid=False,
)

gist = Table(
    "gist",
    metadata,
    Column("event", ID, ForeignKey("event.id"), primary_key=True),
    Column("topic", String(64), nullable=False, index=True),
    Column("weights", JSON, nullable=False),  # of the pairs of characters that tell most of it
    Column("is_report", Boolean, nullable=False),  # told of at length by others
    Column("is_own", Boolean, nullable=False),  # told of by those only to whom it happened
)

gist_pair = Table(
    "gist_pair",
    metadata,
    Column("topic", String(64), primary_key=True),
    Column("pair", Text, primary_key=True),
    Column("event", ID, ForeignKey("event.id"), primary_key=True),
    Index("gist_pair_by_event", "event"),
    sqlite_with_rowid=False,
)
