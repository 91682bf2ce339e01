"""The one schema, for SQLite and PostgreSQL. Every row that causes an effect has a key made of facts."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    true,
)


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant; SQLite, which knows no zones, keeps it without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse what has no zone, for it could be any time of day."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"an instant needs a zone: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give it back as UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData()
ID = BigInteger().with_variant(Integer, "sqlite")  # SQLite gives out numbers for INTEGER keys only

meta = Table("meta", metadata, Column("key", String(64), primary_key=True), Column("value", Text, nullable=False))

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
