"""Sites that mean no good, each an address of 127.2.0/24 on one port, and a place inside that nobody may reach."""

from __future__ import annotations

import asyncio
import gzip
import threading
from collections import Counter
from collections.abc import Awaitable, Callable

from farm import TEXT, article, listing

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
INSIDE = (
    *("http://127.0.0.1:{port}/", "http://127.1:{port}/", "http://0x7f000001:{port}/", "http://2130706433:{port}/"),
    *("http://0177.0.0.1:{port}/", "http://localhost:{port}/", "http://localhost.:{port}/", "http://[::1]:{port}/"),
    *("http://[::ffff:127.0.0.1]:{port}/", "http://[::ffff:7f00:1]:{port}/", "http://[64:ff9b::7f00:1]:{port}/"),
    *("http://user:word@127.0.0.1:{port}/", "http://127.0.0.1.:{port}/", "http://１２７.0.0.1:{port}/"),
    *("http://127。0。0。1:{port}/", "http://%31%32%37.0.0.1:{port}/", "http://0:{port}/", "http://0.0.0.0:{port}/"),
    *("http://169.254.169.254/latest/", "http://100.100.100.200/", "http://10.0.0.1/", "http://192.168.1.1/"),
    *("http://[fe80::1%25lo]/", "http://[fd00::1]/", "http://127.9.9.9:{port}/", "HTTP://LOCALHOST:{port}/"),
    *("file:///etc/passwd", "data:text/html,<h1>x</h1>", "ftp://127.0.0.1/", "gopher://127.0.0.1:{port}/"),
)
Answer = Callable[["Farm", asyncio.StreamWriter, str], Awaitable[None]]


def page(body: bytes | str, head: bytes = OK) -> bytes:
    """A whole answer."""
    plain = body.encode() if isinstance(body, str) else body
    return head + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(plain) + plain


async def hang(farm: Farm, writer: asyncio.StreamWriter, path: str) -> None:
    await farm.over.wait()


async def drip(farm: Farm, writer: asyncio.StreamWriter, path: str) -> None:
    writer.write(OK + b"\r\n")
    while not farm.over.is_set():
        writer.write(b"<p>")
        await writer.drain()
        await asyncio.sleep(0.1)


async def huge(farm: Farm, writer: asyncio.StreamWriter, path: str) -> None:
    writer.write(OK + b"Content-Length: 50000000\r\n\r\n")
    for _ in range(50):
        writer.write(b"x" * 1_000_000)
        await writer.drain()


async def endless_headers(farm: Farm, writer: asyncio.StreamWriter, path: str) -> None:
    writer.write(OK)
    while not farm.over.is_set():
        writer.write(b"".join(b"X-%d: more\r\n" % number for number in range(1000)))
        await writer.drain()
        await asyncio.sleep(0.01)


async def half(farm: Farm, writer: asyncio.StreamWriter, path: str) -> None:
    writer.write(OK + b"Content-Length: 100000\r\n\r\n" + listing(("/a/1001.html", "一半的页面")).encode())


async def half_chunked(farm: Farm, writer: asyncio.StreamWriter, path: str) -> None:
    writer.write(OK + b"Transfer-Encoding: chunked\r\n\r\nffff\r\n<html>")


async def circle(farm: Farm, writer: asyncio.StreamWriter, path: str) -> None:
    """Every address leads to one that was never asked for."""
    farm.turned += 1
    writer.write(page("", b"HTTP/1.1 302 Found\r\nLocation: /round/%d.html\r\n" % farm.turned))


async def short(farm: Farm, writer: asyncio.StreamWriter, path: str) -> None:
    """More comes than was announced."""
    body = listing(*((f"/a/{n}.html", f"星河食品公司第{n}号公告") for n in range(1001, 1004))).encode()
    writer.write(OK + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % (len(body) // 2) + body)


async def other_charset(farm: Farm, writer: asyncio.StreamWriter, path: str) -> None:
    """The label says one charset, the bytes are another."""
    title = "星河食品公司停产公告全文"
    html = article(title) if path.startswith("/a/") else listing(("/a/1001.html", title))
    writer.write(page(html.encode("gbk"), OK.replace(b"utf-8", b"big5")))


def always(answer: bytes) -> Answer:
    """A site that gives the same answer to everything."""

    async def give(farm: Farm, writer: asyncio.StreamWriter, path: str) -> None:
        writer.write(answer)

    return give


async def turns(farm: Farm, writer: asyncio.StreamWriter, path: str) -> None:
    farm.turns += 1
    if farm.turns % 2:
        writer.write(page("", b"HTTP/1.1 500 Oops\r\n"))
    else:
        await good(farm, writer, path)


async def calendar(farm: Farm, writer: asyncio.StreamWriter, path: str) -> None:
    farm.days += 20
    links = [(f"/2026/{farm.days + n}.html", f"星河食品公司第{farm.days + n}天的公告") for n in range(20)]
    writer.write(page(listing(*links)))


async def good(farm: Farm, writer: asyncio.StreamWriter, path: str) -> None:
    if path.startswith("/a/"):
        writer.write(page(article(f"星河食品公司第{path[3:7]}号公告")))
    else:
        writer.write(page(listing(*((f"/a/{n}.html", f"星河食品公司第{n}号公告") for n in range(1001, 1004)))))


async def inside_links(farm: Farm, writer: asyncio.StreamWriter, path: str) -> None:
    links = [target.format(port=farm.port) for target in INSIDE]
    writer.write(page(listing(*((link, f"通向内部的第{n}个链接在这里") for n, link in enumerate(links)))))


async def inside_redirects(farm: Farm, writer: asyncio.StreamWriter, path: str) -> None:
    """The list leads to pages that redirect inside, each in another spelling."""
    if path.startswith("/go/"):
        target = INSIDE[int(path[4:-5])].format(port=farm.port).encode()
        writer.write(page("", b"HTTP/1.1 302 Found\r\nLocation: " + target + b"\r\n"))
    else:
        writer.write(page(listing(*((f"/go/{n}.html", f"转向内部的第{n}个链接在这里") for n in range(len(INSIDE))))))


BOMB = gzip.compress(bytes(60_000_000), 1)
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True))
    + '<!ENTITY file SYSTEM "file:///etc/passwd">]><rss><channel><title>x</title>'
    + "<item><title>&j;&file;</title><link>http://example.com/1</link></item></channel></rss>"
)
TITLE = "公告\x00\x07<script>alert(1)</script>\u202e\x1b[31m停产"
MOVED = b"HTTP/1.1 302 Found\r\nLocation: /\r\n"
NO_HTTP = "what answers speaks no proper HTTP"
CASES: dict[str, tuple[Answer, str]] = {
    "hangs": (hang, "no answer in time"),
    "drips": (drip, "no answer in time"),
    "is huge": (huge, "the page is too large"),
    "is a gzip bomb": (always(page(BOMB, OK + b"Content-Encoding: gzip\r\n")), "the page is too large"),
    "sends headers without end": (endless_headers, "the headers of the answer are too long"),
    "sends one long header": (always(OK + b"X: " + b"y" * 2_000_000), "the headers of the answer are too long"),
    "redirects to itself": (always(page("", MOVED)), "its redirects lead nowhere"),
    "redirects in circles": (circle, "its redirects lead nowhere"),
    "says a length that is none": (always(OK + b"Content-Length: -7\r\n\r\n" + b"x" * 100), NO_HTTP),
    "says a length in words": (always(OK + b"Content-Length: many\r\n\r\n" + b"x" * 100), NO_HTTP),
    "says two lengths": (always(OK + b"Content-Length: 7\r\nContent-Length: 9\r\n\r\n" + b"x" * 100), NO_HTTP),
    "says a chunk that is none": (always(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"), "the answer broke off"),
    "breaks off": (half, "the answer broke off"),
    "breaks off in a chunk": (half_chunked, "the answer broke off"),
    "speaks no HTTP": (always(b"\x16\x03\x01 what?\r\n\r\n"), NO_HTTP),
    "speaks another HTTP": (always(b"HTTP/9 yes\r\n\r\n"), NO_HTTP),
    "says it is packed": (always(page(b"\x1f\x8b<html>", OK + b"Content-Encoding: gzip\r\n")), "it cannot be unpacked"),
    "refuses": (always(page("", b"HTTP/1.1 403 No\r\n")), "HTTP 403"),
    "is broken": (always(page("", b"HTTP/1.1 500 Oops\r\n")), "HTTP 500"),
    "answers nothing": (always(b""), "the answer broke off"),
}

HARMLESS: dict[str, Answer] = {  # their sites are read all the same, as far as there is something to read
    "answers in turns": turns,
    "has a calendar without end": calendar,
    "links inside": inside_links,
    "redirects inside": inside_redirects,
    "says another charset": other_charset,
    "says a shorter length": short,
}


class Farm:
    """All of them, in a loop of their own. ``inside`` are the requests that reached another address than a site's."""

    def __init__(self, sites: dict[str, Answer]) -> None:
        self.names = list(sites)
        self.sites = sites
        self.inside: list[str] = []
        self.asked: Counter[str] = Counter()
        self.robots: str | bytes = "User-agent: *\nDisallow: /private\n"  # bytes are the whole answer
        self.broken_rules = 0
        self.turns = self.turned = self.days = self.port = 0
        self.loop = asyncio.new_event_loop()
        self.over = asyncio.Event()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        asyncio.run_coroutine_threadsafe(self._open(), self.loop).result(5)

    async def _open(self) -> None:
        server = await asyncio.start_server(self._serve, "0.0.0.0", 0, backlog=200)
        self.port = server.sockets[0].getsockname()[1]

    def url(self, name: str) -> str:
        """The address of a site."""
        return f"http://127.2.0.{self.names.index(name) + 1}:{self.port}/"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        here = writer.get_extra_info("sockname")[0]
        try:
            path = (await reader.readuntil(b"\r\n\r\n")).split(b" ", 2)[1].decode("latin-1")
            if not here.startswith("127.2.0."):
                self.inside.append(f"{here}{path}")
            elif path == "/robots.txt":
                writer.write(page(self.robots) if isinstance(self.robots, str) else self.robots)
            else:
                name = self.names[int(here.rpartition(".")[2]) - 1]
                self.asked[name] += 1
                self.broken_rules += path.startswith("/private")
                await self.sites[name](self, writer, path)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError, IndexError):
            pass
        writer.close()

    def close(self) -> None:
        """End it, also where it hangs."""
        self.loop.call_soon_threadsafe(self.over.set)
        self.loop.call_soon_threadsafe(self.loop.call_later, 0.2, self.loop.stop)


__all__ = ["CASES", "HARMLESS", "INSIDE", "LAUGHS", "TEXT", "TITLE", "Farm", "always", "good", "page"]
