"""Nothing said about a source but its address: find out what it is, and stay with that."""

from __future__ import annotations

from collections.abc import Iterable

from scrapy.http import Request, Response
from twisted.python.failure import Failure

from yuqing_daemon.crawl.marks import LIST, RAW
from yuqing_daemon.extract import find_feed_links, registrable_host

from .base import Listed, Output, WrongPage
from .feed import feed_entries
from .page import PageSpider


class AutoSpider(PageSpider):
    """A feed, a page that names its feed, or a page with article links.

    What was found is kept in the source's state (``kind``: ``feed``, ``page`` or ``feed ADDRESS``), so that a
    site that changes fails visibly and is not read in another way in silence.
    """

    name = "auto"

    def list_url(self, url: str) -> str:
        """The feed that was found for an address, or the address."""
        return self._kind(url).partition(" ")[2] or url

    def _kind(self, url: str) -> str:
        return self.site.logbook.memory.kind.get(url, "")

    def anchors_mark(self, response: Response) -> str:
        """That of a page; what else it may be is more than its anchors."""
        return super().anchors_mark(response) if self._kind(response.meta[LIST]) == "page" else ""

    def entries(self, response: Response, list_url: str) -> Iterable[Listed | Request]:
        """The entries, read as what was found before. Raises ``WrongPage`` if a feed is none any more."""
        kinds = self.site.logbook.memory.kind
        known = self._kind(list_url) or ("feed" if f"feed {list_url}" in kinds.values() else "")
        found = feed_entries(response, self.site) if known != "page" else None
        if found is not None:
            if not known:
                kinds[list_url] = "feed"
            return found
        if known == "feed":
            raise WrongPage(f"{response.url} is not a feed any more")
        links = list(super().entries(response, list_url))
        if known == "page":
            return links
        return self._look_for_feed(response, list_url, [link for link in links if isinstance(link, Listed)])

    def _look_for_feed(self, response: Response, list_url: str, links: list[Listed]) -> list[Listed | Request]:
        here = registrable_host(response.url)
        feeds = [
            feed for feed in find_feed_links(self.text_of(response), response.url) if registrable_host(feed) == here
        ]
        if not feeds:
            self.site.logbook.memory.kind[list_url] = "page"
            return list(links)
        known = {"list_url": list_url, "feed": feeds[0], "links": links}
        return [Request(feeds[0], self.parse_feed, errback=self.no_feed, cb_kwargs=known, meta={RAW: True})]

    def parse_feed(self, response: Response, list_url: str, feed: str, links: list[Listed]) -> Output:
        """The feed a page names: good if it has entries."""
        found = feed_entries(response, self.site)
        self.site.logbook.memory.kind[list_url] = f"feed {feed}" if found else "page"
        yield from self.take(feed, found) if found else self.take(list_url, links)

    def no_feed(self, failure: Failure) -> Output:
        """The feed a page names does not answer: the page's own links will do."""
        known = failure.request.cb_kwargs  # type: ignore[attr-defined]
        self.site.logbook.memory.kind[known["list_url"]] = "page"
        yield from self.take(known["list_url"], known["links"])
