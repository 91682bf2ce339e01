"""The record, and what the daemon knows of itself."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Integer, String, Table, Text

from .base import ID, Instant, metadata

meta = Table("meta", metadata, Column("key", String(64), primary_key=True), Column("value", Text, nullable=False))

audit = Table(
    "audit",
    metadata,
    Column("id", ID, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("what", String(64), nullable=False),
    Column("event", ID, index=True),
    Column("data", JSON, nullable=False),
    Column("prev", String(64), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("key", String(300), primary_key=True),  # post:<url hash>, timer:<id>
    Column("what", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("count", Integer, nullable=False),
    Column("at", Instant, nullable=False),
)

plugin = Table(
    "plugin",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("package", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("hooks", JSON, nullable=False),
    Column("failures", Integer, nullable=False),
)
