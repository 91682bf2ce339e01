"""The web server, in a thread of its own: what browsers do never holds up the daemon."""

from __future__ import annotations

import socket
import threading

import uvicorn
from starlette.applications import Starlette


class WebServer:
    """Serves an application on one address."""

    def __init__(self, app: Starlette, *, host: str, port: int) -> None:
        """Take the port at once, so that a port in use is an error at the start.

        Raises:
            OSError: it is taken, or not ours to take.
        """
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((host, port))
        self._socket.listen(100)  # only then is it ours; who asks before the start waits
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", limit_concurrency=100)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), name="web", daemon=True)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._socket.getsockname()[1])

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what is being answered, and stop."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(timeout=5)
        self._socket.close()
