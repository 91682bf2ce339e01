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
