"""Where an event stands, and where it is heading, with the figures behind both (R10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ..domain import Event, Level, Regime
from .curve import Curve
from .forecast import Forecast, forecast
from .stage import Stage, stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """The stage now, the sentence on why, and what is to be expected; no forecast: too little was seen for one."""

    stage: Stage
    reason: str
    forecast: Forecast | None = None


def outlook(curve: Curve, event: Event, regime: Regime, *, now: datetime) -> Outlook | None:
    """Look at a live event; ``None`` where the regime knows no stages, or the event is at rest.

    Args:
        regime: with the floors that are in force: in a special period those of ``tightened``.
    """
    if regime.stages is None or not event.state.is_live:
        return None
    first = regime.rule(Level.MAJOR).floors
    staging = stage(curve, now=now, found_at=event.found_at, rules=regime.stages, floors=first)
    above = regime.rule(Level(event.level + 1)).floors if event.level < max(Level) else regime.rule(event.level).floors
    return Outlook(stage=staging.stage, reason=staging.reason, forecast=forecast(curve, now=now, floors=above))
