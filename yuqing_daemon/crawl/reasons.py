"""Why a page did not come, in words for people."""

from __future__ import annotations

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    IgnoreRequest,
    NotSupported,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from scrapy.spidermiddlewares.httperror import HttpError

from ..rules.health import Trouble

_WORDS: dict[type[BaseException], str] = {
    CannotResolveHostError: "there is no such host",
    DownloadConnectionRefusedError: "the connection was refused",
    DownloadTimeoutError: "no answer in time",
    DownloadCancelledError: "the page is too large",
    ResponseDataLossError: "the answer broke off",
    NotSupported: "not an http address",
    UnsupportedURLSchemeError: "not an http address",
}


def reason_of(error: BaseException) -> str:
    """An error of the network in a few words.

    >>> reason_of(DownloadTimeoutError()), reason_of(OSError("no route"))
    ('no answer in time', 'OSError: no route')
    """
    if isinstance(error, HttpError):
        return f"HTTP {error.response.status}"
    if isinstance(error, IgnoreRequest):
        return "the page is too large" if "DOWNLOAD_MAXSIZE" in str(error) else str(error) or "refused"
    words = next((words for kind, words in _WORDS.items() if isinstance(error, kind)), "")
    return words or f"{type(error).__name__}: {error}"[:200]


_MUTE = {_WORDS[kind] for kind in (CannotResolveHostError, DownloadConnectionRefusedError, DownloadTimeoutError)}


def trouble_of(reason: str) -> Trouble:
    """Whether a page that did not come was refused, or nobody answered at all.

    >>> [trouble_of(reason).value for reason in ("HTTP 503", "no answer in time", "robots.txt disallows it")]
    ['refused', 'network', 'robots']
    """
    if "robots.txt disallows" in reason:
        return Trouble.ROBOTS
    if any(words in reason for words in _MUTE) or "Error:" in reason:
        return Trouble.NETWORK
    return Trouble.REFUSED
