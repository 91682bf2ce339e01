"""Reports that are made: by a person, who takes a number for the bulletin (R16, R23), or by the calendar (R25)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..domain import Alert, Event, Level, Notice
from ..rules import route
from ..rules.duties import BULLETIN
from ..rules.periodicals import Issue, latest
from ..store import audit, bulletins, meta
from .reach import OPS, reachable
from .telling import delivery_key, promise, tell_operators
from .work import Work


def report(work: Work, event: Event, by: str, reason: str, given: dict[str, Any]) -> Event:
    """What the act ``report`` brings about: ``given["kind"]`` says which report it is, the number is added to it."""
    if given.get("kind") == BULLETIN:
        year = work.now.astimezone(work.settings.timezone).year
        row = bulletins.issue(work.connection, event.id, by=by, year=year, now=work.now)
        given |= {"year": row.year, "number": row.number, "issue": row.issue}
    return event


def due(work: Work) -> list[Issue]:
    """The digests that are due and were not sent; none of a time before there was a record."""
    settings = work.settings
    found = latest(settings.periodicals, now=work.now, zone=settings.timezone)
    begun_at = audit.begun_at(work.connection) if found else None
    return [
        issue
        for issue in found
        if begun_at is not None and begun_at <= issue.due_at and meta.get(work.connection, _key(issue)) < str(issue.day)
    ]


def issue(work: Work, issue: Issue, papers: Mapping[str, Notice]) -> None:
    """Promise a digest, in the language of each, to those who hold its roles; the head of the record goes with it."""
    if issue not in due(work):
        return  # somebody was faster
    meta.put(work.connection, _key(issue), str(issue.day))
    roles = work.settings.periodicals.roles
    alert = Alert(event=None, purpose=issue.purpose, level=Level.GENERAL, reason=issue.purpose, roles=roles)
    told = _tell_papers(work, alert, papers)
    head = next(iter(papers.values())).data
    if not told:
        text = (
            f"Nobody holds its roles ({', '.join(roles)}) with a channel for it. See [digests] in yuqing.toml, and "
            f"people.toml; 'yuqing digest' shows what it said."
        )
        tell_operators(work, f"ops:{issue.purpose}", f"the {issue.kind} digest was sent to nobody", text)
    work.audit("digest.sent", digest=issue.purpose, to=told, head=head["head"], head_hash=head["head_hash"])


def _tell_papers(work: Work, alert: Alert, papers: Mapping[str, Notice]) -> list[str]:
    """Promise a paper, in the language of each, to everybody on duty in the alert's roles; returns who that is."""
    told = []
    for role in alert.roles:
        for recipient in reachable(work.settings, role, alert.level, now=work.now):
            address = route.addresses(recipient, alert.level)[0]
            key = delivery_key(OPS, alert.purpose, address.channel, recipient.id)
            if promise(work, alert, key, role, recipient, address, papers[recipient.language]):
                told.append(recipient.id)
    return told


def _key(issue: Issue) -> str:
    return f"digest:{issue.kind}"
