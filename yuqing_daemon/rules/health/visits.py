"""What one visit looks like if it did not go well, and how often in a row that has to be."""

from __future__ import annotations

from statistics import median

from .history import History
from .limits import HealthRules, State
from .seen import Finding, Seen
from .signs import Trouble

KNOWN_LISTS = 5  # before so many lists were read, nothing is usual
KNOWN_YIELDS = 20  # the same for a spider that names no links
LOW = 0.1  # the share of its lists that may have held less than what is called usual
AWAY = (State.UNREACHABLE, State.BLOCKED)  # a site that will not have us shows one or the other
_TROUBLES = {
    Trouble.IDLE: State.IDLE,
    Trouble.SPIDER: State.FAILING,
    Trouble.GATE: State.BLOCKED,
    Trouble.ROBOTS: State.BLOCKED,
    Trouble.CHANGED: State.BROKEN,
}


def symptom(history: History, seen: Seen, rules: HealthRules) -> Finding | None:
    """What this visit by itself points to; ``None``: nothing, it went well."""
    trouble = seen.signs.trouble
    if trouble in _TROUBLES:
        return Finding(state=_TROUBLES[trouble], reason=seen.error)
    if seen.failed:
        return Finding(state=State.UNREACHABLE, reason=seen.error)
    if seen.unchanged:  # what was no list before is none now
        was = history.symptom
        again = was in (State.BLOCKED, State.BROKEN) and not seen.new
        return Finding(state=State(was), reason="as it was at the visit before") if again else None
    return _of_the_list(history, seen, rules)


def _of_the_list(history: History, seen: Seen, rules: HealthRules) -> Finding | None:
    usual, links = usual_links(history), links_of(history, seen)
    figures = {"links": links, "usual_links": usual}
    if seen.signs.same:
        reason = f"{seen.signs.same} pages of different addresses are one and the same"
        return Finding(state=State.BLOCKED, reason=reason, figures=figures)
    is_poor = links == 0 or links < usual / 2
    gate = _gate(history, seen, rules) if is_poor else ""
    if gate:
        return Finding(state=State.BLOCKED, reason=gate, figures=figures)
    if links or not (seen.signs.lists or any(history.links)):
        return None
    reason = f"the list was read, and no link found; usually {usual} or more" if usual else "no link found on the list"
    return Finding(state=State.BROKEN, reason=reason, figures=figures)


def _gate(history: History, seen: Seen, rules: HealthRules) -> str:
    """What about a poor list says that it is not the list at all, and was not always so."""
    signs = seen.signs
    if signs.host and history.links and signs.host not in history.hosts:
        return f"the list's address leads to {signs.host}"
    if signs.gate and signs.gate not in history.gates:
        return signs.gate
    usual = median(history.sizes) if len(history.sizes) >= KNOWN_LISTS else 0
    if 0 < signs.list_bytes < rules.small_page * usual:
        return f"the list page has {signs.list_bytes:,} bytes, usually {int(usual):,}"
    return ""


def links_of(history: History, seen: Seen) -> int:
    """What a list held; of a spider that names no links, what it yielded."""
    return seen.links or (seen.signs.items if history.by_items or not history.links else 0)


def usual_links(history: History) -> int:
    """What nine in ten of its lists held at least; 0 while too few are known."""
    known = sorted(_before(history))
    return known[int(LOW * len(known))] if len(known) >= KNOWN_LISTS else 0


def _before(history: History) -> tuple[int, ...]:
    """The lists before the present run of broken ones."""
    run = history.streak if history.symptom == State.BROKEN else 0
    empty = next((number for number, links in enumerate(reversed(history.links)) if links), len(history.links))
    return history.links[: len(history.links) - min(run, empty)]


def is_alike(symptom: str, state: State) -> bool:
    """Whether two bad visits in a row count as of one kind."""
    return symptom == state or (symptom in AWAY and state in AWAY)


def is_reached(history: History, symptom: Finding, seen: Seen, rules: HealthRules) -> bool:
    """Whether it has been so for long enough. ``history`` holds this visit already."""
    if symptom.state is State.BROKEN:
        return _is_broken(history, seen, rules)
    if symptom.state is State.UNREACHABLE:
        return history.streak >= rules.unreachable_after and seen.network_works
    return history.streak >= rules.blocked_after if symptom.state is State.BLOCKED else True


def _is_broken(history: History, seen: Seen, rules: HealthRules) -> bool:
    """A list that usually holds many links is broken at once; one that is empty now and then never is."""
    if usual_links(history) > rules.broken_usual:
        return True
    before = _before(history)
    is_often_empty = bool(before) and before.count(0) / len(before) >= rules.usual_share
    if history.by_items and len(before) < KNOWN_YIELDS:
        return False  # it may yield only what is new
    return history.streak >= rules.broken_after and not is_often_empty
