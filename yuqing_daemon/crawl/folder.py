"""Scrapy's own commands in the ``spiders`` folder: they find the spiders as the daemon does, file by file."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Self

from scrapy import Request, Spider
from scrapy.settings import BaseSettings
from scrapy.utils.conf import closest_scrapy_cfg

from .loader import load_folder

log = logging.getLogger(__name__)


class FolderLoader:
    """Scrapy's ``SPIDER_LOADER_CLASS`` for the folder of the nearest ``scrapy.cfg``."""

    def __init__(self, folder: Path) -> None:
        self.spiders = load_folder(folder)
        for problem in self.spiders.problems:
            log.warning("%s", problem)

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        """Called by Scrapy."""
        return cls(Path(closest_scrapy_cfg() or "scrapy.cfg").absolute().parent)

    def load(self, spider_name: str) -> type[Spider]:
        """The spider of a name. Raises ``KeyError``."""
        try:
            return self.spiders.by_name[spider_name]
        except KeyError:
            raise KeyError(f"Spider not found: {spider_name}") from None

    def find_by_request(self, request: Request) -> list[str]:
        """The spiders that say they handle a request's site."""
        return [name for name, spider in self.spiders.by_name.items() if spider.handles_request(request)]

    def list(self) -> list[str]:
        """The names of all spiders."""
        return sorted(self.spiders.by_name)
