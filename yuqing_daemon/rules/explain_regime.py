"""A regime in plain sentences, for the people who wrote the rules to check and to sign (R6, R9, R11-R24)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from ..domain import Act, DutyRule, Floors, Kind, Level, LevelRule, Regime, SpecialPeriod, StageRules
from .clocks import WorkingDays, parse_length
from .explain_words import act, clock, figures, listed, span, tell
from .walltime import local


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading, and the sentences under it."""

    title: str
    sentences: tuple[str, ...]


def explain(
    regime: Regime,
    language: str = "zh",
    *,
    periods: Iterable[SpecialPeriod] = (),
    zone: ZoneInfo | None = None,
) -> tuple[Section, ...]:
    """Say everything a regime says: the same regime gives the same text.

    Args:
        language: ``zh`` or ``en``; English calls roles, kinds and subjects by their ids.
        periods: the special periods that are declared.
        zone: whose days they are; UTC if there is none.
    """
    teller = _Teller(regime, language)
    sections = {
        "levels": teller.levels(),
        "told": teller.told(),
        "duties": teller.duties(),
        "special": teller.special(periods, zone or ZoneInfo("UTC")),
        "stages": teller.stages(regime.stages) if regime.stages else (),
        "end": teller.end(),
    }
    told = {title: tuple(sentences) for title, sentences in sections.items()}
    return tuple(Section(title=tell(language, title), sentences=said) for title, said in told.items() if said)


@dataclass(frozen=True, slots=True)
class _Teller:
    """One regime told in one language."""

    regime: Regime
    language: str

    def levels(self) -> Iterator[str]:
        for rule in self.regime.levels:
            if rule.floors == Floors():
                yield self._say("no floors", level=self._level(rule.level, starts=True))
            else:
                reached = figures(self.language, rule.floors)
                yield self._say("floors", level=self._level(rule.level, starts=True), figures=reached)
        if self.regime.subjects:
            subjects = listed(self.language, [self._named(id, name) for id, name in self.regime.subjects.items()])
            yield self._say("subjects", level=self._level(self.regime.sensitive_level), subjects=subjects)
            if self.regime.lift_by_words:
                yield self._say("by words", level=self._level(self.regime.sensitive_level))
        yield self._say("highest")

    def told(self) -> Iterator[str]:
        for rule in self.regime.levels:
            yield " ".join(self._told_of(rule)) if self.language == "en" else "".join(self._told_of(rule))
        for role, following in self.regime.next_role.items():
            yield self._say("next role", role=self._role(role), next=self._role(following))

    def _told_of(self, rule: LevelRule) -> Iterator[str]:
        steps = [
            self._say("later", roles=self._roles(step.roles), span=span(self.language, step.after))
            if step.after
            else self._say("at once", roles=self._roles(step.roles))
            for step in rule.steps
        ]
        yield self._say("steps", level=self._level(rule.level, starts=True), steps=self._semicolons(steps))
        if rule.repeats and rule.repeat_every:
            yield self._say("repeats", span=span(self.language, rule.repeat_every), times=rule.repeats)
        fallback, give_up = (span(self.language, each) for each in (rule.fallback_after, rule.give_up_after))
        yield self._say("fallback", fallback=fallback, give_up=give_up)

    def duties(self) -> Iterator[str]:
        for number, rule in enumerate(self.regime.duties, start=1):
            sentences = list(self._duty(number, rule))
            yield " ".join(sentences) if self.language == "en" else "".join(sentences)

    def _duty(self, number: int, rule: DutyRule) -> Iterator[str]:
        yield self._say(
            "duty",
            number=number,
            name=_capital(self._duty_name(rule)),
            id=rule.id,
            start=self._start(rule),
            owner=self._role(rule.owner),
            within=clock(self.language, rule.within),
            acts=self._done_by(rule),
        )
        if rule.warn_at:
            shares = listed(self.language, [f"{share:.0%}" for share in rule.warn_at])
            yield self._say("warned", shares=shares, owner=self._role(rule.owner))
        if rule.breach_tells:
            yield self._say("breach", roles=self._roles(rule.breach_tells))
        if rule.every:
            yield self._say("again", span=span(self.language, rule.every))

    def _start(self, rule: DutyRule) -> str:
        level, kinds = self._level(rule.from_level), listed(self.language, list(map(self._kind, rule.kinds)), "or")
        if rule.on == "level":
            what = self._say("of kinds", kinds=kinds) if kinds else self._say("any event")
            return self._say("level", what=what, level=level)
        is_any = rule.from_level == min(each.level for each in self.regime.levels)
        text = ("of kinds" if kinds else "any event") if is_any else ("from level of kinds" if kinds else "from level")
        what = self._say(text, level=level, kinds=kinds)
        if rule.on.startswith("done:"):
            before = next(each for each in self.regime.duties if f"done:{each.id}" == rule.on)
            return self._say("done", what=what, before=self._duty_name(before))
        return self._say(rule.on, what=what)

    def special(self, periods: Iterable[SpecialPeriod], zone: ZoneInfo) -> Iterator[str]:
        usual = {rule.level: rule.floors for rule in self.regime.levels}
        for level, floors in self.regime.special.floors.items():
            if floors != usual[level]:
                reached = figures(self.language, floors)
                yield self._say("special floors", level=self._level(level), figures=reached)
        if self.regime.special.clock_factor < 1:
            yield self._say("special clocks", share=f"{self.regime.special.clock_factor:.0%}")
        for period in periods:
            first, last = (f"{local(at, zone):%Y-%m-%d %H:%M}" for at in (period.begins_at, period.ends_at))
            yield self._say("period", name=period.name, first=first, last=last)

    def stages(self, rules: StageRules) -> Iterator[str]:
        spans = {
            name: span(self.language, getattr(rules, name))
            for name in ("young", "subsiding_after", "early_sign", "must_subside", "spread_within")
        }
        yield self._say("emerging", young=spans["young"])
        yield self._say("growing", rising=f"{rules.rising:g}")
        yield self._say("subsiding", after=spans["subsiding_after"], share=f"{rules.subsiding_share:.0%}")
        over, latest = span(self.language, rules.over_after), span(self.language, rules.over_at_latest)
        yield self._say("rests", over=over, share=f"{rules.over_life_share:.0%}", latest=latest)
        yield self._say("early", span=spans["early_sign"])
        yield self._say("unsubsided", span=spans["must_subside"], share=f"{rules.spread_share:.0%}")
        yield self._say("spreading", span=spans["spread_within"], sites=rules.spread_sites)

    def end(self) -> Iterator[str]:
        yield self._say("over after", over=span(self.language, self.regime.over_after))
        yield self._say("joins", span=span(self.language, self.regime.story_window))
        if self.regime.wants_reason:
            yield self._say("reasons", acts=self._acts(self.regime.wants_reason, "and"))
        lengths = [parse_length(rule.within) for rule in self.regime.duties if rule.within]
        if any(isinstance(length, WorkingDays) for length in lengths):
            calendar = self._say(self.regime.calendar)
            yield self._say("workdays", calendar=calendar, closes=self.regime.day_closes)

    # -- names

    def _say(self, text: str, **facts: object) -> str:
        return tell(self.language, text, **facts)

    def _named(self, id: str, name: str) -> str:
        return name if self.language == "zh" else id.replace("_", " ")

    def _level(self, level: Level, *, starts: bool = False) -> str:
        title = level.title(self.language)
        return _capital(title) if starts else title

    def _role(self, id: str) -> str:
        return self._named(id, self.regime.roles.get(id, id))

    def _roles(self, ids: Iterable[str]) -> str:
        return listed(self.language, [self._role(id) for id in ids])

    def _kind(self, kind: Kind) -> str:
        return self._named(kind.value, self.regime.kinds.get(kind, kind.value))

    def _acts(self, acts: Iterable[Act], last: str = "or") -> str:
        return listed(self.language, [act(self.language, each) for each in acts], last)

    def _done_by(self, rule: DutyRule) -> str:
        report = self._say(f"report {rule.report}") if rule.report else act(self.language, Act.REPORT)
        return listed(
            self.language, [report if each is Act.REPORT else act(self.language, each) for each in rule.done_by], "or"
        )

    def _duty_name(self, rule: DutyRule) -> str:
        return rule.name if self.language == "zh" else rule.name_en

    def _semicolons(self, parts: Iterable[str]) -> str:
        return ("；" if self.language == "zh" else "; ").join(parts)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
