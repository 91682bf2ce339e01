"""A single page: what it says, and how that changes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from yuqing_daemon.extract import Listed, canonical_url

from .base import SiteSpider


class ArticleSpider(SiteSpider):
    """Reads the source's own addresses as articles: a notice that is edited, or a page somebody wants to try."""

    name = "article"

    def can_look(self) -> bool:
        """There is no list."""
        return False

    async def start(self) -> AsyncIterator[Any]:
        """The pages themselves."""
        for url in self.site.source.urls:
            yield self.ask_page(Listed(url=canonical_url(url) or url))
