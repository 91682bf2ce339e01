"""TOML in, frozen ``Settings`` out, or a ``ConfigError`` that names every problem with file, line, key and fix."""

from .example import write_example
from .loading import load, plugins_wanted
from .settings import CrawlSettings, LogSettings, Settings, WebSettings

__all__ = ["CrawlSettings", "LogSettings", "Settings", "WebSettings", "load", "plugins_wanted", "write_example"]
