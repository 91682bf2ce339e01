"""Give every spider right text: Scrapy trusts the header over the bytes, which many Chinese sites get wrong."""

from __future__ import annotations

from scrapy.crawler import Crawler
from scrapy.http import Request, Response, TextResponse

from ..extract import decode
from .crawler import SiteCrawler, site_crawler
from .marks import RAW


class DecodingMiddleware:
    """Decodes pages by their bytes first, then by what is declared, and hands them on as UTF-8."""

    def __init__(self, crawler: SiteCrawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> DecodingMiddleware:
        """Called by Scrapy."""
        return cls(site_crawler(crawler))

    def process_response(self, request: Request, response: Response) -> Response:
        """Decode once, here."""
        if not isinstance(response, TextResponse) or request.meta.get(RAW):
            return response
        label = (response.headers.get("Content-Type") or b"").decode("latin-1")
        text = decode(response.body, content_type=label, encoding=self.crawler.source.encoding)
        return response.replace(body=text.encode("utf-8", "replace"), encoding="utf-8")
