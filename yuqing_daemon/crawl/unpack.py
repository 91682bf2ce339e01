"""Undo the compression of an answer, however large it wants to become; pure."""

from __future__ import annotations

import zlib

_GZIP, _ZLIB, _RAW = 31, 15, -15


class TooLarge(Exception):
    """There is more than may be read."""


def unpack(body: bytes, encoding: str, most: int) -> bytes:
    """The bytes of a page, at most so many. A packed page that breaks off gives what there is.

    Raises:
        TooLarge: it would become larger.
        LookupError: an encoding that was not asked for.

    >>> import gzip
    >>> unpack(gzip.compress(b"hello"), "gzip", 100), unpack(b"hello", "", 100)
    (b'hello', b'hello')
    >>> unpack(gzip.compress(bytes(1000)), "GZIP", 100)
    Traceback (most recent call last):
    ...
    yuqing_daemon.crawl.unpack.TooLarge
    """
    names = [name for name in encoding.lower().replace(" ", "").split(",") if name not in ("", "identity")]
    if len(body) > most:
        raise TooLarge
    if not names or not body:
        return body
    if len(names) > 1 or names[0] not in ("gzip", "x-gzip", "deflate"):
        raise LookupError(f"the encoding {encoding[:50]!r} was not asked for")
    if names[0] != "deflate" and not body.startswith(b"\x1f\x8b"):
        return body  # said to be packed, and is not
    return _inflate(body, names[0], most)


def _inflate(body: bytes, name: str, most: int) -> bytes:
    wbits = _GZIP if name != "deflate" else _ZLIB if body[0] & 0x0F == 8 and not int.from_bytes(body[:2]) % 31 else _RAW
    parts: list[bytes] = []
    left = most + 1
    while body and left > 0:
        machine = zlib.decompressobj(wbits)
        try:
            part = machine.decompress(body, left)
        except zlib.error as error:
            if not parts:
                raise ValueError(f"not {name}: {error}") from error
            break  # rubbish behind the end
        parts.append(part)
        left -= len(part)
        body = machine.unused_data if wbits == _GZIP else b""
    if left <= 0:
        raise TooLarge
    return b"".join(parts)
