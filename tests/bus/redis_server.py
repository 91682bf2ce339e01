"""A real Redis of the tests' own: on a free port, in a folder of its own, with nothing saved; a machine that crawls."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis

from yuqing_daemon.bus.redis_line import BORN

PROGRAM = shutil.which("redis-server")
YUQING = [sys.executable, "-m", "yuqing_daemon"]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class RedisServer:
    """It can be killed and started again, and then knows nothing."""

    def __init__(self, folder: Path) -> None:
        if PROGRAM is None:
            pytest.skip("redis-server is not installed")
        self.folder = folder
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.client: Any = redis.Redis(port=self.port)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        options = {"port": self.port, "bind": "127.0.0.1", "dir": self.folder, "save": "", "appendonly": "no"}
        words = [str(word) for name, value in options.items() for word in (f"--{name}", value)]
        assert PROGRAM is not None
        self.process = subprocess.Popen([PROGRAM, *words], stdout=subprocess.DEVNULL)
        until = time.monotonic() + 10
        while not self._answers():
            assert time.monotonic() < until, "redis-server does not start"
            time.sleep(0.01)

    def _answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except redis.ConnectionError:
            return False

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def be_old(self) -> None:
        """As if it had been in use for long: no node has to wait for leases it may have forgotten."""
        if self.process is None:
            self.start()
        self.client.config_set("maxmemory-policy", "noeviction")
        self.client.flushall()
        self.client.set(BORN, f"1:{self.client.info('server')['run_id']}")


@contextmanager
def crawling_only(folder: Path, url: str) -> Iterator[subprocess.Popen[bytes]]:
    """A machine that knows two lines, the URL of which stands in its environment."""
    folder.mkdir()
    (folder / "yuqing.toml").write_text('[bus]\nurl = { env = "TEST_REDIS" }\n')
    with (folder / "log").open("wb") as log:
        command = [*YUQING, "--config", str(folder), "run", "--only", "crawl"]
        node = subprocess.Popen(command, env={**os.environ, "TEST_REDIS": url}, stdout=log, stderr=log)
    try:
        yield node
    finally:
        node.kill()
        node.wait()
