"""Real sites on the loopback interface, one port each. They show the story as it stands when they are asked."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from .press import Press
from .story import Site, script, world

HOST = "127.0.0.1"


class SiteServer:
    """One site. ``visits`` counts the requests for its list, ``unchanged`` those answered with 304."""

    def __init__(self, site: Site, story_time: Callable[[], float], *, began_at: datetime) -> None:
        self.site = site
        self.visits = self.unchanged = 0
        self._story_time = story_time
        self._trackers = count(1)
        self._server = Server((HOST, 0), _handler(self))
        self.press = Press(site=site, base=f"http://{HOST}:{self._server.server_port}", began_at=began_at)

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Answer requests while this lasts."""
        with self._server.serving():
            yield

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        path = urlsplit(handler.path).path
        known = handler.headers.get("If-None-Match", "")
        texts = world(self._story_time())[self.site.id]
        reply = self.press.answer(path, texts, tracker=f"a2.{next(self._trackers)}", known=known)
        if self.press.base + path == self.press.list_url:
            self.visits += 1
            self.unchanged += reply.status == 304
        handler.send_response(reply.status)
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(reply.body)))
        handler.end_headers()
        handler.wfile.write(reply.body)


class Server(ThreadingHTTPServer):
    """A quiet server on the loopback interface: a client that goes away is nobody's error."""

    daemon_threads = True

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Answer requests while this lasts."""
        thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True, name="demo-server")
        thread.start()
        try:
            yield
        finally:
            self.shutdown()
            self.server_close()
            thread.join()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that went away."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


@contextmanager
def farm(story_time: Callable[[], float], *, began_at: datetime) -> Iterator[tuple[SiteServer, ...]]:
    """All sites of the story, answering while this lasts."""
    with ExitStack() as stack:
        sites = tuple(SiteServer(site, story_time, began_at=began_at) for site in script().sites)
        for site in sites:
            stack.enter_context(site.serving())
        yield sites


def _handler(site: SiteServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            site.answer(self)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler
