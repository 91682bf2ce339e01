"""A hot list (热搜, 热榜): what a site says is talked about most."""

from __future__ import annotations

from .base import SiteSpider


class HotlistSpider(SiteSpider):
    """Makes each entry of a JSON hot list a post with its heat; the pages behind it are not visited.

    Options: under ``items`` the JSON pointers ``items``, ``title``, ``link``, ``hot`` and ``text``; without them the
    usual names are tried.
    """

    name = "hotlist"
    reads_pages = False
