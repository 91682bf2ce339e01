"""A feed: RSS, RDF, Atom or JSON Feed."""

from __future__ import annotations

from collections.abc import Iterable

from scrapy.http import Request, Response

from yuqing_daemon.crawl.site import Site
from yuqing_daemon.extract import read_feed

from .base import Listed, SiteSpider, WrongPage


def feed_entries(response: Response, site: Site) -> list[Listed] | None:
    """What a feed holds; ``None`` if it is none."""
    label = (response.headers.get("Content-Type") or b"").decode("latin-1")
    feed = read_feed(
        response.body,
        url=response.url,
        content_type=label,
        fetched_at=site.now(),
        encoding=site.source.encoding,
        timezone=site.source.timezone,
    )
    if feed is None:
        return None
    return [
        Listed(url=entry.url, title=entry.title, text=entry.text, published_at=entry.published_at, author=entry.author)
        for entry in feed.entries
    ]


class FeedSpider(SiteSpider):
    """Reads the entries of a feed; an entry with its whole text needs no visit to its page."""

    name = "feed"
    trusts_list_time = True

    def entries(self, response: Response, list_url: str) -> Iterable[Listed | Request]:
        """The feed's entries. Raises ``WrongPage``."""
        found = feed_entries(response, self.site)
        if found is None:
            raise WrongPage(f"{response.url} is not a feed")
        return found
