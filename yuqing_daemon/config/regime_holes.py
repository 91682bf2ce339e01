"""Holes in a regime that no single value shows: floors that fall, clocks nobody is told of, duties nothing starts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..domain import Act
from ..errors import Problem
from .checks import did_you_mean
from .documents import Document
from .duty_tables import AFTER, KINDS
from .places import Path
from .regime_tables import LEVELS

_FIGURES = ("reads", "comments", "mainstream")
_STARTED_BY = {"confirmed": Act.CONFIRM, "handed_over": Act.HAND_OVER}


@dataclass(frozen=True, slots=True)
class RawDuty:
    """One duty as the file has it, however wrong: what is of the wrong type reads as empty."""

    path: Path
    table: Mapping[str, Any]

    def text(self, key: str) -> str:
        """A text."""
        value = self.table.get(key)
        return value if isinstance(value, str) else ""

    def texts(self, key: str) -> tuple[str, ...]:
        """The texts of a list."""
        value = self.table.get(key)
        return tuple(text for text in value if isinstance(text, str)) if isinstance(value, list) else ()

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds it is owed for, without misspelt ones."""
        return tuple(kind for kind in self.texts("kinds") if kind in KINDS)

    @property
    def after(self) -> str:
        """The duty that has to be done before this one starts, or nothing."""
        start = self.text("on")
        return start.removeprefix(AFTER) if start.startswith(AFTER) else ""


def raw_duties(document: Document) -> list[RawDuty]:
    """The duties of a regime's file."""
    return [RawDuty(path, table) for path, table in document.tables("duties") if isinstance(path[-1], int)]


def holes(document: Document) -> Iterator[Problem]:
    """Everything that does not fit together, in one regime's file."""
    yield from _levels(document)
    duties = raw_duties(document)
    by_id = {duty.text("id"): duty for duty in reversed(duties)}
    for duty in duties:
        yield from _repeated(document, duty, by_id)
        yield from _unheard(document, duty)
        yield from _startless(document, duty, by_id)
        yield from _fruitless(document, duty)
        yield from _unknown_kinds(document, duty)
    yield from _circles(document, by_id)
    yield from _routeless(document, duties)


def _levels(document: Document) -> Iterator[Problem]:
    """Floors that do not rise with the level, steps that do not follow each other, repeats without a span."""
    for figure in _FIGURES:
        yield from _falling(document, figure)
        yield from _falling_in_special(document, figure)
    for level in LEVELS:
        yield from _hasty(document, level)
        repeats = document.get("levels", level, "repeats")
        if isinstance(repeats, int) and repeats > 0 and document.get("levels", level, "repeat_every") is None:
            path = ("levels", level, "repeat_every")
            yield document.problem(path, f"seconds, as repeats is {repeats}", "repeat_every = 1800")


def _floor(document: Document, *path: str) -> int | None:
    """A figure that can be compared."""
    floor = document.get(*path)
    return floor if isinstance(floor, int) and not isinstance(floor, bool) and floor > 0 else None


def _falling(document: Document, figure: str) -> Iterator[Problem]:
    below = 0
    for level in LEVELS:
        path = ("levels", level, "floors", figure)
        floor = _floor(document, *path)
        if floor is not None:
            if floor <= below:
                yield document.problem(
                    path, f"more than {below}, the floor of the level below", f"{figure} = {below + 1}"
                )
            below = max(below, floor)


def _falling_in_special(document: Document, figure: str) -> Iterator[Problem]:
    """A special period only tightens: a floor is at most the usual one, and still above that of the level below."""
    below = 0
    for level in LEVELS:
        path = ("special", "floors", level, figure)
        floor, usual = _floor(document, *path), _floor(document, "levels", level, "floors", figure)
        if floor is not None and usual is not None and floor > usual:
            yield document.problem(path, f"at most {usual}, the level's own floor", f"{figure} = {usual}")
        elif floor is not None and floor <= below:
            yield document.problem(path, f"more than {below}, the floor of the level below", f"{figure} = {below + 1}")
        below = max(below, floor or usual or 0)


def _hasty(document: Document, level: str) -> Iterator[Problem]:
    steps = document.get("levels", level, "steps")
    before = -1
    for number in range(len(steps) if isinstance(steps, list) else 0):
        path = ("levels", level, "steps", number, "after")
        after = document.get(*path)
        if isinstance(after, int) and after >= 0:
            if after <= before:
                yield document.problem(path, f"more than {before}, the step before", f"after = {before + 1800}")
            before = max(before, after)


def _repeated(document: Document, duty: RawDuty, by_id: Mapping[str, RawDuty]) -> Iterator[Problem]:
    first = by_id[duty.text("id")]
    if duty.text("id") and first is not duty:
        line = document.line((*first.path, "id"))
        yield document.problem((*duty.path, "id"), f"an id of its own: line {line} has it already")


def _unheard(document: Document, duty: RawDuty) -> Iterator[Problem]:
    """A clock that nobody is told of, and warnings and breaches of no clock (R29)."""
    if duty.text("within"):
        if duty.table.get("breach_tells", []) == []:
            wanted = "whom to tell when its time is over, as it has a clock"
            yield document.problem((*duty.path, "breach_tells"), wanted, 'breach_tells = ["office"]', found="")
        return
    for key in ("warn_at", "breach_tells"):
        if duty.table.get(key) and "within" not in duty.table:
            yield document.problem((*duty.path, "within"), f"how long one has, as there is {key}", 'within = "2h"')


def _startless(document: Document, duty: RawDuty, by_id: Mapping[str, RawDuty]) -> Iterator[Problem]:
    """A duty that waits for one that there is not, or that is owed for other kinds only."""
    if not duty.text("on").startswith(AFTER):
        return
    path, before = (*duty.path, "on"), by_id.get(duty.after)
    if before is None:
        near = did_you_mean(duty.after, [id for id in by_id if id]) or "drop it, or add that duty"
        yield document.problem(path, "a duty of this regime behind done:", near)
        return
    kinds, earlier = set(duty.kinds), set(before.kinds)
    if kinds and earlier and kinds.isdisjoint(earlier):
        wanted = f'a duty of the same kinds: "{duty.after}" is owed only for {", ".join(sorted(earlier))}'
        yield document.problem(path, wanted)


def _fruitless(document: Document, duty: RawDuty) -> Iterator[Problem]:
    """An act that fulfils nothing: it starts the duty, or there is no open duty left or yet when it happens."""
    if duty.text("report") and Act.REPORT not in duty.texts("done_by"):
        wanted = 'no report, as none fulfils it: "report" is not among done_by'
        yield document.problem((*duty.path, "report"), wanted, 'done_by = ["report"]')
    starts = _STARTED_BY.get(duty.text("on"))
    acts = duty.table.get("done_by")
    for number, act in enumerate(acts if isinstance(acts, list) else ()):
        if act == starts:
            wanted = f'an act that can fulfil it: "{act}" is what starts it'
            yield document.problem((*duty.path, "done_by", number), wanted, 'done_by = ["do"]')
        elif act == Act.REOPEN:
            wanted = "an act that can fulfil it: a reopened event owes everything anew"
            yield document.problem((*duty.path, "done_by", number), wanted, 'done_by = ["do"]')


def _unknown_kinds(document: Document, duty: RawDuty) -> Iterator[Problem]:
    known = document.names("kinds") & set(KINDS)
    for number, kind in enumerate(duty.texts("kinds")):
        if kind in KINDS and kind not in known:
            wanted = f"a kind that [kinds] names: {', '.join(sorted(known)) or 'there is none'}"
            yield document.problem((*duty.path, "kinds", number), wanted, did_you_mean(kind, known))


def _circles(document: Document, by_id: Mapping[str, RawDuty]) -> Iterator[Problem]:
    """Duties that wait for each other in a circle; each circle is told once, at its first duty."""
    told: set[str] = set()
    for id in by_id:
        chain = [id]
        while (before := by_id[chain[-1]].after) in by_id and before not in chain:
            chain.append(before)
        if before == id and id not in told:
            told.update(chain)
            wanted = f"a start of its own somewhere: {' waits for '.join([*chain, id])}"
            yield document.problem((*by_id[id].path, "on"), wanted, 'on = "found"')


def _routeless(document: Document, duties: list[RawDuty]) -> Iterator[Problem]:
    """A kind without a route of its own though others have one (R19-R22)."""
    routed = {kind for duty in duties for kind in duty.kinds}
    for kind in sorted((document.names("kinds") & set(KINDS)) - routed) if routed else ():
        wanted = f"a duty for this kind, as there are some for {', '.join(sorted(routed))}"
        yield document.problem(("kinds", kind), wanted, f'kinds = ["{kind}"] in one of [[duties]]', found="")
