"""The sites of ``benchmarks/crash.py``, in a process of their own: four of them, one of which is a forum.

It says its addresses on the first line, publishes one story after the other from the line ``begin`` on, ends with the
line ``end``, and then says what was published where. Every story is told in words of its own, and is one event: every
fourth one is carried by a second site. Reads grow with time, and every fifth story reaches the next level.
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
EVERY = 0.2  # seconds between two stories
READS_A_SECOND = {True: 60, False: 1}
CHARACTERS = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红细引听该铁价严"


@dataclass
class Press:
    """What has been published. ``published`` holds (story, site, path, instant)."""

    published: list[tuple[int, int, str, float]] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def begin(self) -> threading.Thread:
        """Publish in the background, until ``ended``."""
        thread = threading.Thread(target=self._publish, daemon=True)
        thread.start()
        return thread

    def _publish(self) -> None:
        story = 0
        while not self.ended.wait(EVERY):
            story += 1
            for copy in range(1 + (story % 4 == 0)):
                self.published.append(
                    (
                        story,
                        (story + copy * (1 + story // 4 % 3)) % len(SITES),
                        f"/2026/0302/c{copy}-{100_000 + story}.html",
                        time.time(),
                    )
                )

    def page(self, site: int, path: str) -> str | None:
        """A page as it is now; ``None`` if there is none."""
        here = [entry for entry in self.published if entry[1] == site]
        if path == "/":
            return _list([(path, _title(story), _reads(story, at)) for story, _, path, at in reversed(here)], site)
        found = next((entry for entry in here if entry[2] == path), None)
        return _article(found[0], _reads(found[0], found[3])) if found else None


def _reads(story: int, at: float) -> int:
    return int((time.time() - at) * READS_A_SECOND[story % 5 == 0]) + 1


def _title(story: int) -> str:
    return f"青禾酸奶里有异物：第{story}号投诉的来龙去脉"


def _article(story: int, reads: int) -> str:
    draw = random.Random(story)
    clauses = ["".join(draw.choices(CHARACTERS, k=draw.randint(12, 20))) for _ in range(24)]
    clauses[3] = f"{clauses[3]}青禾酸奶里有异物"
    text = "".join(f"<p>{'，'.join(clauses[start : start + 6])}。</p>" for start in range(0, 24, 6))
    title = _title(story)
    return (
        f"<html><head><title>{title}</title></head><body><h1>{title}</h1>"
        f'<div class="info">2026-03-02 09:30 来源：江城晚报 阅读：{reads}</div><div class="content">{text}</div></body></html>'
    )


def _list(entries: list[tuple[str, str, int]], site: int) -> str:
    counted = SITES[site] == "forum"
    rows = "".join(
        f'<tr class="thread"><td><a href="{path}">{title}</a></td>'
        + (f'<td class="views">{reads}</td></tr>' if counted else "</tr>")
        for path, title, reads in entries
    )
    return f"<html><head><title>要闻</title></head><body><table>{rows}</table></body></html>"


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
    print(
        json.dumps([{"spider": spider, "url": f"{base}/"} for spider, base in zip(SITES, bases, strict=True)]),
        flush=True,
    )
    sys.stdin.readline()
    publishing = press.begin()
    sys.stdin.readline()
    press.ended.set()
    publishing.join()
    published = [{"story": story, "url": bases[site] + path} for story, site, path, _ in press.published]
    print(json.dumps(published), flush=True)
    sys.stdin.read()  # the pages stay until nobody needs them any more


if __name__ == "__main__":
    main()
