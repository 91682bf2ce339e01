"""The mother of the daemons of ``benchmarks/crash.py``: it has loaded their code once, and bears one after the other.

A life that begins with a fork is not mostly imports, in which there is nothing to lose. Whatever a daemon opens, reads
or remembers, it does so after its birth, as after any other start; its crawl workers are started as always.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from yuqing_daemon.cli import cli, run
from yuqing_daemon.plugins import Plugins

PATIENCE = 30.0  # seconds to end in when asked to


def bear(folder: Path) -> int:
    """Start a daemon; what it says is added to its log."""
    child = os.fork()
    if child:
        return child
    log = os.open(folder / "daemon.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os._exit(run(["--config", str(folder), "run"]))


def end(daemon: int, by: signal.Signals) -> int:
    """Send a signal, and wait; the exit code."""
    os.kill(daemon, by)
    until = time.monotonic() + PATIENCE
    while True:
        ended, status = os.waitpid(daemon, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > until:
            os.kill(daemon, signal.SIGKILL)
        time.sleep(0.002)


def main() -> None:
    cli.get_command(None, "run")  # type: ignore[arg-type]
    Plugins.load()
    daemon = 0
    for line in sys.stdin:
        word = line.strip()
        if word == "start":
            daemon = bear(Path(sys.argv[1]))
            print(daemon, flush=True)
        else:
            print(end(daemon, signal.Signals[word]), flush=True)


if __name__ == "__main__":
    main()
