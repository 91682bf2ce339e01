"""Sitemaps: which pages a site says it has, news sitemaps and indexes included."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import etree  # type: ignore[import-untyped]

from .dates import parse_date
from .decode import decode
from .layout import CONTROL, Element, plain_text
from .urls import canonical_url

_ROOT = re.compile(r"<(?:\w+:)?(?:urlset|sitemapindex)\b", re.IGNORECASE)
_HEAD = 65536
_GZIP = b"\x1f\x8b"
_GZIP_WINDOW = 31
_LARGEST = 10 * 1024 * 1024
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SitemapEntry:
    """One page; ``title`` and ``published_at`` only in news sitemaps. Instants are aware UTC."""

    url: str
    lastmod: datetime | None = None
    title: str = ""
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sitemap:
    """The pages of a sitemap, and the sitemaps an index names."""

    entries: tuple[SitemapEntry, ...] = ()
    children: tuple[SitemapEntry, ...] = ()


def read_sitemap(body: bytes, url: str) -> Sitemap:
    """Read a sitemap: XML, plain text, or either under gzip; only the first 10 MB, so a bomb stays small.

    Bytes that are no sitemap give an empty one.
    """
    text = CONTROL.sub("", decode(_unpack(body)))
    start = _ROOT.search(text, 0, _HEAD)
    if start is None:
        return Sitemap(tuple(_plain(text)))
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(text[start.start() :].encode("utf-8"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return Sitemap()
    if root is None:
        return Sitemap()
    return Sitemap(tuple(_entries(root, "url", url)), tuple(_entries(root, "sitemap", url)))


def _unpack(body: bytes) -> bytes:
    if not body.startswith(_GZIP):
        return body[:_LARGEST]
    try:
        return zlib.decompressobj(_GZIP_WINDOW).decompress(body, _LARGEST)
    except zlib.error:
        return b""


def _plain(text: str) -> Iterator[SitemapEntry]:
    """One URL a line, if that is all there is."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if lines and all(line.startswith(("http://", "https://")) and " " not in line for line in lines):
        yield from (SitemapEntry(url) for line in lines if (url := canonical_url(line)))


def _entries(root: Element, name: str, base: str) -> Iterator[SitemapEntry]:
    for element in root.iter(f"{{*}}{name}"):
        parts: dict[str, str] = {}
        for part in element.iter("{*}*"):
            parts.setdefault(etree.QName(part).localname.lower(), " ".join((part.text or "").split()))
        url = canonical_url(parts.get("loc", ""), base)
        if url:
            published = _date(parts.get("publication_date", ""))
            yield SitemapEntry(url, _date(parts.get("lastmod", "")), plain_text(parts.get("title", "")), published)


def _date(text: str) -> datetime | None:
    return parse_date(text, now=_LONG_AGO) if text[:4].isdigit() else None
