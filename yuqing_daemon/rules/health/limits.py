"""The states a source can be in, and the figures from which each is reached, as the configuration gives them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class State(StrEnum):
    """The one visible state of a source."""

    WAITING = "waiting"  # not read yet
    OK = "ok"
    IDLE = "does nothing"  # its spider makes no request
    FAILING = "failing"  # its spider raises, or is stopped
    UNREACHABLE = "unreachable"  # refused, or no answer
    BLOCKED = "blocked"  # a login, a captcha, a page that says to come back later
    BROKEN = "broken"  # the list is read, and no link is found
    DEGRADED = "degraded"  # articles are fetched, and their text is not found
    TIMELESS = "time broken"  # articles whose time is missing, in the future, or always the same
    SILENT = "silent"  # everything is read, and nothing new comes for too long
    METRICS = "metrics broken"  # counters are gone where there were some
    SET_ASIDE = "set aside"  # its spider kills workers
    PAUSED = "paused"  # by a person

    @property
    def is_good(self) -> bool:
        """Whether nobody needs to look."""
        return self in (State.OK, State.WAITING, State.PAUSED)

    @property
    def is_blind(self) -> bool:
        """Whether posts can be missed in it; without a time or a counter a post is still found."""
        return self not in (State.OK, State.WAITING, State.TIMELESS, State.METRICS)


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthRules:
    """From when on a source counts as deaf. Numbers ``in a row`` are visits; shares are of 1.

    Args:
        broken_usual: a list that usually has more links than this is broken at the first visit without any.
        broken_after: with fewer, after so many in a row.
        blocked_after: in a row.
        unreachable_after: in a row.
        metrics_after: pages in a row without a counter they used to show.
        recovered_after: good visits, or pages, in a row.
        silent_factor: times the usual gap for that hour of the week without anything new.
        silent_least: and never sooner than that.
        learning: so long a source's week is not known yet.
        silent_unlearned: while it is not, and while it brought too little, silent only after so long.
        window: the last articles that are looked at.
        bad_share: the share of bad ones among them from which something is wrong,
        usual_share: if it used to be less than this.
        chance: so unlikely a row of bad articles has to be, by the source's own history, to count at once.
        short_text: an article with fewer characters has no text.
        low_confidence: an article whose text is less certain than this has none.
        small_page: a list page smaller than this share of its usual size is not the list.
        ahead: a time so far in the future is wrong.
        calm: the shortest time between two words about the same source.
        network_sites: so many sites in a row without an answer are our own network's fault.
        canaries: good pages kept of each source.
        canary_refresh: after so long a kept page is replaced by a newer one.
        calendar: whose public holidays are quiet days.
    """

    broken_usual: int
    broken_after: int
    blocked_after: int
    unreachable_after: int
    metrics_after: int
    recovered_after: int
    silent_factor: float
    silent_least: timedelta
    learning: timedelta
    silent_unlearned: timedelta
    window: int
    bad_share: float
    usual_share: float
    chance: float
    short_text: int
    low_confidence: float
    small_page: float
    ahead: timedelta
    calm: timedelta
    network_sites: int
    canaries: int
    canary_refresh: timedelta
    calendar: str
