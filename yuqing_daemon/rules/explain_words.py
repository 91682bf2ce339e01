"""The sentences in which a regime is told, in Chinese and English; ``explain_regime`` fills them in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from ..domain import Act, Floors
from .clocks import Days, SameDay, Span, WorkingDays, parse_length

ACTS = {
    Act.ACKNOWLEDGE: "签收",
    Act.CONFIRM: "确认",
    Act.CORRECT: "更正",
    Act.DISMISS: "排除",
    Act.MERGE: "合并",
    Act.SPLIT: "拆分",
    Act.NOTE: "备注",
    Act.HAND_OVER: "转交",
    Act.DO: "登记完成",
    Act.REPLY: "答复",
    Act.PHONE: "电话报告",
    Act.REPORT: "书面报告",
    Act.RELEASE: "发布",
    Act.REFER: "移送决定",
    Act.SUMMARISE: "总结",
    Act.CLOSE: "办结",
    Act.REOPEN: "重启",
    Act.ADOPT: "适用现行办法",
}
CHINESE = {
    "levels": "级别",
    "told": "通知",
    "duties": "职责与时限",
    "special": "特殊时期",
    "stages": "发展阶段",
    "end": "记录与结束",
    "no floors": "{level}：未达到其他级别标准的事件。",
    "floors": "{level}：一个事件的全部信息合计，{figures}。",
    "by words": "文字显示涉及上述主题的，先按{level}处理，待人工确认或更正。",
    "subjects": "涉及下列敏感主题的，一经发现即为{level}：{subjects}。",
    "highest": "各项标准以最高者为准。级别由数据自动升高；降低级别须由具名人员说明理由。",
    "steps": "{level}：{steps}。",
    "at once": "立即通知{roles}",
    "later": "{span}后仍无人签收的，通知{roles}",
    "repeats": "无人签收的，每{span}再次提醒已通知的人员，最多{times}次。",
    "fallback": "一个渠道{fallback}内未送达的，改用下一个渠道；{give_up}内仍未送达的，不再尝试并记录在案。",
    "next role": "{role}无人可通知时，通知{next}。",
    "duty": "{number}. {name}（{id}）：{start}，由{owner}{within}，以{acts}为准。",
    "report first": "初报",
    "report follow_up": "续报",
    "report bulletin": "网络舆情通报",
    "within": "在{length}内完成",
    "same day": "当日完成",
    "no clock": "完成（不设时限）",
    "warned": "时限过去{shares}时提醒{owner}。",
    "breach": "逾期的，记录在案，并通知{roles}。",
    "again": "完成{span}后再次计起，直到事件结束。",
    "any event": "事件",
    "from level": "{level}及以上的事件",
    "of kinds": "{kinds}类事件",
    "from level of kinds": "{level}及以上的{kinds}类事件",
    "found": "{what}发现后",
    "confirmed": "{what}经人工确认后",
    "handed_over": "{what}转交后",
    "over": "{what}结束后",
    "level": "{what}达到{level}后",
    "done": "{what}在“{before}”完成后",
    "special floors": "在宣布的特殊时期内，{level}的标准为：{figures}。",
    "special clocks": "在宣布的特殊时期内，以小时和天计的时限缩短为{share}；当日和工作日不变。",
    "period": "已宣布：{name}，自{first}至{last}。",
    "emerging": "发现后{young}内、未达到任何级别标准的，为苗头阶段。",
    "growing": "最近一小时的新增量达到前一小时{rising}倍的，为上升阶段。",
    "subsiding": "连续{after}内每小时新增量均低于最高一小时{share}的，为消退阶段；其余为高峰阶段。",
    "early": "预计{span}内将达到下一级别标准的，提前通知。",
    "unsubsided": "一般事件发现{span}后仍未消退，且已达到上一级别标准{share}的，按重大事件处理。",
    "spreading": "一般事件在{span}内新增{sites}家网站刊载的，按重大事件处理。",
    "rests": "{over}没有新内容的，为结束阶段；存续较久的，须经过其存续时间的{share}，最长不超过{latest}。",
    "joins": "{span}内有动静的事件，新的同类信息并入其中。",
    "over after": "{over}没有新内容的，事件结束。",
    "reasons": "下列操作须说明理由，否则不予受理：{acts}。",
    "workdays": "工作日按{calendar}计算，{closes}截止。",
    "china": "国务院公布的节假日和调休安排",
    "monday-friday": "周一至周五",
}
ENGLISH = {
    "levels": "Levels",
    "told": "Who is told",
    "duties": "Duties and clocks",
    "special": "Special periods",
    "stages": "Stages",
    "end": "Record and end",
    "no floors": "{level}: every event that reaches no other level.",
    "floors": "{level}: over all posts of an event together, {figures}.",
    "by words": "An event whose words name one of them is {level} provisionally, until a person has judged it.",
    "subjects": "An event that concerns one of these sensitive subjects is {level} as soon as it is found: {subjects}.",
    "highest": "The highest of all criteria counts. A level rises by the figures; only a named person lowers one, "
    "with a reason.",
    "steps": "{level}: {steps}.",
    "at once": "{roles} at once",
    "later": "{roles} after {span}, if nobody has acknowledged",
    "repeats": "While nobody acknowledges, those told are reminded every {span}, at most {times} times.",
    "fallback": "What one channel has not delivered within {fallback} goes over the next; what is not delivered within "
    "{give_up} is given up, on record.",
    "next role": "If nobody can be reached as {role}, {next} is told.",
    "duty": "{number}. {name} ({id}): {start}, owed by {owner} {within}; done by {acts}.",
    "report first": "a first report",
    "report follow_up": "a follow-up report",
    "report bulletin": "the bulletin",
    "within": "within {length}",
    "same day": "on the same day",
    "no clock": "without a time limit",
    "warned": "After {shares} of the time {owner} is warned.",
    "breach": "A breach is put on record and told to {roles}.",
    "again": "It is owed again {span} after it was done, until the event is over.",
    "any event": "an event",
    "from level": "an event from {level} up",
    "of kinds": "an event of the kind {kinds}",
    "from level of kinds": "an event from {level} up of the kind {kinds}",
    "found": "once {what} is found",
    "confirmed": "once {what} is confirmed by a person",
    "handed_over": "once {what} is handed over",
    "over": "once {what} is over",
    "level": "once {what} becomes {level}",
    "done": 'for {what}, once "{before}" is done',
    "special floors": "In a declared special period, {level} begins at: {figures}.",
    "special clocks": "In a declared special period, clocks in hours and days have {share} of their time; the same day "
    "and working days stay.",
    "period": "Declared: {name}, from {first} to {last}.",
    "emerging": "Emerging: within {young} after it was found, and no floor reached.",
    "growing": "Growing: the last hour brought at least {rising} times the hour before.",
    "subsiding": "Subsiding: for {after} no hour came up to {share} of the busiest. Peak: everything else.",
    "early": "A floor expected within {span} is told beforehand.",
    "unsubsided": "A general event that has not subsided {span} after it was found, and has come to {share} of the "
    "next floor, is handled as major.",
    "spreading": "A general event that {sites} further sites carry within {span} is handled as major.",
    "rests": "Over: {over} without anything new; for an event that lived long, {share} of its life, "
    "at the latest after {latest}.",
    "joins": "A new post joins an event of its kind that stirred within {span}.",
    "over after": "An event is over after {over} without anything new.",
    "reasons": "These acts are refused without a reason: {acts}.",
    "workdays": "Working days are {calendar}, until {closes}.",
    "china": "those of the State Council's calendar",
    "monday-friday": "Monday to Friday",
}
_TEXTS: Mapping[str, Mapping[str, str]] = {"zh": CHINESE, "en": ENGLISH}
_UNITS = {
    "zh": {
        "day": "{}天",
        "h": "{}小时",
        "min": "{}分钟",
        "s": "{}秒",
        "workday": "{}个工作日",
    },
    "en": {
        "day": "day",
        "h": "hour",
        "min": "minute",
        "s": "second",
        "workday": "working day",
    },
}
_HOURS_UP_TO = timedelta(hours=48)  # rules say 48 hours, and 3 days


def tell(language: str, text: str, **facts: object) -> str:
    """A sentence with its facts."""
    return _TEXTS[language][text].format(**facts)


def listed(language: str, names: Sequence[str], last: str = "and") -> str:
    """Several names as one phrase.

    >>> listed("zh", ["舆情办", "领导小组"]), listed("zh", ["确认", "排除"], "or"), listed("en", ["a", "b", "c"], "or")
    ('舆情办、领导小组', '确认或排除', 'a, b or c')
    """
    comma, word = ("、", "或" if last == "or" else "、") if language == "zh" else (", ", f" {last} ")
    return word.join([comma.join(names[:-1]), names[-1]]) if names[1:] else "".join(names)


def span(language: str, length: timedelta) -> str:
    """A span in the largest unit that needs no fraction; up to two days in hours.

    >>> [span("en", timedelta(hours=hours)) for hours in (0.5, 1, 48, 72)]
    ['30 minutes', '1 hour', '48 hours', '3 days']
    """
    seconds = int(length.total_seconds())
    if length > _HOURS_UP_TO and seconds % 86_400 == 0:
        return _counted(language, "day", seconds // 86_400)
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds and seconds % size == 0:
            return _counted(language, unit, seconds // size)
    return _counted(language, "s", seconds)


def clock(language: str, within: str) -> str:
    """A duty's clock as the regime writes it, in words; empty: it has none.

    >>> clock("zh", "same day"), clock("en", "1 working day"), clock("zh", "30min"), clock("en", "")
    ('当日完成', 'within 1 working day', '在30分钟内完成', 'without a time limit')
    """
    if not within:
        return tell(language, "no clock")
    match parse_length(within):
        case SameDay():
            return tell(language, "same day")
        case Days(count):
            length = _counted(language, "day", count)
        case WorkingDays(count):
            length = _counted(language, "workday", count)
        case Span(seconds):
            length = span(language, timedelta(seconds=seconds))
    return tell(language, "within", length=length)


def act(language: str, act: Act) -> str:
    """What people call an act.

    >>> act("zh", Act.REPLY), act("en", Act.HAND_OVER), act("en", Act.DO)
    ('答复', 'hand over', 'mark as done')
    """
    if language == "zh":
        return ACTS[act]
    return "mark as done" if act is Act.DO else act.value.replace("_", " ")


def figures(language: str, floors: Floors) -> str:
    """Floors as one phrase: each by itself reaches the level."""
    if language == "zh":
        names = (
            ("阅读量达到{}", floors.reads),
            ("评论达到{}", floors.comments),
            ("主流网站达到{}家", floors.mainstream),
        )
        return "，或".join(text.format(count) for text, count in names if count is not None)
    sites = "mainstream site" if floors.mainstream == 1 else "mainstream sites"
    pairs = (("reads", floors.reads), ("comments", floors.comments), (sites, floors.mainstream))
    return listed(language, [f"{count:,} {name}" for name, count in pairs if count is not None], "or")


def _counted(language: str, unit: str, count: int) -> str:
    word = _UNITS[language][unit]
    return word.format(count) if language == "zh" else f"{count} {word}{'s' * (count != 1)}"
