"""Pages that a script draws: a browser shows them, and this process fetches everything for it.

The browser has no way to the network: its proxy does not answer and no name resolves. The page itself, its scripts and
the data they ask for come through the worker's own client, with the same guard, robots.txt, turns and limits as any
other page; pictures, styles, fonts and whatever is no GET do not come at all.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from scrapy.crawler import Crawler
from scrapy.http import Request, Response

from .fetcher import Fetched, Odd, Unfetched
from .guard import Held, Refused
from .handler import PoliteHandler
from .look import response_of

if TYPE_CHECKING:
    from playwright.async_api import Page, Route

MOST_FETCHED = 60  # scripts and data for one page
WANTED = ("script", "xhr", "fetch")
SETTLES_WITHIN = 5_000  # milliseconds that a page gets to go quiet after it was loaded
_LABEL = {"Content-Type": "text/html; charset=utf-8"}  # of what a browser gives; nothing to ask for it by


class RenderHandler(PoliteHandler):
    """The http handler of a source with ``render = true``: what is HTML is shown in a browser before it is read."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler

        self.browser = ScrapyPlaywrightDownloadHandler(crawler)
        self.scripts: dict[str, Fetched] = {}  # fetched once in a visit

    async def close(self) -> None:
        """End the browser with the crawl."""
        await self.browser.close()
        await super().close()

    async def download_request(self, request: Request) -> Response:
        """Fetch a page, and show it if it is HTML. Raises ``Refused``."""
        if request.method != "GET":
            return await super().download_request(request)
        if self.site.logbook.closed:
            raise Held("the visit is over")
        try:
            answer = await self.site.fetch(request.url, headers={})  # an unchanged page may show other data
        except (Unfetched, Odd) as error:
            raise Refused(str(error)) from error
        plain = response_of(answer, request)
        if answer.status != 200 or "html" not in answer.header("Content-Type").lower():
            return plain
        return await self._show(answer, request)

    async def _show(self, answer: Fetched, request: Request) -> Response:
        context = {
            "user_agent": self.site.shared.settings.user_agent,
            "service_workers": "block",
            "accept_downloads": False,
            "locale": "zh-CN",
            "timezone_id": self.site.source.timezone,
        }
        from scrapy_playwright.page import PageMethod

        shown: Response = await self.browser.download_request(
            request.replace(
                url=answer.url,
                meta={
                    "playwright": True,
                    "playwright_context_kwargs": context,
                    "playwright_page_init_callback": _Supply(self, answer).attach,
                    "playwright_page_methods": [PageMethod(_settle)],
                },
            )
        )
        return shown.replace(request=request, headers=_LABEL)


class _Supply:
    """Answers everything one page asks for."""

    def __init__(self, handler: RenderHandler, page: Fetched) -> None:
        self.handler = handler
        self.page = page
        self.given = 0

    async def attach(self, page: Page, request: Request) -> None:
        """Called by scrapy-playwright before it goes to the page; the last route is asked first, and it is ours."""
        await page.route("**", self.answer)

    async def answer(self, route: Route) -> None:
        """Give the browser what it asks for, or nothing."""
        asked = route.request
        if asked.url == self.page.url and asked.is_navigation_request():
            await _give(route, self.page)
            return
        if asked.is_navigation_request():
            await route.fulfill(status=204)  # a page that wants to lead elsewhere stays what it is
            return
        found = None
        if asked.method == "GET" and asked.resource_type in WANTED and self.given < MOST_FETCHED:
            self.given += 1
            with suppress(Refused, Unfetched, Odd):
                found = self.handler.scripts.get(asked.url) or await self.handler.site.fetch(asked.url, headers={})
        if found is None:
            await route.abort()
            return
        if asked.resource_type == "script":
            self.handler.scripts[asked.url] = found
        await _give(route, found)


async def _give(route: Route, answer: Fetched) -> None:
    label = answer.header("Content-Type") or "text/plain"
    headers = {"Content-Type": label, "Access-Control-Allow-Origin": "*"}
    await route.fulfill(status=answer.status, headers=headers, body=answer.body)


async def _settle(page: Page) -> None:
    """Wait until the page asks for nothing more; one that never stops asking is read as it is."""
    from playwright.async_api import Error

    with suppress(Error):
        await page.wait_for_load_state("networkidle", timeout=SETTLES_WITHIN)
