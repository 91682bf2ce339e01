"""What an organisation's own spider yields, in whatever shape and language, to a Post and a Reading."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from itemadapter import ItemAdapter

from ..domain import Post, Reading, Source
from ..extract import canonical_url, clean, parse_count, parse_date, plain_text

LONGEST_TITLE, LONGEST_TEXT, LONGEST_NAME = 500, 200_000, 200

ALIASES: Mapping[str, tuple[str, ...]] = {
    "url": ("url", "link", "href", "page_url", "article_url", "news_url", "链接", "网址", "地址", "原文链接"),
    "title": ("title", "headline", "subject", "news_title", "article_title", "标题", "题目", "主题"),
    "text": ("text", "content", "body", "article", "article_content", "news_content", "正文", "内容", "全文"),
    "published_at": (
        *("published_at", "pub_time", "publish_time", "published_time", "pub_date", "publish_date", "published"),
        *("post_time", "create_time", "created_at", "date", "time", "datetime"),
        *("发布时间", "发表时间", "发布日期", "发帖时间", "时间", "日期"),
    ),
    "author": ("author", "user", "username", "user_name", "writer", "nickname", "作者", "用户", "楼主", "发帖人"),
    "source_name": ("source_name", "source", "media", "origin", "来源", "媒体", "稿源"),
    "reads": (
        *("reads", "read", "read_count", "read_num", "views", "view", "view_count", "view_num", "hits", "pv"),
        *("clicks", "click", "click_count", "click_num"),
        *("点击", "点击量", "点击数", "阅读", "阅读量", "阅读数", "浏览", "浏览量", "浏览数", "查看", "播放量"),
    ),
    "comments": (
        *("comments", "comment", "comment_count", "comment_num", "comments_count"),
        *("replies", "reply", "reply_count", "reply_num"),
        *("评论", "评论数", "评论量", "回复", "回复数", "回帖数", "跟帖", "跟帖数"),
    ),
    "reposts": (
        *("reposts", "repost", "repost_count", "reposts_count", "shares", "share", "share_count", "forwards"),
        *("forward", "forward_count", "转发", "转发数", "转发量", "转载", "分享", "分享数"),
    ),
    "hot": ("hot", "heat", "hot_value", "hot_score", "热度", "热度值", "参与", "参与数", "参与人数"),
}
_SPELLING = re.compile(r"[\s_-]+")
_KNOWN = {_SPELLING.sub("", alias): field for field, aliases in ALIASES.items() for alias in aliases}
_MARKUP = re.compile(r"</?(?:p|br|div|span|a|b|em|strong|font|img|h[1-6]|ul|li|table|section|script)\b", re.IGNORECASE)


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
    given = ItemAdapter(item).asdict()
    fields = _fields(given)
    link = _text(fields.get("url"))
    url = canonical_url(link, source.urls[0] if source.urls else "") if link else ""
    text = _text(fields.get("text"), lines=True)[:LONGEST_TEXT]
    title = _text(fields.get("title")) or text.partition("\n")[0][:80]
    if not url or not title:
        raise BadItem(f"an item without {'url' if not url else 'title'}: its fields are {', '.join(given)[:200]}")
    post = Post(
        url=url,
        source=source.id,
        title=title[:LONGEST_TITLE],
        text=text,
        site=source.site,
        mainstream=source.mainstream,
        published_at=_instant(fields.get("published_at"), source, now),
        fetched_at=now,
        author=_text(fields.get("author"))[:LONGEST_NAME],
        source_name=_text(fields.get("source_name"))[:LONGEST_NAME],
    )
    counts = {name: _count(fields.get(name)) for name in ("reads", "comments", "reposts", "hot")}
    return Found(post, Reading(url=url, at=now, **counts))


def _fields(given: Mapping[Any, Any]) -> dict[str, Any]:
    """What an item says of each field, under the first of its names that says something; spelling is forgiven.

    >>> _fields({"pubTime": "3小时前", "Read-Count": "7", "reads": None, "likes": 5})
    {'published_at': '3小时前', 'reads': '7'}
    """
    spelt = {_SPELLING.sub("", str(name)).lower(): value for name, value in given.items()}
    found: dict[str, Any] = {}
    for alias, field in _KNOWN.items():
        value = spelt.get(alias)
        if field not in found and value is not None and value not in ("", []):
            found[field] = value
    return found


def _text(value: Any, *, lines: bool = False) -> str:
    """Plain text of a value; a list of strings, as ``getall()`` gives it, is joined."""
    if isinstance(value, list | tuple):
        return ("\n" if lines else " ").join(filter(None, (_text(part, lines=lines) for part in value)))
    if value is None or isinstance(value, Mapping):
        return ""
    text = clean(str(value))
    if _MARKUP.search(text):
        text = plain_text(text)
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
