"""JSON lines as commands read them: one object a line, and errors that say what is wrong with one that is none."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any


def numbered(lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """The lines of a file by their number, without blank ones and without a mark of the byte order.

    >>> list(numbered([b"\\xef\\xbb\\xbf{}", b"", b"{}"]))
    [(1, b'{}'), (3, b'{}')]
    """
    for number, raw in enumerate(lines, 1):
        raw = raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw
        if raw.strip():
            yield number, raw


def read_object(raw: bytes, *, such_as: str) -> Mapping[str, Any]:
    """The object on a line; ``ValueError`` says what is wrong with one that has none.

    >>> read_object(b'{"id"', such_as='{"id": 1}')
    Traceback (most recent call last):
    ValueError: not JSON: Expecting ':' delimiter at column 6; want one JSON object a line
    """
    try:
        found = json.loads(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ValueError("not UTF-8; save the file as UTF-8") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} at column {error.colno}; want one JSON object a line") from error
    except RecursionError as error:
        raise ValueError("nested too deep; want one flat JSON object a line") from error
    if isinstance(found, dict):
        return found
    raise ValueError(f"want one JSON object a line, such as {such_as}")
