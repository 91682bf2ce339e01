"""What each host's robots.txt said, for all crawls of a worker."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from protego import Protego

from ..domain import Source
from ..extract import decode
from .fetcher import Fetcher, Odd, Unfetched
from .guard import Refused
from .politeness import LONGEST_DELAY

GOOD_FOR = 24 * 3600.0
BAD_FOR = 3600.0
UNREACHABLE_FOR = 60.0
MOST_HOSTS = 20_000
LONGEST, LONGEST_KEPT = 512_000, 16_384


@dataclass(frozen=True, slots=True)
class Rules:
    """A robots.txt until it is old. Without a parser everything is allowed, or nothing: ``closed`` says why."""

    until: float
    parser: Protego | None = None
    closed: str = ""
    text: str = ""

    @classmethod
    def reading(cls, text: str, until: float) -> Rules:
        """The rules of a text."""
        return cls(until, Protego.parse(text) if text.strip() else None, text=text)

    def refusal(self, url: str, user_agent: str) -> str:
        """Why a URL must not be asked for; ``""`` if it may."""
        if self.closed:
            return self.closed
        if self.parser is not None and not self.parser.can_fetch(url, user_agent):
            return f"robots.txt disallows {url}"
        return ""

    def crawl_delay(self, user_agent: str) -> float | None:
        """Seconds between two requests, if it says so; a minute at most."""
        said = self.parser.crawl_delay(user_agent) if self.parser is not None else None
        return min(said, LONGEST_DELAY) if said else None

    def in_words(self, url: str, user_agent: str) -> str:
        """What it says of a URL, for a person.

        >>> Rules(0).in_words("http://example.com/", "bot")
        'there is none, so everything is allowed'
        >>> Rules(0, Protego.parse("User-agent: *\\nCrawl-delay: 7")).in_words("http://example.com/", "bot")
        'allowed, with 7 s between two requests'
        """
        if why := self.refusal(url, user_agent):
            return why
        if self.parser is None:
            return "there is none, so everything is allowed"
        delay = self.crawl_delay(user_agent)
        return f"allowed, with {delay:g} s between two requests" if delay else "allowed"


@dataclass(slots=True)
class RobotsCache:
    """Rules by scheme and host. Whoever asks first fetches; ``lock`` makes the others wait for it."""

    clock: Callable[[], float] = time.time
    rules: dict[str, Rules] = field(default_factory=dict)
    locks: dict[str, asyncio.Lock] = field(default_factory=dict)

    def get(self, origin: str) -> Rules | None:
        """The rules that still apply."""
        rules = self.rules.get(origin)
        return rules if rules is not None and rules.until > self.clock() else None

    def lock(self, origin: str) -> asyncio.Lock:
        """Held while an origin's robots.txt is fetched."""
        return self.locks.setdefault(origin, asyncio.Lock())

    def answered(self, origin: str, status: int, body: str) -> Rules:
        """Keep what a server answered: rules, none at all, or an error, after which it is not asked for an hour."""
        if status >= 500 or status == 429:
            return self._unread(origin, f"HTTP {status}", BAD_FOR)
        return self._keep(origin, Rules.reading(body if 200 <= status < 300 else "", self.clock() + GOOD_FOR))

    def unreachable(self, origin: str, reason: str) -> Rules:
        """Nobody answered: it is not asked for a minute."""
        return self._unread(origin, reason, UNREACHABLE_FOR)

    def _unread(self, origin: str, reason: str, seconds: float) -> Rules:
        """What was known before still applies; where nothing was, the site is closed."""
        known, until = self.rules.get(origin), self.clock() + seconds
        if known is not None and not known.closed:
            return self._keep(origin, replace(known, until=until))
        return self._keep(origin, Rules(until, closed=f"robots.txt cannot be read: {reason}"))

    def to_store(self, origins: Iterable[str]) -> dict[str, list[Any]]:
        """What is known of some origins, for a source's state: it outlives this worker."""
        known = {origin: self.rules[origin] for origin in origins if origin in self.rules}
        return {
            origin: [int(rules.until), rules.text]
            for origin, rules in known.items()
            if not rules.closed and len(rules.text) <= LONGEST_KEPT
        }

    def recall(self, stored: Mapping[str, Any]) -> None:
        """Take up again what a former worker knew and is still good; what was asked meanwhile goes before it."""
        now = self.clock()
        for origin, kept in stored.items():
            match kept:
                case [int(until), str(text)] if origin not in self.rules and now < until <= now + GOOD_FOR:
                    self._keep(origin, Rules.reading(text, until))

    def _keep(self, origin: str, rules: Rules) -> Rules:
        if len(self.rules) >= MOST_HOSTS:
            now = self.clock()
            self.rules = {host: each for host, each in self.rules.items() if each.until > now}
            self.locks = {host: lock for host, lock in self.locks.items() if lock.locked()}
        self.rules[origin] = rules
        return rules


class Robots:
    """Asks each host's robots.txt before anything else, and applies its Crawl-delay."""

    def __init__(self, fetcher: Fetcher) -> None:
        self.fetcher = fetcher
        self.cache = RobotsCache()

    async def check(self, url: str, source: Source) -> None:
        """Raise ``Refused`` for what the rules disallow, unless the configuration gives a reason to ignore them."""
        if source.ignore_robots:
            return
        if why := self.fetcher.permits.reason(url, source):
            raise Refused(why)
        agent = self.fetcher.settings.user_agent
        rules = await self._rules(origin_of(url), source)
        delay = rules.crawl_delay(agent)
        if delay:
            self.fetcher.gate.slow_down(url, delay)
        if why := rules.refusal(url, agent):
            raise Refused(why)

    def in_words(self, url: str) -> str:
        """What is known of a URL's robots.txt, for a person; empty where nobody asked."""
        rules = self.cache.get(origin_of(url))
        return rules.in_words(url, self.fetcher.settings.user_agent) if rules else ""

    def sitemaps(self, url: str) -> list[str]:
        """The sitemaps that a URL's robots.txt names, if it is known."""
        rules = self.cache.get(origin_of(url))
        return list(rules.parser.sitemaps) if rules and rules.parser else []

    async def _rules(self, origin: str, source: Source) -> Rules:
        known = self.cache.get(origin)
        if known is not None:
            return known
        async with self.cache.lock(origin):
            return self.cache.get(origin) or await self._fetch(origin, source)

    async def _fetch(self, origin: str, source: Source) -> Rules:
        try:
            answer = await self.fetcher.get(f"{origin}/robots.txt", source)
        except (Unfetched, Odd) as error:
            return self.cache.unreachable(origin, str(error))
        return self.cache.answered(origin, answer.status, decode(_whole_lines(answer.body)))


def _whole_lines(body: bytes) -> bytes:
    """As much as is read of a robots.txt: half a rule would say something else than the whole of it."""
    return body if len(body) <= LONGEST else body[:LONGEST].rpartition(b"\n")[0]


def origin_of(url: str) -> str:
    """The scheme and host of a URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
