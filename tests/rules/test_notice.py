"""What people read when an event is found, raised, repeated or passed on."""

import json
import os
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest

from yuqing_daemon.domain import (
    Alert,
    Duty,
    DutyState,
    Event,
    EventState,
    Heat,
    Level,
    Match,
    Opinion,
    Post,
    Recipient,
    Topic,
)
from yuqing_daemon.rules.notice import render_notice, render_plain, units

NOW = datetime(2026, 3, 1, 1, 12, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
EVENT = Event(
    id=12,
    topic="food",
    title="青禾乳业一批次酸奶被指变质",
    level=Level.MAJOR,
    found_at=NOW - timedelta(hours=1),
    updated_at=NOW,
    heat=Heat(reads=1234, mainstream=2, posts=7),
)
POST = Post(
    url="https://bbs.qinghe.example/t/1",
    source="bbs",
    title="求助：买到的酸奶变质了",
    text="昨天在超市买的青禾酸奶，打开已经变质，孩子喝了拉肚子。",
    site="bbs.qinghe.example",
    published_at=NOW - timedelta(hours=2),
    fetched_at=NOW,
)

CHINESE = """\
【重大】青禾乳业一批次酸奶被指变质

级别升为重大（阅读 1234 ≥ 1000，主流媒体 2 家 ≥ 1）。

热度：阅读 1234，评论 未知，主流媒体 2 家，信息 7 条（截至 2026-03-01 09:12）
首次发现：2026-03-01 08:12
专题：食品安全

1. 求助：买到的酸奶「变质」了
   bbs.qinghe.example 2026-03-01 07:12
   昨天在超市买的青禾酸奶，打开已经「变质」，孩子喝了拉肚子。
   https://bbs.qinghe.example/t/1

另有 6 条信息。

请王主任（舆情办）研判后尽快签收；无人签收时将继续提醒并上报。
签收：https://yuqing.qinghe.example/ack/token
命令行签收：yuqing ack E12

青禾乳业 舆情监测　事件 E12"""

ENGLISH = """\
[MAJOR] 青禾乳业一批次酸奶被指变质

The event was raised to major (reads 1234 ≥ 1000, mainstream sites 2 ≥ 1).

Figures: reads 1234, comments unknown, mainstream sites 2, posts 7 (as of 2026-03-01 09:12)
First found: 2026-03-01 08:12
Topic: 食品安全

1. 求助：买到的酸奶*变质*了
   bbs.qinghe.example 2026-03-01 07:12
   昨天在超市买的青禾酸奶，打开已经*变质*，孩子喝了拉肚子。
   https://bbs.qinghe.example/t/1

And 6 more.

Director Wang (office), please judge it and acknowledge. Until somebody does, reminders go on and the next role is told.
Acknowledge: https://yuqing.qinghe.example/ack/token
On the command line: yuqing ack E12

青禾乳业, public-opinion monitoring, event E12"""


def notice(purpose="raise:major:3", reason="reads 1234 >= 1000; mainstream sites 2 >= 1", **changed):
    given = {
        "alert": Alert(event=12, purpose=purpose, level=EVENT.level, reason=reason, roles=("office",)),
        "event": EVENT,
        "topic": Topic(id="food", name="食品安全"),
        "posts": (POST,),
        "matches": (Match(topic="food", span="变质"),),
        "organisation": "青禾乳业",
        "recipient": Recipient(id="wang", name="王主任"),
        "role": "舆情办",
        "link": "https://yuqing.qinghe.example/ack/token",
        "timezone": SHANGHAI,
        "now": NOW,
    }
    return render_notice(**{**given, **changed})


def english(**changed):
    return notice(recipient=Recipient(id="wang", name="Director Wang", language="en"), role="office", **changed)


def test_a_chinese_notice_reads_like_this():
    rendered = notice()
    assert rendered.subject == "【重大】青禾乳业一批次酸奶被指变质（食品安全 E12）"
    assert rendered.short == "【重大】青禾乳业一批次酸奶被指变质 阅读1234评论未知媒体2 E12"
    assert rendered.text == CHINESE


def test_an_english_notice_reads_like_this():
    rendered = english()
    assert rendered.subject == "[MAJOR] 青禾乳业一批次酸奶被指变质 (食品安全 E12)"
    assert rendered.short == "[MAJOR] 青禾乳业一批次酸奶被指变质 reads 1234 cmts unknown sites 2 E12"
    assert rendered.text == ENGLISH


CHAT = """\
【重大】青禾乳业一批次酸奶被指变质
级别升为重大（阅读 1234 ≥ 1000，主流媒体 2 家 ≥ 1）。
阅读 1234，评论 未知，主流媒体 2 家，信息 7 条（2026-03-01 09:12）
1. 求助：买到的酸奶「变质」了 bbs.qinghe.example
   昨天在超市买的青禾酸奶，打开已经「变质」，孩子喝了拉肚子。
   https://bbs.qinghe.example/t/1
限时：上报领导小组（舆情办）2026-03-01 10:12
请王主任（舆情办）研判后尽快签收；无人签收时将继续提醒并上报。
签收：https://yuqing.qinghe.example/ack/token
青禾乳业 舆情监测 E12"""

MARKDOWN = """\
**【重大】青禾乳业一批次酸奶被指变质**

级别升为重大（阅读 1234 ≥ 1000，主流媒体 2 家 ≥ 1）。

阅读 **1234**，评论 **未知**，主流媒体 **2** 家，信息 **7** 条（2026-03-01 09:12）

1. [求助：买到的酸奶**变质**了](https://bbs.qinghe.example/t/1) bbs.qinghe.example
   昨天在超市买的青禾酸奶，打开已经**变质**，孩子喝了拉肚子。

> 限时：上报领导小组（舆情办）**2026-03-01 10:12**

请王主任（舆情办）研判后尽快签收；无人签收时将继续提醒并上报。[签收](https://yuqing.qinghe.example/ack/token)

青禾乳业 舆情监测 E12"""


DOUBT = Opinion(detail="claim", reason="有人说吃出玻璃", confidence=0.5, unsure=True)


def owed(due_at=NOW + timedelta(hours=1), rule="report"):
    return Duty(event=12, rule=rule, owner="office", state=DutyState.OPEN, started_at=NOW, due_at=due_at)


def test_a_chat_reads_like_this_as_text_and_as_markdown(company):
    rule = replace(company.duties[0], id="report", name="上报领导小组", name_en="report to the leading group")
    regime = replace(company, duties=(rule,), roles={"office": "舆情办"})
    rendered = notice(duties=(owed(),), regime=regime)
    assert rendered.chat == CHAT
    assert rendered.markdown == MARKDOWN


def test_a_chat_fits_one_message_of_a_robot_however_long_the_words_of_a_page(company):
    long = replace(POST, title="长" * 10_000, text="变质" + "长" * 10_000, source_name="长" * 10_000)
    event = replace(
        EVENT,
        title="长" * 10_000,
        key_words="长" * 99,
        heat=Heat(reads=10**9, comments=10**9, mainstream=999, posts=10**6),
    )
    for language in ("zh", "en"):
        person = Recipient(id="wang", name="王主任", language=language)
        rendered = notice(
            event=event,
            posts=(long,) * 5,
            duties=(owed(),) * 5,
            regime=company,
            recipient=person,
            opinions=(replace(DOUBT, reason="长" * 500),) * 5,
        )
        assert len(rendered.chat.encode()) <= 2048
        assert len(rendered.markdown.encode()) <= 4096


def test_a_clock_that_ran_out_says_so_and_a_duty_without_an_end_is_no_clock():
    late, endless = owed(NOW - timedelta(minutes=1), "report"), owed(None, "watch")
    rendered = notice(duties=(endless, late))
    assert "已超时：report（office）2026-03-01 09:11" in rendered.chat
    assert "watch" not in rendered.chat


def test_named_variables_are_all_text():
    words = notice().words
    assert (words["level"], words["reads"], words["comments"], words["code"]) == ("重大", "1234", "未知", "E12")
    assert all(isinstance(word, str) for word in words.values())


def test_the_curve_is_kept_thin_enough_to_be_kept():
    points = tuple((NOW + timedelta(minutes=number), number, None) for number in range(1000))
    kept = notice(curve=points).curve
    assert len(kept) <= 60
    assert (kept[0][1], kept[-1][1]) == (0, 999)
    json.dumps(kept)


def test_a_language_nobody_wrote_is_chinese():
    assert notice(recipient=Recipient(id="wang", name="王主任", language="fr")).text == CHINESE


@pytest.mark.parametrize(
    ("purpose", "reason", "chinese", "in_english"),
    [
        ("found", "sensitive subject: 食品", "发现新的重大舆情（涉及敏感主题“食品”）。", "(sensitive subject: 食品)"),
        ("found", "no floor reached: reads 999", "发现新的重大舆情。", "A new major event was found."),
        ("raise:major:3", "comments 120 >= 100", "级别升为重大（评论 120 ≥ 100）。", "raised to major (comments 120"),
        ("raise:major:3", "plugin spread", "级别升为重大（插件 spread）。", "raised to major (plugin spread)."),
        ("reopened:9", "reads 1 >= 1", "已结束的事件又有新动向（阅读 1 ≥ 1）。", "in an event that was over"),
        ("step:major:3:0", "due by the regime", "按规定现报您处。", "The regime asks"),
        (
            "step:major:3:2",
            "not acknowledged in time",
            "前面通知的人员未在规定时间内签收",
            "did not acknowledge in time",
        ),
        ("repeat:major:3:2", "still not acknowledged", "第 2 次提醒：仍无人签收。", "Reminder 2: still nobody"),
        (
            "handover:monitor:found",
            "nobody could be reached as 监控人员: refused: 550 no such mailbox",
            "监控人员一方无人可以送达，改报您处。",
            "Nobody could be reached as 监控人员, so you are told instead.",
        ),
        (
            "handover:monitor:breach:report:1",
            "nobody could be reached as 监控人员: 550 no; late: 上报 was due 03-01 09:00 and is not done",
            "监控人员一方无人可以送达，改报您处（上报已超时：应于 03-01 09:00 前完成，尚未完成）。",
            "so you are told instead (late: 上报 was due 03-01 09:00 and is not done).",
        ),
        (
            "found",
            "no floor reached: reads 9; its words name it (吃出): provisional, until a person confirms",
            "发现新的重大舆情（依文字判断（吃出），待人工确认）。",
            "event was found (its words name it (吃出)",
        ),
        (
            "progress:3:20260301",
            "nothing done since 李主任 acknowledged; taken back at 03-01 13:12",
            "否则签收将被撤销（李主任 签收后没有处置记录，撤销时间 03-01 13:12）。",
            "taken back at 03-01 13:12).",
        ),
        ("test:1", "", "这是一条测试消息", "This is a test"),
        ("something:new", "words of a plugin", "words of a plugin", "words of a plugin"),
    ],
)
def test_every_purpose_says_in_one_line_what_happened(purpose, reason, chinese, in_english):
    assert chinese in notice(purpose, reason).text.splitlines()[2]
    assert in_english in english(purpose=purpose, reason=reason).text.splitlines()[2]


@pytest.mark.parametrize(
    ("purpose", "tag", "in_english"),
    [
        ("repeat:major:3:2", "提醒2", "REMINDER 2"),
        ("step:major:3:1", "上报", "PASSED UP"),
        ("handover:monitor:found", "转报", "PASSED ON"),
        ("handover:monitor:breach:report:1", "已超时", "OVERDUE"),
        ("warn:report:1:0", "将超时", "DUE SOON"),
        ("update:4", "续报", "NEWS"),
        ("subscribed:update:4", "续报", "NEWS"),
        ("closed:4:x", "已关闭", "CLOSED"),
        ("withdrawn:4:x", "已作废", "WITHDRAWN"),
        ("lowered:4:x", "已降级", "LOWERED"),
        ("relieved:4:x", "不再由您处理", "NOT YOURS"),
        ("inherited:4", "接手", "YOURS NOW"),
    ],
)
def test_what_is_no_first_word_says_so_before_the_title_also_in_an_sms(purpose, tag, in_english):
    for rendered, said in (
        (notice(purpose), f"【重大·{tag}】"),
        (english(purpose=purpose), f"[MAJOR, {in_english}]"),
    ):
        shown = (rendered.subject, rendered.short, rendered.text, rendered.chat)
        assert all(text.startswith(said) for text in shown)
        assert said in rendered.html and said.strip("【】[]").removeprefix("MAJOR") in rendered.markdown
    assert notice("found").subject.startswith("【重大】")


@pytest.mark.parametrize("purpose", ["repeat:extraordinary:3:24", "unacked:9", "inherited:9", "handover:monitor:found"])
def test_an_sms_to_answer_has_room_for_the_answer_however_much_there_is_to_say(purpose):
    event = replace(EVENT, id=1234, level=Level.EXTRAORDINARY, heat=Heat(reads=10**7, comments=10**6, mainstream=99))
    for write, reply in ((notice, "回复E1234签收"), (english, "reply E1234 to ack")):
        alert = Alert(event=1234, purpose=purpose, level=event.level, reason="", roles=())
        rendered = write(event=event, alert=alert)
        assert rendered.answerable.endswith(reply) and units(rendered.answerable) <= 70


def test_an_english_reason_has_the_english_name_of_the_duty(company):
    rule = replace(company.duties[0], id="report", name="上报领导小组", name_en="report to the leading group")
    reason = "late: 上报领导小组 was due 03-01 09:00 and is not done"
    rendered = english(purpose="breach:report:1", reason=reason, regime=replace(company, duties=(rule,)))
    assert "late: report to the leading group was due" in rendered.text
    assert "上报领导小组已超时" in notice("breach:report:1", reason, regime=replace(company, duties=(rule,))).text


ASKING = ("found", "raise:major:3", "reopened:9", "step:major:3:2", "repeat:major:3:2", "handover:monitor:found")
ASKING += ("update:4", "unacked:5", "handled:major:3")
OWING = ("duty:report:0", "warn:report:0:1", "breach:report:0", "handed:wang:3:20260301", "progress:3:20260301")
TELLING = ("closed:4:x", "merged:4:x", "withdrawn:4:x", "lowered:4:x", "early:major", "subscribed:found", "test:1")


def texts(rendered):
    return [rendered.text, rendered.html, rendered.chat, rendered.markdown, rendered.data["text"]]


@pytest.mark.parametrize("write", [notice, english])
@pytest.mark.parametrize("purpose", ASKING)
def test_what_wants_an_acknowledgement_asks_for_it_everywhere(purpose, write):
    rendered = write(purpose=purpose)
    asked, reply = {notice: ("后尽快签收", "回复E12签收"), english: ("please judge it", "reply E12 to ack")}[write]
    assert all(asked in text and "/ack/token" in text for text in texts(rendered))
    assert rendered.answerable.endswith(reply) and units(rendered.answerable) <= 70
    assert rendered.words["reply"] == reply


@pytest.mark.parametrize("write", [notice, english])
@pytest.mark.parametrize("purpose", OWING + TELLING)
def test_what_wants_none_asks_for_none_anywhere(purpose, write):
    rendered = write(purpose=purpose, reason="")
    for text in texts(rendered):
        assert "/ack/" not in text and "yuqing ack" not in text and "尽快签收" not in text and "judge it" not in text
    assert (rendered.answerable, rendered.words["reply"], rendered.data["link"]) == ("", "", "")
    owes = {notice: "办理或督促办理", english: "please do what is due"}[write]
    assert all((owes in text) == (purpose in OWING) for text in texts(rendered))


@pytest.mark.parametrize(
    "event", [replace(EVENT, acknowledged_level=Level.MAJOR), replace(EVENT, state=EventState.CLOSED)]
)
def test_nobody_is_asked_to_acknowledge_what_somebody_has_or_what_is_over(event):
    assert all("无需签收" in text and "/ack/" not in text for text in texts(notice("update:4", event=event)))


@pytest.mark.parametrize("write", [notice, english])
def test_doubts_are_put_to_the_reader_on_every_channel_and_never_in_a_correction(write):
    assert all("有人说吃出玻璃" in text for text in texts(write(opinions=(DOUBT,))))
    assert not any("有人说吃出玻璃" in text for text in texts(write(purpose="closed:4:x", opinions=(DOUBT,))))


@pytest.mark.parametrize("write", [notice, english])
def test_key_words_stand_in_mail_and_chats(write):
    named = replace(EVENT, key_words="酸奶 变质 拉肚子")
    assert all("酸奶 变质 拉肚子" in text for text in texts(write(event=named)))
    assert not any("关键词" in text or "ey words" in text for text in texts(write()))


@pytest.mark.parametrize(
    ("purpose", "reason", "chinese"),
    [
        ("closed:4:x", "closed by 李主任: 已致歉", "事件已办结关闭，此前的通知无需再处置（李主任：已致歉）。"),
        ("merged:4:x", "merged by 李主任", "事件已并入另一事件，此前的通知无需单独处置（李主任）。"),
        ("lowered:4:x", "lowered by 李主任: 误判", "级别已由人工降为重大（李主任：误判）。"),
        ("reopened:5", "reopened by 李主任: 又有投诉", "已结束的事件又有新动向（李主任：又有投诉）。"),
        ("handed:wang:3:x", "handed to you by 李主任: 请核实", "由李主任转交给您：请核实"),
        ("handed:wang:3:x", "handed to you by 李主任", "由李主任转交给您"),
        ("update:4", "7 posts by now", "事件有新进展（目前共 7 条信息）。"),
        ("duty:report:0", "书面报告, until 03-01 10:12", "书面报告，期限 03-01 10:12"),
        (
            "warn:report:0:1",
            "50% of the time for 书面报告 is gone, due 03-01 10:12",
            "书面报告：时限已过 50%，期限 03-01 10:12",
        ),
        (
            "breach:report:0",
            "late: 书面报告 was due 03-01 09:12 and is not done",
            "书面报告已超时：应于 03-01 09:12 前完成，尚未完成",
        ),
        (
            "early:major",
            "early sign: reads 740, 160 in the last hour, 1000 expected by 03-01 03:00 UTC",
            "苗头预警：阅读 740（近一小时 160，预计达到 1000）（预计至 03-01 11:00）",
        ),
        ("raise:major:3", "judged so by 李主任: 涉及儿童", "级别升为重大（由 李主任 判定：涉及儿童）。"),
    ],
)
def test_what_the_machine_gives_as_a_reason_is_in_the_readers_language_and_by_their_clock(purpose, reason, chinese):
    assert notice(purpose, reason).text.splitlines()[2] == chinese
    local = reason.replace("03:00 UTC", "11:00")
    assert local in english(purpose=purpose, reason=reason).text.splitlines()[2]


def test_everything_that_was_found_is_highlighted_wherever_it_stands():
    found = [Match(topic="food", span=span) for span in ("变质", "酸奶", "拉肚子", "不在文中", "")]
    rendered = notice(matches=(*found, Match(topic="another", span="超市")))
    assert "求助：买到的「酸奶变质」了" in rendered.text
    assert "昨天在超市买的青禾「酸奶」，打开已经「变质」，孩子喝了「拉肚子」。" in rendered.text
    assert "买到的**酸奶变质**了](" in rendered.markdown and "喝了**拉肚子**。" in rendered.markdown
    assert "买到的「酸奶变质」了" in rendered.chat
    shown = re.findall("<b style[^>]*>(.*?)</b>", rendered.html)
    assert shown == ["酸奶变质", "酸奶", "变质", "拉肚子"]


def test_what_is_highlighted_in_html_is_escaped_and_so_is_what_stands_between():
    post = replace(POST, title="<i>酸奶</i>&", text="")
    rendered = notice(posts=(post,), matches=(Match(topic="food", span="<i>"),))
    assert '<b style="background: #ffe08a; color: #000000">&lt;i&gt;</b>酸奶&lt;/i&gt;&amp;' in rendered.html


def test_an_unknown_figure_is_unknown_never_zero():
    rendered = notice(event=replace(EVENT, heat=Heat(posts=1)))
    assert "阅读 未知，评论 未知，主流媒体 0 家" in rendered.text
    assert "阅读未知评论未知" in rendered.short
    assert "阅读 <b>未知</b>" in rendered.html
    assert rendered.data["event"]["heat"]["reads"] is None


@pytest.mark.parametrize("language", ["zh", "en"])
def test_everything_of_a_test_says_so(language):
    mark = {"zh": "【测试】", "en": "[TEST]"}[language]
    rendered = notice("test:drill", "", recipient=Recipient(id="wang", language=language))
    assert all(mark in text for text in (rendered.subject, rendered.text, rendered.short, rendered.html))
    assert rendered.subject.startswith(mark)
    assert rendered.data["test"] is True
    assert notice("handover:office:test:drill", "").data["test"] is True
    assert notice("handover:test:found", "").data["test"] is False


@pytest.mark.parametrize(("language", "mark"), [("zh", "【演练】"), ("en", "[DRILL]")])
def test_everything_of_a_drill_begins_with_its_mark(language, mark):
    rendered = notice("drill:1", "", recipient=Recipient(id="wang", language=language))
    assert all(text.startswith(mark) for text in (rendered.subject, rendered.text, rendered.short, rendered.chat))
    assert rendered.markdown.startswith(f"**{mark}" if language == "zh" else "**(DRILL)")
    assert seen(rendered.html).startswith(mark)
    bare = mark.strip("【】[]")
    assert all(rendered.words[name].startswith(bare) for name in ("level", "title")), "whichever a template begins with"
    assert (rendered.data["drill"], rendered.data["test"], rendered.data["event"]["code"]) == (True, True, "DRILL")
    assert "yuqing ack" not in rendered.text


def seen(html):
    """What a reader of a page sees."""
    return re.sub(r"(?s)<head.*?</head>|<[^>]*>", "", html).strip()


@pytest.mark.parametrize("level", list(Level))
def test_the_subject_begins_with_the_level(level):
    alert = Alert(event=12, purpose="found", level=level, reason="", roles=())
    assert notice(alert=alert).subject.startswith(f"【{level.title()}】")


def test_five_posts_are_shown_and_the_others_counted():
    rendered = notice(posts=(POST,) * 9, event=replace(EVENT, heat=Heat(posts=9)))
    assert len(rendered.data["posts"]) == 5
    assert "另有 4 条信息" in rendered.text


def test_an_excerpt_is_about_120_characters_around_the_word():
    post = replace(POST, text="好" * 5000 + "变质" + "坏" * 5000)
    excerpt = notice(posts=(post,)).data["posts"][0]["excerpt"]
    assert 100 <= len(excerpt) <= 125
    assert re.fullmatch("…好+变质坏+…", excerpt)


def test_without_a_word_in_the_text_the_excerpt_is_its_beginning():
    rendered = notice(matches=(Match(topic="food", span="不在文中"),))
    assert rendered.data["posts"][0]["excerpt"] == POST.text
    assert "「" not in rendered.text


def test_times_are_the_organisations():
    assert "首次发现：2026-02-28 19:12" in notice(timezone=ZoneInfo("America/New_York")).text


@pytest.mark.parametrize("write", [notice, english])
def test_a_long_word_wraps_in_html_and_a_time_does_not(write):
    page = write().html
    assert "overflow-wrap: anywhere" in page
    assert re.search(r'<span style="white-space: nowrap">2026-\d\d-\d\d \d\d:\d\d</span>', page)


def test_without_a_link_the_command_line_remains():
    rendered = notice(link="")
    assert "签收：http" not in rendered.text
    assert "yuqing ack E12" in rendered.text


def test_the_data_is_json_and_holds_what_a_receiver_needs():
    data = json.loads(json.dumps(notice().data))
    assert data["event"]["found_at"] == "2026-03-01T00:12:00+00:00"
    assert data["posts"][0]["published_at"] == "2026-02-28T23:12:00+00:00"
    assert (data["level"], data["level_title"], data["purpose"]) == ("major", "重大", "raise:major:3")


def test_a_word_about_the_daemon_needs_no_event():
    plain = render_plain(subject="通知渠道 sms 中断\r\nBcc: x", text="两小时没有一条送达。", language="zh")
    assert plain.subject == "通知渠道 sms 中断 Bcc: x"
    assert plain.data["type"] == "yuqing.system"
    assert (plain.text, plain.html) == ("两小时没有一条送达。", "")
    assert units(render_plain(subject="长" * 500, text="", language="zh").short) <= 70


# -- what pages may try ---------------------------------------------------------------------------

ATTACKS = [
    "{{ 7 * 7 }}",
    "{% for i in range(10) %}x{% endfor %}",
    "{{ ''.__class__.__mro__ }}",
    "{0.__class__}",
    "%(title)s %s",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "<a href='javascript:alert(1)'>x</a>",
    "&lt;b&gt;",
    "变质\r\nBcc: evil@x.example\r\n\r\nbody",
    "\u202e反着写\u200b零宽\x00\x1b[31m",
    "半个字 \ud83d",
    "[点我](javascript:alert(1)) ![x](https://x.example/x.png) <https://x.example>",
    "<@all> <at id=all></at> <font color='warning'>x</font>",
    "# 标题 **粗** `码` _斜_ ~~删~~ \\",
    "😀👨‍👩‍👧‍👦𠮷" * 30,
    "长" * 10_000,
    "",
]


class Tags(HTMLParser):
    """The elements, attributes and links of a page, as a browser would see them."""

    def __init__(self):
        super().__init__()
        self.elements, self.attributes, self.links = set(), set(), []

    def handle_starttag(self, tag, attrs):
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value for name, value in attrs if name in ("href", "src")]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("attack", ATTACKS)
def test_what_a_page_says_stays_words(attack, language):
    rendered = notice(
        event=replace(EVENT, title=attack),
        posts=(replace(POST, title=attack, text=attack, site=attack, source_name=attack, url=attack),),
        matches=(Match(topic="food", span=attack),),
        topic=Topic(id="food", name=attack),
        organisation=attack,
        recipient=Recipient(id="wang", name=attack, language=language),
        role=attack,
        reason=attack,
        link=attack,
        duties=(replace(owed(), rule=attack, owner=attack),),
        curve=((NOW, None, 1), (NOW + timedelta(hours=1), None, 2)),
    )
    assert "template_error" not in rendered.data
    assert len(rendered.subject) <= 120
    assert len(rendered.short) <= units(rendered.short) <= 70
    assert rendered.short.endswith("E12")
    assert rendered.subject.isprintable() or "😀" in attack
    everything = rendered.subject + rendered.text + rendered.html + rendered.short + rendered.chat + rendered.markdown
    assert not set("<[]`") & set(rendered.markdown)
    assert not re.search("^#", rendered.markdown, re.MULTILINE)
    assert not set("\r\x00\x1b\u202e\u200b") & set(everything)
    everything.encode()
    assert "49" not in rendered.subject
    page = Tags()
    page.feed(rendered.html)
    assert page.elements <= {
        "html",
        "head",
        "meta",
        "title",
        "body",
        "p",
        "h1",
        "b",
        "br",
        "small",
        "code",
        "a",
        "img",
        "span",
        "style",
    }
    assert not [name for name in page.attributes if name.startswith("on")]
    assert page.links == ["cid:curve@yuqing"]


def test_links_lead_only_to_the_web():
    for url in (
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//x.example/",
        "https://",
        "ftp://x/",
    ):
        rendered = notice(posts=(replace(POST, url=url),), link=url)
        assert url not in rendered.html
        assert url not in rendered.markdown
        assert rendered.data["posts"][0]["url"] == rendered.data["link"] == ""


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("length", [1, 20, 34, 35, 36, 37, 38, 60, 70, 71, 500])
def test_the_short_text_always_fits_an_sms_and_keeps_level_figures_and_code(length, language):
    event = replace(EVENT, title="奶" * length, heat=Heat(reads=123456, comments=9999, mainstream=12, posts=80))
    rendered = notice(event=event, recipient=Recipient(id="wang", language=language))
    assert units(rendered.short) <= 70
    assert rendered.short.startswith({"zh": "【重大】", "en": "[MAJOR]"}[language])
    assert rendered.short.endswith("12 E12")
    assert rendered.answerable.endswith({"zh": "12 回复E12签收", "en": "12 reply E12 to ack"}[language])
    assert units(rendered.answerable) <= 70
    assert "123456" in rendered.short
    assert ("…" in rendered.short) == ("奶" * length not in rendered.short)


# -- an organisation's own templates --------------------------------------------------------------


@pytest.fixture
def own(tmp_path):
    def write(name, text):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path

    return write


def test_one_file_of_its_own_replaces_one_file(own):
    rendered = notice(templates=own("zh/subject.txt", "[青禾] {{ title }}"))
    assert rendered.subject == "[青禾] 青禾乳业一批次酸奶被指变质"
    assert rendered.text == CHINESE
    assert "template_error" not in rendered.data


@pytest.mark.parametrize("name", ["subject.txt", "text.txt", "short.txt", "chat.txt", "chat.md"])
def test_its_own_wording_of_a_drill_begins_with_the_mark_too(own, name):
    rendered = notice("drill:1", "", templates=own(f"zh/{name}", "{{ organisation }}：" + "出事了" * 30))
    texts = (rendered.subject, rendered.text, rendered.short, rendered.chat, rendered.markdown.lstrip("*【"))
    assert all(text.lstrip("【").startswith("演练") for text in texts)
    assert units(rendered.short) <= 70


@pytest.mark.parametrize("page", ["<html><head><title>x</title></head><body>出事了", "<p>出事了</p>"])
def test_its_own_page_of_a_drill_shows_the_mark_first(own, page):
    assert seen(notice("drill:1", "", templates=own("zh/notice.html", page)).html) == "演练 出事了"


def test_its_own_wording_is_used_by_the_built_in_templates(own):
    rendered = notice(templates=own("zh/happened.txt", "出事了：{{ title }}"))
    assert rendered.text.splitlines()[2] == "出事了：青禾乳业一批次酸奶被指变质"


def test_its_own_wording_is_escaped_in_html(own):
    event = replace(EVENT, title="<img src=x>")
    assert "<img" not in notice(templates=own("zh/happened.txt", "出事了：{{ title }}"), event=event).html


@pytest.mark.parametrize(
    "broken",
    [
        "{{ titel }}",
        "{% if %}",
        "{{ 1 / 0 }}",
        "{{ title.__class__.__mro__ }}",
        "{{ posts.append(1) }}",
        "{% include 'nowhere.txt' %}",
        "{% import 'zh/text.txt' as t %}{{ t.x() }}",
        "{{ heat['x'].y }}",
        "{{ range(999999999) | list }}",
        "{{ title | nofilter }}",
        "{{ title + 1 }}",
        "{{ self.body() }}",
    ],
)
def test_a_template_that_fails_is_replaced_and_told(own, broken):
    rendered = notice(templates=own("zh/text.txt", broken))
    assert rendered.text == CHINESE
    assert rendered.data["template_error"].startswith("zh/text.txt: ")


def test_a_template_that_is_no_utf_8_is_replaced_and_told(own):
    folder = own("zh/text.txt", "")
    (folder / "zh/text.txt").write_bytes("青禾".encode("gbk"))
    rendered = notice(templates=folder)
    assert rendered.text == CHINESE
    assert "template_error" in rendered.data


def test_a_corrected_template_is_used_without_a_restart(own):
    folder = own("zh/subject.txt", "{{ titel }}")
    assert "template_error" in notice(templates=folder).data
    own("zh/subject.txt", "{{ title }}!")
    os.utime(folder / "zh/subject.txt", (1, 1))
    rendered = notice(templates=folder)
    assert rendered.subject == "青禾乳业一批次酸奶被指变质!"
    assert "template_error" not in rendered.data


def test_its_own_html_is_escaped_too(own):
    rendered = notice(templates=own("zh/notice.html", "<p>{{ title }}</p>"), event=replace(EVENT, title="<b>x"))
    assert rendered.html == "<p>&lt;b&gt;x</p>"
