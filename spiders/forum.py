"""A forum board: its threads, and how often each was read and answered."""

from __future__ import annotations

from collections.abc import Iterable

from scrapy.http import Request, Response

from yuqing_daemon.extract import read_threads

from .base import Listed, SiteSpider


class ForumSpider(SiteSpider):
    """Reads new threads, and at every visit the counters of all that are listed.

    Options: under ``threads`` the selectors ``row``, ``link``, ``title``, ``time``, ``reads`` and ``comments``, CSS or
    ``xpath:``; without ``row`` the threads are found by themselves.
    """

    name = "forum"

    def entries(self, response: Response, list_url: str) -> Iterable[Listed | Request]:
        """The threads of the board."""
        threads = read_threads(
            self.text_of(response),
            url=response.url,
            selectors=self.options("threads"),
            fetched_at=self.site.now(),
            timezone=self.site.source.timezone,
        )
        return [
            Listed(
                url=thread.url,
                title=thread.title,
                reads=thread.reads,
                comments=thread.comments,
                published_at=thread.published_at,
            )
            for thread in threads
        ]
