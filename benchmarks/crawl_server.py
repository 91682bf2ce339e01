"""A site for ``benchmarks/crawl.py``, its answers made beforehand: a list of 20 links in 38 KB, articles of 44 KB.

/304    sends validators, and answers 304 to whoever sends them back
/same   the same bytes each time, without validators
/clock  other bytes each time, the same links
/news/N a list with 20 links of its own, for N = 0, 1, 2, ...; /a/N/1001.html ... are their articles
"""

from __future__ import annotations

import asyncio
import itertools

ETAG = '"v1"'
SENTENCE = "星河食品公司昨日发布公告，称其三号生产线已经停产检修，预计两周后恢复供应，库存足以满足各门店的需求。"
MENU = "".join(f'<li><a href="/channel/{n}">栏目{n}</a><span class="icon i{n}"></span></li>' for n in range(70))
SCRIPT = "<script>" + "var noise=function(a,b){return a*b+1;};" * 700 + "</script>"


def listing(number: int = 0) -> str:
    rows = "".join(
        f'<li><a href="/a/{number}/{1001 + n}.html">星河食品公司第{number}期第{n}号公告全文发布</a><em>05-01</em></li>'
        for n in range(20)
    )
    filler = "<div class='pad'><p>关于我们 联系方式 版权声明</p></div>" * 60
    return f"<html><head><title>要闻</title>{SCRIPT}</head><body><ul>{MENU}</ul><ul>{rows}</ul>{filler}</body></html>"


def article(path: str) -> str:
    title = f"星河食品公司公告{path.replace('/', ' ')}"
    body = "".join(f"<p>{n}．{SENTENCE}</p>" for n in range(12))
    return (
        f"<html><head><title>{title}_星河晚报</title>{SCRIPT}</head><body><ul>{MENU}</ul><h1>{title}</h1>"
        f'<div class="info">2026-05-01 09:30 来源：星河晚报</div><div class="content">{body}</div>'
        f"<ul>{MENU * 2}</ul></body></html>"
    )


class Server:
    """Speaks just enough HTTP/1.1."""

    def __init__(self) -> None:
        self.clock = itertools.count()
        self.made: dict[str, bytes] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                writer.write(self.answer(head.split(" ", 2)[1], head))
                if "connection: close" in head.lower():
                    break
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        writer.close()

    def answer(self, path: str, head: str) -> bytes:
        if path == "/robots.txt":
            return _message("404 Not Found", b"", "")
        if path == "/304":
            validators = f"ETag: {ETAG}\r\n"
            if f"if-none-match: {ETAG}" in head.lower():
                return _message("304 Not Modified", b"", validators)
            return _message("200 OK", listing().encode(), validators)
        if path == "/clock":
            return _message("200 OK", listing().replace("</body>", f"<p>{next(self.clock)}</p></body>").encode(), "")
        if path not in self.made:
            if len(self.made) > 100:
                self.made.clear()
            page = article(path) if path.startswith("/a/") else listing(int(path.rpartition("/")[2].strip("same") or 0))
            self.made[path] = _message("200 OK", page.encode(), "")
        return self.made[path]


def _message(status: str, body: bytes, more: str) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    return head.encode() + body


async def main() -> None:
    server = await asyncio.start_server(Server().serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
