"""A sitemap: the newest pages a site says it has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scrapy.http import Request, Response

from yuqing_daemon.extract import listed_in, newest, read_sitemap

from .base import Listed, SiteSpider, WrongPage

MOST_CHILDREN = 3


class SitemapSpider(SiteSpider):
    """Reads the newest pages of a sitemap; of an index, the newest sitemaps. News sitemaps bring titles and times."""

    name = "sitemap"

    def entries(self, response: Response, list_url: str) -> Iterable[Listed | Request]:
        """The newest pages, newest first. Raises ``WrongPage``."""
        return sitemap_entries(self, response, list_url)


def sitemap_entries(spider: SiteSpider, response: Response, list_url: str) -> Iterator[Listed | Request]:
    """The newest pages of a sitemap; the newest sitemaps of an index, unless that is named by an index itself."""
    found = read_sitemap(response.body, response.url)
    if not found.entries and not found.children:
        raise WrongPage(f"{response.url} is not a sitemap")
    if list_url in map(spider.list_url, spider.site.source.urls):
        for child in newest(found.children)[:MOST_CHILDREN]:
            yield spider.ask_list(child.url)
    yield from listed_in(found)
