"""TOML in, frozen ``Settings`` out, or a ``ConfigError`` that names every problem with file, line, key and fix."""

from .example import write_example
from .loading import load, plugins_wanted
from .node_file import load_node
from .settings import BusSettings, CrawlSettings, LogSettings, NodeSettings, Settings, WebSettings

__all__ = [
    "BusSettings",
    "CrawlSettings",
    "LogSettings",
    "NodeSettings",
    "Settings",
    "WebSettings",
    "load",
    "load_node",
    "plugins_wanted",
    "write_example",
]
