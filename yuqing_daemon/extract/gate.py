"""What looks like a gate instead of a page: a login, a captcha, a request to come back later."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

SHORT = 600  # bytes of text: a page that says no more, and one of the words below, is a gate
LONGEST = 64 * 1024  # bytes of a page in which words are looked for
_PASSWORD = re.compile(rb"""<input[^>]{0,300}type\s*=\s*["']?password""", re.IGNORECASE)
_ADDRESS = re.compile(
    r"(?:^|[/._-])(?:login|signin|passport|sso|captcha|verify|verification|antispider|challenge|denied)(?:$|[/._?-])",
    re.IGNORECASE,
)
_HIDDEN = re.compile(rb"<(script|style|noscript)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>", re.DOTALL | re.IGNORECASE)
_TITLE = re.compile(rb"<title[^>]*>(.*?)</title", re.DOTALL | re.IGNORECASE)
_WORDS = ("访问过于频繁", "请求过于频繁", "验证码", "安全验证", "验证", "请登录", "登录", "captcha", "Access Denied")
_CODED = tuple((word, coded) for word in _WORDS for coded in {word.encode(), word.encode("gb18030")})


def find_gate(body: bytes, *, url: str, asked: str) -> str:
    """What about an answer looks like a gate, in words for people; ``""`` if nothing does.

    By itself it proves nothing, for many a front page has a login box: it counts where it is new and the page is poor.

    >>> find_gate("<title>安全验证</title><p>请完成验证</p>".encode("gbk"), url="https://a.cn/", asked="https://a.cn/")
    'a short page that says 安全验证'
    >>> find_gate(b"<form>", url="https://a.cn/passport/login?to=news", asked="https://a.cn/news")
    'its address is /passport/login'
    """
    path = urlsplit(url)
    if url != asked and not _ADDRESS.search(urlsplit(asked).path) and _ADDRESS.search(path.netloc + path.path):
        return f"its address is {path.path if _ADDRESS.search(path.path) else path.netloc}"
    if _PASSWORD.search(body):
        return "it asks for a password"
    if len(body) <= LONGEST and (word := _word_of(body)):
        return f"a short page that says {word}"
    return ""


def _word_of(body: bytes) -> str:
    title = _TITLE.search(body)
    text = b"".join(_HIDDEN.sub(b" ", body).split())
    if len(text) > SHORT:
        return ""
    said = text + (title.group(1) if title else b"")
    return next((word for word, coded in _CODED if coded in said), "")
