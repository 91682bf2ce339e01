"""Why a page did not come, in words for people."""

from __future__ import annotations

import zlib
from gzip import BadGzipFile

from OpenSSL import SSL
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    NotSupported,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.internet.error import ConnectError
from twisted.web._newclient import ParseError

from ..rules.health import Trouble
from .fetcher import (
    BROKEN_OFF,
    IN_CIRCLES,
    NO_ADDRESS,
    NO_CONNECTION,
    NO_HOST,
    NO_HTTP,
    NO_SECRECY,
    TIMEOUT,
    TOO_LARGE,
    UNPACKABLE,
    UNREACHED,
)

_WORDS: dict[type[BaseException], str] = {
    CannotResolveHostError: NO_HOST,
    DownloadConnectionRefusedError: NO_CONNECTION,
    DownloadTimeoutError: TIMEOUT,
    DownloadCancelledError: TOO_LARGE,
    ResponseDataLossError: BROKEN_OFF,
    NotSupported: NO_ADDRESS,
    UnsupportedURLSchemeError: NO_ADDRESS,
    SSL.Error: NO_SECRECY,
    zlib.error: UNPACKABLE,
    EOFError: UNPACKABLE,
    BadGzipFile: UNPACKABLE,
    ConnectError: UNREACHED,
    DownloadFailedError: BROKEN_OFF,
}
_BEHIND: dict[type[BaseException], str] = {  # what the client gives as the cause of an answer that failed
    SSL.Error: NO_SECRECY,
    ParseError: NO_HTTP,
    ValueError: NO_HTTP,  # a figure in the head of the answer is none
}
_DROPPED = {"DOWNLOAD_MAXSIZE": TOO_LARGE, "max redirections reached": IN_CIRCLES}
_MUTE = (NO_HOST, NO_CONNECTION, TIMEOUT, UNREACHED)


def reason_of(error: BaseException) -> str:
    """An error of the network in a few words; one that nobody has foreseen by its own name.

    >>> reason_of(DownloadTimeoutError()), reason_of(RuntimeError("no such row"))
    ('no answer in time', 'RuntimeError: no such row')
    """
    if isinstance(error, HttpError):
        return f"HTTP {error.response.status}"
    if isinstance(error, IgnoreRequest):
        told = str(error)
        return next((words for said, words in _DROPPED.items() if said in told), told or "refused")
    causes = [failure.value for failure in getattr(error.__cause__, "reasons", None) or ()]
    behind = (words for kind, words in _BEHIND.items() if any(isinstance(cause, kind) for cause in causes))
    plain = (words for kind, words in _WORDS.items() if isinstance(error, kind))
    return next(behind, "") or next(plain, "") or f"{type(error).__name__}: {error}"[:200]


def trouble_of(reason: str) -> Trouble:
    """Whether a page that did not come was refused, or nobody answered at all.

    >>> [trouble_of(reason).value for reason in ("HTTP 503", "no answer in time", "robots.txt disallows it")]
    ['refused', 'network', 'robots']
    """
    if "robots.txt disallows" in reason:
        return Trouble.ROBOTS
    return Trouble.NETWORK if any(words in reason for words in _MUTE) else Trouble.REFUSED
