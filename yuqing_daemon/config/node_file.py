"""``yuqing.toml`` as a machine reads it that only crawls: the bus, its own spiders and workers, its log.

The same file as the main's will do, and so will two lines: what else stands there is the main's affair.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import ConfigDict

from ..errors import ConfigError
from .documents import read
from .explain import check
from .main_file import FILE, BusTable, CrawlTable, LogTable, bus_settings, crawl_settings, log_settings
from .secret import Secrets
from .settings import NodeSettings
from .wanted import Known, Table


class NodeFile(Table):
    """yuqing.toml of a crawl node"""

    model_config = ConfigDict(extra="ignore")

    bus: BusTable = BusTable()
    """How jobs travel."""
    crawl: CrawlTable = CrawlTable()
    """How sites are visited."""
    log: LogTable = LogTable()
    """How the daemon logs."""


def load_node(folder: Path, *, environ: Mapping[str, str] = os.environ) -> NodeSettings:
    """Read, check and build the settings of a crawl node.

    Raises:
        ConfigError: with every problem of what it reads; without [bus] url there is nothing for it to do.
    """
    document, problems = read(folder / FILE, if_absent="two lines will do: [bus] and url = ...")
    secrets = Secrets(document, folder, environ)
    bus = bus_settings(document, secrets)
    tables, table_problems = check(document, NodeFile, Known())
    problems += [*secrets.problems, *table_problems]
    if document.readable and not problems and not bus.url:
        problems.append(
            document.problem(("bus", "url"), "the Redis that the main uses", 'url = "redis://10.0.0.5:6379/0"')
        )
    if tables is None or problems:
        raise ConfigError(problems)
    crawl = crawl_settings(tables.crawl, folder)
    return NodeSettings(bus=bus, workers=crawl.workers, spiders=crawl.spiders, log=log_settings(tables.log))
