"""Texts that have a grammar of their own: each check returns the value, or refuses it in plain words."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ..extract.addresses import literal_address, refuse_reason
from ..extract.select import compile_selector, split_selector
from .secret import reference
from .wanted import refusal

_MAIL = re.compile(r"[^@\s<>()\[\],;:\"\\]+@[^@\s<>()\[\],;:\"\\.]+(?:\.[^@\s<>()\[\],;:\"\\.]+)*")
_POINTER = re.compile(r"(?:/(?:[^~/]|~[01])*)*")
_LISTEN = re.compile(r"(?:\[[0-9A-Fa-f:]+\]|[^\s:/\[\]]+):[0-9]{1,5}")
_LONGEST_PATTERN = 500


def web_url(value: str) -> str:
    """An address a crawler or a browser can ask.

    >>> web_url("https://example.com/news/")
    'https://example.com/news/'
    """
    try:
        parts = urlsplit(value)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits or re.search(r"\s", value):
        raise refusal("a URL with http or https")
    if parts.username is not None or parts.password is not None:
        raise refusal("a URL without a user name: the daemon never logs in")
    return value


def target_url(value: str) -> str:
    """Where a webhook is posted to."""
    if not re.match(r"https?://[^/?#\s]", value):
        raise refusal("a URL with http or https", '"https://example.com/hook"')
    return value


def is_redis_url(value: object) -> bool:
    """Whether a value says where a Redis listens; rediss is Redis behind TLS.

    >>> is_redis_url("redis://:word@10.0.0.5:6379/0"), is_redis_url("10.0.0.5:6379")
    (True, False)
    """
    if not isinstance(value, str) or re.search(r"\s", value):
        return False
    try:
        parts = urlsplit(value)
        return parts.scheme in ("redis", "rediss") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def redis_url(value: object) -> object:
    """A Redis, or the place where its URL stands, which may hold a password."""
    if not is_redis_url(value) and not (isinstance(value, dict) and reference(value)):
        raise refusal("a URL with redis or rediss")
    return value


def is_inside(url: str) -> bool:
    """Whether a URL names, in whatever spelling, an address that is not public.

    >>> [is_inside(f"http://{host}/") for host in ("127.0.0.1", "0x7f000001", "10.1", "localhost", "example.com")]
    [True, True, True, True, False]
    """
    address = literal_address(urlsplit(url).hostname or "")
    return address is not None and bool(refuse_reason(address))


def selector(value: str) -> str:
    """A CSS selector, or an XPath expression behind ``xpath:``.

    >>> selector("div.list > a"), selector("xpath://h1/text()")
    ('div.list > a', 'xpath://h1/text()')
    """
    try:
        compile_selector(value)
    except (ValueError, RecursionError) as error:
        reason = str(error).removeprefix(f"not a selector: {value!r}: ")
        raise refusal(f"a CSS selector, or xpath: and an expression; this one fails: {reason}") from None
    return value


def field(value: str) -> str:
    """A selector, and behind a ``|`` a regular expression for the part that is wanted.

    >>> field("span.info|来源：(.+)$")
    'span.info|来源：(.+)$'
    """
    path, expression = split_selector(value)
    selector(path)
    if expression:
        pattern(expression)
    return value


def placeholder(value: str) -> str:
    """An address with ``{id}`` where the post's own number goes."""
    if "{id}" not in value:
        raise refusal("a URL with {id} where the post's id goes", '"https://a.example.com/count?id={id}"')
    return value


def pattern(value: str) -> str:
    """A regular expression, searched in a URL or a page."""
    if len(value) > _LONGEST_PATTERN:
        raise refusal(f"a regular expression of at most {_LONGEST_PATTERN} letters")
    try:
        re.compile(value)
    except (re.error, OverflowError, RecursionError) as error:
        raise refusal(f"a regular expression; this one fails: {error}") from None
    return value


def pointer(value: str) -> str:
    """A JSON pointer (RFC 6901); the empty one is the whole document."""
    if not _POINTER.fullmatch(value):
        raise refusal("a JSON pointer, each step behind a slash")
    return value


def mail_address(value: str) -> str:
    """What looks like an address; whether it exists only a message can tell."""
    if not _MAIL.fullmatch(value):
        raise refusal("a mail address", '"duty@example.com"')
    return value


def timezone(value: str) -> str:
    """A zone of the time zone database."""
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise refusal("a time zone by name") from None
    return value


def encoding(value: str) -> str:
    """A text encoding that Python knows."""
    try:
        "a".encode(value)
    except (LookupError, ValueError):
        raise refusal("an encoding by name") from None
    return value


def listen(value: str) -> str:
    """An address and a port to listen on.

    >>> host_and_port(listen("[::1]:8470"))
    ('::1', 8470)
    """
    if not _LISTEN.fullmatch(value) or host_and_port(value)[1] > 65_535:
        raise refusal("an address and a port")
    return value


def host_and_port(value: str) -> tuple[str, int]:
    """The two halves of a checked ``listen``."""
    host, _, port = value.rpartition(":")
    return host.removeprefix("[").removesuffix("]"), int(port)


def one_of(value: str, names: Iterable[str], what: str) -> str:
    """A name that is defined somewhere, or the nearest one as the fix."""
    known = sorted(names)
    if value not in known:
        raise refusal(f"{what}: {', '.join(known) or 'none is defined'}", fix=did_you_mean(value, known))
    return value


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The nearest known name as a question, or nothing.

    >>> did_you_mean("mainstrem", ["mainstream", "name"])
    'did you mean "mainstream"?'
    """
    near = difflib.get_close_matches(name, list(known), n=1)
    return f'did you mean "{near[0]}"?' if near else ""
