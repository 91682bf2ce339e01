"""A hot list (热搜, 热榜): what a site says is talked about most."""

from __future__ import annotations

from collections.abc import Iterable

from scrapy.http import Request, Response

from yuqing_daemon.extract import read_hotlist

from .base import Listed, SiteSpider


class HotlistSpider(SiteSpider):
    """Makes each entry of a JSON hot list a post with its heat; the pages behind it are not visited.

    Options: under ``items`` the JSON pointers ``items``, ``title``, ``link``, ``hot`` and ``text``; without them the
    usual names are tried.
    """

    name = "hotlist"
    reads_pages = False

    def entries(self, response: Response, list_url: str) -> Iterable[Listed | Request]:
        """The entries, hottest first."""
        chosen = self.options("items")
        pointers = {name: chosen.get(name, "") for name in ("items", "title", "link", "hot", "text")}
        found = read_hotlist(response.body, url=response.url, **pointers)
        return [Listed(url=item.url, title=item.title, text=item.text, hot=item.hot) for item in found]
