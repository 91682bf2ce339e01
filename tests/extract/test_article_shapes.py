"""Articles in the shapes that boards, offices, apps and old systems give their pages."""

import json
from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from yuqing_daemon.domain import Article
from yuqing_daemon.extract import read_article, read_counters

NOW = datetime(2019, 9, 8, tzinfo=UTC)
TITLE = "青禾乳业致歉并封存同批产品"
TEXT = "青禾乳业当晚发布说明称，公司已经封存同一批次的全部产品，并派人赶赴学校，配合有关部门取样检测。"
MORE = "学校当天停供，家长可以在三天内凭收据退款。"
SUMMARY = "湖滨公园的荷花展因为雨水偏多延期一周，园方加开了免费接驳车，每半小时一班，末班车晚上八点。"


def read(body: str, title: str = f"{TITLE}_云岭在线") -> Article:
    html = f"<html><head><title>{title}</title></head><body>{body}</body></html>"
    article = read_article(html.encode(), url="http://news.example.cn/1.html", fetched_at=NOW)
    assert article is not None
    return article


@pytest.mark.parametrize(
    "top",
    [
        f"<table><tr><td>信件标题</td><td>{TITLE}</td></tr></table>",
        f"<p>标　题：{TITLE}</p>",
        f'<table><tr><td style="font-size:20px">{TITLE}</td></tr><tr><td>日期：2019年9月7日</td></tr></table>',
        f'<p><font size="5"><b>{TITLE}</b></font></p><p>2019-09-07 13:43</p>',
    ],
)
def test_where_all_pages_have_one_title_the_headline_is_what_is_labelled_or_big_above_a_time(top):
    assert read(f"{top}<div><p>{TEXT}</p></div>", title="政府信息公开").title == TITLE


def test_a_mark_inside_a_heading_is_no_part_of_it():
    assert read(f"<h1><span>已回复</span> {TITLE}</h1><p>{TEXT}</p>").title == TITLE


def test_a_long_part_of_the_title_is_not_taken_for_the_name_of_a_site():
    assert (
        read(f"<p>{TEXT}</p>", title="云岭多家药店停售后恢复并将补报 - 看点").title == "云岭多家药店停售后恢复并将补报"
    )


@pytest.mark.parametrize(
    "byline,wanted",
    [
        ("<small>来源:</small>云岭晚报<small>作者:</small>林小舟", "云岭晚报"),
        ("<span>来源：市政府办公室</span><span>发布时间：2019-09-07</span>", "市政府办公室"),
        ("<div>云岭晚报</div><div>09-07 13:43</div>", "云岭晚报"),
    ],
)
def test_the_source_ends_where_the_next_label_begins_or_stands_beside_the_time(byline, wanted):
    assert read(f"<h1>{TITLE}</h1><div>{byline}</div><p>{TEXT}</p>").source_name == wanted


def test_a_figure_in_an_element_of_its_own_does_not_run_into_the_time():
    byline = '<span class="date">2019年9月7日 上午12:08</span><span class="views">1.2万</span>'
    at = read(f"<h1>{TITLE}</h1><div>{byline}</div><p>{TEXT}</p>").published_at
    assert at == datetime(2019, 9, 6, 16, 8, tzinfo=UTC)


def test_a_time_that_a_script_would_show_is_read_from_its_attribute():
    at = read(f'<h1>{TITLE}</h1><i data-time="1567834985000"></i><p>{TEXT}</p>').published_at
    assert at == datetime.fromtimestamp(1567834985, UTC)


@pytest.mark.parametrize(
    "after",
    [
        f'<div class="side"><h3>热门文章</h3><p>{SUMMARY}</p><p>{SUMMARY}{SUMMARY}</p></div>',
        f'<ul class="msg"><li>评论列表:</li></ul><ul class="msg"><li>{SUMMARY}</li></ul>',
    ],
)
def test_what_others_say_or_write_is_no_text_however_long(after):
    text = f"{TEXT}{MORE}" if "msg" in after else MORE
    article = read(f'<div><h1>{TITLE}</h1><div class="content"><p>{text}</p></div>{after}</div>')
    assert article.text == text


@pytest.mark.parametrize(
    "page",
    [
        f'<div class="replyWrap"><h1>{TITLE}</h1><div class="replyContent">{TEXT}</div></div><p>{MORE}</p>',
        f'<h1>{TITLE}</h1><div class="item"><div class="ts-reply"><p>{TEXT}</p></div></div>',
    ],
)
def test_a_complaint_is_read_where_a_site_calls_everything_a_reply(page):
    assert TEXT in read(page).text


def test_comments_alone_are_no_text_of_a_page():
    page = f'<h1>{TITLE}</h1><h3>评论 3</h3><p class="reply">{TEXT}</p><p class="reply">{SUMMARY}</p>'
    html = f"<title>{TITLE}</title>{page}".encode()
    assert read_article(html, url="http://news.example.cn/1.html", fetched_at=NOW) is None


def test_of_a_record_in_a_table_only_the_entry_with_the_text_is_text():
    rows = "<tr><th>来信人</th><td>王**</td></tr><tr><th>编号</th><td>QH2019</td></tr>"
    page = f"<h1>{TITLE}</h1><table>{rows}<tr><th>内容</th><td>{TEXT}<br>{MORE}</td></tr></table>"
    assert read(page).text == f"{TEXT}\n{MORE}"


def test_a_summary_that_the_text_begins_with_is_left_out():
    page = f"<h1>{TITLE}</h1><div><p>{TEXT[:30]}...</p><p>{TEXT}</p><p>{MORE}</p><p>------分隔线------</p></div>"
    assert read(page).text == f"{TEXT}\n{MORE}"


@pytest.mark.parametrize(
    "hidden",
    [
        f"<textarea>&lt;p&gt;{TEXT}&lt;/p&gt;&lt;p&gt;{MORE}&lt;/p&gt;</textarea>",
        f"<noscript><p>本页需要启用 JavaScript，请打开后再试，谢谢。</p><p>{TEXT}</p><p>{MORE}</p></noscript>",
        f"<script>{quote(json.dumps({'content': f'<p>{TEXT}</p><p>{MORE}</p>'}))}</script>",
    ],
)
def test_a_text_that_a_script_would_show_is_read_from_where_it_lies(hidden):
    assert read(f"<h1>{TITLE}</h1><div>加载中</div>{hidden}").text == f"{TEXT}\n{MORE}"


def test_visits_are_reads_but_for_those_of_the_whole_site():
    assert read_counters(f"<h1>{TITLE}</h1><p>31 访问</p><p>{TEXT}</p>").reads == 31
    assert read_counters(f"<h1>{TITLE}</h1><p>{TEXT}</p><p>总访问量：123456</p>").reads is None


def test_answers_are_counted_by_what_a_page_says_of_itself():
    said = json.dumps({"@type": "DiscussionForumPosting", "commentCount": "12"})
    assert read_counters(f'<script type="application/ld+json">{said}</script><h1>{TITLE}</h1>').comments == 12
