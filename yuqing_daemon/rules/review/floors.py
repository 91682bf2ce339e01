"""Floors: events to which a person gave another level than the rule did, with the figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ...domain import Floors, Heat, Level, Regime
from .facts import ReviewFacts, Shift, Suggestion, quoted

CRITERIA = ("reads", "comments", "mainstream")


def thresholds(facts: ReviewFacts) -> Iterator[Suggestion]:
    """For each level the floors that people went against, upwards and downwards."""
    for rule in sorted(facts.regime.levels, key=lambda rule: rule.level):
        raised = [each for each in facts.shifts if each.level > each.graded and each.level == rule.level]
        lowered = [each for each in facts.shifts if each.level < each.graded and each.graded == rule.level]
        if raised:
            change = _lower_floors(rule.floors, raised)
            yield _floors(facts, rule.level, "raised", raised, change)
        by_figures = [each for each in lowered if _met(rule.floors, each.heat)]
        if by_figures:
            change = {}
            for shift in by_figures:
                for name in _met(rule.floors, shift.heat):
                    change[name] = max(change.get(name, 0), (getattr(shift.heat, name) or 0) + 1)
            yield _floors(facts, rule.level, "lowered", by_figures, change)
        yield from _subjects(facts, [each for each in lowered if each not in by_figures])


def _met(floors: Floors, heat: Heat) -> list[str]:
    """The figures that reach their floor."""
    pairs = ((name, getattr(heat, name), getattr(floors, name)) for name in CRITERIA)
    return [name for name, count, floor in pairs if count is not None and floor is not None and count >= floor]


def _lower_floors(floors: Floors, shifts: Iterable[Shift]) -> dict[str, int]:
    """For each event the floor it came nearest to, let down to what it had."""
    change: dict[str, int] = {}
    for shift in shifts:
        near = {
            name: count / floor
            for name in CRITERIA
            if (floor := getattr(floors, name)) and (count := getattr(shift.heat, name))
        }
        if near:
            name = max(near, key=near.__getitem__)
            change[name] = min(change.get(name, getattr(floors, name)), getattr(shift.heat, name))
    return change


def _floors(
    facts: ReviewFacts, level: Level, how: str, shifts: Sequence[Shift], change: Mapping[str, int]
) -> Suggestion:
    name = level.name.lower()
    floors = facts.regime.rule(level).floors
    pairs = {each: change.get(each, getattr(floors, each)) for each in CRITERIA}
    inside = ", ".join(f"{each} = {floor}" for each, floor in pairs.items() if floor is not None)
    line = f"[levels.{name}]\nfloors = {{ {inside} }}" if change else "# none of the figures is near a floor"
    to = "to" if how == "raised" else "from"
    return Suggestion(
        about="thresholds",
        key=f"thresholds:{name}:{how}",
        why=f"{how} {to} {name} against the rule: {len(shifts)} times" + _out_of_order(facts.regime, level, change),
        file=f"the regime {facts.regime.id}",
        toml=line,
        events=tuple(sorted({shift.event for shift in shifts})),
        entries=tuple(sorted(shift.entry for shift in shifts)),
        figures={"heat": {f"E{s.event}": {each: getattr(s.heat, each) for each in CRITERIA} for s in shifts}},
    )


def _out_of_order(regime: Regime, level: Level, change: Mapping[str, int]) -> str:
    """Floors must rise with the level; where the new one would not, say so."""
    for name, floor in change.items():
        for rule in regime.levels:
            other = getattr(rule.floors, name)
            if other and ((rule.level > level and floor >= other) or (rule.level < level and floor <= other)):
                return f"; {name} = {floor} passes the {other} of {rule.level.name.lower()}, so change that as well"
    return ""


def _subjects(facts: ReviewFacts, shifts: Iterable[Shift]) -> Iterator[Suggestion]:
    """Lowered though no figure had raised it: then its topic's sensitive subject had."""
    topics = {topic.id: topic for topic in facts.topics if topic.subject}
    by_topic: dict[str, list[Shift]] = defaultdict(list)
    for shift in shifts:
        if shift.topic in topics:
            by_topic[shift.topic].append(shift)
    for id, own in by_topic.items():
        yield Suggestion(
            about="thresholds",
            key=f"subject:{id}",
            why=f"lowered though of a sensitive subject: {len(own)} times; perhaps the topic is too wide for it",
            file="topics.toml",
            toml=f"[topics.{id}]\n# subject = {quoted(topics[id].subject)}",
            events=tuple(sorted({shift.event for shift in own})),
            entries=tuple(sorted(shift.entry for shift in own)),
        )
