"""One visit more: which state a source is in now, and why. Everything is held against the source's own past."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from . import articles, visits
from .history import IN_THE_LIST, History, learn_articles, learn_counters, learn_list
from .limits import HealthRules, State
from .rhythm import Days, arrive, begin, silent_at
from .seen import Finding, Seen

VISIT_STATES = (State.IDLE, State.FAILING, State.UNREACHABLE, State.BLOCKED, State.BROKEN)
PROVED = "pages that read well before do not any more"
WHOLE_GAP = timedelta(hours=1)  # a time in which we did not listen, longer than this and three visits, spoils a gap


def judge(history: History, seen: Seen, state: State, rules: HealthRules, days: Days) -> tuple[History, Finding]:
    """Take one visit in. ``state`` is the source's state before it."""
    symptom = visits.symptom(history, seen, rules)
    history = _count(history, symptom, seen)
    if symptom is None:
        history = _learn(history, seen, rules, days)
    history = _learn_pages(history, seen, rules)
    if symptom is not None and visits.is_reached(history, symptom, seen, rules):
        return history, replace(symptom, blind_from=history.good_at)
    if symptom is not None and symptom.state is State.BROKEN and not seen.unchanged:
        history = replace(history, links=(*history.links, 0))  # as long as it is not broken, to be empty is usual
    if state in VISIT_STATES and history.good < rules.recovered_after:
        return history, Finding(state=state)
    if symptom is not None:
        return history, Finding(state=state)
    return articles.judge(history, seen, rules)


def restart(history: History, at: datetime, days: Days, rules: HealthRules, *, every: timedelta) -> History:
    """Nobody listened for a while on purpose: silence counts from now on, and nothing of before is held against it."""
    if history.rhythm.since is None:
        return replace(history, symptom="", streak=0, streak_at=None, good=0)
    rhythm = replace(history.rhythm, last_at=at)
    when = silent_at(rhythm, days, rules, every=every)
    return replace(history, rhythm=rhythm, silent_at=when, symptom="", streak=0, streak_at=None, good=0)


def _count(history: History, symptom: Finding | None, seen: Seen) -> History:
    """Visits in a row, good ones or bad ones of a kind."""
    if symptom is None:
        return replace(history, symptom="", streak=0, streak_at=None, good=history.good + 1)
    same = visits.is_alike(history.symptom, symptom.state)
    return replace(
        history,
        symptom=symptom.state.value,
        streak=history.streak + 1 if same else 1,
        streak_at=history.streak_at if same else seen.at,
        good=0,
    )


def _learn(history: History, seen: Seen, rules: HealthRules, days: Days) -> History:
    """What a good visit teaches: what its lists are like, and when something new comes."""
    links = visits.links_of(history, seen)
    if links or (seen.signs.lists and not seen.unchanged):
        by_items = bool(links) and not seen.links
        history = replace(history, by_items=by_items)
        history = learn_list(history, links, seen.signs.list_bytes, seen.signs.host, seen.signs.gate)
    rhythm = history.rhythm if history.rhythm.since else begin(seen.at)
    if history.rhythm.since and seen.new:
        deaf_for = seen.at - (history.good_at or seen.at)
        whole = deaf_for <= max(3 * seen.every, WHOLE_GAP)
        rhythm = arrive(rhythm, seen.at, days, whole=whole)
    if rhythm is not history.rhythm:
        history = replace(history, rhythm=rhythm, silent_at=silent_at(rhythm, days, rules, every=seen.every))
    return replace(history, good_at=seen.at)


def _learn_pages(history: History, seen: Seen, rules: HealthRules) -> History:
    """What articles and counters look like, and what the kept pages say when something looks wrong."""
    history = learn_articles(history, seen.pieces, rules)
    history = learn_counters(history, seen.signs.looked, seen.signs.counted)
    history = learn_counters(history, seen.signs.rows, seen.signs.rows_counted, IN_THE_LIST)
    if seen.probed:
        lost = {name: f"{PROVED}: {text}" for name, text in seen.probed.items() if text}
        history = replace(history, suspect="", condemned={**history.condemned, **lost})
    return articles.suspect(history, rules) if seen.pieces or seen.signs.looked else history
