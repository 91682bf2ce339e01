"""``[health]`` of yuqing.toml: from when on a source counts as deaf."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from ..rules.health import HealthRules
from .wanted import Count, Days, Span, Table, Wanted

Share = Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False), Wanted("a share between 0 and 1", "0.3")]
Row = Annotated[int, Field(ge=1, le=1000), Wanted("how many in a row, a whole number from 1 to 1000", "2")]
Few = Annotated[int, Field(ge=0, le=10), Wanted("a whole number from 0 to 10", "3")]
Factor = Annotated[float, Field(ge=1, le=100, allow_inf_nan=False), Wanted("a number from 1 to 100", "3")]
Holidays = Annotated[Literal["china", "monday-friday"], Wanted('"china" or "monday-friday"', '"china"')]


class HealthTable(Table):
    """From when on a source counts as deaf. Each is judged by its own past."""

    broken_usual: Count = 5
    """A list that usually has more links is broken at the first visit that finds none."""
    broken_after: Row = 6
    """With fewer links, it is after so many visits in a row."""
    blocked_after: Row = 2
    """Visits in a row that show a login, a captcha or another gate."""
    unreachable_after: Row = 2
    """Visits in a row that are refused, or get no answer."""
    metrics_after: Row = 3
    """Pages in a row without a counter they used to show."""
    recovered_after: Row = 2
    """Good visits, or pages, in a row until it is well again."""
    silent_factor: Factor = 3
    """Nothing new for so many times the usual gap at that hour of the week is silence."""
    silent_least: Span = 21_600
    """But never sooner than after so many seconds."""
    learning_days: Days = 14
    """So long a source's week is not known, and only much longer silence counts."""
    silent_unlearned_days: Days = 30
    """So long it must be silent while it has brought too little to be known."""
    window: Count = 20
    """The last articles that are looked at together."""
    bad_share: Share = 0.3
    """More bad ones among them than this share is wrong,"""
    usual_share: Share = 0.05
    """if it used to be less than this."""
    chance: Share = 0.000001
    """Bad articles in a row count at once if the source's own past makes them less likely than this."""
    short_text: Count = 30
    """An article with fewer characters has no text."""
    low_confidence: Share = 0.2
    """An article whose text is less certain than this has none."""
    small_page: Share = 0.2
    """A list page smaller than this share of its usual size is not the list."""
    ahead: Span = 3600
    """A publication time more seconds in the future than this is wrong."""
    calm: Span = 7200
    """Least seconds between two words to the operators about the same source."""
    network_sites: Annotated[int, Field(ge=2, le=100), Wanted("a whole number from 2 to 100", "3")] = 3
    """So many sites in a row that do not answer, and none that does, are our own network's fault."""
    canaries: Few = 3
    """Good pages kept of each source, to be read again after an upgrade or a changed selector."""
    canary_refresh_days: Days = 30
    """After so long a kept page is replaced by a newer one."""
    calendar: Holidays = "china"
    """Whose public holidays are quiet days."""


def health_rules(table: HealthTable) -> HealthRules:
    """The table as the daemon uses it."""
    given = table.model_dump()
    for name in ("learning", "silent_unlearned", "canary_refresh"):
        given[name] = timedelta(days=given.pop(f"{name}_days"))
    for name in ("silent_least", "ahead", "calm"):
        given[name] = timedelta(seconds=given[name])
    return HealthRules(**given)
