"""One name for one page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuqing_daemon.extract import canonical_url, registrable_host, url_hash


@pytest.mark.parametrize(
    "url,wanted",
    [
        ("HTTP://News.Example.CN:80/a.html#top", "http://news.example.cn/a.html"),
        ("https://example.cn:443", "https://example.cn/"),
        ("https://example.cn:8443/a", "https://example.cn:8443/a"),
        (" https://example.cn/a b ", "https://example.cn/a%20b"),
        ("https://example.cn/中文?q=牛奶", "https://example.cn/%E4%B8%AD%E6%96%87?q=%E7%89%9B%E5%A5%B6"),
        ("https://例子.cn/", "https://xn--fsqu00a.cn/"),
        ("https://example.cn/a;jsessionid=12AB?x=1", "https://example.cn/a?x=1"),
        ("https://example.cn/a?utm_source=x&utm_medium=y", "https://example.cn/a"),
        ("https://example.cn/a?id=7&spm=smpc.home.1.2.15678&from=timeline&pvid=9", "https://example.cn/a?id=7"),
        ("https://example.cn/a?_t=1567835025123&tid=5", "https://example.cn/a?tid=5"),
        ("https://example.cn/a?t=1567835025&p=3", "https://example.cn/a?p=3"),
        ("https://example.cn/f?tid=5&extra=page%3D2%26filter%3D1", "https://example.cn/f?tid=5"),
        ("https://example.cn/read?tid=5&fpage=3&log_from=ab12", "https://example.cn/read?tid=5"),
        ("https://example.cn/a?b=2&a=1", "https://example.cn/a?b=2&a=1"),
        ("http://[::1]:80/a", "http://[::1]/a"),
    ],
)
def test_a_url_has_one_spelling(url, wanted):
    assert canonical_url(url) == wanted


@pytest.mark.parametrize(
    "query",
    [
        "id=7",
        "tid=88",
        "p=3",
        "t=7",
        "v=abc",
        "page=2",
        "aid=1567835025",
        "fid=2&tid=9",
        "newsid=1567835025123",
        "extra=7",
    ],
)
def test_a_parameter_that_names_the_page_stays(query):
    assert canonical_url(f"https://example.cn/a?{query}") == f"https://example.cn/a?{query}"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "#top",
        "javascript:void(0)",
        "mailto:a@example.cn",
        "ftp://example.cn/a",
        "data:,x",
        "http://",
        "http://[bad",
        "http://a b/",
        "file:///etc/passwd",
        "https://example.cn:99999/",
    ],
)
def test_what_leads_nowhere_on_the_web_is_empty(url):
    assert canonical_url(url) == ""


@pytest.mark.parametrize(
    "url,wanted",
    [
        ("b.html", "https://example.cn/a/b.html"),
        ("/b", "https://example.cn/b"),
        ("//m.example.cn/b", "https://m.example.cn/b"),
        ("?page=2", "https://example.cn/a/c.html?page=2"),
        ("../b", "https://example.cn/b"),
    ],
)
def test_a_link_is_read_against_its_page(url, wanted):
    assert canonical_url(url, "https://example.cn/a/c.html") == wanted


URLS = st.builds(
    "{}://{}{}/{}?{}#{}".format,
    st.sampled_from(["http", "HTTPS"]),
    st.sampled_from(["example.cn", "News.Example.CN", "例子.cn", "127.0.0.1", "[::1]"]),
    st.sampled_from(["", ":80", ":443", ":8080"]),
    st.text(max_size=20),
    st.text(alphabet="abcdeft=&%?;_1234567890中 +", max_size=30),
    st.text(max_size=5),
)


@given(URLS | st.text(max_size=60))
def test_doing_it_twice_changes_nothing(url):
    once = canonical_url(url)
    assert canonical_url(once) == once


@pytest.mark.parametrize(
    "url,host",
    [
        ("https://news.sports.example.com.cn/a", "example.com.cn"),
        ("http://www.example.gov.cn", "example.gov.cn"),
        ("https://user.github.io/x", "github.io"),
        ("http://127.0.0.1:8000/x", "127.0.0.1:8000"),
        ("http://localhost:8000", "localhost:8000"),
        ("http://[::1]:8000/", "[::1]:8000"),
        ("http://10.0.0.5/", "10.0.0.5"),
        ("news.example.com", "example.com"),
        ("http://[bad", ""),
    ],
)
def test_a_site_is_what_somebody_registered(url, host):
    assert registrable_host(url) == host


def test_the_fingerprint_is_sixteen_bytes_as_hex():
    assert len(bytes.fromhex(url_hash("https://example.cn/"))) == 16
    assert url_hash("https://example.cn/a") != url_hash("https://example.cn/b")
