"""Whose network is down: a site's, our own, or that of one of several crawl nodes. The last two are no site's fault."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from ..bus.messages import Result, Visit
from ..domain import Source
from ..extract.urls import registrable_host
from ..rules.health import Answered, History, State, Trouble, is_down
from ..store import health
from .telling import tell_operators
from .work import Work

RECENT, MOST_RECENT = timedelta(minutes=30), 500  # visits that may tell of a network
FORGOTTEN = timedelta(hours=2)  # a node without a visit for so long is gone, and so is what was wrong with it


def is_mute(result: Result) -> bool:
    """Whether nobody answered."""
    return result.visit is Visit.FAILED and result.signs.trouble is Trouble.NETWORK


def is_down_for(work: Work, source: Source, result: Result) -> bool:
    """Whether this visit tells of our own network alone. The organisation's own sites prove nothing either way."""
    if source.internal:
        return False
    spells = {name: health.current(work.connection, health.network_of(name)) for name in {"", result.node}}
    outages = {name: spell for name, spell in spells.items() if spell}
    if not is_mute(result):
        for name, spell in outages.items():
            _end(work, name, spell.blind_from, first=source.id)
        return False
    if outages:
        return True
    node = _place(work, result.node)
    found = is_down(_answers(work, node), hosts=_hosts_needed(work, node))
    if found is None:
        return False
    reason = f"no answer from any site: {', '.join(found.hosts)}"
    health.open_spell(
        work.connection,
        health.network_of(node),
        State.UNREACHABLE,
        since=work.now,
        blind_from=found.since,
        reason=reason,
        figures={},
    )
    said: dict[str, Any] = {"hosts": list(found.hosts), "error": result.error} | ({"node": node} if node else {})
    work.audit("network.down", since=found.since.isoformat(), **said)
    text = f"Since {_utc(found.since)} {reason}.\nThe last error: {result.error}\nNo source's state changes meanwhile."
    _tell(work, f"{_called(node)} is down", text)
    return True


def others_answer(work: Work, source: Source, history: History, node: str) -> bool:
    """Whether another site answered the same node since the trouble began; true if there is none."""
    since = history.streak_at
    mine = registrable_host(source.urls[0])
    if source.internal or all(registrable_host(each.urls[0]) == mine for each in work.settings.sources):
        return True
    return since is not None and any(
        visit.answered and visit.started_at >= since
        for visit in _answers(work, _place(work, node))
        if visit.host != mine
    )


def forget_nodes(work: Work) -> None:
    """End the outages of nodes that are gone."""
    for node, spell in health.outages(work.connection).items():
        if node and not health.visited(work.connection, after=work.now - FORGOTTEN, node=node):
            _end(work, node, spell.blind_from, first="")


def _place(work: Work, node: str) -> str:
    """The node, if there are others; one alone has everybody's network."""
    return node if node and health.visited(work.connection, after=work.now - FORGOTTEN, but=node) else ""


def _end(work: Work, node: str, blind_from: datetime, *, first: str) -> None:
    health.end_spells(work.connection, health.network_of(node), until=work.now)
    said: dict[str, Any] = {"first": first} | ({"node": node} if node else {})
    work.audit("network.up", since=blind_from.isoformat(), **said)
    what = "is back" if first else "is forgotten: the node is gone"
    _tell(work, f"{_called(node)} {what}", f"It was down from {_utc(blind_from)} on.")


def _called(node: str) -> str:
    return f"the network of the crawl node {node}" if node else "our own network"


def _tell(work: Work, subject: str, text: str) -> None:
    tell_operators(work, f"ops:network:{work.now:%Y%m%dT%H%M%S}", subject, f"{text}\nSee: yuqing status")


def _hosts_needed(work: Work, node: str) -> int:
    """Of how many sites none must answer: as many as are visited, if those are few. There may be thousands."""
    outside = (registrable_host(each.urls[0]) for each in work.settings.sources if not each.internal)
    hosts: set[str] = set()
    for host in (each.host for each in _answers(work, node)) if node else outside:
        hosts.add(host)
        if len(hosts) >= work.settings.health.network_sites:
            break
    return max(2, len(hosts))


def _answers(work: Work, node: str) -> Iterator[Answered]:
    """Whether anybody answered a node, or anyone of us, the newest visit first."""
    rows = health.answers(work.connection, after=work.now - RECENT, most=MOST_RECENT, node=node)
    for id, started_at, trouble in rows:
        source = work.settings.source(id)
        if source is not None and not source.internal:
            host = registrable_host(source.urls[0])
            yield Answered(host=host, started_at=started_at, answered=trouble != Trouble.NETWORK)


def _utc(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
