"""The words of the field, as frozen values: standard library only, no imports of ours.

Every instant ends in ``_at`` and is an aware UTC ``datetime``; every span is a ``timedelta``; counts are
plural, and ``None`` means *the site does not say*, which is never zero (R2).
"""

from __future__ import annotations

from .found import Article, Match, Page, Post, Reading
from .judged import (
    Act,
    Advice,
    AuditEntry,
    Consultation,
    Duty,
    DutyState,
    Event,
    EventState,
    Grading,
    Heat,
    Judgement,
    Kind,
    Level,
    Opinion,
)
from .regime import DutyRule, Floors, LevelRule, Regime, Special, SpecialPeriod, StageRules, Step
from .told import (
    Address,
    Alert,
    Answer,
    Callback,
    Channel,
    Delivery,
    DeliveryState,
    Heard,
    Notice,
    Outcome,
    Receipt,
    Recipient,
    Reply,
    Signal,
)
from .watched import Source, Topic

__all__ = [
    "Act",
    "Address",
    "Advice",
    "Alert",
    "Answer",
    "Article",
    "AuditEntry",
    "Callback",
    "Channel",
    "Consultation",
    "Delivery",
    "DeliveryState",
    "Duty",
    "DutyRule",
    "DutyState",
    "Event",
    "EventState",
    "Floors",
    "Grading",
    "Heard",
    "Heat",
    "Judgement",
    "Kind",
    "Level",
    "LevelRule",
    "Match",
    "Notice",
    "Opinion",
    "Outcome",
    "Page",
    "Post",
    "Reading",
    "Receipt",
    "Recipient",
    "Regime",
    "Reply",
    "Signal",
    "Source",
    "Special",
    "SpecialPeriod",
    "StageRules",
    "Step",
    "Topic",
]
