"""Dates as pages write them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuqing_daemon.extract import find_dates, parse_date

NOW = datetime(2019, 9, 8, 2, 0, tzinfo=UTC)  # ten in the morning in Shanghai


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text,at",
    [
        ("2019-09-07 13:43:45", "2019-09-07 05:43:45"),
        ("2019年9月7日 13:43", "2019-09-07 05:43"),
        ("2019年09月07日13时43分", "2019-09-07 05:43"),
        ("2019年9月7日（星期六）下午1:43", "2019-09-07 05:43"),
        ("2019.09.07 13:43", "2019-09-07 05:43"),
        ("2019/9/7", "2019-09-06 16:00"),
        ("20190907", "2019-09-06 16:00"),
        ("20190907134345", "2019-09-07 05:43:45"),
        ("19-09-07 13:43", "2019-09-07 05:43"),
        ("2019-09-0713:43", "2019-09-07 05:43"),
        ("２０１９年９月７日　１３：４３", "2019-09-07 05:43"),
        ("发布时间：2019-09-07 13:43 来源：云岭晚报", "2019-09-07 05:43"),
        ("09-07 13:43", "2019-09-07 05:43"),
        ("9月7日 13:43", "2019-09-07 05:43"),
        ("今天 08:00", "2019-09-08 00:00"),
        ("昨天13:43", "2019-09-07 05:43"),
        ("昨天, 13:43", "2019-09-07 05:43"),
        ("前天 13:43", "2019-09-06 05:43"),
        ("3小时前", "2019-09-07 23:00"),
        ("半小时前", "2019-09-08 01:30"),
        ("5分钟前", "2019-09-08 01:55"),
        ("2 hours ago", "2019-09-08 00:00"),
        ("2019-09-07 9:00-17:00", "2019-09-07 01:00"),  # hours, not a zone
        ("2019-09-07T13:43-05:00", "2019-09-07 18:43"),
        ("周三 14:00", "2019-09-04 06:00"),
        ("星期日 09:30", "2019-09-08 01:30"),  # today, for it has been
        ("周日 11:30", "2019-09-01 03:30"),
        ("上周五", "2019-08-29 16:00"),
        ("本周一 08:00", "2019-09-02 00:00"),
        ("上个星期天 晚上8:15", "2019-09-01 12:15"),
        ("发布于周六 13:43 来源：云岭晚报", "2019-09-07 05:43"),
        ("Monday 14:00", "2019-09-02 06:00"),
        ("Friday at 2:15 pm", "2019-09-06 06:15"),
        ("last Saturday", "2019-09-06 16:00"),
        ("刚刚", "2019-09-08 02:00"),
        ("上午12:22, 2019年9月7日 上午12:22", "2019-09-06 16:22"),
        ("07/09/2019 13:43", "2019-09-07 05:43"),
        ("09/07/2019 1:43 PM", "2019-09-07 05:43"),
        ("9/13/2018", "2018-09-12 16:00"),
        ("07.09.2019, 13:43", "2019-09-07 05:43"),
        ("Published 1:43 AM EST, Sat September 7, 2019", "2019-09-07 06:43"),
        ("13:43 on 7 September 2019", "2019-09-07 05:43"),
        ("Sept. 7, 2019 at 1:43 a.m. ET", "2019-09-07 05:43"),
        ("September 7, 2019 13:43 HKT", "2019-09-07 05:43"),
        ("2019-09-07T13:43:45+08:00", "2019-09-07 05:43:45"),
        ("2019-09-07T05:43:45Z", "2019-09-07 05:43:45"),
        ("2019-09-07T05:43:45.123Z", "2019-09-07 05:43:45"),
        ("Sat, 07 Sep 2019 05:43:45 GMT", "2019-09-07 05:43:45"),
        ("Sat, 07 Sep 2019 13:43:45 +0800", "2019-09-07 05:43:45"),
        ("September 7, 2019 1:43 PM", "2019-09-07 05:43"),
        ("7 Sept 2019", "2019-09-06 16:00"),
        ("二〇一九年九月七日", "2019-09-06 16:00"),
        ("二零一九年九月七日 13时43分", "2019-09-07 05:43"),
        ("两小时前", "2019-09-08 00:00"),
        ("二十五分钟前", "2019-09-08 01:35"),
        ("三天前", "2019-09-05 02:00"),
        ("一周前", "2019-09-01 02:00"),
        ("大前天 13:43", "2019-09-05 05:43"),
        ("9月7日", "2019-09-06 16:00"),
        ("09-07", "2019-09-06 16:00"),
        ("2019-9-7 9:5:03", "2019-09-07 01:05:03"),
        ("2019-09-07 13:43 (北京时间)", "2019-09-07 05:43"),
        ("2019-09-07 13:43 GMT+8", "2019-09-07 05:43"),
        ("Sat, 07 Sep 2019 13:43:45 CST", "2019-09-07 05:43:45"),
        ("1567835025", "2019-09-07 05:43:45"),
        ("1567835025000", "2019-09-07 05:43:45"),
    ],
)
def test_this_way_of_writing_a_date_is_understood(text, at):
    assert parse_date(text, now=NOW) == utc(at)


@pytest.mark.parametrize(
    "text",
    [
        *("", "-", "13:43", "2019", "2019-02-30", "2019-13-01", "第3期", "400-123-4567", "1.2万", "12345"),
        *("周三", "Monday", "每周三 14:00", "下周三 14:00", "每个周三 14:00", "next Monday 14:00", "上周一共12起"),
        *("周一至周五 09:00", "周一 9:00-17:00", "Mondays 9:00", "下个星期天 10:00"),
    ],
)
def test_this_is_no_date(text):
    assert parse_date(text, now=NOW) is None


@pytest.mark.parametrize(
    "text,at",
    [
        ("09-09 09:59", "2019-09-09 01:59"),  # within a day from now: a clock that runs ahead
        ("09-09 10:01", "2018-09-09 02:01"),
        ("12-31 23:00", "2018-12-31 15:00"),
        ("01-01 00:30", "2018-12-31 16:30"),
    ],
)
def test_a_date_without_a_year_is_never_more_than_a_day_ahead(text, at):
    assert parse_date(text, now=NOW) == utc(at)


def test_the_first_of_january_seen_on_new_years_eve_belongs_to_the_new_year():
    assert parse_date("01-01 00:05", now=utc("2019-12-31 15:50")) == utc("2019-12-31 16:05")


def test_a_leap_day_without_a_year_is_the_last_one():
    assert parse_date("02-29 12:00", now=NOW) is None or parse_date("02-29 12:00", now=utc("2020-03-01 00:00")) == utc(
        "2020-02-29 04:00"
    )


def test_an_offset_of_its_own_wins_over_the_zone():
    assert parse_date("2019-09-07T05:43:45Z", now=NOW, timezone="America/New_York") == utc("2019-09-07 05:43:45")
    assert parse_date("2019-09-07 05:43", now=NOW, timezone="America/New_York") == utc("2019-09-07 09:43")


def test_all_dates_of_a_text_are_found_in_order():
    dates = find_dates("更新 2019-09-08 08:00 发布 2019-09-07 13:43:45，昨天", now=NOW)
    assert [(date.precision, date.is_relative) for date in dates] == [
        ("minute", False),
        ("second", False),
        ("day", True),
    ]


@given(st.integers(631152000, 1893456000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)))
def test_what_is_written_is_what_is_read(at):
    for form in (
        "%Y-%m-%d %H:%M:%S",
        "%Y年%m月%d日 %H:%M:%S",
        "%Y/%m/%d %H:%M:%S",
        "%Y-%m-%dT%H:%M:%SZ",
        "%Y%m%d%H%M%S",
    ):
        assert parse_date(at.strftime(form), now=NOW, timezone="UTC") == at


@given(st.text(alphabet="0123456789-/:年月日时分 T.+Z前天小时昨今刚Sepam", max_size=40))
def test_no_text_raises_and_what_is_found_is_aware(text):
    at = parse_date(text, now=NOW)
    assert at is None or at.utcoffset() == timedelta(0)
