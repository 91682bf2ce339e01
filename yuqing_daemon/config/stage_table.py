"""The table of a regime file that says in which stage an event is, and when it spreads (R3, R10, R14)."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from ..domain import StageRules
from .wanted import Count, Delay, Span, Table, Wanted

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False), Wanted("a share, a number from 0 to 1", "0.2")]
Ratio = Annotated[float, Field(ge=1, le=1000, allow_inf_nan=False), Wanted("a ratio, a number >= 1", "1.25")]


class StagesTable(Table):
    """The figures for the stages; a share is of the event's own busiest hour unless it says otherwise."""

    young: Span
    """Seconds after it was found in which an event below the first floors is emerging."""
    rising: Ratio
    """The last hour against the hour before: from this ratio on it grows."""
    subsiding_share: Share
    """It subsides when no hour came up to this share ..."""
    subsiding_after: Span
    """... for so many seconds."""
    over_life_share: Share
    """It is over after so much of its life without anything new, if that is longer than over_after ..."""
    over_at_latest: Span
    """... or after so many seconds in any case, also if nobody could look."""
    over_voices_share: Share
    """Up to this pace, new comments are nothing new; with 0 any is."""
    over_reads_share: Share
    """The same for reads."""
    still_reads: Delay
    """So many reads an hour are nothing new in any case."""
    early_sign: Span
    """A floor expected within so many seconds is worth a notice."""
    must_subside: Span
    """Seconds after it was found by which a general event must have subsided, or is handled as major."""
    spread_share: Share
    """Share of the next floor from which on it counts that it grows or does not subside."""
    spread_sites: Count
    """So many further sites are a sign of spreading ..."""
    spread_within: Span
    """... if they came within so many seconds."""


def stage_rules(table: StagesTable, *, over_after: int) -> StageRules:
    """The table as the daemon uses it; ``over_after`` in seconds is the regime's own."""
    return StageRules(
        young=timedelta(seconds=table.young),
        rising=table.rising,
        subsiding_share=table.subsiding_share,
        subsiding_after=timedelta(seconds=table.subsiding_after),
        over_after=timedelta(seconds=over_after),
        over_life_share=table.over_life_share,
        over_at_latest=timedelta(seconds=table.over_at_latest),
        over_voices_share=table.over_voices_share,
        over_reads_share=table.over_reads_share,
        still_reads=table.still_reads,
        early_sign=timedelta(seconds=table.early_sign),
        must_subside=timedelta(seconds=table.must_subside),
        spread_share=table.spread_share,
        spread_sites=table.spread_sites,
        spread_within=timedelta(seconds=table.spread_within),
    )
