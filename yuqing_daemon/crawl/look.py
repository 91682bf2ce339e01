"""Look before crawling: read a declared source's lists in the worker's own loop, and start Scrapy only for the rest.

The lists are fetched with the same guard, turns, robots.txt and limits as by Scrapy, and read by the spider itself.
What its lists say (posts, counters) is taken at once; what it asks for beyond them is left for a crawl.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any, Protocol, runtime_checkable

from scrapy import Spider
from scrapy.http import Headers, Request, Response
from scrapy.responsetypes import responsetypes

from ..extract import rest_of
from .conditional import conditions, keep_validators
from .fetcher import Fetched, Odd, Unfetched
from .guard import Refused
from .isolation import MOST_OUTPUT, TooMuch
from .marks import LIST
from .site import Site
from .taming import describe, tamed

BUILT_IN = "yuqing_spiders."


@runtime_checkable
class Looker(Protocol):
    """A spider that can read its lists without an engine."""

    looked: list[Request] | None

    def can_look(self) -> bool:
        """Whether looking makes sense for the source."""
        ...

    def begin(self, site: Site) -> None:
        """Take the visit that is about to begin."""

    def lists(self) -> list[Request]:
        """The requests for the source's lists."""
        ...

    def parse_list(self, response: Response) -> Iterator[Any]:
        """Read a list."""
        ...

    def wants_more(self) -> bool:
        """Whether there is something to crawl whatever the lists say."""
        ...


def looker(spider: type[Spider], site: Site) -> Looker | None:
    """The spider, if it is one that looks first: a built-in one. An organisation's own always run in Scrapy."""
    if not spider.__module__.startswith(BUILT_IN):
        return None
    made = spider()
    if not isinstance(made, Looker):
        return None
    made.begin(site)
    return made if made.can_look() else None


async def look(spider: Looker, site: Site) -> bool:
    """Read the lists; whether there is something to crawl now. ``spider.looked`` are the requests it has."""
    waiting, given = deque(spider.lists()), 0
    left: list[Request] = []
    while waiting:
        request = waiting.popleft()
        site.logbook.asked += 1
        for each in await _read(spider, request, site, left):
            given += 1
            if given > MOST_OUTPUT:
                site.logbook.fail(describe(TooMuch(f"it found more than {MOST_OUTPUT} things in one visit")))
                return False
            if not isinstance(each, Request):
                site.logbook.add(each, site.now())
            elif LIST in each.meta:
                waiting.append(each)
            else:
                left.append(each)
    spider.looked = left
    return bool(left) or spider.wants_more()


async def _read(spider: Looker, request: Request, site: Site, left: list[Request]) -> list[Any]:
    """What a list says: nothing if it is as before; a list that only Scrapy can fetch is left for it."""
    logbook, listed = site.logbook, request.meta[LIST]
    try:
        answer = await site.fetch(request.url, headers=conditions(logbook.memory, listed))
    except (Refused, Unfetched) as error:
        logbook.missed(request.url, str(error), listed)
        return []
    except Odd:
        left.append(request)
        return []
    logbook.answered(answer.url, answer.status, listed)
    if answer.status == 304:
        logbook.is_as_before(listed)
    if answer.status != 200:
        return []
    logbook.notes.list_page(answer.url, listed, answer.body)
    keep_validators(logbook.memory, listed, answer.header)
    logbook.rest(listed, rest_of(answer.body, answer.header("Cache-Control"), now=site.now()))
    try:
        with tamed():
            return list(spider.parse_list(response_of(answer, request)))
    except Exception as error:  # noqa: BLE001 - a list that cannot be read fails visibly, whatever is wrong
        logbook.crash(error)
        return []


def response_of(answer: Fetched, request: Request) -> Response:
    """The answer as Scrapy would have given it."""
    headers = Headers()
    for name, value in answer.headers:
        headers.appendlist(name, value)
    kind = responsetypes.from_args(headers=headers, url=answer.url, body=answer.body)
    return kind(answer.url, status=answer.status, headers=headers, body=answer.body, request=request)
