"""What a source's articles say about how well we read it: their text, their time, their counters; and its silence.

What was found wrong is remembered (``History.condemned``) until fresh pages are well again: a long breakage must not
become what is usual.
"""

from __future__ import annotations

from dataclasses import replace

from .history import BODY, FINE, GONE, IN_THE_LIST, TIME, History, flaws
from .limits import HealthRules, State
from .seen import Finding, Seen

KNOWN_ARTICLES = 10  # before so many were read, nothing is usual
MANY = 0.8  # a counter that this share of the pages showed is expected on every one
NAMES = {BODY: "body", TIME: "time"}
STATES = {BODY: State.DEGRADED, TIME: State.TIMELESS}
WORDS = {BODY: "without text or with an unlikely one", TIME: "with a time missing, in the future or always the same"}


def judge(history: History, seen: Seen, rules: HealthRules) -> tuple[History, Finding]:
    """The state of a source whose visits go well."""
    for flaw in (BODY, TIME):
        history = _judge_flaw(history, flaw, rules)
        if reason := history.condemned.get(NAMES[flaw]):
            late = flaws(history, flaw)[-rules.window :]
            figures = {"bad": sum(late), "of": len(late), "in_a_row": _run(late)}
            fine_at = history.fine_at.get(flaw)
            return history, Finding(state=STATES[flaw], reason=reason, figures=figures, blind_from=fine_at)
    if history.silent_at is not None and seen.at >= history.silent_at:
        return history, _silent(history)
    history = _judge_counters(history, rules)
    gone = {name: reason for name, reason in history.condemned.items() if name not in NAMES.values()}
    if gone:
        reason = "; ".join(gone.values())
        return history, Finding(state=State.METRICS, reason=reason, figures={"counters": sorted(gone)})
    return history, Finding(state=State.OK)


def _silent(history: History) -> Finding:
    since = history.rhythm.last_at
    assert since is not None
    return Finding(
        state=State.SILENT,
        reason=f"everything is read, and nothing new has come since {since:%Y-%m-%d %H:%M} UTC",
        figures={"gaps_known": len(history.rhythm.gaps), "longest_hours": history.rhythm.longest},
        blind_from=since,
    )


def _judge_flaw(history: History, flaw: int, rules: HealthRules) -> History:
    marks, name = flaws(history, flaw), NAMES[flaw]
    if name in history.condemned:
        late = marks[-rules.recovered_after :]
        return history if any(late) or len(late) < rules.recovered_after else _forgiven(history, flaw)
    if not has_turned_bad(marks, rules):
        return history
    late = marks[-rules.window :]
    reason = f"{sum(late)} of the last {len(late)} articles came {WORDS[flaw]}"
    return replace(history, condemned={**history.condemned, name: reason})


def _forgiven(history: History, flaw: int) -> History:
    """It reads well again: what was bad meanwhile is not held against it any more."""
    digits = "".join(str(int(digit) & ~flaw) for digit in history.articles)
    return replace(_acquitted(history, NAMES[flaw]), articles=digits)


def _acquitted(history: History, name: str) -> History:
    return replace(history, condemned={each: why for each, why in history.condemned.items() if each != name})


def _run(marks: list[bool]) -> int:
    """How many at the end are bad."""
    return next((number for number, mark in enumerate(reversed(marks)) if not mark), len(marks))


def has_turned_bad(marks: list[bool], rules: HealthRules) -> bool:
    """Whether too many of the last ones are bad where few were, or so many in a row that it is no accident."""
    late, early = marks[-rules.window :], marks[: -rules.window]
    if len(early) >= rules.window and _share(early) < rules.usual_share and _share(late) > rules.bad_share:
        return True
    run = _run(marks)
    before = marks[: len(marks) - run]
    if not run or len(before) < KNOWN_ARTICLES or _share(before) >= rules.usual_share:
        return False
    return float(((sum(before) + 1) / (len(before) + 2)) ** run) < rules.chance


def _share(marks: list[bool]) -> float:
    return sum(marks) / len(marks)


def _judge_counters(history: History, rules: HealthRules) -> History:
    for name, shown in sorted(history.counters.items()):
        if name in history.condemned:
            late = shown[-rules.recovered_after :]
            history = _acquitted(history, name) if late == FINE * rules.recovered_after else history
        elif _is_gone(shown, rules.metrics_after):
            missing = len(shown) - len(shown.rstrip(GONE))
            where = "rows of its lists" if name.endswith(IN_THE_LIST) else "pages"
            reason = f"no {name.removesuffix(IN_THE_LIST)} on the last {missing} {where}, where nearly each showed some"
            history = replace(history, condemned={**history.condemned, name: reason})
    return history


def _is_gone(shown: str, after: int) -> bool:
    """Whether a counter that nearly every page had is on none of the last ones."""
    before = shown.rstrip(GONE)
    is_usual = len(before) >= KNOWN_ARTICLES and before.count(FINE) / len(before) >= MANY
    return is_usual and len(shown) - len(before) >= after


def suspect(history: History, rules: HealthRules) -> History:
    """Whether the kept pages are worth another look: the last page came as this source's seldom do."""
    for flaw, name in NAMES.items():
        marks = flaws(history, flaw)
        before = marks[: len(marks) - _run(marks)]
        if marks and marks[-1] and len(before) >= KNOWN_ARTICLES and _share(before) < rules.usual_share:
            return replace(history, suspect=name)
    on_pages = sorted(pair for pair in history.counters.items() if not pair[0].endswith(IN_THE_LIST))
    gone = next((name for name, shown in on_pages if _is_gone(shown, 1)), "")
    return replace(history, suspect=gone)
