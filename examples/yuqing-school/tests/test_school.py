"""The school's own package, on saved pages: no network."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yuqing_school
from scrapy.http import HtmlResponse

from yuqing_daemon import Post
from yuqing_daemon.extract import parse_count

PAGES = Path(__file__).parent / "pages"
AT = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize("page", sorted(PAGES.iterdir()), ids=lambda page: page.name)
def test_a_saved_page_yields_the_posts_and_topics_it_did_when_it_was_saved(page):
    """A redesign of the forum shows here, once its page is saved anew."""
    (forum,) = yuqing_school.spiders()
    response = HtmlResponse("https://bbs.example.edu/new", body=(page / "page.html").read_bytes(), encoding="utf-8")
    found = []
    for item in forum().parse(response):
        post = Post(url=item["url"], source="school", title=item["title"], text=item["text"], fetched_at=AT)
        topics = [match.topic for match in yuqing_school.match_post(post)]
        reads = parse_count(item["reads"] or "")
        found.append({"url": post.url, "title": post.title, "reads": reads, "topics": topics})
    assert found == json.loads((page / "posts.json").read_text())
