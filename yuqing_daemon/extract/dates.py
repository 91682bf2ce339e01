"""Dates as Chinese pages write them, to aware UTC instants."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from .instants import offset_of, read_instant

_CLOCK = (
    r"(?:(?P<half>上午|下午|中午|晚上|凌晨|早上|早晨|傍晚)\s*)?"
    r"(?P<hour>[01]?\d|2[0-4])\s*[:：时時点點]\s*(?P<minute>[0-5]\d)(?!\d)(?:\s*[:：分]\s*(?P<second>[0-5]\d)(?!\d))?"
    r"(?:[.,]\d{1,9})?(?:\s*(?P<meridiem>[ap]\.?m\b\.?))?"
    r"(?:\s*[(（]?(?P<offset>Z\b|(?:UTC|GMT)?[+-]\d\d:?\d\d\b|(?:UTC|GMT)(?:[+-]\d{1,2}\b)?|北京时间"
    r"|(?:E[SD]?T|P[SD]?T|M[SD]T|CDT|BST|CEST|HKT|SGT|JST|KST)\b))?"
)
_LOOSE_CLOCK = _CLOCK.replace("[0-5]\\d)(?!\\d)", "[0-5]?\\d)(?!\\d)")  # 9:5:03, as old systems write it behind a date
_GAP = r"(?:\s*[T,，|]?\s*|\s*[（(]?(?:星期|周|週|礼拜)[一二三四五六日天][)）]?\s*)"
_FULL = re.compile(
    r"(?<![\d.-])(?P<year>(?:19|20)\d\d)\s*(?:[-/.年_－–]\s*(?P<month>0?[1-9]|1[0-2])\s*[-/.月_－–]\s*(?P<day>3[01]|[12]\d|0?[1-9])"
    r"|(?P<month2>0[1-9]|1[0-2])(?P<day2>0[1-9]|[12]\d|3[01])(?=\D|$|\d{4}))\s*[日号號]?"
    rf"(?:{_GAP}{_LOOSE_CLOCK})?",
    re.IGNORECASE,
)
_NO_YEAR = re.compile(
    r"(?<![\d.:/-])(?P<month>0?[1-9]|1[0-2])\s*(?:[-/]\s*(?P<day>3[01]|[12]\d|0?[1-9])|月\s*(?P<day2>3[01]|[12]\d|0?[1-9])\s*[日号號])"
    + _GAP
    + _CLOCK,
    re.IGNORECASE,
)
_SHORT_YEAR = re.compile(
    r"(?<![\d./:-])(?P<year>[0-3]\d)-(?P<month>0[1-9]|1[0-2])-(?P<day>3[01]|[12]\d|0[1-9])\s+" + _CLOCK, re.IGNORECASE
)
_WEEKDAYS = ["mon", "tues", "wednes", "thurs", "fri", "satur", "sun"]
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = r"(?P<name>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DAY_OF_MONTH = (
    rf"(?:{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?"
    rf"|(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\s+{_MONTH.replace('name', 'name2')},?)\s+(?P<year>(?:19|20)\d\d)"
)
_ENGLISH = re.compile(rf"\b{_DAY_OF_MONTH}(?:\s*(?:,|at|\||-|·)?\s*{_CLOCK})?", re.IGNORECASE)
_CLOCK_FIRST = re.compile(  # Published 3:08 PM EST, Wed November 25, 2026
    rf"{_CLOCK}\)?,?\s+(?:on\s+)?(?:[a-z]{{3,9}}\.?,?\s+)?{_DAY_OF_MONTH}", re.IGNORECASE
)
_YEAR_LAST = re.compile(  # 26/11/2026 03:08, 11/26/2026 3:08 PM
    r"(?<![\d./-])(?P<day>\d{1,2})(?P<mark>[/.-])(?P<month>\d{1,2})(?P=mark)(?P<year>(?:19|20)\d\d)(?![\d/.-])"
    rf"(?:\s*,?\s*{_CLOCK})?",
    re.IGNORECASE,
)
_NUMERALS = "〇零○一二两三四五六七八九十"
_WRITTEN = re.compile(  # 二〇二六年十一月二十五日
    rf"(?P<year>[二一][{_NUMERALS}]{{3}})年(?P<month>[{_NUMERALS}]{{1,2}})月(?P<day>[{_NUMERALS}]{{1,3}})[日号](?:{_GAP}{_CLOCK})?",
    re.IGNORECASE,
)
_DAY_WORD = re.compile(
    r"(?P<word>今天|今日|昨天|昨日|(?<!大)前天|前日|大前天|yesterday|today)"
    rf"(?:\s*[,，]?\s*(?:at\s+)?{_CLOCK})?",
    re.IGNORECASE,
)
_WEEKDAY = (
    re.compile(  # 周三 14:00, 上周五, Monday 14:00; what is every or next week, and hours (周一 9:00-17:00), is none
        r"(?<!每个)(?<!下个)(?<!every )(?<!next )(?<![每下逢隔至到、和及~～—–-])"
        r"(?:(?P<week>上个?|本|[这這]个?)?(?:周|週|星期|礼拜|禮拜)(?P<day>[一二三四五六日天])"
        r"|\b(?P<last>last\s+)?(?P<name>mon|tues|wednes|thurs|fri|satur|sun)day\b,?(?:\s+at)?)"
        rf"(?:\s*{_CLOCK}(?![-–—~～至到\s]*\d)|(?!\s*\d|[\u4e00-\u9fff]))",
        re.IGNORECASE,
    )
)
_AGO = re.compile(
    rf"(?<![\d{_NUMERALS}月])(?P<count>\d{{1,4}}|[{_NUMERALS}]{{1,3}}|半|几|数|\b(?:an?|one))\s*个?\s*"
    r"(?P<unit>秒钟?|分钟|分鐘|小时|小時|天|日|周|週|星期|月|年|seconds?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?)"
    r"\s*(?:之?前|以前|ago)"
    r"|(?P<now>刚刚|剛剛|刚才|just now)",
    re.IGNORECASE,
)
_UNITS = {
    **dict.fromkeys(("秒", "秒钟", "second"), timedelta(seconds=1)),
    **dict.fromkeys(("分钟", "分鐘", "minute", "min"), timedelta(minutes=1)),
    **dict.fromkeys(("小时", "小時", "hour", "hr"), timedelta(hours=1)),
    **dict.fromkeys(("天", "日", "day"), timedelta(days=1)),
    **dict.fromkeys(("周", "週", "星期", "week"), timedelta(days=7)),
    **dict.fromkeys(("月", "month"), timedelta(days=30)),
    **dict.fromkeys(("年", "year"), timedelta(days=365)),
}
_DAYS_BACK = {"今天": 0, "今日": 0, "today": 0, "昨天": 1, "昨日": 1, "yesterday": 1, "前天": 2, "前日": 2, "大前天": 3}
_BARE_DAY = re.compile(r"(?P<month>0?[1-9]|1[0-2])\s*[-/.月]\s*(?P<day>3[01]|[12]\d|0?[1-9])\s*[日号號]?")
_SLACK = timedelta(days=1)
_NARROW = str.maketrans("０１２３４５６７８９／－．", "0123456789/-.")


@dataclass(frozen=True, slots=True)
class Found:
    """One date in a text: ``precision`` is day, minute or second; a relative one is only as good as ``now``."""

    at: datetime
    precision: str
    start: int
    end: int
    is_relative: bool = False


def parse_date(text: str, *, now: datetime, timezone: str = "Asia/Shanghai") -> datetime | None:
    """The first date in a text, as aware UTC; without an offset of its own it is local to ``timezone``.

    A date without a year is the latest such day that is not more than a day after ``now``.

    >>> now = datetime(2019, 9, 8, tzinfo=UTC)
    >>> [f"{parse_date(text, now=now):%m-%d %H:%M}" for text in ("2019年9月7日 13:43", "09-07 13:43", "3小时前")]
    ['09-07 05:43', '09-07 05:43', '09-07 21:00']
    """
    text = unicodedata.normalize("NFKC", text).strip()
    zone = ZoneInfo(timezone)
    whole = read_instant(text, zone)
    if whole:
        return whole
    found = find_dates(text, now=now, timezone=timezone) or _bare(text, now.astimezone(zone))
    return found[0].at if found else None


def find_dates(text: str, *, now: datetime, timezone: str = "Asia/Shanghai") -> list[Found]:
    """All dates in a text by their place: written out, without a year, English, and relative to ``now``."""
    zone = ZoneInfo(timezone)
    here = now.astimezone(zone)
    found: list[Found] = []
    text = text.translate(_NARROW)
    for reader in _READERS:
        taken = [(date.start, date.end) for date in found]
        for date in reader(text, here):
            if all(date.end <= start or date.start >= end for start, end in taken):
                found.append(date)
    return sorted(found, key=lambda date: date.start)


def _full_dates(text: str, now: datetime) -> Iterator[Found]:
    for match in _SHORT_YEAR.finditer(text):
        yield from _found(match, 2000 + int(match["year"]), int(match["month"]), int(match["day"]), now.tzinfo)
    for match in _FULL.finditer(text):
        month, day = match["month"] or match["month2"], match["day"] or match["day2"]
        yield from _found(match, int(match["year"]), int(month), int(day), now.tzinfo)


def _written_dates(text: str, now: datetime) -> Iterator[Found]:
    for match in _WRITTEN.finditer(text):
        year = int("".join(str(_numeral(each)) for each in match["year"]))
        yield from _found(match, year, _numeral(match["month"]), _numeral(match["day"]), now.tzinfo)


def _numeral(text: str) -> int:
    """A number below a hundred in Chinese numerals.

    >>> [_numeral(text) for text in ("〇", "两", "十", "十一", "二十", "二十五")]
    [0, 2, 10, 11, 20, 25]
    """
    tens, ten, ones = text.rpartition("十")
    return (10 * _DIGITS.get(tens, 1) if ten else 0) + _DIGITS.get(ones, 0)


_DIGITS = {"〇": 0, "零": 0, "○": 0, "两": 2} | dict(zip("一二三四五六七八九", range(1, 10), strict=True))


def _bare(text: str, now: datetime) -> list[Found]:
    """A text that is a day without a year and nothing else: the latest such day that is not ahead."""
    day = _BARE_DAY.fullmatch(text)
    years = (list(_on_day(day, year, now)) for year in (now.year + 1, now.year, now.year - 1) if day)
    return next((dates for dates in years if dates and dates[0].at <= now + _SLACK), [])


def _on_day(match: re.Match[str], year: int, now: datetime) -> Iterator[Found]:
    try:
        at = datetime(year, int(match["month"]), int(match["day"]), tzinfo=now.tzinfo)
    except ValueError:
        return
    yield Found(at.astimezone(UTC), "day", match.start(), match.end())


def _year_last(text: str, now: datetime) -> Iterator[Found]:
    """Day, month, year; or month and day, where the first cannot be the day, or would lie ahead, or is American."""
    for match in _YEAR_LAST.finditer(text):
        one, two = int(match["day"]), int(match["month"])
        orders = [(one, two), (two, one)] if match["mark"] == "/" else [(one, two)]
        if match["meridiem"] and match["mark"] == "/":
            orders.reverse()
        dates = [date for day, month in orders for date in _found(match, int(match["year"]), month, day, now.tzinfo)]
        yield from [date for date in dates if date.at <= now + _SLACK][:1] or dates[:1]


def _clock_first(text: str, now: datetime) -> Iterator[Found]:
    return _by_month_name(_CLOCK_FIRST, text, now)


def _english_dates(text: str, now: datetime) -> Iterator[Found]:
    return _by_month_name(_ENGLISH, text, now)


def _by_month_name(pattern: re.Pattern[str], text: str, now: datetime) -> Iterator[Found]:
    for match in pattern.finditer(text):
        month = _MONTHS.index((match["name"] or match["name2"])[:3].lower()) + 1
        yield from _found(match, int(match["year"]), month, int(match["day"] or match["day2"]), now.tzinfo)


def _yearless_dates(text: str, now: datetime) -> Iterator[Found]:
    for match in _NO_YEAR.finditer(text):
        month, day = int(match["month"]), int(match["day"] or match["day2"])
        for year in (now.year + 1, now.year, now.year - 1):
            dates = list(_found(match, year, month, day, now.tzinfo))
            if dates and dates[0].at <= now + _SLACK:
                yield dates[0]
                break


def _relative_dates(text: str, now: datetime) -> Iterator[Found]:
    for match in _DAY_WORD.finditer(text):
        day = now - timedelta(days=_DAYS_BACK[match["word"].lower()])
        for date in _found(match, day.year, day.month, day.day, now.tzinfo):
            yield Found(date.at, date.precision, date.start, date.end, is_relative=True)
    for match in _WEEKDAY.finditer(text):
        are_hours = match["offset"] and not _said_offset(match)  # 周一 9:00-17:00
        is_said = match["week"] or match["last"] or (match["hour"] and not are_hours)  # a bare weekday tells no day
        for date in _found(match, *_weekday(match, now), now.tzinfo) if is_said else ():
            yield Found(date.at, date.precision, date.start, date.end, is_relative=True)
    for match in _AGO.finditer(text):
        yield Found((now - _ago(match)).astimezone(UTC), "minute", match.start(), match.end(), is_relative=True)


def _weekday(match: re.Match[str], now: datetime) -> tuple[int, int, int]:
    """The day of a weekday: of last week or this one where that is said, else the latest that is not ahead."""
    week, name = match["week"] or "", match["name"]
    number = _WEEKDAYS.index(name.lower()) if name else "一二三四五六日".index(match["day"].replace("天", "日"))
    back = now.weekday() - number
    if week.startswith("上"):
        back += 7
    elif not week:
        passed = not match["hour"] or (_hour(match), int(match["minute"])) <= (now.hour, now.minute)
        back = back % 7 or (0 if passed and not match["last"] else 7)
    day = now - timedelta(days=back)
    return day.year, day.month, day.day


def _ago(match: re.Match[str]) -> timedelta:
    if match["now"]:
        return timedelta(0)
    said = match["count"].lower()
    count = {"半": 0.5, "几": 3.0, "数": 3.0, "a": 1.0, "an": 1.0, "one": 1.0}.get(said)
    unit = _UNITS[match["unit"].lower().removesuffix("s")]
    return (count if count is not None else float(said) if said.isdecimal() else _numeral(said)) * unit


def _found(match: re.Match[str], year: int, month: int, day: int, zone: tzinfo | None) -> Iterator[Found]:
    """The instant of a match, or nothing when there is no such day."""
    try:
        at = datetime(year, month, day, tzinfo=offset_of(_said_offset(match)) or zone)
    except ValueError:
        return
    precision = "second" if match["second"] else "minute" if match["hour"] else "day"
    if match["hour"]:
        at += timedelta(hours=_hour(match), minutes=int(match["minute"]), seconds=int(match["second"] or 0))
    yield Found(at.astimezone(UTC), precision, match.start(), match.end())


def _hour(match: re.Match[str]) -> int:
    hour = int(match["hour"])
    meridiem = (match["meridiem"] or "")[:1].lower()
    if hour < 12 and (meridiem == "p" or match["half"] in ("下午", "晚上", "傍晚")):
        return hour + 12
    if hour == 12 and (meridiem == "a" or match["half"] in ("凌晨", "上午")):
        return 0
    return 13 if hour == 1 and match["half"] == "中午" else hour


def _said_offset(match: re.Match[str]) -> str | None:
    """What a time says of its zone; 9:00-17:00 says none."""
    offset: str | None = match["offset"]
    are_hours = offset and offset.startswith("-") and not match["second"] and "T" not in match[0]
    return None if are_hours else offset


_READERS = (
    *(_full_dates, _written_dates, _clock_first, _english_dates),
    *(_year_last, _yearless_dates, _relative_dates),
)
