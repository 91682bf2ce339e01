"""The person on duty: takes the link out of the mail that came, opens the page, and presses its button."""

from __future__ import annotations

import http.client
import re
from contextlib import closing, suppress
from urllib.parse import urlsplit

from .sinks import Received

_LINK = re.compile(r"https?://\S+/ack/\S+")


def link_in(mail: Received) -> str:
    """The acknowledgement link of a mail; empty if it has none."""
    found = _LINK.search(mail.text)
    return found[0] if found else ""


def open_page(link: str) -> None:
    """What a browser, or a mail scanner, does with the link."""
    _ask("GET", link)


def press_button(link: str) -> None:
    """What the page's button does."""
    _ask("POST", link)


def _ask(method: str, link: str) -> None:
    parts = urlsplit(link)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    # What came of it is seen in the daemon's record; that the daemon is gone, at the next look.
    with closing(connection), suppress(OSError, http.client.HTTPException):
        connection.request(method, parts.path)
        connection.getresponse().read()
