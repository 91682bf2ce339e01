"""What a crawl worker is told when it starts: the first line it reads."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

VERSION = "0.1"
HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSettings:
    """How a worker behaves.

    ``contact`` is what a site's owner finds in the User-Agent; ``enable``, ``disable`` and ``others`` are those of
    ``Plugins.load``; ``gap`` is the pause in seconds between two requests to one host, ``at_once`` how many may
    run beside each other there; ``silence`` and ``max_rss`` are the parent's limits, in seconds and bytes;
    ``renders``: it runs browsers, one at a time; ``turns``: the open file that keeps the turns of all workers,
    and ``leased``: whether other machines have turns too.
    """

    contact: str = ""
    spiders_dir: str = ""
    enable: tuple[str, ...] = ()
    disable: tuple[str, ...] = ()
    others: bool = True
    gap: float = 1.0
    at_once: int = 1
    timeout: float = 30.0
    max_bytes: int = 5 * 1024 * 1024
    max_depth: int = 5
    silence: float = 5.0
    max_rss: int = 512 * 1024 * 1024
    renders: bool = False
    turns: int = -1
    leased: bool = False

    @property
    def user_agent(self) -> str:
        """The name the crawler goes by.

        >>> WorkerSettings(contact="https://example.edu/crawler").user_agent
        'yuqing-daemon/0.1 (+https://example.edu/crawler)'
        """
        return f"yuqing-daemon/{VERSION}" + (f" (+{self.contact})" if self.contact else "")


_SETTINGS = TypeAdapter(WorkerSettings)


def settings_from_line(line: bytes) -> WorkerSettings:
    """The settings of a line of JSON. Raises ``ValueError``."""
    try:
        return _SETTINGS.validate_json(line)
    except ValidationError as error:
        raise ValueError(str(error)) from error
