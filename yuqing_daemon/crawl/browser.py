"""How a browser is started for sources with ``render = true``: one, with one page at a time, and no way out of it."""

from __future__ import annotations

import os
import shutil
from typing import Any

from ..errors import YuqingError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LOADS_WITHIN = 60_000
_NOWHERE = "127.0.0.1:9"  # the discard port
_ARGUMENTS = [
    f"--proxy-server=http://{_NOWHERE}",
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--js-flags=--max-old-space-size=256",
    "--renderer-process-limit=2",
    "--no-first-run",
]


class NoBrowser(YuqingError):
    """A source is to be rendered, and something that is needed for it is not installed."""


def browser_settings() -> dict[str, Any]:
    """Scrapy's settings for scrapy-playwright: one browser, one page at a time, and no way out of it.

    Raises ``NoBrowser``.
    """
    try:
        import scrapy_playwright.handler  # noqa: F401
    except ImportError as error:
        raise NoBrowser("render = true wants the extra render: pip install 'yuqing-daemon[render]'") from error
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        raise NoBrowser(f"render = true wants a Chromium: none of {', '.join(BROWSERS)} is installed")
    rootless = [] if os.geteuid() else ["--no-sandbox"]  # a browser has no sandbox for root
    return {
        "PLAYWRIGHT_LAUNCH_OPTIONS": {"executable_path": program, "args": [*_ARGUMENTS, *rootless]},
        "PLAYWRIGHT_MAX_CONTEXTS": 1,
        "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": 1,
        "PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT": LOADS_WITHIN,
        "PLAYWRIGHT_RESTART_DISCONNECTED_BROWSER": False,
        "PLAYWRIGHT_PROCESS_REQUEST_HEADERS": None,
    }
