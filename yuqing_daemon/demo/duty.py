"""The person on duty: takes the link out of the mail that came, opens the page, and presses its button."""

from __future__ import annotations

import http.client
import re
from urllib.parse import urlsplit

from .sinks import Received

_LINK = re.compile(r"https?://\S+/ack/\S+")


def link_in(mail: Received) -> str:
    """The acknowledgement link of a mail; empty if it has none."""
    found = _LINK.search(mail.text)
    return found[0] if found else ""


def open_page(link: str) -> int:
    """What a browser, or a mail scanner, does with the link; returns the status."""
    return _ask("GET", link)


def press_button(link: str) -> int:
    """What the page's button does; returns the status."""
    return _ask("POST", link)


def _ask(method: str, link: str) -> int:
    parts = urlsplit(link)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    try:
        connection.request(method, parts.path)
        reply = connection.getresponse()
        reply.read()
        return reply.status
    finally:
        connection.close()
