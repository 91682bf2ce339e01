"""The real daemon as a child process: started as an operator would start it, and stopped with SIGTERM."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .farm import HOST

GRACE = 15.0  # seconds it may take to stop
_NOT_INHERITED = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "STATE_DIRECTORY", "YUQING_CONFIG")


class DaemonProcess:
    """``python -m yuqing_daemon --config FOLDER run``. What it says goes into ``log``."""

    def __init__(self, folder: Path, *, port: int) -> None:
        self.log = folder / "daemon.log"
        self._port = port
        command = [sys.executable, "-m", "yuqing_daemon", "--config", str(folder), "run"]
        environ = {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
        with self.log.open("wb") as log:
            # A session of its own: Ctrl-C at the terminal reaches us alone, and we stop it in good order.
            self._process = subprocess.Popen(
                command, env=environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    @property
    def exit_code(self) -> int | None:
        """How it ended; ``None`` while it runs."""
        return self._process.poll()

    def is_ready(self) -> bool:
        """Whether it says that all its parts work."""
        connection = http.client.HTTPConnection(HOST, self._port, timeout=2)
        try:
            connection.request("GET", "/-/ready")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def stop(self) -> int:
        """Ask it to stop and wait until it has; returns its exit code. One that does not stop is killed."""
        if self._process.poll() is None:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(GRACE)
        self._process.kill()  # does nothing if it is gone; its crawl workers end when it does
        return self._process.wait()

    def last_lines(self, count: int) -> list[str]:
        """The end of its log."""
        return self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:]


@contextmanager
def running(folder: Path, *, port: int) -> Iterator[DaemonProcess]:
    """A daemon that is gone at the end, whatever happens."""
    process = DaemonProcess(folder, port=port)
    try:
        yield process
    finally:
        process.stop()
