"""Article links of list pages, with and without a selector."""

import pytest

from yuqing_daemon.extract import Link, find_article_links

PAGE = "https://www.example.cn/news/"
TITLES = [f"青禾乳业召回第{n}批次产品，检测结果明日公布" for n in range(1, 7)]


def items(template: str, titles: list[str] = TITLES) -> str:
    return "".join(f'<li><a href="{template.format(n)}">{title}</a></li>' for n, title in enumerate(titles, start=1))


NAV = (
    '<div class="nav"><a href="/">首页</a><a href="/channel_25950">时事</a><a href="/channel_25951">财经</a>'
    '<a href="/channel_25952">体育</a></div>'
)
PAGER = (
    '<div><a href="/news/index_2.html">2</a><a href="/news/index_3.html">3</a>'
    '<a href="/news/index_2.html">下一页</a></div>'
)


def found(html: str, **given) -> list[str]:
    return [link.url for link in find_article_links(html, url=PAGE, **given)]


@pytest.mark.parametrize(
    "template",
    [
        "/2019/0907/c1-{}.html",
        "/a/20190907/{}.shtml",
        "/newsDetail_forward_482910{}",
        "/n1/2019/0907/c1001-3134500{}.html",
        "/article/EOG04J6L000187{}P.html",
        "/show.php?id=48291{}",
        "/2019/09/07/milk-recall-in-yunling-city-{}/",
        "/milk-recall-in-yunling-city-schools-{}",
    ],
)
def test_links_with_an_id_or_a_date_and_long_titles_are_articles(template):
    urls = found(f"{NAV}<ul>{items(template)}</ul>{PAGER}")
    assert len(urls) == 6
    assert all(template.split("{")[0].lstrip("/") in url for url in urls)


def test_each_link_stands_once_in_page_order_under_its_longest_title():
    picture, more = '<a href="/2019/0907/3.html"><img></a>', '<a href="/2019/0907/1.html?utm_source=top">更多</a>'
    html = f"{picture}<ul>{items('/2019/0907/{}.html')}</ul>{more}"
    links = find_article_links(html, url=PAGE)
    assert [link.url[-6:] for link in links] == ["3.html", "1.html", "2.html", "4.html", "5.html", "6.html"]
    assert links[0] == Link("https://www.example.cn/2019/0907/3.html", TITLES[2])


def test_a_title_cut_short_is_taken_from_the_title_attribute():
    html = (
        items("/2019/0907/{}.html")
        .replace("青禾乳业召回第1批次产品，检测结果明日公布", "青禾乳业召回第1批…")
        .replace('<a href="/2019/0907/1.html"', f'<a href="/2019/0907/1.html" title="{TITLES[0]}"')
    )
    assert find_article_links(html, url=PAGE)[0].title == TITLES[0]


def test_links_to_another_registrable_host_are_left_out():
    html = items("https://ad.example.org/2019/0907/{}.html") + items("https://sports.example.cn/2019/0907/{}.html")
    assert {url.split("/")[2] for url in found(html)} == {"sports.example.cn"}


def test_forum_pages_give_threads_and_not_their_later_pages_or_last_answers():
    rows = "".join(
        f'<tr><td><a href="thread-{n}00-1-1.html">学校牛奶有异味，有人知道怎么回事吗？</a>'
        f'<a href="thread-{n}00-2-1.html">2</a></td>'
        f'<td><a href="space-uid-{n}77.html">云岭妈妈</a></td>'
        f'<td><a href="forum.php?mod=redirect&tid={n}00&goto=lastpost#lastpost">2019-9-7 13:43</a></td></tr>'
        for n in range(1, 8)
    )
    urls = [
        link.url for link in find_article_links(f"<table>{rows}</table>", url="https://bbs.example.cn/forum-2-1.html")
    ]
    assert urls == [f"https://bbs.example.cn/thread-{n}00-1-1.html" for n in range(1, 8)]


def test_lists_that_a_script_unpacks_from_a_comment_are_read():
    assert len(found(f"<code><!-- <ul>{items('/p/61000{}')}</ul> --></code>")) == 6
    assert found("<!-- <a href='/2019/0907/1.html'>只有一个旧链接留在注释里</a> -->") == []


def test_a_selector_takes_what_it_finds_or_the_links_inside():
    html = f'<div class="side">{items("/2019/0901/{}.html")}</div><div class="list">{items("/x/{}")}</div>'
    for selector in (".list a", ".list", "xpath://div[@class='list']//a", "xpath://div[@class='list']//a/@href"):
        assert found(html, selector=selector) == [f"https://www.example.cn/x/{n}" for n in range(1, 7)]


def test_pattern_and_exclude_speak_of_the_url():
    html = items("/a/{}") + items("/b/{}")
    assert found(html, pattern="/a/[1-3]$", exclude="/2$") == [
        "https://www.example.cn/a/1",
        "https://www.example.cn/a/3",
    ]


def test_the_base_of_the_page_counts():
    html = '<base href="https://www.example.cn/other/">' + items("2019/0907/{}.html")
    assert found(html)[0] == "https://www.example.cn/other/2019/0907/1.html"


@pytest.mark.parametrize(
    "html", ["", "<html>", NAV, PAGER, "<a>no link</a><a href='javascript:;'>青禾乳业召回第1批次产品</a>"]
)
def test_a_page_without_articles_gives_nothing(html):
    assert find_article_links(html, url=PAGE) == []


def test_a_selector_that_cannot_be_read_is_named():
    with pytest.raises(ValueError, match="xpath:///"):
        find_article_links("<p>x", url=PAGE, selector="xpath:///")


def test_a_page_of_unclosed_comments_costs_no_more_than_its_length():
    assert find_article_links("<!--" * 200_000, url=PAGE) == []
