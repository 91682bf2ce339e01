"""Lists of forum threads."""

from datetime import UTC, datetime

import pytest

from yuqing_daemon.extract import Thread, read_threads

URL = "https://bbs.example.cn/forum-2-1.html"
TITLE = "学校牛奶有异味，有人知道第{}批次怎么回事吗？"


def rows(template: str, count: int = 5) -> str:
    return "".join(template.replace("#", str(n)).replace("TITLE", TITLE.format(n)) for n in range(1, count + 1))


def wanted(path: str, reads, comments, count: int = 5) -> list[tuple]:
    return [
        (f"https://bbs.example.cn/{path.replace('#', str(n))}", TITLE.format(n), reads(n), comments(n))
        for n in range(1, count + 1)
    ]


def found(html: str, **given) -> list[tuple]:
    return [
        (thread.url, thread.title, thread.reads, thread.comments) for thread in read_threads(html, url=URL, **given)
    ]


TABLE = """<tbody id="normalthread_#"><tr><td class="icn"></td>
<th><em>[<a href="forum.php?mod=forumdisplay&fid=2">投诉</a>]</em>
<a href="thread-10#-1-1.html" class="s xst">TITLE</a><span class="tps"><a href="thread-10#-2-1.html">2</a></span></th>
<td class="by"><cite><a href="space-uid-90#.html">用户#</a></cite> <em>2019-9-#</em></td>
<td class="num"><a href="thread-10#-1-1.html" class="xi2">#</a><em>#000</em></td>
<td class="by"><em>
<a href="forum.php?mod=redirect&tid=10#&goto=lastpost#lastpost">2019-9-7 13:0#</a></em></td></tr></tbody>"""
PILLS = """<li class="j_thread_list"><span class="threadlist_rep_num" title="回复">#4</span>
<a href="/p/61000#" title="TITLE">TITLE</a>
<span class="author"><a href="/home/main?un=abc#">abc#</a></span></li>"""
LABELS = '<li><a href="/t/61000#">TITLE</a><span>浏览 1.#万</span><span>回复 #</span></li>'
WORDS = '<div class="item"><h3><a href="/t/61000#">TITLE</a></h3><p>#0阅读 · #评论</p></div>'
PAIRS = '<tr><td><a href="/t/61000#">TITLE</a></td><td>某人</td><td>#/#00</td></tr>'


def test_a_table_of_threads_gives_answers_above_reads():
    assert found(f"<table>{rows(TABLE)}</table>") == wanted("thread-10#-1-1.html", lambda n: n * 1000, lambda n: n)


def test_a_list_in_a_comment_gives_answers_and_no_reads():
    assert found(f"<code><!--<ul>{rows(PILLS)}</ul>--></code>") == wanted(
        "p/61000#", lambda n: None, lambda n: n * 10 + 4
    )


def test_labels_before_and_after_the_number_are_understood_and_figures_in_titles_are_not_counted():
    assert found(f"<ul>{rows(LABELS)}</ul>") == wanted("t/61000#", lambda n: 10_000 + n * 1000, lambda n: n)
    assert found(f"<div>{rows(WORDS)}</div>") == wanted("t/61000#", lambda n: n * 10, lambda n: n)


def test_a_pair_is_answers_and_reads():
    assert found(f"<table>{rows(PAIRS)}</table>") == wanted("t/61000#", lambda n: n * 100, lambda n: n)


def test_a_list_that_says_nothing_gives_none_and_not_zero():
    assert found(rows('<li><a href="/t/61000#">TITLE</a></li>')) == wanted("t/61000#", lambda n: None, lambda n: None)


def test_selectors_say_where_things_are():
    html = rows(
        '<div class="r"><a class="who" href="/u/#">用户的名字非常非常长，比标题还要长得多，真的很长</a>'
        '<a class="t" href="/x/#">TITLE</a><b>看过#次</b><i>#</i></div>'
    )
    selectors = {"row": ".r", "link": "a.t", "reads": "b|看过([0-9]+)", "comments": "xpath:.//i"}
    assert found(html, selectors=selectors) == wanted("x/#", lambda n: n, lambda n: n)


def test_title_and_time_may_stand_anywhere_in_the_row():
    html = rows(
        '<div class="r"><a class="t" href="/x/#">[投诉] 很长很长的链接文字，不是标题</a><h4>TITLE</h4>'
        "<u>最后回复 2019-9-7</u><s>发表于 2019-9-2</s></div>"
    )
    selectors = {"row": ".r", "link": "a.t", "title": "h4", "time": "s"}
    threads = read_threads(html, url=URL, selectors=selectors, fetched_at=datetime(2019, 9, 8, tzinfo=UTC))
    assert (threads[0].title, threads[0].published_at) == (TITLE.format(1), datetime(2019, 9, 1, 16, tzinfo=UTC))


def test_dates_are_read_against_the_moment_of_fetching():
    threads = read_threads(f"<table>{rows(TABLE)}</table>", url=URL, fetched_at=datetime(2019, 9, 8, tzinfo=UTC))
    assert threads[1].published_at == datetime(2019, 9, 1, 16, tzinfo=UTC)
    assert isinstance(threads[0], Thread)


def test_pages_without_threads_give_nothing():
    for html in ("", "<html>", "<p>维护中，请稍后再来。</p>", "<a href='/login'>登录</a>"):
        assert read_threads(html, url=URL) == []


HEADED = """<tr><td><a href="/read.php?tid=61#">TITLE</a></td><td><a href="/u.php?uid=7#">某人#</a><br>2019-9-#</td>
<td>#</td><td>1#00</td><td><a href="/read.php?tid=61#&page=e#a">2019-9-7 13:0#</a> by 他人</td></tr>"""
BADGE = """<div class="cell"><a href="/t/61000#">TITLE</a><p><a href="/member/u#">u#</a> • 5 分钟前</p>
<a href="/t/61000#" class="badge">#7</a></div>"""
AGO = '<li><a href="/t/61000#">TITLE</a><span>3小时前</span> <span>阅读 1.#万</span> <span>回复 #3</span></li>'
DATED = '<li><a href="/t/61000#">TITLE</a><i>11/2#</i></li>'


def test_counts_stand_under_the_headings_of_their_columns():
    head = "<tr><th>标题</th><th>作者</th><th>回复</th><th>查看</th><th>最后回复</th></tr>"
    threads = read_threads(f"<table>{head}{rows(HEADED)}</table>", url=URL, fetched_at=datetime(2019, 9, 8, tzinfo=UTC))
    assert [(each.comments, each.reads, each.published_at.day) for each in threads] == [
        (n, 1000 + n * 100, (31, 1, 2, 3, 4)[n - 1]) for n in range(1, 6)
    ]


DIVIDED = """<li><div class="c1"><a href="/t/61000#">TITLE</a></div><div class="c2">某人#</div>
<div class="c3">#</div><div class="c3">1#00</div><div class="c4">周三 13:0#</div></li>"""
HEADINGS = "<div>主题</div><div>作者</div><div>回复</div><div>浏览</div><div>最后发表</div>"


@pytest.mark.parametrize(
    "board",
    [
        "<div class='head'>{head}</div><ul>{rows}</ul>",
        "<div class='head'><div>{head}</div></div><ul>{rows}</ul>",
        "<ul><li class='head'>{head}</li>{rows}</ul>",
    ],
)
def test_headings_may_stand_in_blocks_instead_of_a_table(board):
    html = board.format(head=HEADINGS, rows=rows(DIVIDED))
    threads = read_threads(html, url=URL, fetched_at=datetime(2019, 9, 8, tzinfo=UTC))
    assert [(each.comments, each.reads, f"{each.published_at:%d %H:%M}") for each in threads] == [
        (n, 1000 + n * 100, f"04 05:0{n}") for n in range(1, 6)
    ]


def test_a_bare_number_that_links_to_the_thread_is_its_answers():
    assert found(rows(BADGE)) == wanted("t/61000#", lambda n: None, lambda n: n * 10 + 7)


DISCUZ = """<tbody id="normalthread_#"><tr><td class="icn"></td><th class="common"><a href="thread-10#-1-1.html"
class="s xst">TITLE</a></th><td class="by"><cite><a href="space-uid-90#.html">用户#</a></cite></td>
<td class="num"><a href="thread-10#-1-1.html" class="xi2">#7</a></td></tr></tbody>"""
PHPWIND = """<tr class="tr3"><td class="icon"></td><td class="subject"><a href="read.php?tid=61#">TITLE</a></td>
<td class="author"><a href="u.php?uid=7#">某人#</a><p>2019-9-#</p></td><td class="num"><em>#</em>/1#00</td></tr>"""
ANSWERED = """<tr class="tr3"><td class="subject"><a href="read.php?tid=61#">TITLE</a></td>
<td class="author"><a href="u.php?uid=7#">某人#</a></td><td class="num">#5</td></tr>"""
TIEBA = """<li class="j_thread_list"><div><span class="threadlist_rep_num center_text" title="回复">1.#万</span></div>
<div><a href="/p/61000#" title="TITLE">TITLE</a><div>正文的前几句话在这里#</div></div>
<span class="tb_icon_author">abc#</span><span class="threadlist_reply_date">13:0#</span></li>"""
TAKING_PART = (
    '<li><a href="/t/61000#">TITLE</a><p>活动吸引了9万人参与的报道</p><span>#.2万人参与</span> <span>回复 #</span></li>'
)


def test_answers_are_taken_where_a_board_counts_nothing_else_and_its_reads_stay_unknown():
    answers = lambda n: n * 10 + 7  # noqa: E731
    assert found(f"<table>{rows(DISCUZ)}</table>") == wanted("thread-10#-1-1.html", lambda n: None, answers)
    headed = f"<table><tr><th>主题</th><th>作者</th><th>回复</th></tr>{rows(ANSWERED)}</table>"
    assert found(headed) == wanted("read.php?tid=61#", lambda n: None, lambda n: n * 10 + 5)
    assert found(f"<ul>{rows(TIEBA)}</ul>") == wanted("p/61000#", lambda n: None, lambda n: 10_000 + n * 1000)


def test_answers_stand_before_the_slash_and_reads_behind_it():
    head = "<tr><td></td><td>主题</td><td>作者</td><td>回复/人气</td></tr>"
    for table in (rows(PHPWIND), head + rows(PHPWIND)):
        assert found(f"<table>{table}</table>") == wanted("read.php?tid=61#", lambda n: 1000 + n * 100, lambda n: n)


def test_who_took_part_is_counted_and_is_neither_an_answer_nor_a_read():
    threads = read_threads(f"<ul>{rows(TAKING_PART)}</ul>", url=URL)
    assert [(each.reads, each.comments, each.hot) for each in threads] == [
        (None, n, n * 10_000 + 2000) for n in range(1, 6)
    ]


def test_a_time_before_the_labels_does_not_turn_the_sides_of_the_counts():
    assert found(f"<ul>{rows(AGO)}</ul>") == wanted("t/61000#", lambda n: 10_000 + n * 1000, lambda n: n * 10 + 3)


def test_a_month_and_a_day_are_no_answers_and_reads():
    assert found(f"<ul>{rows(DATED)}</ul>") == wanted("t/61000#", lambda n: None, lambda n: None)


def test_a_title_that_speaks_of_yesterday_dates_nothing():
    html = rows('<li><a href="/t/61000#">昨天夜里TITLE</a></li>')
    assert {each.published_at for each in read_threads(html, url=URL, fetched_at=datetime(2019, 9, 8, tzinfo=UTC))} == {
        None
    }
