"""What an organisation's own spider yields, in whatever shape and language, to a Post and a Reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from itemadapter import ItemAdapter

from ..domain import Post, Reading, Source
from ..extract import canonical_url, parse_count, parse_date

LONGEST_TITLE, LONGEST_TEXT, LONGEST_NAME = 500, 200_000, 200

ALIASES: Mapping[str, tuple[str, ...]] = {
    "url": ("url", "link", "href", "page_url", "链接", "网址", "地址"),
    "title": ("title", "headline", "subject", "标题", "题目"),
    "text": ("text", "content", "body", "article", "正文", "内容"),
    "published_at": (
        *("published_at", "pub_time", "publish_time", "pubtime", "pub_date", "publish_date"),
        *("date", "time", "datetime", "发布时间", "发表时间", "时间", "日期"),
    ),
    "author": ("author", "user", "username", "writer", "作者", "用户", "楼主", "发帖人"),
    "source_name": ("source_name", "source", "media", "来源", "媒体"),
    "reads": (
        *("reads", "read_count", "views", "view_count", "hits", "clicks"),
        *("点击", "点击量", "点击数", "阅读", "阅读量", "阅读数", "浏览", "浏览量"),
    ),
    "comments": ("comments", "comment_count", "replies", "reply_count", "评论", "评论数", "回复", "回复数", "跟帖"),
    "reposts": ("reposts", "repost_count", "shares", "share_count", "forwards", "转发", "转发数", "转发量", "分享"),
    "hot": ("hot", "heat", "hot_value", "热度"),
}


class BadItem(ValueError):
    """An item that cannot become a post; the text says what it lacks."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one item says."""

    post: Post
    reading: Reading


def read_item(item: Any, source: Source, now: datetime) -> Found:
    """Read a dict, dataclass, attrs, pydantic or Scrapy item. Raises ``BadItem`` for one without URL or title.

    >>> source = Source(id="s", urls=("http://example.com/",))
    >>> found = read_item({"链接": "http://example.com/7", "标题": "通知", "阅读": "1.2万"}, source, datetime.now(UTC))
    >>> found.post.title, found.reading.reads
    ('通知', 12000)
    """
    if not ItemAdapter.is_item(item):
        raise BadItem(f"not an item: {type(item).__name__}")
    given = {str(name).strip().lower(): value for name, value in ItemAdapter(item).asdict().items()}
    link = _text(_field(given, "url"))
    url = canonical_url(link, source.urls[0] if source.urls else "") if link else ""
    text = _text(_field(given, "text"), lines=True)[:LONGEST_TEXT]
    title = _text(_field(given, "title")) or text.partition("\n")[0][:80]
    if not url or not title:
        raise BadItem(f"an item without {'url' if not url else 'title'}: its fields are {', '.join(given)[:200]}")
    post = Post(
        url=url,
        source=source.id,
        title=title[:LONGEST_TITLE],
        text=text,
        site=source.site,
        mainstream=source.mainstream,
        published_at=_instant(_field(given, "published_at"), source, now),
        fetched_at=now,
        author=_text(_field(given, "author"))[:LONGEST_NAME],
        source_name=_text(_field(given, "source_name"))[:LONGEST_NAME],
    )
    counts = {name: _count(_field(given, name)) for name in ("reads", "comments", "reposts", "hot")}
    return Found(post, Reading(url=url, at=now, **counts))


def _field(given: Mapping[str, Any], name: str) -> Any:
    return next((given[alias] for alias in ALIASES[name] if given.get(alias) not in (None, "", [])), None)


def _text(value: Any, *, lines: bool = False) -> str:
    """Plain text of a value; a list of strings, as ``getall()`` gives it, is joined."""
    if isinstance(value, list | tuple):
        return ("\n" if lines else " ").join(filter(None, (_text(part, lines=lines) for part in value)))
    if value is None or isinstance(value, Mapping):
        return ""
    text = str(value).replace("\x00", "")
    return (
        "\n".join(filter(None, (" ".join(line.split()) for line in text.splitlines())))
        if lines
        else " ".join(text.split())
    )


def _count(value: Any) -> int | None:
    """A count that is said; anything else is unknown, never zero (R2)."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return int(value) if 0 <= value < 10**15 else None
    if isinstance(value, list | tuple):
        # comments may be given as the comments themselves
        return len(value) if value and not isinstance(value[0], str | int) else parse_count(_text(value))
    return parse_count(_text(value))


def _instant(value: Any, source: Source, now: datetime) -> datetime | None:
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=ZoneInfo(source.timezone))).astimezone(UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=ZoneInfo(source.timezone)).astimezone(UTC)
    if isinstance(value, float):
        value = int(value)
    text = _text(value)
    return parse_date(text, now=now, timezone=source.timezone) if text else None
