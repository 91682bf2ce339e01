"""Where a crawl may go: http and https, public addresses, and a source's own hosts if it is an internal one.

Checked twice: by the spelling of each URL before anything else (every hop, robots.txt included), and by the
address a name resolves to at the moment of connecting, so that a name that changes its mind cannot pass.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from scrapy.exceptions import IgnoreRequest
from twisted.internet.interfaces import IAddress, IHostnameResolver, IHostResolution, IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]

from ..domain import Source
from ..extract.addresses import literal_address, refuse_reason

_PORTS = {"http": 80, "https": 443}


class Refused(IgnoreRequest):
    """A request that must not be made; the text says why."""


class Held(Refused):
    """A request that may be made later, but not in this visit."""


@dataclass(slots=True)
class Permits:
    """Which inside hosts may be visited now: those of the internal sources that are being crawled."""

    inside: Counter[str] = field(default_factory=Counter)
    refused: dict[str, str] = field(default_factory=dict)  # host -> why its addresses were refused

    @contextmanager
    def visit(self, source: Source) -> Iterator[None]:
        """While this lasts, the hosts of an internal source may resolve to inside addresses."""
        hosts = {host for host, _ in _places(source)}
        self.inside.update(hosts)
        try:
            yield
        finally:
            self.inside.subtract(hosts)
            self.inside += Counter()

    def reason(self, url: str, source: Source) -> str:
        """Why a source must not ask for a URL; ``""`` if it may."""
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").rstrip("."), parts.port or _PORTS.get(parts.scheme)
        except ValueError:
            return f"not a URL: {url[:100]!r}"
        if parts.scheme not in _PORTS or not host:
            return f"not an http address: {url[:100]}"
        if (host, port) in _places(source):
            return ""
        literal = literal_address(host)
        if literal is not None and (why := refuse_reason(literal)):
            return f"{host} is refused: {why}"
        return f"{host} belongs to an internal source" if self.inside[host] else ""

    def may_resolve(self, host: str, address: str) -> bool:
        """Whether a name may lead to an address; remembers why not."""
        why = refuse_reason(address)
        if why and not self.inside[host.lower()]:
            self.refused[host.lower()] = f"{host} is refused: {why}"
            return False
        return True


def _places(source: Source) -> set[tuple[str, int]]:
    """Hosts and ports an internal source may use: its URLs' own, and the usual two on the same hosts."""
    if not source.internal:
        return set()
    parts = [urlsplit(url) for url in source.urls]
    places = {(part.hostname, part.port or _PORTS.get(part.scheme, 0)) for part in parts if part.hostname}
    return {(host, port) for host, _ in places for port in _PORTS.values()} | places


@implementer(IHostnameResolver)
class SafeResolver:
    """Resolves names for the reactor, without the addresses that must not be connected to."""

    def __init__(self, original: Any, permits: Permits) -> None:
        self.original = original
        self.permits = permits

    def resolveHostName(
        self,
        resolutionReceiver: IResolutionReceiver,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[type[IAddress]] | None = None,
        transportSemantics: str = "TCP",
    ) -> IHostResolution:
        """Look a name up."""
        receiver = _Sieve(resolutionReceiver, hostName, self.permits)
        found: IHostResolution = self.original.resolveHostName(
            receiver, hostName, portNumber, addressTypes, transportSemantics
        )
        return found


@implementer(IResolutionReceiver)
class _Sieve:
    """Passes on the addresses a name may have."""

    def __init__(self, receiver: Any, host: str, permits: Permits) -> None:
        self.receiver = receiver
        self.host = host
        self.permits = permits

    def resolutionBegan(self, resolution: IHostResolution) -> None:
        self.receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:
        if self.permits.may_resolve(self.host, address.host):
            self.receiver.addressResolved(address)

    def resolutionComplete(self) -> None:
        self.receiver.resolutionComplete()
