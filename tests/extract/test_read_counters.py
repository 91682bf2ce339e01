"""What a page says of its reads, comments and reposts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yuqing_daemon.extract import Counters, read_counters


@pytest.mark.parametrize(
    "html,counters",
    [
        ("<span>阅读：1.2万</span> <span>评论(35)</span> <a>转发 8</a>", Counters(12_000, 35, 8)),
        ("3.4万阅读 · 12 评论", Counters(34_000, 12, None)),
        ("100阅读 20评论", Counters(100, 20, None)),
        ("<a>转发</a> 3 <a>评论</a> 5 <a>赞</a> 7", Counters(None, 5, 3)),
        ("<div>浏览次数：<b id='x'>123</b>次</div>", Counters(123, None, None)),
        ("<div>阅读量</div><div>456</div>", Counters(456, None, None)),
        ("<span>查看:</span> <span>15230</span>|<span>回复:</span> <span>86</span>", Counters(15_230, 86, None)),
        ("<p class='views'>789</p><i class='x'></i>", Counters(789, None, None)),
        ("参与评论 1,234", Counters(None, 1234, None)),
        ("评论(0)", Counters(None, 0, None)),
        ("点击数：10w+", Counters(100_000, None, None)),
        ("128 views, 3 comments", Counters(128, 3, None)),
        ("2026-11-23 14:00:00 来源：临溪晚报 阅读 1.2万 评论 35", Counters(12_000, 35, None)),
        ("11月23日 10:00 阅读 300 评论 2", Counters(300, 2, None)),
        ("2026/11/23 300 阅读 2 评论", Counters(300, 2, None)),
        ("阅读 12.5万 评论 3", Counters(125_000, 3, None)),
        ("1.2万人参与", Counters(hot=12_000)),
        ("参与 3,456", Counters(hot=3456)),
        ("参与人数：3456", Counters(hot=3456)),
        ("参与（88）人", Counters(hot=88)),
        ("参与 88人次 评论 5", Counters(comments=5, hot=88)),
        ("<b>345</b> 人参与 <b>67</b> 人跟贴", Counters(comments=67, hot=345)),
        ("已有3.4万人参与讨论", Counters(hot=34_000)),
        ("12跟帖 · 345人参与", Counters(comments=12, hot=345)),
        ("阅读 12.5万 评论 3 参与 8", Counters(125_000, 3, None, 8)),
        ("热度值 98.5万", Counters(hot=985_000)),
    ],
)
def test_labelled_counters_are_read(html, counters):
    assert read_counters(f"<h1>青禾乳业致歉</h1><div>{html}</div>") == counters


@pytest.mark.parametrize(
    "html",
    [
        "",
        "<p>阅读原文",
        "<p>评论 -",
        "<p>2019-09-07 浏览 2019-09-07",
        "<p>浏览 13:43",
        "<a>发表评论</a> <a>分享</a>",
        "<p>2019年阅读",
        "<p>点击查看更多",
        "<p>活动吸引了3万人参与。",
        "<p>共有3万人参与了这次活动",
        "<p>他参与2026年的比赛",
        "<p>参与 3 次活动的学生",
        "<p>点击参与",
    ],
)
def test_a_page_that_does_not_say_gives_none_and_never_zero(html):
    assert read_counters(html) == Counters(None, None, None)


def test_the_counter_nearest_to_the_headline_is_the_pages_own():
    cards = "".join(f"<li>石桥汽车召回旧车 阅读 {n}000</li>" for n in range(1, 9))
    own = f"<h1>青禾乳业致歉并封存产品</h1><p>阅读 77</p><p>{'正文。' * 9}</p>"
    html = f"<title>青禾乳业致歉并封存产品</title><ul>{cards}</ul>{own}<ul>{cards}</ul>"
    assert read_counters(html).reads == 77


def test_structured_data_is_asked_where_the_page_is_silent():
    comments = '{"interactionType":"https://schema.org/CommentAction","userInteractionCount":35}'
    reads = '{"interactionType":{"@type":"ReadAction"},"userInteractionCount":"1200"}'
    data = f'{{"@type":"Article","interactionStatistic":[{comments},{reads}]}}'
    assert read_counters(f'<script type="application/ld+json">{data}</script><p>x') == Counters(1200, 35, None)


def test_selectors_win_and_may_cut_out_the_number():
    html = "<h1>青禾乳业致歉</h1><p>阅读 5</p><p class='a'>共 12 人读</p><b id='c'>评：9</b>"
    selectors = {"reads": "p.a|共 ([0-9]+)", "comments": "xpath://b[@id='c']|[0-9]+", "reposts": ".none"}
    assert read_counters(html, selectors) == Counters(12, 9, None)


def test_a_selector_that_finds_nothing_gives_none_and_not_what_a_label_says():
    assert read_counters("<p>阅读 5</p>", {"reads": ".gone"}).reads is None


def test_an_xpath_union_is_no_regular_expression():
    assert read_counters("<b>7</b>", {"reads": "xpath://i|//b"}).reads == 7


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="<>/=divpa阅读评论转发浏览次0123456789万.,:：()|-\n ", max_size=120))
def test_no_text_raises(html):
    read_counters(html)
