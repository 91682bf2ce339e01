"""The last door before the network: guarded, by turns, and within limits that no spider can lift."""

from __future__ import annotations

from urllib.parse import urlsplit

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError
from scrapy.http import Request, Response

from .crawler import site_crawler
from .guard import Held, Refused
from .politeness import asked_to_wait


class PoliteHandler(HTTP11DownloadHandler):
    """Scrapy's http handler behind the guard and the host's gate. Every hop comes through here."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.site = site_crawler(crawler)

    async def download_request(self, request: Request) -> Response:
        """Fetch one URL when its turn has come. Raises ``Refused``."""
        shared, source = self.site.shared, self.site.source
        if why := shared.permits.reason(request.url, source):
            raise Refused(why)
        limits = shared.settings
        request.meta["download_maxsize"] = limits.max_bytes
        request.meta["download_timeout"] = min(request.meta.get("download_timeout") or limits.timeout, limits.timeout)
        async with shared.gate.turn(request.url, gap=self.site.gap):
            if self.site.logbook.closed:
                raise Held("the visit is over")
            try:
                response = await super().download_request(request)
            except CannotResolveHostError as error:
                host = (urlsplit(request.url).hostname or "").lower()
                raise Refused(shared.permits.refused.pop(host)) if host in shared.permits.refused else error from error
        self._heed(request, response)
        return response

    def _heed(self, request: Request, response: Response) -> None:
        said = (response.headers.get("Retry-After") or b"").decode("latin-1")
        seconds = asked_to_wait(response.status, said, self.site.now())
        if seconds is not None:
            self.site.shared.gate.close(request.url, seconds)
            self.site.logbook.wait(seconds)
