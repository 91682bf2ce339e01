"""Single pages to be watched: each address is an article of its own, read at every visit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from yuqing_daemon.extract import canonical_url

from .base import Listed, SiteSpider


class ArticleSpider(SiteSpider):
    """Reads each of the source's addresses as an article; what has changed since the last visit is a change."""

    name = "article"

    async def start(self) -> AsyncIterator[Any]:
        """The pages, without any list."""
        for url in self.site.job.source.urls:
            yield self.ask_page(Listed(url=canonical_url(url) or url))
