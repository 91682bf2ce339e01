"""JSON as sites send it, and JSON pointers (RFC 6901) into it."""

from __future__ import annotations

import json
import re
from typing import Any

from .decode import decode

_CALLBACK = re.compile(r"^\s*[\w.$]+\s*\(\s*([\[{].*[\]}])\s*\)\s*;?\s*$", re.DOTALL)


def load_json(body: bytes) -> Any:
    """The value of a JSON answer, also of one that is wrapped in a call; ``None`` if it cannot be read.

    >>> load_json(b'jsonp_7({"a": 1});'), load_json(b"<html>")
    ({'a': 1}, None)
    """
    text = decode(body)
    wrapped = _CALLBACK.match(text)
    try:
        return json.loads(wrapped[1] if wrapped else text)
    except (ValueError, RecursionError):
        return None


def pointer_steps(pointer: str) -> list[str]:
    """The steps of a pointer. Raises ``ValueError`` for one that does not start with a slash."""
    if pointer and not pointer.startswith("/"):
        raise ValueError(f"not a JSON pointer: {pointer!r}: want it to start with /")
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def resolve_pointer(data: Any, pointer: str) -> Any:
    """What a pointer leads to, or ``None``. Raises ``ValueError`` as ``pointer_steps`` does.

    >>> resolve_pointer({"data": [{"a/b": 7}]}, "/data/0/a~1b")
    7
    """
    for step in pointer_steps(pointer):
        if isinstance(data, list):
            data = data[int(step)] if step.isascii() and step.isdecimal() and int(step[:9]) < len(data) else None
        elif isinstance(data, dict):
            data = data.get(step)
        else:
            return None
    return data


def json_text(value: Any) -> str:
    """A JSON value as text on one line; an object gives its text or address, a list nothing."""
    if isinstance(value, dict):
        value = value.get("text") or value.get("url") or ""
    return "" if value is None or isinstance(value, bool | list | dict) else " ".join(str(value).split())
