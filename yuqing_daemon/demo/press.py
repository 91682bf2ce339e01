"""What a site answers, as bytes: pages in the site's own encoding, feeds, and the hot list's JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from jinja2 import Environment, FunctionLoader, StrictUndefined

from .story import Site, Text

ZONE = ZoneInfo("Asia/Shanghai")
_LISTS = {"portal": "portal.html", "forum": "board.html", "feed": "feed.xml"}
_LIST_PATHS = {"portal": "/", "forum": "/board/12", "feed": "/rss.xml", "hotlist": "/api/hot.json"}
_TEXT_PATHS = {"forum": "/thread/{id}", "hotlist": "/topic/{id}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer over HTTP."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """One site's pages. ``base`` is its address, ``began_at`` the instant of the story's zero."""

    site: Site
    base: str
    began_at: datetime

    @property
    def list_url(self) -> str:
        """What is watched."""
        return self.base + _LIST_PATHS[self.site.kind]

    def path(self, text: Text) -> str:
        """Where a text stands."""
        return _TEXT_PATHS.get(self.site.kind, "/{day:%Y/%m%d}/c{id}.html").format(id=text.id, day=self._when(text))

    def answer(self, path: str, texts: tuple[Text, ...], *, tracker: str, known: str = "") -> Reply:
        """Answer a request for a path.

        Args:
            texts: what the site shows now.
            tracker: the parameter that differs from visit to visit in the links of a list.
            known: the ``If-None-Match`` of the request.
        """
        if path == "/robots.txt":
            return Reply(headers={"Content-Type": "text/plain"}, body=b"User-agent: *\nAllow: /\n")
        if path == _LIST_PATHS[self.site.kind]:
            return self._list(texts, tracker, known)
        found = next((text for text in texts if self.path(text) == path), None)
        if found is None:
            return Reply(status=404, headers={"Content-Type": "text/plain"}, body=b"not found")
        return self._page("thread.html" if self.site.kind == "forum" else "article.html", text=found)

    def _list(self, texts: tuple[Text, ...], tracker: str, known: str) -> Reply:
        etag = f'"{hashlib.sha256(repr(texts).encode()).hexdigest()[:16]}"'  # of what it says, not of the trackers
        if known == etag:
            return Reply(status=304, headers={"ETag": etag})
        if self.site.kind == "hotlist":
            body = json.dumps({"code": 200, "data": [self._entry(text) for text in texts]}, ensure_ascii=False).encode()
            return Reply(headers={"Content-Type": "application/json", "ETag": etag}, body=body)
        page = self._page(_LISTS[self.site.kind], texts=texts, tracker=tracker)
        return Reply(headers={**page.headers, "ETag": etag}, body=page.body)

    def _entry(self, text: Text) -> dict[str, object]:
        return {"title": text.title, "url": self.base + self.path(text), "hot": text.hot}

    def _page(self, template: str, **values: object) -> Reply:
        page = (
            _templates()
            .get_template(template)
            .render(
                site=self.site, base=self.base, charset=self.site.charset, path=self.path, when=self._shown, **values
            )
        )
        # Like many sites: the header names no encoding, the page itself does.
        label = "application/rss+xml" if template.endswith(".xml") else "text/html"
        return Reply(headers={"Content-Type": label}, body=page.encode(self.site.charset))

    def _when(self, text: Text) -> datetime:
        return (self.began_at + timedelta(seconds=text.at)).astimezone(ZONE)

    def _shown(self, text: Text, style: str = "page") -> str:
        at = self._when(text)
        return format_datetime(at) if style == "mail" else f"{at:%Y-%m-%d %H:%M}"


@cache
def _templates() -> Environment:
    return Environment(loader=FunctionLoader(_template), autoescape=True, undefined=StrictUndefined)


def _template(name: str) -> str:
    return files(__package__).joinpath("pages", name).read_text(encoding="utf-8")
