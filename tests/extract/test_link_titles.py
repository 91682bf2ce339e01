"""What a list calls its articles, in the ways lists are written."""

import pytest

from yuqing_daemon.extract import Link, find_article_links

PAGE = "https://www.example.cn/"
TITLE = "青禾乳业召回第{}批次产品，检测结果明日公布"
SUMMARY = "青禾乳业当晚发布说明称，公司已经封存同一批次的全部产品，并派人赶赴学校，配合有关部门取样检测。"


def listed(entry: str, url: str = "/2019/0907/{}.html") -> list[Link]:
    entries = (entry.replace("URL", url.format(n)).replace("TITLE", TITLE.format(n)) for n in range(1, 7))
    return find_article_links("".join(f"<li>{each}</li>" for each in entries), url=PAGE)


@pytest.mark.parametrize(
    "entry",
    [
        f'<a href="URL"><h3>TITLE</h3><p>{SUMMARY}</p><span>3小时前</span></a>',
        f'<a href="URL"><div class="pic"><span>09月07日 13:43</span></div><div>TITLE</div><div>{SUMMARY}</div></a>',
        f'<a href="URL"><span>阅读</span><div class="card-title">TITLE</div><div>{SUMMARY}</div></a>',
        f'<a href="URL">TITLE</a><a href="URL">{SUMMARY[:40]}...</a>',
        f'<a href="URL">TITLE</a><a href="URL">{SUMMARY}</a>',
        '<a href="URL">TITLE</a><a href="URL">继续阅读<span>“TITLE”</span></a>',
        '<a href="URL">TITLE<span>2019-09-07</span></a>',
        '<a href="URL"><em>[09-07]</em>TITLE</a>',
        '<a href="URL">· TITLE</a>',
        '<a href="URL"><img src="1.jpg" alt="TITLE"></a>',
    ],
)
def test_an_entry_is_called_by_its_headline_alone(entry):
    assert [link.title for link in listed(entry)] == [TITLE.format(n) for n in range(1, 7)]


def test_what_was_written_in_a_month_is_no_article():
    archive = '<a href="/2019/08/">August 2019, all of it</a><a href="/archives/2019/7">二〇一九年七月的所有文章</a>'
    posts = "".join(f'<h2><a href="/archives/{n}/">{TITLE.format(n)}</a></h2>' for n in range(51, 57))
    urls = [link.url for link in find_article_links(posts + archive, url=PAGE)]
    assert urls == [f"https://www.example.cn/archives/{n}/" for n in range(51, 57)]


def test_an_article_with_a_short_name_stands_beside_those_with_long_ones():
    names = ("milk-recall-in-yunling", "milk-recall-in-beishan", "milk-recall-in-city", "recall", "new-tests/")
    posts = "".join(f'<h2><a href="/{name}">{TITLE.format(n)}</a></h2>' for n, name in enumerate(names))
    frame = '<footer><a href="/privacy">隐私政策与本站的全部使用条款</a></footer><nav><a href="/about">关于</a></nav>'
    urls = [link.url for link in find_article_links(f"<main>{posts}</main>{frame}", url=PAGE)]
    assert urls == [f"https://www.example.cn/{name}" for name in names]
