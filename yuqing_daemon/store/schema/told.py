"""What people are told."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table, Text

from .base import ID, Instant, metadata

delivery = Table(
    "delivery",
    metadata,
    Column("id", ID, primary_key=True),
    Column("key", String(255), nullable=False, unique=True),
    Column("event", ID, ForeignKey("event.id"), index=True),  # NULL: a word to the operators
    Column("purpose", String(128), nullable=False),
    Column("level", Integer, nullable=False),
    Column("role", String(64), nullable=False),
    Column("recipient", String(64), nullable=False),
    Column("channel", String(64), nullable=False),
    Column("to", Text, nullable=False),
    Column("notice", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("fallback_at", Instant),  # not accepted by then: the next channel is tried as well
    Column("deadline", Instant, nullable=False),  # no further attempt after one that failed later than this
    Column("token", String(32), nullable=False),
    Column("lease_until", Instant),
    Column("attempts", Integer, nullable=False),
    Column("accepted_at", Instant),
    Column("detail", Text, nullable=False),
    Column("provider_id", Text, nullable=False, index=True),
    Column("reason", Text, nullable=False, server_default=""),  # why people are told: what is said anew says it too
    Column("rev", Integer, nullable=False, server_default="0"),  # of the event when the notice was written
    Column("rank", Integer, nullable=False, server_default="0"),  # the higher goes first
    Column("parent", ID, index=True),  # the message it went into, or that told of it later
    Column("slot", String(32)),  # of a message that takes in others: one for each recipient
    Column("suppressed_by", String(64), nullable=False, server_default=""),  # silence:<id>, event:<code>, source:<id>
    Column("receipt", String(16), nullable=False, server_default=""),
    Column("receipt_at", Instant),
    Index("delivery_by_due", "state", "due_at"),
    Index("delivery_by_slot", "recipient", "slot", unique=True),
)

attempt = Table(
    "attempt",
    metadata,
    Column("id", ID, primary_key=True),
    Column("delivery", ID, ForeignKey("delivery.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False, index=True),
    Column("answer", String(16), nullable=False),
    Column("detail", Text, nullable=False),
    Column("provider_id", Text, nullable=False),
)

silence = Table(
    "silence",
    metadata,
    Column("id", ID, primary_key=True),
    Column("matcher", JSON, nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False, index=True),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("summarised_at", Instant),  # when those who were not told had a summary
)

hold = Table(
    "hold",
    metadata,
    Column("channel", String(64), primary_key=True),
    Column("until", Instant, nullable=False),
    Column("reason", Text, nullable=False),
)
