"""How the command line reaches the running daemon: one JSON line each way over a socket in the state directory.

Who may open the socket may act: it belongs to the daemon's user, like the database beside it. When no daemon runs,
the same requests are done directly, under the daemon's own lock.
"""

from __future__ import annotations

import contextlib
import json
import logging
import socket
import socketserver
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .errors import RequestError, YuqingError

log = logging.getLogger(__name__)

SOCKET = "control.sock"
LONGEST = 64 * 1024  # bytes of a request
Perform = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class ControlServer:
    """Answers requests on the socket, each in a thread of its own."""

    def __init__(self, state: Path, perform: Perform) -> None:
        self._path = state / SOCKET
        self._path.unlink(missing_ok=True)  # the lock is ours, so a socket that is there is a dead daemon's
        self._server = _Server(str(self._path), _Handler)
        self._server.perform = perform
        self._path.chmod(0o600)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="control", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()
        self._path.unlink(missing_ok=True)


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    perform: Perform


class _Handler(socketserver.StreamRequestHandler):
    timeout = 60
    server: _Server

    def handle(self) -> None:
        line = self.rfile.readline(LONGEST)
        if not line:  # somebody only asked whether we are here
            return
        try:
            request = json.loads(line)
            answer: dict[str, Any] = {"ok": dict(self.server.perform(request))}
        except YuqingError as error:
            answer = {"error": str(error)}
        except (ValueError, KeyError, TypeError) as error:
            answer = {"error": f"not a request: {error!r}"}
        with contextlib.suppress(BrokenPipeError):  # it is done, even if nobody waits for the answer any more
            self.wfile.write(json.dumps(answer, ensure_ascii=False).encode() + b"\n")


def is_running(state: Path) -> bool:
    """Whether a daemon listens on the socket of a state directory."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as way:
        try:
            way.connect(str(state / SOCKET))
        except OSError:
            return False
        return True


def ask(state: Path, request: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Let the running daemon do something; ``None`` if none is running.

    Raises:
        RequestError: it will not, and says why.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as way:
        way.settimeout(60)
        try:
            way.connect(str(state / SOCKET))
        except (FileNotFoundError, ConnectionRefusedError):
            return None
        way.sendall(json.dumps(request, ensure_ascii=False).encode() + b"\n")
        answer = json.loads(way.makefile("rb").readline())
    if "error" in answer:
        raise RequestError(answer["error"])
    done: Mapping[str, Any] = answer["ok"]
    return done
