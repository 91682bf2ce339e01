"""``[heartbeat]`` in ``yuqing.toml``: who hears from us while all is well."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from pydantic import Field, WithJsonSchema

from .checks import web_url
from .documents import Document
from .secret import Secrets
from .settings import HeartbeatSettings
from .wanted import Table, Wanted

WANTED = "a URL with http or https, or where it stands"
Url = Annotated[
    Any,
    Wanted(WANTED, '{ env = "HEARTBEAT_URL" }'),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "object"}]}),
]
Every = Annotated[int, Field(ge=5, le=86_400), Wanted("seconds, a whole number from 5 to 86400", "60")]
TABLE = "heartbeat"


class HeartbeatTable(Table):
    """An address of a service that alarms when it does not hear from us. Without this table: none."""

    url: Url
    """What is asked for by GET; it may stand elsewhere: { env = "NAME" }."""
    every: Every = 60
    """Seconds between two times."""


def heartbeat_url(document: Document, secrets: Secrets) -> str:
    """The address, read from where it stands; one that is none becomes a problem of the file."""
    path = (TABLE, "url")
    given = document.get(*path)
    url = secrets.resolve(given, path)
    if given is None or not secrets.is_wanted or url == "":
        return ""  # there is none, nobody wants to know it, or it has been told of already
    try:
        return web_url(url if isinstance(url, str) else "")
    except ValueError:
        secrets.problems.append(document.problem(path, WANTED, 'url = "https://alive.example.com/yuqing"'))
        return ""


def heartbeat(table: HeartbeatTable | None, url: str) -> HeartbeatSettings | None:
    """The table as the daemon uses it."""
    return HeartbeatSettings(url=url, every=timedelta(seconds=table.every)) if table else None
