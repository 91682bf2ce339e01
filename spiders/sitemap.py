"""A sitemap: the newest pages a site says it has."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from scrapy.http import Request, Response

from yuqing_daemon.extract import SitemapEntry, read_sitemap

from .base import Listed, SiteSpider, WrongPage

MOST_CHILDREN = 3
MOST_PAGES = 500
_UNKNOWN = datetime(1970, 1, 1, tzinfo=UTC)


class SitemapSpider(SiteSpider):
    """Reads the newest pages of a sitemap; of an index, the newest sitemaps. News sitemaps bring titles and times."""

    name = "sitemap"
    trusts_list_time = True

    def entries(self, response: Response, list_url: str) -> Iterator[Listed | Request]:
        """The newest pages, newest first. Raises ``WrongPage``."""
        found = read_sitemap(response.body, response.url)
        if not found.entries and not found.children:
            raise WrongPage(f"{response.url} is not a sitemap")
        if list_url in self.site.source.urls:
            for child in _newest(found.children)[:MOST_CHILDREN]:
                yield self.ask_list(child.url)
        for entry in _newest(found.entries)[:MOST_PAGES]:
            yield Listed(url=entry.url, title=entry.title, published_at=entry.published_at)


def _newest(entries: tuple[SitemapEntry, ...]) -> list[SitemapEntry]:
    return sorted(entries, key=lambda entry: entry.published_at or entry.lastmod or _UNKNOWN, reverse=True)
