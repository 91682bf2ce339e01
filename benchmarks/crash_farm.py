"""The sites of ``benchmarks/crash.py``, in a process of their own: four of them, one of which is a forum.

It says its addresses on the first line, publishes one story for each line ``story``, ends with the line ``end``, and
then says what was published where. Every story is told in words of its own, and is one event: every fourth one is
carried by a second site. The forum's reads grow with time, and every fifth story reaches the next level.
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SITES = ("page", "page", "page", "forum")  # spiders, one for each site
READS_A_SECOND = {True: 60, False: 1}
CHARACTERS = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里"
    "如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比"
    "或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知"
    "较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权"
)


@dataclass(frozen=True)
class Published:
    """One story on one site. ``at`` is seconds of the wall clock."""

    story: int
    site: int
    path: str
    at: float

    @property
    def title(self) -> str:
        """What it is called, on every site."""
        return f"青禾酸奶里有异物：第{self.story}号投诉的来龙去脉"

    def reads(self, now: float) -> int:
        """How often it has been read by then."""
        return int((now - self.at) * READS_A_SECOND[self.story % 5 == 0]) + 1


@dataclass
class Press:
    """What has been published by now. At the end nobody reads any more, either."""

    published: list[Published] = field(default_factory=list)
    ended_at: float = float("inf")

    def end(self) -> None:
        """Let no counter grow any more."""
        self.ended_at = time.time()

    def publish(self, story: int) -> None:
        """Publish a story."""
        further = 1 + story // 4 % 3  # sites on, if a second one carries it
        for copy in range(1 + (story % 4 == 0)):
            path = f"/2026/0302/c{copy}-{100_000 + story}.html"
            self.published.append(Published(story, (story + copy * further) % len(SITES), path, time.time()))

    def page(self, site: int, path: str) -> str | None:
        """A page as it is now; ``None`` if there is none."""
        here = [entry for entry in self.published if entry.site == site]
        if path == "/":
            read_until = min(time.time(), self.ended_at) if SITES[site] == "forum" else None
            return _list(here[::-1], read_until)
        return next((_article(entry) for entry in here if entry.path == path), None)


def _list(entries: list[Published], read_until: float | None) -> str:
    rows = ""
    for entry in entries:
        rows += f'<tr><td><a href="{entry.path}">{entry.title}</a></td>'
        rows += f'<td class="views">{entry.reads(read_until)}</td></tr>' if read_until else "</tr>"
    return f"<html><head><title>要闻</title></head><body><table>{rows}</table></body></html>"


def _article(entry: Published) -> str:
    draw = random.Random(entry.story)
    clauses = ["".join(draw.choices(CHARACTERS, k=draw.randint(12, 20))) for _ in range(24)]
    clauses[3] += "青禾酸奶里有异物"
    text = "".join(f"<p>{'，'.join(clauses[start : start + 6])}。</p>" for start in range(0, 24, 6))
    return (
        f"<html><head><title>{entry.title}</title></head><body><h1>{entry.title}</h1>"
        f'<div class="info">2026-03-02 09:30 来源：江城晚报</div>'
        f'<div class="content">{text}</div></body></html>'
    )


def _server(press: Press, site: int) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def do_GET(self) -> None:
            page = press.page(site, self.path)
            body = (page or "no such page").encode()
            self.send_response(200 if page else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *given: Any) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *given: Any) -> None:
            """Clients die here for a living."""

    return Server((f"127.0.0.{site + 1}", 0), Handler)


def main() -> None:
    press = Press()
    servers = [_server(press, site) for site in range(len(SITES))]
    for server in servers:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    bases = [f"http://{server.server_address[0]!s}:{server.server_port}" for server in servers]
    sites = [{"spider": spider, "url": f"{base}/"} for spider, base in zip(SITES, bases, strict=True)]
    print(json.dumps(sites), flush=True)
    story = 0
    while sys.stdin.readline() == "story\n":
        story += 1
        press.publish(story)
    press.end()
    published = [{"story": entry.story, "url": bases[entry.site] + entry.path} for entry in press.published]
    print(json.dumps(published), flush=True)
    sys.stdin.read()  # the pages stay until nobody needs them any more


if __name__ == "__main__":
    main()
