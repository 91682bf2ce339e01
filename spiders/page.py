"""A page that links to articles: a home page, a column, a notice board."""

from __future__ import annotations

from .base import SiteSpider


class PageSpider(SiteSpider):
    """Follows the article links of a page: those its options name, else those that look like articles.

    Options: ``links`` (CSS or ``xpath:``), ``link_pattern``, ``link_exclude``, ``article`` (selectors by field).
    """

    name = "page"
