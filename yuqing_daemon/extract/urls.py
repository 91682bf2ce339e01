"""One name for one page: canonical URLs, the host a site is registered under, and short fingerprints."""

from __future__ import annotations

import hashlib
import ipaddress
import re
from functools import lru_cache
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

import tldextract

_PORTS = {"http": 80, "https": 443}
_TRACKING = re.compile(
    r"utm_\w+|spm(?:_id_from)?|scm|from|from_?source|fr|refer|referer|referrer|ref_src|pvid|fbclid|gclid|yclid|msclkid|mc_[ce]id|"
    r"share_?(?:token|from|source|medium|plat|tag|uid)|shareuid|isappinstalled|wfr|vd_source|"
    r"timestamp|_t|_r|_rand|rand|random|nonce|cache_?bust(?:er)?|clicktime|enterid|bd_?vid|hmsr|hmpl|hmcu|hmkw|hmci|"
    r"wx_?fid|tt_from|track_?id|trackingid|_ga|_gl|__biz_from|jsessionid|phpsessid|sessionid|aspsessionid\w*|"
    r"log_from|fpage|_trans_|chksm|mpshare|srcid|pass_ticket|sharer_\w+",
    re.IGNORECASE,
)
_CACHE_BUSTERS = re.compile(r"t|_|v|ts|time", re.IGNORECASE)
_PAGE_OF_LIST = re.compile(r"page(?:=|%3D)", re.IGNORECASE)  # where in a board's list the reader was
_CLOCK = re.compile(r"1\d{9}(?:\d{3})?|0\.\d{6,}")
_SESSION_IN_PATH = re.compile(r";jsessionid=[^/?#]*", re.IGNORECASE)
_SAFE = "%/:@!$&'()*+,;=~-._[]?"

_suffixes = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


def canonical_url(url: str, base: str = "") -> str:
    """The one spelling of an http(s) URL: no fragment, no default port, no tracking; ``""`` for anything else.

    The order of the parameters is kept, those that only say where a reader came from are dropped, and doing
    it twice changes nothing.

    >>> canonical_url("HTTP://News.Example.com:80/a?id=7&utm_source=x#top")
    'http://news.example.com/a?id=7'
    >>> canonical_url("../b.html", "https://example.com/a/c.html")
    'https://example.com/b.html'
    """
    if not url.strip():
        return ""
    try:
        joined = urljoin(base, url.strip()) if base else url.strip()
        parts = urlsplit(joined)
        return _spell(parts) if parts.scheme in _PORTS and parts.hostname else ""
    except ValueError:
        return ""


def _spell(parts: SplitResult) -> str:
    host = _host(parts)
    path = quote(_SESSION_IN_PATH.sub("", parts.path) or "/", safe=_SAFE)
    kept = [pair for pair in parts.query.split("&") if pair and not _is_tracking(pair)]
    return urlunsplit((parts.scheme, host, path, quote("&".join(kept), safe=_SAFE), ""))


def _host(parts: SplitResult) -> str:
    name = (parts.hostname or "").rstrip(".")
    if not name.isascii():
        name = name.encode("idna").decode("ascii")
    if not name or re.search(r"[^a-z0-9._:%-]", name):
        raise ValueError(f"not a host: {name!r}")
    name = f"[{name}]" if ":" in name else name
    return name if parts.port in (None, _PORTS[parts.scheme]) else f"{name}:{parts.port}"


def _is_tracking(pair: str) -> bool:
    """A parameter that names the reader's way or the clock, never the page.

    >>> [_is_tracking(pair) for pair in ("from=timeline", "extra=page%3D1", "t=1567834985", "t=7", "p=3")]
    [True, True, True, False, False]
    """
    name, _, value = pair.partition("=")
    if _TRACKING.fullmatch(name) or (name == "extra" and _PAGE_OF_LIST.match(value)):
        return True
    return bool(_CACHE_BUSTERS.fullmatch(name) and _CLOCK.fullmatch(value))


@lru_cache(maxsize=4096)
def registrable_host(url: str) -> str:
    """The domain somebody registered, which is what counts as one site; ``host:port`` where there is none.

    >>> registrable_host("https://news.sports.example.com.cn/a"), registrable_host("http://127.0.0.1:8000/x")
    ('example.com.cn', '127.0.0.1:8000')
    """
    try:
        parts = urlsplit(url if "//" in url else f"//{url}")
        name = (parts.hostname or "").rstrip(".")
        port = parts.port
    except ValueError:
        return ""
    domain = "" if _is_address(name) else _suffixes(name).top_domain_under_public_suffix
    if domain or port is None:
        return domain or name
    return f"[{name}]:{port}" if ":" in name else f"{name}:{port}"


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def url_hash(url: str) -> str:
    """The first 16 bytes of SHA-256 as hex: the key under which a seen URL is kept.

    >>> url_hash("http://example.com/")
    '2a1b402420ef46577471cdc7409b0fa2'
    """
    return hashlib.sha256(url.encode("utf-8", "surrogatepass")).digest()[:16].hex()
