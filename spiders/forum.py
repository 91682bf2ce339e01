"""A forum board: its threads, and how often each was read and answered."""

from __future__ import annotations

from .base import SiteSpider


class ForumSpider(SiteSpider):
    """Reads new threads, and at every visit the counters of all that are listed.

    Options: under ``threads`` the selectors ``row``, ``link``, ``title``, ``time``, ``reads`` and ``comments``, CSS or
    ``xpath:``; without ``row`` the threads are found by themselves.
    """

    name = "forum"
    joins_pages = False
