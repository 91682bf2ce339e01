"""What is judged and owed: events, opinions, duties, judgements."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    true,
)

from ...domain import EventState
from .base import ID, Instant, metadata

event = Table(
    "event",
    metadata,
    Column("id", ID, primary_key=True),
    Column("topic", String(64), nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("level", Integer, nullable=False),
    Column("kind", String(32)),
    Column("subject", String(64), nullable=False),
    Column("state", String(32), nullable=False, index=True),
    Column("found_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("heat", JSON, nullable=False),
    Column("rev", Integer, nullable=False),
    Column("regime", JSON, nullable=False),  # as it was when the event opened
    Column("acknowledged_level", Integer),
    Column("acknowledged_by", Text, nullable=False),
    Column("acknowledged_at", Instant),
    Column("closed_at", Instant),
    Column("over_at", Instant),
    Column("department", String(64), nullable=False, server_default=""),
    Column("merged_into", ID),
    Column("overruled_level", Integer),
    Column("handled_as", Integer),
    Column("stage", String(16), nullable=False, server_default=""),
    Column("stage_reason", Text, nullable=False, server_default=""),
    Column("key_words", Text, nullable=False, server_default=""),
)

is_live = event.c.state.in_([state.value for state in EventState if state.is_live])

event_post = Table(
    "event_post",
    metadata,
    Column("event", ID, ForeignKey("event.id"), primary_key=True),
    Column("post", ID, ForeignKey("post.id"), primary_key=True),
    Column("relation", String(16), nullable=False),  # first, copy, excerpt, retold
    Column("reason", Text, nullable=False),
    Column("joined_at", Instant, nullable=False),
    Index("event_post_by_post", "post"),
)

opinion = Table(
    "opinion",
    metadata,
    Column("id", ID, primary_key=True),
    Column("event", ID, ForeignKey("event.id"), nullable=False, index=True),
    Column("plugin", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    Column("kind", String(32)),
    Column("sentiment", String(16), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("confidence", Float, nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", String(32), nullable=False, server_default=""),
    Column("unsure", Boolean, nullable=False, server_default=false()),
    Column("current", Boolean, nullable=False, server_default=true()),  # not replaced by a later one
)

lesson = Table(
    "lesson",
    metadata,
    Column("id", ID, primary_key=True),
    Column("event", ID, ForeignKey("event.id"), nullable=False, index=True),
    Column("target", String(128), nullable=False, index=True),  # sentiment, constructive, relevance:<topic>
    Column("words", Text, nullable=False),
    Column("yes", Boolean, nullable=False),
    Column("shipped", Float, nullable=False),  # the probability of yes by the shipped weights, before it was learned
    Column("own", Float, nullable=False),  # the same with the organisation's own
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("undone_at", Instant),
    Column("undone_by", Text, nullable=False),
)

consultation = Table(
    "consultation",
    metadata,
    Column("id", ID, primary_key=True),
    Column("event", ID, ForeignKey("event.id"), nullable=False, index=True),
    Column("digest", String(32), nullable=False, index=True),  # of the text and the model
    Column("was_sent", Boolean, nullable=False),  # not if the answer was known
    Column("asked_at", Instant, nullable=False),
    Column("answered_at", Instant),
    Column("advice", JSON),  # the prompt, the answer, the opinions in it
)

weights = Table(
    "weights",
    metadata,
    Column("target", String(128), primary_key=True),
    Column("version", ID, nullable=False),  # the last lesson in it
    Column("lessons", Integer, nullable=False),
    Column("parts", Text, nullable=False),  # JSON, so written that equal weights are equal texts
)

timer = Table(
    "timer",
    metadata,
    Column("id", ID, primary_key=True),
    Column("event", ID, ForeignKey("event.id"), nullable=False),
    Column("kind", String(64), nullable=False),  # step:<level>, repeat:<level>, over
    Column("n", Integer, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("state", String(16), nullable=False),  # pending, fired, cancelled
    Column("ended_at", Instant),
    UniqueConstraint("event", "kind", "n"),
    Index("timer_by_due", "state", "due_at"),
)

duty = Table(
    "duty",
    metadata,
    Column("id", ID, primary_key=True),
    Column("event", ID, ForeignKey("event.id"), nullable=False),
    Column("rule", String(64), nullable=False),
    Column("n", Integer, nullable=False),
    Column("owner", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("due_at", Instant),
    Column("breached_at", Instant),
    Column("done_at", Instant),
    Column("done_by", Text, nullable=False),
    Column("note", Text, nullable=False),
    UniqueConstraint("event", "rule", "n"),
)

judgement = Table(
    "judgement",
    metadata,
    Column("id", ID, primary_key=True),
    Column("event", ID, ForeignKey("event.id"), nullable=False, index=True),
    Column("act", String(32), nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("reason", Text, nullable=False),
    Column("data", JSON, nullable=False),
)

bulletin = Table(
    "bulletin",
    metadata,
    Column("id", ID, primary_key=True),
    Column("event", ID, ForeignKey("event.id"), nullable=False),
    Column("year", Integer, nullable=False),  # by the organisation's clock
    Column("number", Integer, nullable=False),  # of the year; an event keeps its number
    Column("issue", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    UniqueConstraint("event", "issue"),
    UniqueConstraint("year", "number", "issue"),
)
