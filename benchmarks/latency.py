"""From a reading that crosses a floor to the accepted notice: ``python benchmarks/latency.py [--seconds 60]``.

Fifty posts a second are taken in, each from a visit of its own; every second one is a new event, the others copy it.
Every tenth crosses the floor of the highest level; what is measured is the time until all who have to be told of it
are, over a webhook on this machine. Exit status 1 if the 99th percentile is over a second.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from storm import ROLES, post, settings, visit

from yuqing_daemon import Reading
from yuqing_daemon.config import NoticeSettings
from yuqing_daemon.domain import Address, Channel, Recipient
from yuqing_daemon.engine import Engine
from yuqing_daemon.notify import Notifier
from yuqing_daemon.plugins import Plugins
from yuqing_daemon.store import Store

A_SECOND, CROSSES, BAR = 50, 10, 1.0  # posts; every how-manieth crosses the floor; seconds
TOLD = len(ROLES) + 1
WARM_UP = 100  # posts before those that count: a daemon runs for months, and reads its dictionaries once


@dataclass
class Sink:
    """A web server that notes when each notice came."""

    came: dict[str, list[float]] = field(default_factory=dict)  # by the event's code
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, key: str) -> None:
        """Note an arrival."""
        code, _, purpose = key.partition(":")
        if purpose.startswith("raise:extraordinary"):
            with self.lock:
                self.came.setdefault(code, []).append(time.monotonic())


def serve(sink: Sink) -> ThreadingHTTPServer:
    """Start the web server."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            sink.take(self.headers["X-Yuqing-Delivery"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def measure(folder: Path, *, seconds: int) -> tuple[list[float], float]:
    """How long each first word took until everybody had it, and how many posts a second were taken in."""
    sink = Sink()
    server = serve(sink)
    to = f"http://127.0.0.1:{server.server_port}/"
    base = settings(folder)
    people = tuple(
        Recipient(id=role, roles=(role,), addresses=(Address(channel="hook", to=to),))
        for role in (*ROLES, "spokesperson")
    )
    hook = Channel(id="hook", sender="webhook", options={"internal": True})
    base = replace(base, recipients=people, channels={"hook": hook}, notices=NoticeSettings())
    engine = Engine(Store.open(base.state), base, Plugins.load(), secret=b"secret")
    engine.begin(now=datetime.now(UTC))
    visit(engine, ())
    notifier = Notifier(engine, lambda: datetime.now(UTC))
    notifier.start()
    _publish(engine, range(WARM_UP))
    began = time.monotonic()
    crossed = _publish(engine, range(WARM_UP, WARM_UP + seconds * A_SECOND))
    rate = seconds * A_SECOND / (time.monotonic() - began)
    until = time.monotonic() + 30
    while time.monotonic() < until and any(len(sink.came.get(code, ())) < TOLD for code in crossed):
        time.sleep(0.05)
    notifier.stop(timedelta(seconds=10))
    server.shutdown()
    engine.store.close()
    waits = [max(came) - crossed[code] for code, came in sink.came.items() if len(came) == TOLD and code in crossed]
    return (sorted(waits) if len(waits) == len(crossed) else []), rate


def _publish(engine: Engine, numbers: range) -> dict[str, float]:
    """Fifty posts a second, two of each event, and every tenth is read by all. When that was, by the event's code."""
    crossed: dict[str, float] = {}
    began = time.monotonic()
    for number in numbers:
        time.sleep(max(0.0, began + (number - numbers.start) / A_SECOND - time.monotonic()))
        event, copy = divmod(number, 2)
        new = post(event, copy)
        visit(engine, (new,))
        if number % CROSSES == 0:
            crossed[f"E{event + 1}"] = time.monotonic()
            visit(engine, (), (Reading(url=new.url, at=datetime.now(UTC), reads=3000),))
    return crossed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="yuqing-latency-") as name:
        waits, rate = measure(Path(name), seconds=given.seconds)
    if not waits:
        print("MISSED: not everybody was told of everything")
        return 1
    half, most = waits[len(waits) // 2], waits[min(len(waits) - 1, int(len(waits) * 0.99))]
    print(f"{len(waits)} first words among {given.seconds * A_SECOND} posts at {rate:.0f} a second, {TOLD} people each")
    print(f"from the reading to the last one accepted: p50 {half:.3f} s, p99 {most:.3f} s, bar {BAR:.0f} s")
    if rate < 0.9 * A_SECOND:
        print("MISSED: this machine had no time to take in so many posts")
        return 1
    return 0 if most <= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
