"""The built-in spiders. They come through the ``spiders`` hook like anybody's."""

from __future__ import annotations

from yuqing_daemon import hookimpl


@hookimpl(trylast=True)
def spiders() -> list[type]:
    """All of them; Scrapy is imported only now, for only crawl workers ask."""
    from .article import ArticleSpider
    from .auto import AutoSpider
    from .feed import FeedSpider
    from .forum import ForumSpider
    from .hotlist import HotlistSpider
    from .page import PageSpider
    from .sitemap import SitemapSpider

    return [ArticleSpider, AutoSpider, FeedSpider, ForumSpider, HotlistSpider, PageSpider, SitemapSpider]
