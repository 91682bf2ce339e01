"""Articles on several pages: where the next one is."""

import pytest

from yuqing_daemon.extract import next_page

FIRST = "http://a.example.cn/2026/0501/77.html"


def follow(link: str, url: str = FIRST, first: str = "") -> str:
    return next_page(f"<h1>食堂的汤</h1><p>正文</p>{link}", url, first).removeprefix("http://a.example.cn")


@pytest.mark.parametrize(
    ("link", "url", "found"),
    [
        ('<a href="77_2.html">下一页</a>', FIRST, "/2026/0501/77_2.html"),
        ('<a href="77_1.html">[下一页] &gt;</a>', FIRST, "/2026/0501/77_1.html"),
        ('<a href="77-2.html">后一页</a>', FIRST, "/2026/0501/77-2.html"),
        ('<link rel="next" href="/a?id=7&page=2">', "http://a.example.cn/a?id=7", "/a?id=7&page=2"),
        ('<a rel="next" href="/post/soup/2/">2</a>', "http://a.example.cn/post/soup/", "/post/soup/2/"),
        ('<a href="content_77_2.htm">Next page</a>', "http://a.example.cn/content_77.htm", "/content_77_2.htm"),
        ('<a href="77_2.html">下一页</a>', FIRST.replace("77", "77_1"), "/2026/0501/77_2.html"),
    ],
)
def test_an_article_goes_on_where_its_page_says_so(link: str, url: str, found: str) -> None:
    assert follow(link, url) == found


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("", FIRST),
        ('<a href="78.html">下一篇</a>', FIRST),
        ('<a href="78.html">下一页</a>', FIRST),
        ('<a rel="next" href="/post/other/">Next</a>', "http://a.example.cn/post/soup/"),
        ('<a href="http://b.example.cn/2026/0501/77_2.html">下一页</a>', FIRST),
        ('<a href="77.html">下一页</a>', FIRST),
        ('<a href="77_9.html">下一页</a>', FIRST),
        ('<a href="javascript:next()">下一页</a>', FIRST),
        ('<a href="thread-7-2-1.html">下一页</a>', "http://a.example.cn/thread-7-1-1.html"),
        ('<a href="/2026/05/12">下一页</a>', "http://a.example.cn/2026/05/11"),
    ],
)
def test_another_article_a_thread_and_a_leap_are_not_followed(link: str, url: str) -> None:
    assert follow(link, url) == ""


def test_pages_are_followed_forwards_only() -> None:
    second = FIRST.replace("77", "77_2")
    assert follow('<a href="77_3.html">下一页</a>', second, FIRST) == "/2026/0501/77_3.html"
    assert follow('<a href="77.html">下一页</a>', second, FIRST) == ""
