"""Ten thousand sites for ``benchmarks/scale.py``, each an address of 127/8, all in one process.

    python benchmarks/scale_server.py SITES HANGING ARTICLES_A_SECOND

Half of the sites send validators. Now and then one of them publishes. HANGING of them, evenly spread, never answer.
"""

from __future__ import annotations

import asyncio
import random
import sys
from datetime import UTC, datetime

from crawl_server import MENU, SCRIPT, SENTENCE

LISTED = 20


def address(number: int) -> str:
    """The address of a site."""
    return f"127.1.{number // 250}.{number % 250 + 1}"


def listing(published: int) -> str:
    """A site's list: twenty old articles, and what it has published since."""
    numbers = [*range(2000 + published, 2000, -1), *range(1000 + LISTED, 1000, -1)]
    rows = "".join(f'<li><a href="/a/{n}.html">星河食品公司第{n}号公告全文发布</a><em>05-01</em></li>' for n in numbers)
    return f"<html><head><title>要闻</title>{SCRIPT}</head><body><ul>{MENU}</ul><ul>{rows}</ul></body></html>"


def article(path: str) -> str:
    title = f"星河食品公司第{path[3:7]}号公告全文发布"
    body = "".join(f"<p>{n}．{SENTENCE}</p>" for n in range(12))
    at = datetime.now(UTC)
    return (
        f"<html><head><title>{title}_星河晚报</title>{SCRIPT}</head><body><ul>{MENU}</ul><h1>{title}</h1>"
        f'<div class="info">{at:%Y-%m-%d %H:%M} 来源：星河晚报</div><div class="content">{body}</div>'
        f"<ul>{MENU * 2}</ul></body></html>"
    )


def hangs(number: int, sites: int, hanging: int) -> bool:
    """Whether a site never answers."""
    return hanging > 0 and number % (sites // hanging) == 0


class Sites:
    """All of them."""

    def __init__(self, number: int, hanging: int) -> None:
        self.number, self.hanging = number, hanging
        self.published = [0] * number
        self.lists: dict[int, bytes] = {}

    async def publish(self, a_second: float) -> None:
        while a_second:
            await asyncio.sleep(random.expovariate(a_second))
            self.published[random.randrange(self.number)] += 1

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            third, fourth = writer.get_extra_info("sockname")[0].split(".")[2:]
            number = int(third) * 250 + int(fourth) - 1
            if hangs(number, self.number, self.hanging):
                await asyncio.sleep(3600)
            writer.write(self.answer(number, head.split(" ", 2)[1], head.lower()))
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        writer.close()

    def answer(self, number: int, path: str, head: str) -> bytes:
        if path == "/robots.txt":
            return _message("404 Not Found", b"", "")
        if path != "/":
            return _message("200 OK", article(path).encode(), "")
        published = self.published[number]
        tag = f'"v{published}"' if number % 2 else ""
        if tag and f"if-none-match: {tag}" in head:
            return _message("304 Not Modified", b"", "")
        if published not in self.lists:
            self.lists[published] = listing(published).encode()
        return _message("200 OK", self.lists[published], f"ETag: {tag}\r\n" if tag else "")


def _message(status: str, body: bytes, more: str) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n{more}"
    return f"{head}Connection: close\r\n\r\n".encode() + body


async def main() -> None:
    number, hanging, a_second = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    sites = Sites(number, hanging)
    server = await asyncio.start_server(sites.serve, "0.0.0.0", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    publishing = asyncio.create_task(sites.publish(a_second))
    await server.serve_forever()
    publishing.cancel()


if __name__ == "__main__":
    asyncio.run(main())
