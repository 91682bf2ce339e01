"""The words of the field, as frozen values: standard library only, no imports of ours.

Every instant ends in ``_at`` and is an aware UTC ``datetime``; every span is a ``timedelta``; counts are
plural, and ``None`` means *the site does not say*, which is never zero (R2).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Any


class Level(IntEnum):
    """How grave an event is (R6). Levels compare: ``Level.MAJOR > Level.GENERAL``."""

    GENERAL = 1
    MAJOR = 2
    EXTRAORDINARY = 3

    def title(self, language: str = "zh") -> str:
        """The level's name for people.

        >>> Level.MAJOR.title(), Level.MAJOR.title("en")
        ('重大', 'major')
        """
        return self.name.lower() if language == "en" else ("一般", "重大", "特别重大")[self - 1]


class Kind(StrEnum):
    """What an event is (R5); each kind has its own handling route in the regime."""

    INQUIRY = "inquiry"
    HYPE = "hype"
    FABRICATION = "fabrication"
    CONSTRUCTIVE = "constructive"


class EventState(StrEnum):
    """How far an event has come (R8, R16, R24)."""

    FOUND = "found"  # waiting for a person's judgement
    CONFIRMED = "confirmed"
    HANDLING = "handling"  # handed to whom it concerns
    OVER = "over"  # nothing new for so long as the regime says
    SUMMARISED = "summarised"
    CLOSED = "closed"
    DISMISSED = "dismissed"
    MERGED = "merged"  # it is part of another event now

    @property
    def is_live(self) -> bool:
        """Whether it is watched, its alerts climb and its clocks run."""
        return self in (EventState.FOUND, EventState.CONFIRMED, EventState.HANDLING)


class Act(StrEnum):
    """What a person does about an event, on record with who, when and, where the regime wants one, why."""

    ACKNOWLEDGE = "acknowledge"
    CONFIRM = "confirm"
    CORRECT = "correct"  # kind, level, title or subject; only a person lowers a level
    DISMISS = "dismiss"
    MERGE = "merge"
    SPLIT = "split"
    NOTE = "note"
    HAND_OVER = "hand_over"
    DO = "do"  # a duty of the regime's that has no act of its own
    REPLY = "reply"
    PHONE = "phone"
    REPORT = "report"
    RELEASE = "release"
    REFER = "refer"  # the decision on a referral to the competent authority
    SUMMARISE = "summarise"
    CLOSE = "close"
    REOPEN = "reopen"
    ADOPT = "adopt"  # it lives under the regime now in force, not under the one it opened under


# -- what is watched ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One monitored point (R1): where to look and how.

    ``site`` is what counts once among the mainstream sites (R7): the registrable host unless the
    configuration says that several sources are one site. ``options`` are the spider's own settings, already
    checked by the configuration and safe to send as JSON. ``ignore_robots`` is the written reason, or empty.
    ``render``: its pages are shown in a browser before they are read.
    ``own_worker``: its spider shares its process with no other source's.
    ``adapts``: ``every`` is not written, so it only holds until it is known how much the source brings.
    """

    id: str
    urls: tuple[str, ...]
    name: str = ""
    site: str = ""
    spider: str = "auto"
    mainstream: bool = False
    internal: bool = False
    tags: tuple[str, ...] = ()
    own_worker: bool = False
    render: bool = False
    every: timedelta = timedelta(minutes=5)
    adapts: bool = False
    encoding: str = ""
    timezone: str = "Asia/Shanghai"
    ignore_robots: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What an organisation wants to hear of: what ``query`` says, any, all and none of the words (docs/topics.md).

    ``variants`` switches ways of writing on, or off behind ``-``; ``context``: near each word one of these must stand;
    ``lists``: the words of the lists it names. ``must_match`` and ``must_not_match`` are examples that prove it.
    ``subject`` names one of the regime's sensitive subjects if everything under this topic concerns it (R6).
    """

    id: str
    name: str = ""
    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    subject: str = ""
    query: str = ""
    variants: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    lists: tuple[tuple[str, tuple[str, ...]], ...] = ()
    must_match: tuple[str, ...] = ()
    must_not_match: tuple[str, ...] = ()


# -- what is found --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One fetched page, its bytes untouched."""

    url: str
    body: bytes
    content_type: str = ""
    fetched_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What was read from a page. ``confidence`` is 0..1: how well two different measures of the body agree.

    ``doubt`` says in words what cannot be right about it, such as a time that lies ahead.
    """

    title: str
    text: str
    published_at: datetime | None = None
    author: str = ""
    source_name: str = ""
    confidence: float = 0.0
    doubt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One public text (信息): an article, a thread, a hot-list entry. Its URL is canonical and names it.

    ``author`` is only ever kept as a keyed hash, for counting distinct voices; ``id`` is 0 until it is stored.
    """

    url: str
    source: str
    title: str
    text: str = ""
    site: str = ""
    mainstream: bool = False
    published_at: datetime | None = None
    fetched_at: datetime
    author: str = ""
    source_name: str = ""
    confidence: float | None = None
    tags: tuple[str, ...] = ()  # of its source, as configured now; not stored
    id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One look at a post's counters (R2). ``hot`` is the site's own heat value and is never counted as reads."""

    url: str
    at: datetime
    reads: int | None = None
    comments: int | None = None
    reposts: int | None = None
    hot: int | None = None

    @property
    def says_something(self) -> bool:
        """Whether any counter was found."""
        return any(count is not None for count in (self.reads, self.comments, self.reposts, self.hot))


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Why a post belongs to a topic: the ``span`` as it stands in the text, and the term that found it.

    ``start`` and ``end`` are offsets in the original field; ``variant`` says how the span differs from the term.
    """

    topic: str
    span: str
    term: str = ""
    field: str = "text"
    start: int | None = None
    end: int | None = None
    variant: str = "plain"
    why: str = ""


# -- what is judged -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Heat:
    """How hot an event is (R7): running totals over all its posts, never rates. ``None``: no post says."""

    reads: int | None = None
    comments: int | None = None
    reposts: int | None = None
    mainstream: int = 0  # distinct mainstream sites that carried it
    posts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One happening under one topic (事件). People call it by its code, ``E12``."""

    id: int
    topic: str
    title: str
    level: Level
    found_at: datetime
    updated_at: datetime
    kind: Kind | None = None
    state: EventState = EventState.FOUND
    subject: str = ""
    heat: Heat = Heat()
    rev: int = 1
    acknowledged_level: Level | None = None
    acknowledged_by: str = ""
    acknowledged_at: datetime | None = None
    over_at: datetime | None = None
    closed_at: datetime | None = None
    handled_as: Level | None = None  # a level whose duties it has without having reached its floors (R14)
    stage: str = ""
    stage_reason: str = ""
    department: str = ""  # to whom it was handed: a recipient's id
    merged_into: int | None = None
    overruled_level: Level | None = None  # what the rules said when a person lowered it; only more raises it again
    key_words: str = ""  # what sets it apart, the most telling word first, with blanks between

    @property
    def code(self) -> str:
        """The name people use: ``E`` and the number."""
        return f"E{self.id}"

    @property
    def is_new(self) -> bool:
        """Whether it was measured for the first time just now, so that nothing is planned for it yet."""
        return self.rev == 1

    @property
    def handled_level(self) -> Level:
        """The level whose duties are owed: its own, or the higher one it is handled as."""
        return max(self.level, self.handled_as or self.level)

    @property
    def is_acknowledged(self) -> bool:
        """Whether a person has acknowledged it at its present level."""
        return self.acknowledged_level is not None and self.acknowledged_level >= self.level


class DutyState(StrEnum):
    """Where a duty stands. A breach is a fact of its own, never erased by later success."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"  # the event was dismissed, merged or corrected, so nobody owes it any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """One duty of one event: the rule's id, who owes it, and its clock. ``n`` counts a duty that comes again."""

    event: int
    rule: str
    owner: str
    state: DutyState
    started_at: datetime
    due_at: datetime | None = None
    breached_at: datetime | None = None
    done_at: datetime | None = None
    done_by: str = ""
    note: str = ""
    n: int = 1
    id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One act of a person on one event (R8, R25)."""

    event: int
    act: Act
    by: str
    at: datetime
    reason: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What a classifier thinks of an event; all are kept, a person decides (R8).

    ``detail`` is the finer class of a kind (a complaint is an inquiry), or what it is about if not kind, sentiment or
    subject: ``claim`` (to be verified), ``pushed``, ``relevance``. ``unsure``: a person looks first.
    """

    reason: str
    confidence: float
    kind: Kind | None = None
    sentiment: str = ""
    subject: str = ""
    detail: str = ""
    unsure: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Consultation:
    """What somebody else is asked about an event: its first post, and how the configuration says to ask.

    ``options`` hold a secret and are never shown in a repr.
    """

    id: int
    event: int
    topic: str
    title: str
    text: str
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What came of a consultation: every word that went out and came back, and the opinions in it, or why none."""

    prompt: str
    answer: str = ""
    opinions: tuple[Opinion, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grading:
    """A level and the reason for it, for the audit trail."""

    level: Level
    reason: str


# -- the regime -----------------------------------------------------------------------------------


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


# -- who is told ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A way out (渠道): which sender, and its settings with secrets already resolved (never shown in a repr)."""

    id: str
    sender: str
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """How one recipient is reached over one channel, and from which level on it is used."""

    channel: str
    to: str
    from_level: Level = Level.GENERAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """A person or a mailbox that may be told (接收人). Nobody unlisted is ever told (R18).

    ``addresses`` stand in the order in which they are tried.
    """

    id: str
    name: str = ""
    roles: tuple[str, ...] = ()
    addresses: tuple[Address, ...] = ()
    language: str = "zh"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A rendered message, kept with its delivery so that a retry sends the same bytes.

    ``short`` fits an SMS (70 characters); so does ``answerable``, which also says what to answer to acknowledge, for
    channels that hear answers: empty if none is asked for. ``chat`` and ``markdown`` are for chat robots; ``html`` may
    be empty, and so may these two. ``data`` is what a webhook sends as JSON, ``words`` are the named variables of
    approved SMS and voice templates, ``curve`` is the heat over time: when (ISO), reads, comments.
    """

    subject: str
    text: str
    short: str
    answerable: str = ""
    html: str = ""
    chat: str = ""
    markdown: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    curve: Sequence[Sequence[Any]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One reason to tell people something (预警): what for, at which level, to which roles.

    ``purpose`` makes the key of every delivery of it: ``found``, ``raise:major``, ``step:major:2``,
    ``repeat:major:1``, ``handover:...``, ``test:...``. The same purpose is never told twice over one channel.
    ``event`` is ``None`` for a word to the operators.
    """

    event: int | None
    purpose: str
    level: Level
    reason: str
    roles: tuple[str, ...]


class DeliveryState(StrEnum):
    """Where a delivery stands. Nothing is dropped: what is not sent by itself says so here, and why in its detail."""

    PENDING = "pending"
    SENDING = "sending"
    ACCEPTED = "accepted"
    UNKNOWN = "unknown"  # it may have arrived, so it is tried again with the same key
    DEAD = "dead"
    CANCELLED = "cancelled"  # what it said is no longer so
    SUPPRESSED = "suppressed"  # by a silence, or because the recipient hears of the same happening already
    BUNDLED = "bundled"  # it went into one message with others
    EXPIRED = "expired"  # its time was over before anybody could send it


class Receipt(StrEnum):
    """What a provider told later of a delivery it had accepted."""

    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"  # accepted, and then not delivered after all


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One alert to one recipient over one channel. ``key`` is made of facts and stays the same on every attempt."""

    key: str
    event: int | None
    event_code: str
    purpose: str
    level: Level
    recipient: str
    role: str
    channel: Channel
    to: str
    notice: Notice
    created_at: datetime | None = None  # when it was promised, the same on every attempt
    provider_id: str = ""  # what the provider called it when it took it
    attempts: int = 0
    id: int = 0


class Answer(StrEnum):
    """The four outcomes of sending."""

    ACCEPTED = "accepted"
    RETRY = "retry"
    PERMANENT = "permanent"
    UNKNOWN = "unknown"  # the request was written, the answer was lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one attempt, with the provider's own answer.

    ``retry_after`` holds the whole channel back; ``pause_channel`` says that the fault is the channel's, not
    this message's (a refused login); ``unknown_at_most`` says how many attempts without an answer a costly
    message is worth.
    """

    answer: Answer
    detail: str = ""
    provider_id: str = ""
    retry_after: timedelta | None = None
    pause_channel: bool = False
    unknown_at_most: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """What somebody sent to a channel's callback address. Names of headers are in lower case."""

    body: bytes = b""
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One thing that a provider tells later: a receipt, or what a recipient answered (words, a key, a button).

    It names the delivery by ``provider_id`` or ``key``; an answer by SMS often says only from which ``number`` it came.
    ``pressed_by`` are the ids under which the chat knows who pressed the notice's button.
    """

    receipt: Receipt | None = None
    answer: str = ""
    pressed_by: tuple[str, ...] = ()
    provider_id: str = ""
    key: str = ""
    number: str = ""
    at: datetime | None = None
    detail: str = ""


Reply = Mapping[str, Any] | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a callback told, and by which the provider knows that it arrived: JSON, or a text that is sent as it is.

    What wants to hear what came of a pressed button gives a function: of some words for who pressed it, after COMMIT.
    """

    signals: tuple[Signal, ...]
    reply: Reply | Callable[[str], Reply] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One line of the record (R25), chained to the one before it by ``prev`` and ``hash``."""

    at: datetime
    actor: str
    what: str
    event: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    id: int = 0
    prev: str = ""
    hash: str = ""
