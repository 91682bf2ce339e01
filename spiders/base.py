"""What the built-in spiders have in common: list -> what is new -> its pages, through the source's memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.http import Request, Response

from yuqing_daemon import Reading
from yuqing_daemon.crawl.crawler import site_crawler
from yuqing_daemon.crawl.marks import LIST, RAW
from yuqing_daemon.crawl.memory import body_mark, list_mark
from yuqing_daemon.crawl.site import Site
from yuqing_daemon.errors import YuqingError
from yuqing_daemon.extract import KINDS, Listed, read_list
from yuqing_daemon.rules.health import Trouble

from .pages import Output, PageReader

ENOUGH_TEXT = 200  # characters: a list entry with so much text needs no page
MOST_LISTED = 1000
FIRST = 1_000_000


class WrongPage(YuqingError):
    """The address answers, with something else than what it is declared to be."""

    trouble = Trouble.CHANGED


class LoginPage(WrongPage):
    """The site shows its login page."""

    trouble = Trouble.GATE


class SiteSpider(PageReader):
    """A spider says what a list page holds (``entries``); everything else is here."""

    reads_pages = True  # False: the list says everything

    looked: list[Request] | None = None  # what is left to ask for after a look; None: nobody has looked

    @classmethod
    def from_crawler(cls, crawler: Crawler, *given: Any, **named: Any) -> Self:
        """Called by Scrapy for a spider that did not look first."""
        spider = super().from_crawler(crawler, *given, **named)
        spider.begin(site_crawler(crawler))
        return spider

    def can_look(self) -> bool:
        """Whether the lists may be read before a crawl, and without one."""
        return not self.site.source.render

    def entries(self, response: Response, list_url: str) -> Iterable[Listed | Request]:
        """What a list page holds, in page order; requests lead to further list pages. Raises ``WrongPage``."""
        listed = read_list(self.page(response), self.site.source, self.name) if self.name in KINDS else []
        if listed is None:
            raise WrongPage(f"{response.url} is not a {self.name}")
        return listed

    # -- lists

    def begin(self, site: Site) -> None:
        """Take the visit that is about to begin."""
        self.site = site
        self.times = []
        job, memory = site.job, site.logbook.memory
        memory.wait()
        retries = memory.to_retry()[: job.max_pages // 2] if self.reads_pages else []
        self.retries = [Listed(url=url) for url in retries]
        self.pages_left = job.max_pages - len(job.source.urls) - len(retries)

    def lists(self) -> list[Request]:
        """The requests for the source's lists."""
        return [self.ask_list(self.list_url(url)) for url in self.site.source.urls]

    def wants_more(self) -> bool:
        """Whether pages are due whatever the lists say."""
        return bool(self.retries) or bool(self.reads_pages and (self.site.job.revisit or self.site.job.probes))

    async def start(self) -> AsyncIterator[Any]:
        """Lists first, then pages that could not be read before, then posts whose counters are due."""
        for request in self.lists() if self.looked is None else self.looked:
            yield request
        for entry in self.retries:
            yield self.ask_page(entry)
        for url in self.site.job.revisit if self.reads_pages else ():
            yield self._ask_metrics(url) or Request(
                url, self.parse_again, cb_kwargs={"url": url}, meta={RAW: True}, dont_filter=True
            )
        for url in self.site.job.probes if self.reads_pages else ():
            yield Request(url, self.parse_probe, cb_kwargs={"url": url}, meta={RAW: True}, dont_filter=True)

    def list_url(self, url: str) -> str:
        """Where a source's list is really found."""
        return url

    def ask_list(self, url: str) -> Request:
        """A request for a list page."""
        return Request(url, self.parse_list, meta={LIST: url, RAW: True}, priority=FIRST, dont_filter=True)

    def parse_list(self, response: Response) -> Output:
        """Find what is new on a list page; one whose every byte, or every link, is as before holds nothing."""
        list_url = response.meta[LIST]
        memory = self.site.logbook.memory
        mark, anchors = body_mark(response.body), self.anchors_mark(response)
        same_anchors = bool(anchors) and memory.anchors.get(list_url) == anchors
        if same_anchors or memory.bodies.get(list_url) == mark:
            memory.bodies[list_url] = mark
            self.site.logbook.is_as_before(list_url)
            return
        if self.is_login(response):
            raise LoginPage(f"{response.url} shows a login page")
        memory.bodies[list_url], memory.anchors[list_url] = mark, anchors
        listed: list[Listed] = []
        for entry in self.entries(response, list_url):
            if isinstance(entry, Request):
                yield entry
            elif len(listed) < MOST_LISTED:
                listed.append(entry)
        yield from self.take(list_url, listed)

    def anchors_mark(self, response: Response) -> str:
        """A mark of all that its entries come from, if that is quicker to tell than the entries; else nothing."""
        return ""

    def take(self, list_url: str, listed: list[Listed]) -> Output:
        """Deliver or ask for the new ones; counters in the list are a reading of every entry, at every visit."""
        logbook = self.site.logbook
        memory = logbook.memory
        mark = list_mark(f"{entry.url} {entry.title}" for entry in listed)
        logbook.links += len(listed)
        memory.listed += len(listed)
        if memory.lists.get(list_url) == mark:
            logbook.is_unchanged(list_url)
        memory.lists[list_url], memory.sizes[list_url] = mark, len(listed)
        self.pages_left = min(self.pages_left, self.site.pages_in_time(list_url))
        now = self.site.now()
        for entry in listed:
            counts = {"reads": entry.reads, "comments": entry.comments, "hot": entry.hot}
            logbook.add_row(Reading(url=entry.url, at=now, **counts))
            if not memory.knows(entry.url) and entry.url not in logbook.expected:
                yield from self._take_new(entry)

    def _take_new(self, entry: Listed) -> Output:
        memory = self.site.logbook.memory
        says_something = bool(entry.title or entry.text)
        if entry.is_whole or len(entry.text) >= ENOUGH_TEXT or (says_something and memory.is_given_up(entry.url)):
            yield self.post(entry)
        elif entry.url not in memory.failed:  # those are asked for again already
            self.site.logbook.expect(self.post(entry))
            if self.pages_left > 0:
                self.pages_left -= 2 if self._metrics else 1
                yield self.ask_page(entry)
