"""A page that links to articles: a home page, a column, a notice board."""

from __future__ import annotations

from scrapy.http import Response

from yuqing_daemon.crawl.memory import body_mark
from yuqing_daemon.extract import anchors_of, text_option

from .base import SiteSpider


class PageSpider(SiteSpider):
    """Follows the article links of a page: those its options name, else those that look like articles.

    Options: ``links`` (CSS or ``xpath:``), ``link_pattern``, ``link_exclude``, ``article`` (selectors by field).
    """

    name = "page"

    def anchors_mark(self, response: Response) -> str:
        """Without a selector, the entries come from the anchors alone."""
        found = b"" if text_option(self.site.source, "links") else anchors_of(response.body)
        return body_mark(response.url.encode() + found) if found else ""
