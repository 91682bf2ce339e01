"""The rules of an organisation: what is grave, who is told, and who owes what by when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .judged import Act, Kind, Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Floors:
    """The figures from which a level is reached, each by itself; ``None``: this figure does not count."""

    reads: int | None = None
    comments: int | None = None
    mainstream: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One rung of the escalation: whom to tell, so long after the alert, unless it was acknowledged."""

    after: timedelta
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelRule:
    """What the regime asks of one level."""

    level: Level
    floors: Floors = Floors()
    steps: tuple[Step, ...] = ()
    repeat_every: timedelta | None = None  # to those already told, while nobody acknowledges
    repeats: int = 0  # how often at the most
    fallback_after: timedelta = timedelta(minutes=10)  # not accepted by then: the next channel
    give_up_after: timedelta = timedelta(hours=2)  # an attempt's last moment; then it is a dead letter


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyRule:
    """Something the regime wants done about an event: by whom, from when on, by when (R11-R13, R15-R24).

    ``on`` starts it: ``found``, ``confirmed``, ``handed_over``, ``over``, ``level`` (when ``from_level`` is reached),
    or ``done:<duty>``. ``within`` is its clock as the regime writes it (``2h``, ``same day``, ``1 working day``), empty
    for none. One of the acts in ``done_by`` fulfils it; of reports those of the kind that ``report`` names, or all but
    bulletins. ``every`` makes it come again, so long after it was fulfilled, while the event is live.
    """

    id: str
    name: str
    name_en: str
    on: str
    owner: str
    from_level: Level = Level.GENERAL
    kinds: tuple[Kind, ...] = ()  # none: of any kind
    within: str = ""
    warn_at: tuple[float, ...] = ()  # shares of the time it has
    breach_tells: tuple[str, ...] = ()
    done_by: tuple[Act, ...] = (Act.DO,)
    report: str = ""  # first, follow_up or bulletin
    every: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Special:
    """What a declared special period tightens (R9): lower floors by level, and clocks by a factor."""

    floors: Mapping[Level, Floors] = field(default_factory=dict)
    clock_factor: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRules:
    """The regime's figures for the stages; a share is of the event's own busiest hour unless it says otherwise.

    ``over_voices_share`` and ``over_reads_share`` say up to which pace new comments and new reads are nothing
    new: 0 means that any is. So many reads an hour as ``still_reads`` are nothing new in any case: searches, and
    our own looks. A new post always is.
    """

    young: timedelta  # so long after it was found, an event below the first floors is emerging
    rising: float  # the last hour against the hour before: from this ratio on it grows
    subsiding_share: float
    subsiding_after: timedelta  # it subsides when no hour came up to that share for so long
    over_after: timedelta  # so long without anything new: over
    over_life_share: float  # ... and so much of its life until then: what lived long rests long
    over_at_latest: timedelta  # ... or so long in any case, also if nobody could look
    over_voices_share: float
    over_reads_share: float
    still_reads: int
    early_sign: timedelta  # a floor expected within it is worth a notice (R3)
    must_subside: timedelta  # so long after it was found, a general event must have subsided (R14)
    spread_share: float  # of the next floor: from here on it counts that it grows or does not subside
    spread_sites: int  # so many further sites are a sign of spreading
    spread_within: timedelta  # ... if they came within this span


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialPeriod:
    """A declared special period (特殊时期): an election, an inspection, a festival."""

    name: str
    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Regime:
    """An organisation's written rules, as data. The engine has no number of its own."""

    id: str
    name: str
    version: str  # digest of the file, frozen into each event
    levels: tuple[LevelRule, ...]
    roles: Mapping[str, str]  # role id -> what people call it
    next_role: Mapping[str, str] = field(default_factory=dict)  # if nobody of this role can be reached (R29)
    subjects: Mapping[str, str] = field(default_factory=dict)  # sensitive subject id -> name
    sensitive_level: Level = Level.EXTRAORDINARY
    lift_by_words: bool = False  # a subject that words alone name lifts too, provisionally: until a person has judged
    duties: tuple[DutyRule, ...] = ()
    kinds: Mapping[Kind, str] = field(default_factory=dict)  # kind -> what people call it
    wants_reason: tuple[Act, ...] = ()  # acts that are refused without one
    special: Special = Special()
    stages: StageRules | None = None  # none: no stage is told
    calendar: str = "monday-friday"  # which days are worked: or "china", with its moved days
    day_closes: str = "17:30"  # when a working day ends
    story_window: timedelta  # a post joins an event that stirred within it
    over_after: timedelta  # so long without anything new: over

    def rule(self, level: Level) -> LevelRule:
        """What it asks of a level."""
        return next(rule for rule in self.levels if rule.level == level)
