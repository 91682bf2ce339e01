"""How the command line reaches the running daemon: one JSON line each way over a socket in the state directory.

Who may open the socket may act: it belongs to the daemon's user, like the database beside it. When no daemon runs,
the same requests are done directly, under the daemon's own lock.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import socketserver
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.exc import OperationalError

from .domain import Act, Level
from .engine import Engine
from .errors import NotConfigured, NotNow, RequestError, StoreError, YuqingError

SOCKET = "control.sock"
LONGEST = 64 * 1024  # bytes of a request
LONGEST_PATH = 107  # bytes of a socket's address, on every system we know
REFUSALS = {kind.__name__: kind for kind in (NotNow, NotConfigured)}  # that stay what they are on their way
Perform = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class ControlServer:
    """Answers requests on the socket, each in a thread of its own.

    Raises:
        StoreError: the state directory's path is too long for a socket.
    """

    def __init__(self, state: Path, perform: Perform) -> None:
        self._path = socket_of(state)
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
        with contextlib.suppress(OSError):  # it is done, even if nobody waits for the answer any more
            line = self.rfile.readline(LONGEST)
            if line:  # else somebody only asked whether we are here
                self.wfile.write(json.dumps(self._answer(line), ensure_ascii=False).encode() + b"\n")

    def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            return {"ok": dict(self.server.perform(json.loads(line)))}
        except YuqingError as error:
            return {"error": str(error), "kind": type(error).__name__}
        except OperationalError as error:
            return {"error": f"the store takes no writes: {error.orig}"}
        except TimeoutError:
            return {"error": "it takes too long; see the daemon's log"}
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            return {"error": f"not a request: {error!r}"}


def socket_of(state: Path) -> Path:
    """The socket of a state directory.

    Raises:
        StoreError: its path is longer than a socket's address may be.
    """
    path = state / SOCKET
    if len(os.fsencode(path)) > LONGEST_PATH:
        raise StoreError(
            f"the path of the state directory is too long for a socket in it: {path} has more than {LONGEST_PATH} bytes"
            "\n  fix: a shorter path under [store] in yuqing.toml"
        )
    return path


def is_running(state: Path) -> bool:
    """Whether a daemon listens on the socket of a state directory."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as way:
        try:
            way.connect(str(socket_of(state)))
        except (OSError, StoreError):
            return False
        return True


def ask(state: Path, request: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Let the running daemon do something; ``None`` if none is running.

    Raises:
        RequestError: it will not, and says why.
        StoreError: the state directory's path is too long for a socket.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as way:
        way.settimeout(60)
        try:
            way.connect(str(socket_of(state)))
        except (FileNotFoundError, ConnectionRefusedError):
            return None
        way.sendall(json.dumps(request, ensure_ascii=False).encode() + b"\n")
        line = way.makefile("rb").readline()
    if not line:
        raise RequestError("the daemon ended before it answered; see: yuqing status")
    answer = json.loads(line)
    if "error" in answer:
        raise REFUSALS.get(answer.get("kind", ""), RequestError)(answer["error"])
    done: Mapping[str, Any] = answer["ok"]
    return done


# -- what may be asked -------------------------------------------------------------------------------


def perform(engine: Engine, request: Mapping[str, Any], *, now: datetime) -> Mapping[str, Any]:
    """What may be asked of a daemon, done on an engine.

    Raises:
        RequestError: it cannot be done.
    """
    by = str(request.get("on_behalf_of") or request["by"])
    actions: dict[str, Callable[[], Mapping[str, Any]]] = {
        "acknowledge": lambda: _acknowledge(engine, str(request["event"]), by=by, now=now),
        "act": lambda: _act(engine, request, by=by, now=now),
        "add-event": lambda: _add(engine, request, by=by, now=now),
        "unlearn": lambda: {"targets": engine.unlearn(str(request["event"]), by=by, now=now)},
        "accept-canaries": lambda: {"pages": engine.accept_canaries(str(request["source"]), by=by, now=now)},
        "pause": lambda: _pause(engine, request, by=by, now=now),
        "resume": partial(_resume, engine, str(request.get("source", "")), by=by, now=now),
        "repin": partial(_repin, engine, str(request.get("source", "")), by=by, now=now),
        "requeue": lambda: _requeue(engine, str(request["key"]), by=by, now=now),
        "silence": lambda: _silence(engine, request, by=by, now=now),
        "end-silence": lambda: {"id": engine.end_silence(int(request["silence"]), by=by, now=now).id},
        "test-notify": lambda: _test_notify(engine, request, by=by, now=now),
    }
    action = actions.get(str(request["do"]))
    if action is None:
        raise RequestError(f"no such request: {request['do']!r}")
    return action()


def _acknowledge(engine: Engine, code: str, *, by: str, now: datetime) -> Mapping[str, Any]:
    event = engine.acknowledge(code, by=by, how="command line", now=now)
    at = event.acknowledged_at.isoformat() if event.acknowledged_at else ""
    return {"event": event.code, "by": event.acknowledged_by, "at": at, "first": event.acknowledged_at == now}


def _act(engine: Engine, request: Mapping[str, Any], *, by: str, now: datetime) -> Mapping[str, Any]:
    try:
        what = Act(request["act"])
    except ValueError as error:
        raise RequestError(f"no such act: {request['act']!r}; there are {', '.join(Act)}") from error
    data, reason = dict(request.get("data") or {}), str(request.get("reason", ""))
    event = engine.act(str(request["event"]), what, by=by, reason=reason, data=data, now=now)
    return {"event": event.code, "state": event.state.value, "level": event.level.name.lower(), "kind": event.kind}


def _test_notify(engine: Engine, request: Mapping[str, Any], *, by: str, now: datetime) -> Mapping[str, Any]:
    name = str(request.get("level") or "")
    if name and name.upper() not in Level.__members__:
        raise RequestError(f"no such level: {name!r}; there are {', '.join(each.title('en') for each in Level)}")
    level = Level[name.upper()] if name else None
    return {"keys": engine.test_notify(str(request["target"]), by=by, level=level, now=now)}


def _add(engine: Engine, request: Mapping[str, Any], *, by: str, now: datetime) -> Mapping[str, Any]:
    public_at = datetime.fromisoformat(request["public_at"]) if request.get("public_at") else None
    texts = {name: str(request.get(name, "")) for name in ("topic", "title", "url", "text", "unit", "reason")}
    event = engine.add_by_hand(by=by, public_at=public_at, now=now, **texts)
    return {"event": event.code, "level": event.level.name.lower()}


def _pause(engine: Engine, request: Mapping[str, Any], *, by: str, now: datetime) -> Mapping[str, Any]:
    source, until = str(request["source"]), datetime.fromisoformat(request["until"])
    engine.pause(source, reason=str(request.get("reason", "")), until=until, by=by, now=now)
    return {"source": source, "until": until.isoformat()}


def _resume(engine: Engine, source: str, *, by: str, now: datetime) -> Mapping[str, Any]:
    engine.resume(source, by=by, now=now)
    return {"source": source}


def _requeue(engine: Engine, key: str, *, by: str, now: datetime) -> Mapping[str, Any]:
    engine.requeue(key, by=by, now=now)
    return {"key": key}


def _silence(engine: Engine, request: Mapping[str, Any], *, by: str, now: datetime) -> Mapping[str, Any]:
    starts_at = datetime.fromisoformat(request["starts_at"]) if request.get("starts_at") else now
    if request.get("ends_at"):
        ends_at = datetime.fromisoformat(request["ends_at"])
    else:
        ends_at = max(starts_at, now) + timedelta(seconds=float(request["seconds"]))
    matcher = {str(name): str(value) for name, value in dict(request["matcher"]).items()}
    reason = str(request.get("reason", ""))
    done = engine.set_silence(matcher, starts_at=starts_at, ends_at=ends_at, by=by, reason=reason, now=now)
    return {"id": done.id, "ends_at": done.ends_at.isoformat()}


def _repin(engine: Engine, source: str, *, by: str, now: datetime) -> Mapping[str, Any]:
    engine.repin(source, by=by, now=now)
    return {"source": source}
