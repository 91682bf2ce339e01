"""The built-in reader: articles of any site, without rules for each. It is asked last, so that yours goes first."""

from __future__ import annotations

from yuqing_daemon import Article, Page, Source, hookimpl


@hookimpl(trylast=True)
def extract_article(page: Page, source: Source) -> Article | None:
    """Read a page; selectors under the source's ``article`` option override single fields."""
    from yuqing_daemon.extract import read_article  # where pages are read: the main process starts without it

    selectors = source.options.get("article")
    return read_article(
        page.body,
        url=page.url,
        content_type=page.content_type,
        fetched_at=page.fetched_at,
        encoding=source.encoding,
        timezone=source.timezone,
        selectors=selectors if isinstance(selectors, dict) else None,
    )
