"""What a visit notices beside what it reads: a gate, a silence, a page worth keeping."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

from ..bus import Job, Kept
from ..domain import Article, Page, Reading
from ..extract import registrable_host
from ..extract.gate import find_gate
from ..rules.health import COUNTERS, Probe, Signs, Trouble

LARGEST_KEPT = 512 * 1024  # bytes
GOOD, GOOD_TEXT = 0.8, 200  # the confidence and the characters of a page worth keeping


@dataclass(slots=True, eq=False)
class Notes:
    """The signs of one visit, as they come."""

    job: Job
    away: Trouble = Trouble.NONE  # why a list did not come
    trouble: Trouble = Trouble.NONE  # what went wrong first
    lists: int = 0
    list_bytes: int = 0
    host: str = ""
    gate: str = ""
    bodies: dict[int, set[str]] = field(default_factory=dict)  # of pages that are no list: their addresses by mark
    looked: int = 0
    counted: dict[str, int] = field(default_factory=dict)
    rows: int = 0
    rows_counted: dict[str, int] = field(default_factory=dict)
    probes: list[Probe] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)

    def list_page(self, url: str, listed: str, body: bytes) -> None:
        """A list came in full: whether it is the page that was asked for, or a gate in front of it."""
        self.lists += 1
        self.list_bytes = max(self.list_bytes, len(body))
        host = registrable_host(url)
        self.host = self.host or (host if host != registrable_host(listed) else "")
        self.gate = self.gate or find_gate(body, url=url, asked=listed)

    def page(self, asked: str, body: bytes) -> None:
        """A page came that is no list; ``asked`` is its address before any redirect."""
        if body:
            self.bodies.setdefault(zlib.crc32(body), set()).add(asked)

    def reading(self, reading: Reading) -> None:
        """A page was looked at for counters."""
        self.looked += 1
        _count(reading, self.counted)

    def row(self, reading: Reading) -> None:
        """A list was looked at for the counters of one of its entries."""
        self.rows += 1
        _count(reading, self.rows_counted)

    def keep(self, page: Page, article: Article, reading: Reading) -> None:
        """A page that reads well: one of the few by which later readings are judged."""
        wanted = len(self.kept) < self.job.keep and len(page.body) <= LARGEST_KEPT
        if wanted and article.published_at and len(article.text) >= GOOD_TEXT and article.confidence >= GOOD:
            self.kept.append(Kept.of(page, article, reading))

    def probe(self, url: str, article: Article | None, reading: Reading) -> None:
        """A page that was kept came again; ``article`` is what is read from it now."""
        self.probes.append(
            Probe(
                url=url,
                title=article.title if article else "",
                chars=len(article.text) if article else 0,
                published_at=article.published_at if article else None,
                counters=tuple(name for name in COUNTERS if getattr(reading, name) is not None),
            )
        )

    def _same(self) -> int:
        """Pages with the very same bytes, if most are: one article at two addresses is nothing strange."""
        counts = [len(urls) for urls in self.bodies.values()]
        most = max(counts, default=0)
        return most if most > 1 and 2 * most > sum(counts) else 0

    def signs(self, *, items: int, is_idle: bool, is_read: bool) -> Signs:
        """All of it. ``is_read``: a list came, or something was found, so that one that did not is a flaw."""
        trouble = self.trouble or (Trouble.IDLE if is_idle else Trouble.NONE if is_read else self.away)
        return Signs(
            trouble=trouble,
            lists=self.lists,
            items=items,
            list_bytes=self.list_bytes,
            host=self.host,
            gate=self.gate,
            same=self._same(),
            looked=self.looked,
            counted=self.counted,
            rows=self.rows,
            rows_counted=self.rows_counted,
            probes=tuple(self.probes),
        )


def _count(reading: Reading, counted: dict[str, int]) -> None:
    for name in COUNTERS:
        counted[name] = counted.get(name, 0) + (getattr(reading, name) is not None)
