"""Nothing said about a source but its address: find out what it is, and stay with that."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from scrapy.http import Request, Response
from twisted.python.failure import Failure

from yuqing_daemon.crawl.marks import LIST, RAW
from yuqing_daemon.extract import (
    canonical_url,
    detect,
    has_moved,
    read_list,
    read_sitemap,
    registrable_host,
    shapes,
    speaks_for,
)

from .base import Listed, WrongPage
from .page import PageSpider
from .pages import Output
from .sitemap import sitemap_entries

MOST_FEEDS = 2  # that are looked at for one page
_NEWS = re.compile(r"news|xinwen", re.IGNORECASE)


class AutoSpider(PageSpider):
    """A feed, a page that names its feed, a front page with a news sitemap, a hot list, a board, or a list of links.

    What was found is pinned in the source's state: under ``kind`` what each address is, with another address behind
    it where the list stands elsewhere, and under ``shapes`` what its article links look like. A list that becomes
    something else fails visibly and is not read in another way until somebody says so.
    """

    name = "auto"

    @property
    def reads_pages(self) -> bool:  # type: ignore[override]
        """A hot list says everything itself."""
        return set(self.site.logbook.memory.kind.values()) != {"hotlist"}

    @property
    def joins_pages(self) -> bool:  # type: ignore[override]
        """The further pages of a thread are answers."""
        return "forum" not in self.site.logbook.memory.kind.values()

    def list_url(self, url: str) -> str:
        """Where the list of an address was found, or the address."""
        return self.site.logbook.memory.kind.get(url, "").partition(" ")[2] or url

    def _pinned(self, list_url: str) -> str:
        """What a list is, as far as that is known."""
        for url, pin in self.site.logbook.memory.kind.items():
            kind, _, address = pin.partition(" ")
            if list_url == (address or url):
                return kind
        return "" if list_url in self.site.source.urls else "sitemap"  # one of an index

    def _pin(self, list_url: str, kind: str, listed: Iterable[Listed]) -> None:
        memory = self.site.logbook.memory
        memory.kind[list_url] = kind
        memory.shapes[list_url] = shapes(each.url for each in listed) if kind in ("page", "forum") else []

    def anchors_mark(self, response: Response) -> str:
        """That of a page; what else it may be is more than its anchors."""
        return super().anchors_mark(response) if self._pinned(response.meta[LIST]) == "page" else ""

    # -- a list that is known

    def entries(self, response: Response, list_url: str) -> Iterable[Listed | Request]:
        """The entries, read as what was found before. Raises ``WrongPage`` if that is not there any more."""
        kind = self._pinned(list_url)
        if kind == "":
            return self._find_out(response, list_url)
        if kind == "sitemap":
            return list(sitemap_entries(self, response, list_url))
        listed = read_list(self.page(response), self.site.source, kind)
        if not listed and kind != "feed":
            found = detect(self.page(response), self.site.source)
            if found.entries:
                raise WrongPage(f"{response.url} was a {kind} and is a {found.kind} now{self._mend}")
        if listed is None:
            raise WrongPage(f"{response.url} is not a {kind} any more{self._mend}")
        known, urls = self.site.logbook.memory.shapes, [each.url for each in listed]
        if kind == "page" and not known.get(list_url):
            known[list_url] = shapes(urls)  # the source is declared in another way, or had too few links
        pinned = known.get(list_url, [])
        if has_moved(pinned, urls):
            was, now = ", ".join(pinned[:3]), ", ".join(shapes(urls)[:3] or urls[:1])
            raise WrongPage(f"{response.url} linked to {was}, and now to none of these but to {now}{self._mend}")
        return listed

    @property
    def _mend(self) -> str:
        return f"; if that is right: yuqing sources {self.site.source.id} --repin"

    # -- a list that is not known

    def _find_out(self, response: Response, list_url: str) -> Iterator[Listed | Request]:
        found = detect(self.page(response), self.site.source)
        listed = list(found.entries)
        if found.kind == "page" and not self._says_where():
            looks = list(found.feeds[:MOST_FEEDS])
            if urlsplit(response.url).path in ("", "/"):
                looks += self._news_sitemaps(response.url)
            if looks:
                yield self._look(looks, list_url, listed)
                return
        self._pin(list_url, found.kind, listed)
        yield from sitemap_entries(self, response, list_url) if found.kind == "sitemap" else listed

    def _says_where(self) -> bool:
        return any(self.site.source.options.get(name) for name in ("links", "link_pattern"))

    def _look(self, looks: list[str], list_url: str, listed: list[Listed]) -> Request:
        """Ask for the first of some addresses that may speak for a page."""
        known = {"looks": looks, "list_url": list_url, "listed": listed}
        marks = {RAW: True}
        return Request(looks[0], self.parse_look, errback=self.no_look, cb_kwargs=known, meta=marks, dont_filter=True)

    def parse_look(self, response: Response, looks: list[str], list_url: str, listed: list[Listed]) -> Output:
        """A feed or news sitemap is good if it speaks for the page."""
        address, *more = looks
        page, source = self.page(response), self.site.source
        feed = read_list(page, source, "feed")
        if feed is not None and speaks_for(feed, listed):
            yield from self._take_found("feed", address, list_url, feed)
            return
        index = read_sitemap(page.body, page.url)
        news = [each for each in read_list(page, source, "sitemap") or [] if each.published_at]
        if news and speaks_for(news, listed):
            yield from self._take_found("sitemap", address, list_url, news)
        else:
            more = [each.url for each in index.children if _NEWS.search(each.url)][:1] + more
            yield from self._next_look(more, list_url, listed)

    def no_look(self, failure: Failure) -> Output:
        """One of the addresses does not answer."""
        known = failure.request.cb_kwargs  # type: ignore[attr-defined]
        yield from self._next_look(known["looks"][1:], known["list_url"], known["listed"])

    def _next_look(self, looks: list[str], list_url: str, listed: list[Listed]) -> Output:
        if looks:
            yield self._look(looks, list_url, listed)
        else:  # the page's own links will do
            self._pin(list_url, "page", listed)
            yield from self.take(list_url, listed)

    def _take_found(self, kind: str, address: str, list_url: str, listed: list[Listed]) -> Output:
        self.site.logbook.memory.kind[list_url] = f"{kind} {address}"
        yield from self.take(address, listed)

    def _news_sitemaps(self, url: str) -> list[str]:
        """The sitemap of the same site that its robots.txt names and whose name says news."""
        named = (canonical_url(found, url) for found in self.site.shared.robots.sitemaps(url))
        here = registrable_host(url)
        return [each for each in dict.fromkeys(named) if _NEWS.search(each) and registrable_host(each) == here][:1]
