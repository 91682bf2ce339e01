"""Fetch one page in the worker's own loop, without an engine: guarded, by turns, and within limits, at every hop.

What this client cannot read (a broken header, an odd encoding, an old TLS) is no verdict about the site: Scrapy is
asked then (``Odd``).
"""

from __future__ import annotations

import asyncio
import errno
import re
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urljoin

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from w3lib.html import get_meta_refresh
from yarl import URL

from ..domain import Source
from .guard import Permits, Refused
from .politeness import Gate, asked_to_wait, gap_of
from .settings import HEADERS, WorkerSettings
from .unpack import TooLarge, unpack

MOST_REDIRECTS = 5
WORTH_ANOTHER_TRY = (500, 502, 504, 522, 524, 408)
TIMEOUT, NO_HOST, NO_CONNECTION = "no answer in time", "there is no such host", "the connection was refused"
TOO_LARGE, BROKEN_OFF = "the page is too large", "the answer broke off"
LONG_HEADERS, NO_HTTP = "the headers of the answer are too long", "what answers speaks no proper HTTP"
NO_SECRECY, UNREACHED = "no secure connection could be made", "it cannot be reached"
UNPACKABLE, IN_CIRCLES, NO_ADDRESS = "it cannot be unpacked", "its redirects lead nowhere", "not an http address"
REDIRECTS = (301, 302, 303, 307, 308)
_REFRESH_WITHIN = 100  # seconds: a page that refreshes to another one so soon means that one
_START = 4096
_TOO_LONG = re.compile(r"got more than|too many headers|too large", re.IGNORECASE)

Check = Callable[[str], Awaitable[None]]


class Unfetched(Exception):
    """A page did not come; the text says why."""


class Odd(Exception):
    """This client cannot read what came: another one may."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a server answered. ``url`` is the one after redirects; ``wait`` are the seconds it asks to be left alone."""

    url: str
    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    wait: float | None = None
    distrust: str = ""  # why its certificate cannot be trusted

    def header(self, name: str) -> str:
        """The first header of that name, or nothing."""
        wanted = name.lower().encode()
        return next((value.decode("latin-1") for key, value in self.headers if key.lower() == wanted), "")


class GuardedResolver(AbstractResolver):
    """Looks names up, and leaves out the addresses that must not be connected to. Nothing is kept between visits."""

    def __init__(self, permits: Permits) -> None:
        self.permits = permits

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of a host that may be used. Raises ``OSError`` if there is none."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family, flags=socket.AI_ADDRCONFIG)
        answers = [
            ResolveResult(hostname=host, host=str(to[0]), port=int(to[1]), family=kind, proto=proto, flags=0)
            for kind, _, proto, _, to in found
            if self.permits.may_resolve(host, str(to[0]))
        ]
        if not answers:
            raise OSError(errno.EACCES, "no address of it may be used")
        return answers

    async def close(self) -> None:
        """Nothing is held."""


@dataclass(slots=True)
class Fetcher:
    """The client of a worker. It must be used in one event loop."""

    settings: WorkerSettings
    permits: Permits
    gate: Gate
    distrusted: dict[str, str] = field(default_factory=dict)  # host and port -> why its certificate is not trusted
    _session: aiohttp.ClientSession | None = None

    async def get(
        self, url: str, source: Source, *, headers: Mapping[str, str] | None = None, check: Check | None = None
    ) -> Fetched:
        """Fetch a page for a source, redirects followed. ``check`` is asked before each hop, and may raise.

        Raises:
            Refused: it must not be asked for, or not now.
            Unfetched: it did not come.
            Odd: something came that this client cannot read.
        """
        distrust = ""
        for hop in range(MOST_REDIRECTS + 1):
            if check is not None:
                await check(url)
            answer = await self._get_patiently(url, source, headers or {})
            distrust = distrust or answer.distrust
            further = _further(answer)
            if not further or hop == MOST_REDIRECTS:
                break
            url = further
        return Fetched(answer.url, answer.status, answer.headers, answer.body, answer.wait, distrust)

    async def _get_patiently(self, url: str, source: Source, headers: Mapping[str, str]) -> Fetched:
        """A second try for what may be a moment's trouble."""
        try:
            answer = await self._get_in_turn(url, source, headers)
        except aiohttp.ClientConnectionError:
            answer = None
        if answer is not None and answer.status not in WORTH_ANOTHER_TRY:
            return answer
        try:
            return await self._get_in_turn(url, source, headers)
        except aiohttp.ClientConnectionError as error:
            raise Unfetched(_words(error)) from error

    async def _get_in_turn(self, url: str, source: Source, headers: Mapping[str, str]) -> Fetched:
        if why := self.permits.reason(url, source):
            raise Refused(why)
        async with self.gate.turn(url, gap=gap_of(source)):
            try:
                answer = await self._ask(url, headers)
            except (aiohttp.ClientConnectorDNSError, aiohttp.ClientConnectorError) as error:
                host = (URL(url).raw_host or "").lower()
                if host in self.permits.refused:
                    raise Refused(self.permits.refused.pop(host)) from error
                if isinstance(error, aiohttp.ClientConnectorDNSError):
                    raise Unfetched(NO_HOST) from error
                raise
        if answer.wait is not None:
            self.gate.close(url, answer.wait)
        return answer

    async def _ask(self, url: str, headers: Mapping[str, str]) -> Fetched:
        place = URL(url).authority
        why = self.distrusted.get(place, "")
        try:
            return await self._request(url, headers, verify=not why, distrust=why)
        except aiohttp.ClientConnectorCertificateError as error:
            self.distrusted[place] = why = f"{place}: its certificate cannot be trusted: {_verdict(error)}"
            return await self._request(url, headers, verify=False, distrust=why)

    async def _request(self, url: str, headers: Mapping[str, str], *, verify: bool, distrust: str) -> Fetched:
        limits = self.settings
        try:
            async with self._open().get(url, headers=headers, allow_redirects=False, ssl=verify) as response:
                body = bytearray()
                async for chunk in response.content.iter_any():
                    body += chunk
                    if len(body) > limits.max_bytes:
                        break
                page = unpack(bytes(body), response.headers.get("Content-Encoding", ""), limits.max_bytes)
                said = response.headers.get("Retry-After", "")
                return Fetched(
                    url=str(response.url),
                    status=response.status,
                    headers=tuple(response.raw_headers),
                    body=page,
                    wait=asked_to_wait(response.status, said, datetime.now(UTC)),
                    distrust=distrust,
                )
        except TooLarge as error:
            raise Unfetched(TOO_LARGE) from error
        except TimeoutError as error:
            raise Unfetched(TIMEOUT) from error
        except (aiohttp.ClientConnectorSSLError, aiohttp.ServerFingerprintMismatch) as error:
            raise Odd(NO_SECRECY) from error
        except (aiohttp.ClientConnectionError, aiohttp.ClientConnectorCertificateError):
            raise
        except aiohttp.ClientPayloadError as error:
            raise Unfetched(BROKEN_OFF) from error
        except aiohttp.InvalidURL as error:
            raise Odd(NO_ADDRESS) from error
        except aiohttp.ClientError as error:
            if isinstance(error, aiohttp.ClientResponseError) and _TOO_LONG.search(error.message):
                raise Unfetched(LONG_HEADERS) from error  # nobody else shall read them either
            raise Odd(NO_HTTP) from error
        except (ValueError, LookupError) as error:
            raise Odd(UNPACKABLE) from error

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(
                resolver=GuardedResolver(self.permits), use_dns_cache=False, force_close=True, limit=0
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                headers={**HEADERS, "Accept-Encoding": "gzip, deflate", "User-Agent": self.settings.user_agent},
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=self.settings.timeout),
                auto_decompress=False,
                trust_env=False,
            )
        return self._session


def _further(answer: Fetched) -> str:
    """Where an answer sends us: by its Location, or by a page that refreshes at once to another one."""
    if answer.status in REDIRECTS:
        target = urljoin(answer.url, answer.header("Location"))
        return target if target.startswith(("http:", "https:")) and answer.header("Location") else ""
    if answer.status != 200 or b"refresh" not in answer.body[:_START].lower():
        return ""
    seconds, url = get_meta_refresh(answer.body[:_START], answer.url, "utf-8")
    return url if seconds is not None and url and url != answer.url and seconds < _REFRESH_WITHIN else ""


def _verdict(error: aiohttp.ClientConnectorCertificateError) -> str:
    cause = error.certificate_error
    return str(getattr(cause, "verify_message", "") or cause)[:200]


def _words(error: aiohttp.ClientConnectionError) -> str:
    if isinstance(error, aiohttp.ClientConnectorError):
        refused = error.os_error.errno == errno.ECONNREFUSED
        return NO_CONNECTION if refused else f"{UNREACHED}: {error.os_error.strerror or error.os_error}"[:200]
    return BROKEN_OFF
