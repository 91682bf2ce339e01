"""From facts to what templates see: plain texts in the report's language and the organisation's zone. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ..domain import Level
from ..rules.notice import cut
from ..rules.walltime import retold
from .document import plain
from .facts import ALL, Blind, Carried, Deed, DigestFacts, EventFacts, Figure, Figures, Owed, Since, Step, Told, Trace
from .words import Words

Row = tuple[str, ...]
TITLE, CELL, TEXT = 200, 80, 600  # characters of a title, of a table's cell, of what a person wrote
MOST_ROWS = 60  # of a table: the others are counted
MOST_TRACES = 3  # shown; all are in the JSON
FIGURES = ("reads", "comments", "mainstream", "posts")
READ_UNTIL = re.compile(r"R@(.+)")


@dataclass(frozen=True, slots=True)
class Teller:
    """Puts single facts into words."""

    words: Words
    language: str
    timezone: ZoneInfo

    def at(self, instant: datetime | None) -> str:
        """An instant by the organisation's clock; unknown if it is not known."""
        return f"{instant.astimezone(self.timezone):%Y-%m-%d %H:%M}" if instant else self.words.unknown

    def mark(self, trace: Trace) -> str:
        """Where a fact comes from, as it stands behind it: ``[E12#34]``."""
        if not trace:
            return ""
        shown = [self._one(each) for each in trace[:MOST_TRACES]]
        return f"[{' '.join(shown)}{' …' if len(trace) > MOST_TRACES else ''}]"

    def _one(self, trace: str) -> str:
        found = READ_UNTIL.fullmatch(trace)
        return f"R@{self.at(datetime.fromisoformat(found[1]))}" if found else trace

    def figure(self, figure: Figure) -> str:
        """A count with its mark: unknown is not zero."""
        return f"{figure.value:,} {self.mark(figure.trace)}".strip() if figure.value is not None else self.words.unknown

    def level(self, level: Level | None) -> str:
        """A level's name."""
        return level.title(self.language) if level else ""

    def reason(self, reason: str, near: datetime) -> str:
        """A reason of the machine's in words, its instants (in UTC, near that one) by the organisation's clock."""
        return cut(self.words.reason(retold(plain(reason), near, self.timezone)), TEXT)

    def step(self, step: Step) -> dict[str, str]:
        """Something that happened."""
        return {
            "at": self.at(step.at), "what": self.words.of("steps", step.what), "level": self.level(step.level),
            "stage": self.words.of("stages", step.stage) if step.stage else "", "mark": self.mark(step.trace),
            "reason": self.reason(step.reason, step.at),
        }  # fmt: skip

    def deed(self, deed: Deed) -> dict[str, str]:
        """What a person did."""
        given = [f"{self.words.of('data', name)} {self._given(name, value)}" for name, value in deed.data.items()]
        return {
            "at": self.at(deed.at), "act": deed.act, "what": self.words.of("acts", deed.act), "by": plain(deed.by),
            "reason": cut(plain(deed.reason), TEXT), "given": self.words.joined(given), "mark": self.mark(deed.trace),
        }  # fmt: skip

    def _given(self, name: str, value: object) -> str:
        texts = [str(each) for each in value] if isinstance(value, list | tuple) else [str(value)]
        return self.words.joined(cut(plain(self.words.of(f"{name}s", text)), CELL) for text in texts)


def event_view(facts: EventFacts, teller: Teller) -> dict[str, Any]:
    """What the templates of a report on one event see."""
    event, first = facts.event, facts.spread[0] if facts.spread else None
    shown = _shown(facts.spread)
    return {
        **_common(facts.organisation, facts.as_of, teller),
        "code": event.code,
        "title": cut(plain(event.title), TITLE),
        "key_words": plain(event.key_words),
        "topic": plain(facts.topic),
        "level": teller.level(event.level),
        "kind": plain(facts.kind) or teller.words.unknown,
        "subject": plain(facts.subject),
        "state": teller.words.of("states", event.state.value),
        "stage": teller.words.of("stages", event.stage) if event.stage else teller.words.unknown,
        "stage_reason": teller.reason(event.stage_reason, event.updated_at),
        "department": plain(facts.department),
        "found_at": teller.at(event.found_at),
        "found_mark": teller.mark(facts.found),
        "over_at": teller.at(event.over_at) if event.over_at else "",
        "closed_at": teller.at(event.closed_at) if event.closed_at else "",
        "figures": _figures(facts.figures, teller),
        "origin": _origin(first, teller) if first else None,
        "posts": len(facts.spread),
        "more": len(facts.spread) - len(shown),
        "steps": [teller.step(step) for step in facts.steps],
        "deeds": [teller.deed(deed) for deed in facts.deeds],
        "duties": len(facts.duties),
        "late": [_owed(duty, teller) for duty in facts.duties if duty.breached_at],
        "told": len(facts.told),
        "more_blind": max(0, len(facts.blind) - MOST_ROWS),
        "undelivered": [_told(each, teller) for each in facts.told if each.state == "dead"],
        "curve": len(facts.curve),
        "watched": facts.watched,
        "blind": len(facts.blind),
        "since": _since(facts.since, teller) if facts.since else None,
        "bulletin": facts.bulletin,
    }


def event_tables(facts: EventFacts, teller: Teller) -> Mapping[str, tuple[Row, ...]]:
    """The tables that such templates may show."""
    return {
        "spread": tuple(_carried_row(post, teller) for post in _shown(facts.spread)),
        "new": tuple(_carried_row(post, teller) for post in _shown(facts.since.posts)) if facts.since else (),
        "duties": tuple(_owed_row(duty, teller) for duty in facts.duties),
        "told": tuple(_told_rows(facts.told, teller)),
        "blind": blind_rows(facts.blind, teller),
    }


def digest_view(facts: DigestFacts, teller: Teller) -> dict[str, Any]:
    """What the template of a digest sees."""
    return {
        **_common(facts.organisation, facts.as_of, teller),
        "since": teller.at(facts.since),
        "until": teller.at(facts.until),
        "events": len(facts.events),
        "new": sum(line.is_new for line in facts.events),
        "breached": len(facts.breached),
        "failed": len(facts.failed),
        "states": teller.words.joined(f"{teller.words.of('sources', name)} {number}" for name, number in facts.states),
        "watched": facts.watched,
        "blind": len(facts.blind),
        "more_blind": max(0, len(facts.blind) - MOST_ROWS),
        "entries": facts.entries,
        "head": facts.head,
        "head_hash": facts.head_hash,
        "broken": facts.broken,
    }


def digest_tables(facts: DigestFacts, teller: Teller) -> Mapping[str, tuple[Row, ...]]:
    """The tables that it may show."""
    events = []
    for line in facts.events:
        figures = _figures(line.figures, teller)
        new = teller.words.of("claims", "new" if line.is_new else "known")
        state = teller.words.of("states", line.event.state.value)
        level = f"{teller.level(line.level)} {teller.mark(line.trace)}".strip()
        title = cut(plain(line.event.title), CELL)
        events.append((line.event.code, level, new, state, *(figures[name] for name in figures), title))
    return {
        "events": tuple(events),
        "breached": tuple((duty.event, *_owed_row(duty, teller)) for duty in facts.breached),
        "failed": tuple(_failed_row(each, teller) for each in facts.failed),
        "blind": blind_rows(facts.blind, teller),
    }


def blind_rows(blind: Sequence[Blind], teller: Teller) -> tuple[Row, ...]:
    """Source, why, since, until, error, mark."""
    still = teller.words.of("claims", "still")
    return tuple(
        (
            teller.words.of("blind", "all") if each.source == ALL else plain(each.source),
            teller.words.of("blind", each.why),
            teller.at(each.since),
            teller.at(each.until) if each.until else still,
            cut(teller.reason(each.error, each.since), CELL) or "-",
            teller.mark(each.trace) or "-",
        )
        for each in blind[:MOST_ROWS]
    )


# -- parts ----------------------------------------------------------------------------------------


def _common(organisation: str, as_of: datetime, teller: Teller) -> dict[str, str]:
    return {"organisation": plain(organisation), "as_of": teller.at(as_of), "unknown": teller.words.unknown}


def _figures(figures: Figures, teller: Teller) -> dict[str, str]:
    return {name: teller.figure(getattr(figures, name)) for name in FIGURES}


def _count(figure: Figure, teller: Teller) -> str:
    return teller.words.unknown if figure.value is None else f"{figure.value:,}"


def _origin(post: Carried, teller: Teller) -> dict[str, str]:
    return {
        "site": plain(post.site), "title": cut(plain(post.title), TITLE), "url": cut(plain(post.url), TEXT),
        "at": teller.at(post.at), "seen_at": teller.at(post.seen_at), "mark": teller.mark(post.trace),
    }  # fmt: skip


def _since(since: Since, teller: Teller) -> dict[str, Any]:
    return {
        "at": teller.at(since.at),
        "mark": teller.mark(since.trace),
        "figures": {name: _count(getattr(since.figures, name), teller) for name in FIGURES},
        "posts": len(since.posts),
        "steps": [teller.step(step) for step in since.steps],
        "deeds": [teller.deed(deed) for deed in since.deeds],
        "is_empty": since.is_empty,
    }


def _shown(posts: Sequence[Carried]) -> list[Carried]:
    """As many as a table holds: every mainstream site before the others, each in the order of time."""
    kept = {post.post for post in sorted(posts, key=lambda post: not post.mainstream)[:MOST_ROWS]}
    return [post for post in posts if post.post in kept]


def _carried_row(post: Carried, teller: Teller) -> Row:
    claim = teller.words.of("claims", "yes" if post.mainstream else "no")
    at = teller.at(post.at)
    relation = teller.words.of("relations", post.relation)
    return (plain(post.site), claim, at, relation, cut(plain(post.title), CELL), teller.mark(post.trace))


def _owed(duty: Owed, teller: Teller) -> dict[str, str]:
    done = f"{teller.at(duty.done_at)} {plain(duty.done_by)}".strip() if duty.done_at else ""
    return {
        "name": plain(duty.name), "owner": plain(duty.owner), "due_at": teller.at(duty.due_at), "done": done,
        "state": teller.words.of("duty_states", duty.state), "mark": teller.mark(duty.trace),
    }  # fmt: skip


def _owed_row(duty: Owed, teller: Teller) -> Row:
    words = _owed(duty, teller)
    late = teller.words.of("claims", "late" if duty.breached_at else "no")
    due = words["due_at"] if duty.due_at else "-"
    return (words["name"], words["owner"], due, words["state"], late, words["done"] or "-", words["mark"])


def _told(each: Told, teller: Teller) -> dict[str, str]:
    return {
        "recipient": plain(each.recipient), "role": plain(each.role), "channel": plain(each.channel),
        "what": teller.words.of("purposes", each.purpose.split(":")[0]), "planned_at": teller.at(each.planned_at),
        "state": teller.words.of("delivery_states", each.state), "detail": cut(plain(each.detail), CELL),
        "accepted_at": teller.at(each.accepted_at) if each.accepted_at else "-", "mark": teller.mark(each.trace),
    }  # fmt: skip


def _failed_row(each: Told, teller: Teller) -> Row:
    words = _told(each, teller)
    names = ("recipient", "role", "channel", "what", "planned_at", "detail", "mark")
    return (each.event or "-", *(words[name] for name in names))


def _told_rows(told: Iterable[Told], teller: Teller) -> Iterable[Row]:
    """One row for all notices to one person over one channel for one cause: the first, how many, how many arrived."""
    alike: dict[tuple[str, ...], list[Told]] = {}
    for each in told:
        alike.setdefault((each.recipient, each.role, each.channel, each.purpose.split(":")[0]), []).append(each)
    for group in alike.values():
        words = _told(group[0], teller)
        accepted = [each.accepted_at for each in group if each.accepted_at]
        trace = tuple(trace for each in group for trace in each.trace)
        yield (
            *(words[name] for name in ("recipient", "role", "channel", "what", "planned_at")), f"{len(group)}",
            f"{len(accepted)}", teller.at(min(accepted)) if accepted else "-", teller.mark(trace),
        )  # fmt: skip
