"""Posts that come one after another: their stories, and their events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from yuqing_daemon.text.index import EventIndex, StoryIndex

AT = datetime(2026, 3, 2, tzinfo=UTC)
TEXT = (
    "江南市青禾乳业三月一日发布说明，称已注意到网上关于酸奶异物的反映。公司表示，涉事批次产品已全部停止销售，"
    "并委托第三方机构检测留样产品。消费者可凭购物小票到原购买门店办理退货，检测结果将在十日之内向社会公布。"
)
IN_OTHER_WORDS = (
    "喝出塑料碎片的那批青禾酸奶下架了。江南市的超市今天上午清空了货架，青禾乳业的客服说要等第三方检测，退货得带小票。"
)
ELSEWHERE = "白鹭航空宣布下月起增开三条国内航线，票价比去年同期略有下降。公司负责人说，新航线将由窄体客机执飞。"
FOOTER = "本页内容由江南信息平台整理发布如有疑问请拨打热线电话咨询工作人员"


def happening(number: int) -> str:
    """A long text that has nothing to do with another."""
    return "".join(f"第{number}件事情的第{part}段经过和别的事情毫不相干。" for part in range(8))


def test_a_copy_of_a_copy_tells_the_first_ones_story() -> None:
    stories = StoryIndex()
    told = [
        stories.place(id, "", "", text)
        for id, text in (("a", TEXT), ("b", TEXT[:-20]), ("c", "网友转发：" + TEXT[:-20]))
    ]
    assert [each.relation for each in told] == ["new", "copy", "copy"]
    assert {each.story for each in told} == {"a"}


def test_a_round_up_tells_the_story_it_quotes_in_part() -> None:
    stories = StoryIndex()
    stories.place("a", "", "", TEXT)
    quoted = (
        "".join(f"江南地铁{line}号线将于下月开通试运营，首末班车时间{line}号起公布。" for line in range(12)) + TEXT[:70]
    )
    told = stories.place("b", "", "早报", quoted + TEXT[70:])
    assert (told.relation, told.of) == ("excerpt", "a")


def test_what_stands_under_three_stories_makes_no_fourth_one_of_them() -> None:
    stories = StoryIndex()
    said = [happening(n) for n in range(5)]
    told = [stories.place(n, "", "", text + FOOTER) for n, text in enumerate(said)]
    assert told[4].likeness.share_smaller == 0


def test_what_stands_under_two_stories_of_one_site_alone_is_that_sites_own() -> None:
    stories = StoryIndex()
    for n, site in enumerate(("a", "a")):
        stories.place(n, site, "", happening(n) + FOOTER)
    assert stories.place(3, "b", "", "这是完全不同的另一件事情的经过，" + FOOTER).likeness.share_smaller == 0


def test_the_same_happening_in_other_words_is_one_event_and_another_happening_is_not() -> None:
    events = EventIndex()
    said = (TEXT, ELSEWHERE, IN_OTHER_WORDS, "转发：" + ELSEWHERE)
    assert [events.place(n, "", "", text, AT) for n, text in enumerate(said)] == ["E1", "E2", "E1", "E2"]


def test_what_did_not_stir_for_a_month_is_another_event() -> None:
    events = EventIndex()
    events.place(1, "", "", TEXT, AT)
    assert events.place(2, "", "", IN_OTHER_WORDS, AT + timedelta(days=31)) == "E2"
