"""Scrapy's settings in an organisation's ``spiders`` folder: its spiders, tried by hand, as polite as in the daemon."""

from __future__ import annotations

from .settings import WorkerSettings

SPIDER_LOADER_CLASS = "yuqing_daemon.crawl.folder.FolderLoader"
_OURS = WorkerSettings()
USER_AGENT = _OURS.user_agent
ROBOTSTXT_OBEY = True
DOWNLOAD_DELAY = _OURS.gap
DOWNLOAD_MAXSIZE = _OURS.max_bytes
DOWNLOAD_TIMEOUT = _OURS.timeout
CONCURRENT_REQUESTS_PER_DOMAIN = 1
COOKIES_ENABLED = False
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
LOG_LEVEL = "WARNING"
