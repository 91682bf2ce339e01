"""Which network addresses a crawled link or a webhook may lead to: the public ones, in whatever spelling they come."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from urllib.parse import unquote

_TUNNELS = tuple(
    ipaddress.IPv6Network(network)
    for network in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "fec0::/10", "::/96")
)
_RELAYS = ipaddress.IPv4Network("192.88.99.0/24")
_PART = re.compile(r"0x[0-9a-f]*|[0-9]+")


def refuse_reason(address: str) -> str:
    """Why an address must not be connected to; ``""`` if it is an ordinary public one.

    ``is_global`` alone is not enough: mapped, translated and tunnelled IPv6 addresses can reach inside.

    >>> refuse_reason("8.8.8.8"), refuse_reason("10.0.0.1")
    ('', '10.0.0.1 is not a public address')
    >>> refuse_reason("64:ff9b::7f00:1")
    '64:ff9b::7f00:1 can lead to an inside address'
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return f"{address} is not an address"
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return refuse_reason(str(ip.ipv4_mapped)) and f"{address} is not a public address"
        if any(ip in network for network in _TUNNELS):
            return f"{address} can lead to an inside address"
    elif ip in _RELAYS:
        return f"{address} can lead to an inside address"
    if not ip.is_global or ip.is_multicast or ip.is_reserved or ip.is_unspecified:
        return f"{address} is not a public address"
    return ""


def literal_address(host: str) -> str | None:
    """The address that a host name is another spelling of; ``None`` if it is a name that must be looked up.

    Understands what C libraries and browsers do: hexadecimal, octal, one to four parts, full-width digits,
    brackets, a closing dot, percent signs. ``localhost`` counts as 127.0.0.1.

    >>> [literal_address(host) for host in ("0x7f000001", "2130706433", "127.1", "0177.0.0.1", "[::1]", "a.example")]
    ['127.0.0.1', '127.0.0.1', '127.0.0.1', '127.0.0.1', '::1', None]
    """
    plain = unicodedata.normalize("NFKC", unquote(host)).replace("。", ".").strip().lower().rstrip(".")
    plain = plain.removeprefix("[").removesuffix("]").partition("%")[0]
    if plain == "localhost" or plain.endswith(".localhost"):
        return "127.0.0.1"
    if ":" in plain:
        try:
            return str(ipaddress.IPv6Address(plain))
        except ValueError:
            return None
    return _four_parts(plain.split("."))


def _four_parts(parts: list[str]) -> str | None:
    if len(parts) > 4 or not all(_PART.fullmatch(part) for part in parts):
        return None
    try:
        numbers = [_number(part) for part in parts]
    except ValueError:
        return None
    *heads, last = numbers
    if any(head > 255 for head in heads) or last >= 256 ** (4 - len(heads)):
        return None
    value = sum(head << (24 - 8 * place) for place, head in enumerate(heads)) + last
    return str(ipaddress.IPv4Address(value))


def _number(part: str) -> int:
    if part.startswith("0x"):
        return int(part[2:] or "0", 16)
    return int(part, 8 if part.startswith("0") else 10)
