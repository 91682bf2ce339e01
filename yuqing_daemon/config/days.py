"""Days, times of the day, hours of the week, and lengths, as the files write them in the organisation's zone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from ..domain import SpecialPeriod
from ..errors import Problem
from ..rules.calendar import work_calendar
from ..rules.clocks import parse_length
from ..rules.hours import WANTED as HOURS
from ..rules.hours import parse_hours
from ..rules.rota import SHIFT_WANTED, parse_shift
from ..rules.walltime import instant
from .documents import Document
from .wanted import Table, Text, Wanted, refusal

_LENGTHS = '"2h", "30min", "same day", "3 days" or "1 working day"'
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_MOMENT = "a day, or a day and a time, of the organisation's zone"


def read_by(parse: Callable[[str], object], wanted: str = "") -> Callable[[str], str]:
    """A check by a reader of the rules, whose own words say what is wrong unless ``wanted`` does."""

    def check(value: str) -> str:
        try:
            parse(value)
        except ValueError as error:
            raise refusal(wanted or str(error).rpartition("want ")[2]) from None
        return value

    return check


def _time(value: str) -> str:
    if not _TIME.fullmatch(value):
        raise refusal('a time of the day, "00:00" to "23:59"')
    return value


def _day(value: Any) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise refusal("a day, without quotes")
    return value


def _moment(value: Any) -> date:
    if not isinstance(value, date) or (isinstance(value, datetime) and value.tzinfo is not None):
        raise refusal(_MOMENT)
    return value


TimeOfDay = Annotated[Text, AfterValidator(_time), Wanted("a time of the day", '"08:30"')]
Day = Annotated[Any, BeforeValidator(_day), WithJsonSchema({}), Wanted("a day, without quotes", "2026-03-02")]
Moment = Annotated[Any, BeforeValidator(_moment), WithJsonSchema({}), Wanted(_MOMENT, "2026-03-02T08:30:00")]
HoursText = Annotated[Text, AfterValidator(read_by(parse_hours)), Wanted(HOURS, '"mon-fri 08:30-17:30"')]
QuietText = Annotated[Text, AfterValidator(read_by(parse_hours)), Wanted(HOURS, '"22:00-07:00"')]
Shift = Annotated[Text, AfterValidator(read_by(parse_shift, SHIFT_WANTED)), Wanted(SHIFT_WANTED, '"7 days"')]
Length = Annotated[Text, AfterValidator(read_by(parse_length, _LENGTHS)), Wanted(_LENGTHS, '"2h"')]
CalendarName = Annotated[
    Text,
    AfterValidator(read_by(lambda name: work_calendar(name, closes=time(0)))),
    Wanted('"monday-friday" or "china"', '"china"'),
]


class SpecialPeriodTable(Table):
    """A declared special period: an election, an inspection, a festival."""

    name: Text
    """What people call it."""
    from_: Annotated[Day, Field(alias="from")]
    """Its first day."""
    until: Day
    """Its last day."""


def special_periods(tables: Iterable[SpecialPeriodTable], zone: ZoneInfo) -> tuple[SpecialPeriod, ...]:
    """The special periods as the daemon uses them, from the first midnight to the last."""
    return tuple(
        SpecialPeriod(name=table.name, begins_at=begins(table.from_, zone), ends_at=ends(table.until, zone))
        for table in tables
    )


def begins(moment: date, zone: ZoneInfo) -> datetime:
    """The instant at which a day begins, or that a day and a time mean, in UTC.

    >>> str(begins(date(2026, 3, 2), ZoneInfo("Asia/Shanghai")))
    '2026-03-01 16:00:00+00:00'
    """
    return instant(moment if isinstance(moment, datetime) else datetime.combine(moment, time(0)), zone)


def ends(moment: date, zone: ZoneInfo) -> datetime:
    """The instant at which a day is over, or that a day and a time mean, in UTC."""
    return begins(moment if isinstance(moment, datetime) else moment + timedelta(days=1), zone)


def falling(document: Document, *names: str) -> Iterator[Problem]:
    """Spans of these lists of tables that end before they begin."""
    for path, table in (pair for name in names for pair in document.tables(name)):
        first, last = table.get("from"), table.get("until")
        if isinstance(first, date) and isinstance(last, date) and _ends_early(first, last):
            yield document.problem((*path, "until"), "a day, or a time of it, that comes after from")


def _ends_early(first: date, last: date) -> bool:
    """Whether nothing lies between: the last day counts as a whole."""
    if isinstance(last, datetime):
        start = first if isinstance(first, datetime) else datetime.combine(first, time(0))
        return last.replace(tzinfo=None) <= start.replace(tzinfo=None)
    return last < (first.date() if isinstance(first, datetime) else first)
