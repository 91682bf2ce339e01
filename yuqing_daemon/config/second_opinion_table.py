"""``[second_opinion]`` in ``yuqing.toml``: whom to ask about what is unsure, and within which bounds."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field, WithJsonSchema

from .checks import web_url
from .documents import Document
from .secret import Secrets
from .settings import SecondOpinionSettings
from .wanted import Count, Table, Text, Wanted

Url = Annotated[str, AfterValidator(web_url), Wanted("a URL with http or https", '"http://127.0.0.1:11434/v1"')]
Key = Annotated[
    Any,
    Wanted("a text, or where it stands", '{ env = "MODEL_KEY" }'),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "object"}]}),
]
Timeout = Annotated[int, Field(ge=1, le=120), Wanted("seconds, a whole number from 1 to 120", "20")]
TABLE = "second_opinion"


class SecondOpinionTable(Table):
    """A model behind an OpenAI-compatible address that is asked about what is unsure. Without this table: nobody."""

    base_url: Url
    """Where it is, without /chat/completions."""
    model: Text
    """Its name there."""
    api_key: Key = None
    """What it wants as a bearer token; it may stand elsewhere: { env = "NAME" }."""
    a_day: Count = 100
    """The most it is asked in a day of the organisation's zone."""
    timeout: Timeout = 20
    """Seconds to wait for an answer."""
    internal: bool = False
    """Whether it may be at a private or loopback address."""


def api_key(document: Document, secrets: Secrets) -> str:
    """The key, read from where it stands; empty if there is none."""
    key = secrets.resolve(document.get(TABLE, "api_key"), (TABLE, "api_key"))
    return key if isinstance(key, str) else ""


def second_opinion(table: SecondOpinionTable | None, key: str) -> SecondOpinionSettings | None:
    """The table as the daemon uses it."""
    if table is None:
        return None
    return SecondOpinionSettings(
        base_url=table.base_url,
        model=table.model,
        api_key=key,
        a_day=table.a_day,
        timeout=table.timeout,
        internal=table.internal,
    )
