"""A page that links to articles: a home page, a column, a notice board."""

from __future__ import annotations

from collections.abc import Iterable

from scrapy.http import Request, Response

from yuqing_daemon.crawl.memory import body_mark
from yuqing_daemon.extract import anchors_of, find_article_links

from .base import Listed, SiteSpider


class PageSpider(SiteSpider):
    """Follows the article links of a page: those its options name, else those that look like articles.

    Options: ``links`` (CSS or ``xpath:``), ``link_pattern``, ``link_exclude``, ``article`` (selectors by field).
    """

    name = "page"

    def anchors_mark(self, response: Response) -> str:
        """Without a selector, the entries come from the anchors alone."""
        found = b"" if self.option("links") else anchors_of(response.body)
        return body_mark(response.url.encode() + found) if found else ""

    def entries(self, response: Response, list_url: str) -> Iterable[Listed | Request]:
        """The article links."""
        links = find_article_links(
            self.text_of(response),
            url=response.url,
            selector=self.option("links"),
            pattern=self.option("link_pattern"),
            exclude=self.option("link_exclude"),
        )
        return [Listed(url=link.url, title=link.title) for link in links]
