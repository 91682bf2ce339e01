"""Feeds: RSS 0.9x and 2.0, RDF, Atom and JSON Feed, as they are and not as they should be."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from lxml import etree  # type: ignore[import-untyped]

from .counters import parse_count
from .dates import parse_date
from .decode import decode
from .doubts import AHEAD
from .layout import CONTROL, Element, clean, parse_html, plain_text
from .urls import canonical_url

_ROOT = re.compile(r"<(?:rss|feed|(?:\w+:)?RDF|channel|\w+:feed)\b", re.IGNORECASE)
_HEAD = 65536
_PERIODS = {"hourly": 60, "daily": 1440, "weekly": 10080, "monthly": 43200, "yearly": 525600}
_FEED_TYPES = re.compile(r"application/(?:rss|atom|rdf)\+xml|application/feed\+json", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed; ``text`` is plain, ``published_at`` aware UTC."""

    url: str
    title: str
    text: str
    published_at: datetime | None
    author: str


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed; ``ttl`` is how long its publisher asks to wait between two visits."""

    title: str
    entries: tuple[Entry, ...]
    ttl: timedelta | None


def read_feed(
    body: bytes,
    *,
    url: str,
    content_type: str = "",
    fetched_at: datetime,
    encoding: str = "",
    timezone: str = "Asia/Shanghai",
) -> Feed | None:
    """Read a feed; ``None`` when the bytes are none. Entries without an http(s) URL are left out.

    Broken XML is read as far as it goes; declared entities are neither expanded nor fetched.
    """
    text = CONTROL.sub("", decode(body, content_type=content_type, encoding=encoding))
    reader = _Reader(url, fetched_at, timezone)
    if text.lstrip()[:1] == "{":
        return reader.json_feed(text)
    start = _ROOT.search(text, 0, _HEAD)
    if start is None:
        return None
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(_bare_ampersands(text[start.start() :]).encode("utf-8"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    return None if root is None else reader.xml_feed(root)


def find_feed_links(html: str, url: str) -> list[str]:
    """The feeds a page says it has, canonical, each once."""
    root = parse_html(html)
    if root is None:
        return []
    links = (link for link in root.iter("link") if _FEED_TYPES.search(link.get("type") or ""))
    found = (canonical_url(link.get("href") or "", url) for link in links)
    return list(dict.fromkeys(link for link in found if link))


@dataclass(frozen=True, slots=True)
class _Reader:
    """What the entries of one feed are read against."""

    url: str
    now: datetime
    timezone: str

    def xml_feed(self, root: Element) -> Feed:
        channel = next((child for child in root if _name(child) == "channel"), root)
        items = [element for element in root.iter() if _name(element) in ("item", "entry")]
        entries = self.dated(tuple(map(self.xml_entry, items)))
        title = plain_text(_text(_children(channel), "title"))
        return Feed(title, tuple(entry for entry in entries if entry.url), _ttl(_children(channel)))

    def xml_entry(self, item: Element) -> Entry:
        parts = _children(item)
        text = max(
            (plain_text(_content(part)) for part in _named(parts, "encoded", "content", "description", "summary")),
            key=len,
            default="",
        )
        return Entry(
            url=canonical_url(_link(parts), urljoin(self.url, item.base or "")),
            title=plain_text(_text(parts, "title")),
            text=text,
            published_at=self.date(
                _text(parts, "pubdate", "published", "date", "issued", "created", "updated", "modified")
            ),
            author=plain_text(_text(parts, "creator", "author")),
        )

    def json_feed(self, text: str) -> Feed | None:
        try:
            feed = json.loads(text)
        except (ValueError, RecursionError):
            return None
        if (
            not isinstance(feed, dict)
            or not isinstance(feed.get("items"), list)
            or "jsonfeed" not in str(feed.get("version"))
        ):
            return None
        entries = self.dated(tuple(self.json_entry(item) for item in feed["items"] if isinstance(item, dict)))
        return Feed(plain_text(_string(feed, "title")), tuple(entry for entry in entries if entry.url), None)

    def json_entry(self, item: dict[str, Any]) -> Entry:
        authors = item.get("authors") or [item.get("author")]
        author = authors[0] if isinstance(authors, list) else authors
        return Entry(
            url=canonical_url(_string(item, "url", "external_url") or _address(_string(item, "id")), self.url),
            title=plain_text(_string(item, "title")),
            text=clean(_string(item, "content_text")) or plain_text(_string(item, "content_html", "summary")),
            published_at=self.date(_string(item, "date_published", "date_modified")),
            author=plain_text(_string(author, "name")) if isinstance(author, dict) else "",
        )

    def dated(self, entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
        """The entries; with local times that are labelled GMT taken as local, which shows by their lying ahead."""
        offset = self.now.astimezone(ZoneInfo(self.timezone)).utcoffset() or timedelta()
        newest = max((entry.published_at for entry in entries if entry.published_at), default=self.now)
        if not AHEAD < newest - self.now <= offset:
            return entries
        return tuple(replace(each, published_at=each.published_at and each.published_at - offset) for each in entries)

    def date(self, text: str) -> datetime | None:
        return parse_date(text, now=self.now, timezone=self.timezone) if text else None


def _bare_ampersands(text: str) -> str:
    """Ampersands and HTML entities that XML does not know, escaped, so that the parser does not drop them."""
    return re.sub(r"&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-fA-F]+);)", "&amp;", text)


def _name(element: Element) -> str:
    """The name of an element in lower case, without its namespace."""
    tag = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(tag, str) else ""


def _children(element: Element) -> list[tuple[str, Element]]:
    return [(_name(child), child) for child in element]


def _named(parts: list[tuple[str, Element]], *names: str) -> Iterator[Element]:
    return (element for wanted in names for name, element in parts if name == wanted)


def _content(element: Element) -> str:
    if len(element):
        return str(etree.tostring(element, encoding="unicode", with_tail=False))
    return (element.text or "").strip()


def _text(parts: list[tuple[str, Element]], *names: str) -> str:
    for element in _named(parts, *names):
        inner = next((child for child in element if _name(child) == "name"), element)
        if _content(inner):
            return " ".join(_content(inner).split())
    return ""


def _link(parts: list[tuple[str, Element]]) -> str:
    """Where an entry leads: RSS gives text, Atom an attribute, some only a guid."""
    links = list(_named(parts, "link"))
    for element in links:
        if _content(element):
            return _content(element)
    shown = [element for element in links if element.get("rel", "alternate") == "alternate"]
    for element in shown or links:
        if element.get("href"):
            return str(element.get("href"))
    guid = next((_content(found) for found in _named(parts, "guid", "id", "origlink")), "")
    return _address(guid)


def _address(name: str) -> str:
    """A guid or id, if it is a web address."""
    return name if name.startswith("http") else ""


def _ttl(parts: list[tuple[str, Element]]) -> timedelta | None:
    minutes = parse_count(_text(parts, "ttl"))
    period = _PERIODS.get(_text(parts, "updateperiod").lower())
    if not minutes and period:
        minutes = period // max(parse_count(_text(parts, "updatefrequency")) or 1, 1)
    return timedelta(minutes=min(minutes, _PERIODS["yearly"])) if minutes else None


def _string(value: dict[str, Any], *names: str) -> str:
    return next((value[name].strip() for name in names if isinstance(value.get(name), str) and value[name].strip()), "")
