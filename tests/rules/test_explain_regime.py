"""A regime in plain sentences: the whole text, in both languages, and what changes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sample_config import duties, write

from yuqing_daemon.config import read_regime, regime_path, shipped_regimes
from yuqing_daemon.domain import Act, Floors, Regime, Special, SpecialPeriod
from yuqing_daemon.rules.explain_regime import explain
from yuqing_daemon.rules.explain_words import ACTS, figures
from yuqing_daemon.rules.explain_words import CHINESE as CHINESE_TEXTS
from yuqing_daemon.rules.explain_words import ENGLISH as ENGLISH_TEXTS

PERIOD = SpecialPeriod(
    name="安全检查", begins_at=datetime(2026, 3, 3, 16, tzinfo=UTC), ends_at=datetime(2026, 3, 11, 16, tzinfo=UTC)
)

CHINESE = """\
级别
  一般：未达到其他级别标准的事件。
  重大：一个事件的全部信息合计，阅读量达到1000，或评论达到100，或主流网站达到1家。
  特别重大：一个事件的全部信息合计，阅读量达到3000，或评论达到500，或主流网站达到5家。
  涉及下列敏感主题的，一经发现即为特别重大：食品。
  各项标准以最高者为准。级别由数据自动升高；降低级别须由具名人员说明理由。
通知
  一般：立即通知监控人员；30分钟后仍无人签收的，通知舆情办。一个渠道30分钟内未送达的，改用下一个渠道；24小时内仍未\
送达的，不再尝试并记录在案。
  重大：立即通知监控人员、舆情办。无人签收的，每15分钟再次提醒已通知的人员，最多8次。一个渠道10分钟内未送达的，改\
用下一个渠道；2小时内仍未送达的，不再尝试并记录在案。
  特别重大：立即通知监控人员、舆情办。无人签收的，每5分钟再次提醒已通知的人员，最多24次。一个渠道2分钟内未送达的，\
改用下一个渠道；30分钟内仍未送达的，不再尝试并记录在案。
  舆情办无人可通知时，通知监控人员。
职责与时限
  1. 研判（judge）：事件发现后，由监控人员在2小时内完成，以确认或排除为准。时限过去50%、90%时提醒监控人员。逾期的\
，记录在案，并通知舆情办。
  2. 报告（report）：事件达到重大后，由监控人员在30分钟内完成，以书面报告为准。逾期的，记录在案，并通知舆情办。完\
成1小时后再次计起，直到事件结束。
  3. 答复（opinion）：咨询类事件在“研判”完成后，由舆情办当日完成，以登记完成为准。逾期的，记录在案，并通知监控人员\
。
  4. 移送（refer）：炒作或咨询类事件在“答复”完成后，由舆情办完成（不设时限），以移送决定为准。
特殊时期
  在宣布的特殊时期内，重大的标准为：阅读量达到500，或评论达到100，或主流网站达到1家。
  在宣布的特殊时期内，以小时和天计的时限缩短为50%；当日和工作日不变。
  已宣布：安全检查，自2026-03-04 00:00至2026-03-12 00:00。
发展阶段
  发现后6小时内、未达到任何级别标准的，为苗头阶段。
  最近一小时的新增量达到前一小时1.25倍的，为上升阶段。
  连续6小时内每小时新增量均低于最高一小时20%的，为消退阶段；其余为高峰阶段。
  48小时没有新内容的，为结束阶段；存续较久的，须经过其存续时间的25%，最长不超过7天。
  预计2小时内将达到下一级别标准的，提前通知。
  一般事件发现24小时后仍未消退，且已达到上一级别标准30%的，按重大事件处理。
  一般事件在24小时内新增3家网站刊载的，按重大事件处理。
记录与结束
  48小时没有新内容的，事件结束。
  30天内有动静的事件，新的同类信息并入其中。
"""

ENGLISH = """\
Levels
  General: every event that reaches no other level.
  Major: over all posts of an event together, 1,000 reads, 100 comments or 1 mainstream site.
  Extraordinary: over all posts of an event together, 3,000 reads, 500 comments or 5 mainstream sites.
  An event that concerns one of these sensitive subjects is extraordinary as soon as it is found: food.
  The highest of all criteria counts. A level rises by the figures; only a named person lowers one, with a \
reason.
Who is told
  General: monitor at once; office after 30 minutes, if nobody has acknowledged. What one channel has not \
delivered within 30 minutes goes over the next; what is not delivered within 24 hours is given up, on record.
  Major: monitor and office at once. While nobody acknowledges, those told are reminded every 15 minutes, at \
most 8 times. What one channel has not delivered within 10 minutes goes over the next; what is not delivered \
within 2 hours is given up, on record.
  Extraordinary: monitor and office at once. While nobody acknowledges, those told are reminded every 5 \
minutes, at most 24 times. What one channel has not delivered within 2 minutes goes over the next; what is \
not delivered within 30 minutes is given up, on record.
  If nobody can be reached as office, monitor is told.
Duties and clocks
  1. Judge (judge): once an event is found, owed by monitor within 2 hours; done by confirm or dismiss. After \
50% and 90% of the time monitor is warned. A breach is put on record and told to office.
  2. Report (report): once an event becomes major, owed by monitor within 30 minutes; done by report. A \
breach is put on record and told to office. It is owed again 1 hour after it was done, until the event is over.
  3. Opinion (opinion): for an event of the kind inquiry, once "judge" is done, owed by office on the same \
day; done by mark as done. A breach is put on record and told to monitor.
  4. Refer (refer): for an event of the kind hype or inquiry, once "opinion" is done, owed by office without \
a time limit; done by refer.
Special periods
  In a declared special period, major begins at: 500 reads, 100 comments or 1 mainstream site.
  In a declared special period, clocks in hours and days have 50% of their time; the same day and working \
days stay.
  Declared: 安全检查, from 2026-03-04 00:00 to 2026-03-12 00:00.
Stages
  Emerging: within 6 hours after it was found, and no floor reached.
  Growing: the last hour brought at least 1.25 times the hour before.
  Subsiding: for 6 hours no hour came up to 20% of the busiest. Peak: everything else.
  Over: 48 hours without anything new; for an event that lived long, 25% of its life, at the latest after 7 \
days.
  A floor expected within 2 hours is told beforehand.
  A general event that has not subsided 24 hours after it was found, and has come to 30% of the next floor, \
is handled as major.
  A general event that 3 further sites carry within 24 hours is handled as major.
Record and end
  An event is over after 48 hours without anything new.
  A new post joins an event of its kind that stirred within 30 days.
"""


@pytest.fixture
def rules(tmp_path: Path) -> Regime:
    """A small regime with every kind of rule."""
    return read_regime(write(tmp_path, duties()) / "rules.toml")


def text(regime: Regime, language: str = "zh") -> str:
    """The text as a person reads it."""
    sections = explain(regime, language, periods=(PERIOD,), zone=ZoneInfo("Asia/Shanghai"))
    lines = [line for section in sections for line in (section.title, *(f"  {said}" for said in section.sentences))]
    return "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize(("language", "whole"), [("zh", CHINESE), ("en", ENGLISH)])
def test_everything_a_regime_says_is_told(rules: Regime, language: str, whole: str) -> None:
    assert text(rules, language) == whole
    assert text(rules, language) == whole


def test_without_figures_for_the_stages_nothing_is_said_of_them(rules: Regime) -> None:
    assert "发展阶段" not in text(replace(rules, stages=None))


def test_a_regime_that_tightens_nothing_says_nothing_of_special_periods(rules: Regime) -> None:
    regime = replace(rules, special=Special())
    assert [section.title for section in explain(regime)] == ["级别", "通知", "职责与时限", "发展阶段", "记录与结束"]


def test_working_days_are_told_with_their_calendar_where_a_clock_counts_them(rules: Regime) -> None:
    regime = rules
    judge = replace(regime.duties[0], within="5 working days")
    in_china = replace(regime, duties=(judge,), calendar="china")
    assert "在5个工作日内完成" in text(in_china)
    assert "工作日按国务院公布的节假日和调休安排计算，17:30截止。" in text(in_china)
    assert "Working days are Monday to Friday, until 17:30." in text(replace(regime, duties=(judge,)), "en")
    assert "工作日按" not in text(regime)


def test_acts_that_want_a_reason_are_told(rules: Regime) -> None:
    regime = replace(rules, wants_reason=(Act.DISMISS, Act.MERGE))
    assert "下列操作须说明理由，否则不予受理：排除、合并。" in text(regime)
    assert "These acts are refused without a reason: dismiss and merge." in text(regime, "en")


@pytest.mark.parametrize("name", shipped_regimes())
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_duty_of_a_shipped_regime_has_a_sentence_of_its_own(name: str, language: str) -> None:
    regime = read_regime(regime_path(name, Path()))
    told = text(regime, language)
    assert all(f"{number}. " in told for number in range(1, len(regime.duties) + 1))
    assert all(f"{rule.id})" in told or f"{rule.id}）" in told for rule in regime.duties)
    assert "{" not in told


def test_both_languages_have_the_same_sentences_and_every_act_a_name() -> None:
    assert CHINESE_TEXTS.keys() == ENGLISH_TEXTS.keys()
    assert set(ACTS) == set(Act)


def test_a_single_figure_needs_no_or() -> None:
    assert figures("zh", Floors(mainstream=5)) == "主流网站达到5家"
    assert figures("en", Floors(mainstream=5)) == "5 mainstream sites"
