"""What a source's state remembers from one visit to the next, pure.

{"validators": {list url: {"ETag": ..., "Last-Modified": ...}},   sent back exactly as received
 "recent":     {url hash: text mark, ...},                        newest last; only URLs whose post was delivered
 "failed":     {url: tries, ...},                                 pages that could not be read; then visits waited
 "bodies":     {list url: mark of its bytes},
 "lists":      {list url: mark of its links},
 "anchors":    {list url: mark of the markup of its links},
 "sizes":      {list url: how many links it has},
 "rests":      {list url: seconds its feed asks to be left alone},
 "robots":     {origin: [until when, its robots.txt], ...},
 "declared":   mark of how the source was declared when all this was kept,
 "kind":       {list url: what the auto spider found there, "feed ADDRESS" if it stands elsewhere},
 "shapes":     {list url: [what its article links looked like then, ...]}}
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..domain import Source
from ..extract import url_hash
from .settings import VERSION

LEAST_RECENT, MOST_RECENT = 1000, 5000
MOST_FAILED = 500
MOST_TRIES = 3
AGAIN = (8, 16, 32, 64)  # visits after which a page that was given up is asked for once more
NO_TEXT = 0


def text_mark(text: str) -> int:
    """A mark that changes with a text; 0 for none.

    >>> text_mark(""), text_mark("a") == text_mark("a"), text_mark("a") == text_mark("b")
    (0, True, False)
    """
    return zlib.crc32(text.encode("utf-8", "surrogatepass")) if text else NO_TEXT


def body_mark(body: bytes) -> str:
    """A mark that changes with every byte of a page."""
    return hashlib.sha256(body).hexdigest()[:16]


def declared_mark(source: Source) -> str:
    """A mark that changes with what is written about a source, and with the program that reads it."""
    return body_mark(repr((VERSION, source.spider, source.urls, source.encoding, source.options)).encode())


def list_mark(lines: Iterable[str]) -> str:
    """A mark that changes with what a list shows."""
    return body_mark("\n".join(lines).encode("utf-8", "surrogatepass"))


@dataclass(slots=True)
class Memory:
    """A source's state while it is visited. It forgets the validators when a visit leaves something unread."""

    validators: dict[str, dict[str, str]] = field(default_factory=dict)
    recent: dict[str, int] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=dict)
    bodies: dict[str, str] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)
    anchors: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    rests: dict[str, int] = field(default_factory=dict)
    robots: dict[str, Any] = field(default_factory=dict)
    declared: str = ""
    kind: dict[str, str] = field(default_factory=dict)
    shapes: dict[str, list[str]] = field(default_factory=dict)
    listed: int = 0

    @classmethod
    def of(cls, state: Mapping[str, Any], declared: str = "") -> Memory:
        """The memory of a state; whatever in it has another shape is forgotten.

        What is known of the lists counts only for a source that is ``declared`` as it was.
        """
        posts = {name: state.get(name) for name in ("recent", "failed", "kind", "robots")}
        return cls._of(state if state.get("declared", "") == declared else posts, declared)

    @classmethod
    def _of(cls, state: Mapping[str, Any], declared: str) -> Memory:
        validators = _mapping(state, "validators")
        return cls(
            declared=declared,
            validators={url: _strings(kept) for url, kept in validators.items() if isinstance(kept, Mapping)},
            recent=_numbers(_mapping(state, "recent")),
            failed=_numbers(_mapping(state, "failed")),
            bodies=_strings(_mapping(state, "bodies")),
            lists=_strings(_mapping(state, "lists")),
            anchors=_strings(_mapping(state, "anchors")),
            sizes=_numbers(_mapping(state, "sizes")),
            rests=_numbers(_mapping(state, "rests")),
            robots=dict(_mapping(state, "robots")),
            kind=_strings(_mapping(state, "kind")),
            shapes={url: _texts(kept) for url, kept in _mapping(state, "shapes").items()},
        )

    def knows(self, url: str) -> bool:
        """Whether the post of a canonical URL was delivered; a URL that is still listed is kept longer."""
        key = url_hash(url)
        if key not in self.recent:
            return False
        self.recent[key] = self.recent.pop(key)
        return True

    def has_changed(self, url: str, text: str) -> bool:
        """Whether a URL is unknown, or has a text now that is not the one delivered for it."""
        known = self.recent.get(url_hash(url))
        return known is None or (bool(text) and known != text_mark(text))

    def remember(self, url: str, text: str) -> None:
        """Its post is in this result."""
        self.recent.pop(url_hash(url), None)
        self.recent[url_hash(url)] = text_mark(text)
        self.failed.pop(url, None)

    def count_failure(self, url: str) -> int:
        """One more failed try; how many there were."""
        self.failed[url] = self.failed.pop(url, 0) + 1
        return self.failed[url]

    def is_given_up(self, url: str) -> bool:
        """Whether a page failed so often that it is left."""
        return self.failed.get(url, 0) >= MOST_TRIES

    def to_retry(self) -> list[str]:
        """The pages that failed before and deserve another try: at every visit, then ever more rarely, then no more."""
        return [url for url, tries in self.failed.items() if tries < MOST_TRIES or tries in AGAIN]

    def wait(self) -> None:
        """Count a visit for the pages that were given up and have no title to go by."""
        waiting = {url: tries + 1 for url, tries in self.failed.items() if MOST_TRIES <= tries < AGAIN[-1]}
        self.failed.update(waiting)

    def as_state(self, *, complete: bool) -> dict[str, Any]:
        """The state to store. If the visit is not ``complete``, the lists are read in full next time."""
        most = min(MOST_RECENT, max(LEAST_RECENT, 4 * self.listed))
        return {
            "validators": self.validators if complete else {},
            "recent": dict(list(self.recent.items())[-most:]),
            "failed": dict(list(self.failed.items())[-MOST_FAILED:]),
            "bodies": self.bodies if complete else {},
            "lists": self.lists if complete else {},
            "anchors": self.anchors if complete else {},
            "sizes": self.sizes,
            "rests": self.rests,
            "robots": self.robots,
            "declared": self.declared,
            "kind": self.kind,
            "shapes": self.shapes,
        }


def _mapping(state: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = state.get(name)
    return value if isinstance(value, Mapping) else {}


def _numbers(value: Mapping[str, Any]) -> dict[str, int]:
    return {key: number for key, number in value.items() if isinstance(number, int)}


def _strings(value: Mapping[str, Any]) -> dict[str, str]:
    return {key: text for key, text in value.items() if isinstance(text, str)}


def _texts(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
