"""TOML in, frozen ``Settings`` out, or a ``ConfigError`` that names every problem with file, line, key and fix."""

from .example import write_example
from .loading import load, plugins_wanted, read_topics
from .node_file import load_node
from .regime_file import read_regime, regime_path, shipped_regimes
from .settings import (
    BusSettings,
    CrawlSettings,
    HeartbeatSettings,
    LogSettings,
    NodeSettings,
    NoticeSettings,
    Settings,
    WebSettings,
)
from .topic_checks import advice, shortened

__all__ = [
    "BusSettings",
    "CrawlSettings",
    "HeartbeatSettings",
    "LogSettings",
    "NodeSettings",
    "NoticeSettings",
    "Settings",
    "WebSettings",
    "advice",
    "load",
    "load_node",
    "plugins_wanted",
    "read_regime",
    "read_topics",
    "regime_path",
    "shipped_regimes",
    "shortened",
    "write_example",
]
