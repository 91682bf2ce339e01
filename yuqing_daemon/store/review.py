"""What a review is told from: posts that were missed, judgements, and sources that bring nothing (R27)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, select

from ..domain import AuditEntry, Heat, Post, Regime, Source, Topic
from ..extract.urls import registrable_host
from ..rules.ledger import EventRecord, Heading, Line, ledger
from ..rules.ledger.concealed import graded
from ..rules.ledger.waits import level_named
from ..rules.review import ClosingFacts, Missed, Quiet, ReviewFacts, Shift, TopicWords, Verdict
from ..text.matcher import Matcher, rule_of
from ..text.query import And, Word, leaves
from ..text.story import key_words
from . import posts, schema, sources
from .ledger import AT_ONCE, records

WORDS = 8  # that people are shown of one post
_KEPT = ("judged.confirm", "judged.hand_over", "judged.reopen")


def review_facts(
    connection: Connection,
    told: Sequence[EventRecord],
    lines: Iterable[Line],
    *,
    topics: tuple[Topic, ...],
    watched: tuple[Source, ...],
    regime: Regime,
    since: datetime | None = None,
    until: datetime | None = None,
) -> ReviewFacts:
    """What the judgements and misses of a period say; ``lines`` are the ledger's lines of that period."""
    records_by_event = {record.id: record for record in told}
    missed: list[Missed] = []
    for line in lines:
        record = records_by_event.get(line.event)
        if line.heading is Heading.MISSED and record is not None and record.opened is not None:
            urls = [str(record.opened.data["url"])]
            missed += _missed(connection, record, urls, topics, watched, entries=line.entries)
    during = [(record, entry) for record in told for entry in record.entries if _is_within(entry, since, until)]
    return ReviewFacts(
        topics=topics,
        words=topic_words(topics),
        regime=regime,
        missed=tuple({post.url: post for post in missed}.values()),
        verdicts=tuple(_verdicts(connection, during)),
        shifts=tuple(_shifts(during)),
        quiet=tuple(_quiet(connection, watched, since, until)),
    )


def closing_facts(
    connection: Connection,
    event: int,
    *,
    topics: tuple[Topic, ...],
    roles: Mapping[str, tuple[str, ...]],
    now: datetime,
) -> ClosingFacts:
    """What the short review of one event is told from."""
    (record,) = records(connection, event=event)
    urls = [member.post.url for member in record.members]
    missed = [post for post in _missed(connection, record, urls, topics, ()) if not post.is_found]
    lines = ledger([record], now=now, roles=roles)
    return ClosingFacts(event=event, lines=lines, missed=tuple(missed), words=topic_words(topics))


def _is_within(entry: AuditEntry, since: datetime | None, until: datetime | None) -> bool:
    return (since is None or entry.at >= since) and (until is None or entry.at < until)


# -- misses ---------------------------------------------------------------------------------------


def _missed(
    connection: Connection,
    record: EventRecord,
    urls: Sequence[str],
    topics: tuple[Topic, ...],
    watched: tuple[Source, ...],
    *,
    entries: tuple[int, ...] = (),
) -> Iterator[Missed]:
    matcher = Matcher(topics)
    topic = next((topic for topic in topics if topic.id == record.topic), None)
    sites = {source.site for source in watched} | {registrable_host(url) for each in watched for url in each.urls}
    for post in posts.get(connection, list(posts.numbers(connection, urls).values())):
        is_found = any(match.topic == record.topic for match in matcher.find(post))
        is_public = post.url.startswith(("http://", "https://"))
        site = registrable_host(post.url) if is_public else ""
        yield Missed(
            event=record.id,
            topic=record.topic,
            url=post.url,
            words=() if is_found else tuple(key_words(f"{post.title}\n{post.text}", WORDS)),
            lacks=() if topic is None else tuple(_lacking(topic, post)),
            is_found=is_found,
            site=site,
            home="/".join(post.url.split("/")[:3]) + "/" if is_public and site not in sites else "",
            entries=entries,
        )


def _lacking(topic: Topic, post: Post) -> Iterator[str]:
    """The words the topic demands that the post does not have."""
    for term in (*topic.all, *_demanded(topic)):
        if not Matcher((Topic(id=topic.id, all=(term,), lists=topic.lists),)).find(post):
            yield term


def topic_words(topics: Iterable[Topic]) -> dict[str, TopicWords]:
    """The words of each topic."""
    found = {}
    for topic in topics:
        rule, query = rule_of(topic), rule_of(replace(topic, any=(), all=(), none=()))
        demanded = _demanded(topic)
        asked = [word.term for word in leaves(query, negated=False) if str(word) not in demanded] if query else []
        known = frozenset(word.term.casefold() for word in leaves(rule)) if rule else frozenset[str]()
        found[topic.id] = TopicWords(asked=tuple(dict.fromkeys((*topic.any, *asked))), known=known)
    return found


def _demanded(topic: Topic) -> tuple[str, ...]:
    """The words without which its query finds nothing, as it writes them."""
    query = rule_of(replace(topic, any=(), all=(), none=()))
    return tuple(str(part) for part in query.parts if isinstance(part, Word)) if isinstance(query, And) else ()


# -- judgements and sources -----------------------------------------------------------------------


def _verdicts(connection: Connection, during: Sequence[tuple[EventRecord, AuditEntry]]) -> Iterator[Verdict]:
    """The last word on each event that was judged."""
    last: dict[int, tuple[EventRecord, AuditEntry]] = {}
    for record, entry in during:
        if entry.what == "judged.dismiss" or entry.what in _KEPT:
            last[record.id] = (record, entry)
    terms = _terms(connection, [record for record, _ in last.values()])
    for record, entry in last.values():
        is_dismissed = entry.what == "judged.dismiss"
        found = terms.get(record.id, ())
        yield Verdict(event=record.id, topic=record.topic, terms=found, is_dismissed=is_dismissed, entry=entry.id)


def _terms(connection: Connection, told: Sequence[EventRecord]) -> dict[int, tuple[str, ...]]:
    """The terms that found each event."""
    table = schema.match
    found: dict[tuple[int, str], set[str]] = {}
    numbers = sorted({member.post.id for record in told for member in record.members})
    for start in range(0, len(numbers), AT_ONCE):
        some = numbers[start : start + AT_ONCE]
        query = select(table.c.post, table.c.topic, table.c.term).where(table.c.post.in_(some), table.c.term != "")
        for row in connection.execute(query):
            found.setdefault((row.post, row.topic), set()).add(row.term)
    return {
        record.id: tuple(sorted(set().union(*(found.get((m.post.id, record.topic), ()) for m in record.members))))
        for record in told
    }


def _shifts(during: Iterable[tuple[EventRecord, AuditEntry]]) -> Iterator[Shift]:
    for record, entry in during:
        if entry.what not in ("judged.confirm", "judged.correct") or not entry.data.get("level"):
            continue
        level, by_rule = level_named(entry.data["level"]), graded(record, entry)
        if level != by_rule:
            heat = Heat(**entry.data.get("heat", {}))
            yield Shift(event=record.id, topic=record.topic, graded=by_rule, level=level, heat=heat, entry=entry.id)


def _quiet(
    connection: Connection, watched: Iterable[Source], since: datetime | None, until: datetime | None
) -> Iterator[Quiet]:
    table = schema.post
    query = select(table.c.source).distinct()
    if since is not None:
        query = query.where(table.c.first_seen_at >= since)
    if until is not None:
        query = query.where(table.c.first_seen_at < until)
    heard = set(connection.execute(query).scalars())
    rows = {row.id: row for row in sources.all_rows(connection)}
    for source in watched:
        if source.id not in heard:
            row = rows.get(source.id)
            yield Quiet(source=source.id, error=row.error if row else "never visited")
