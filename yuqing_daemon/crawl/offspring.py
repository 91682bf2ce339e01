"""What a worker started must not outlive the visit it was started for: a browser, and what that started in turn."""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_SET_CHILD_SUBREAPER = 36


def adopt_orphans() -> None:
    """Become the parent of whatever a child leaves behind, so that it is found; nothing where the system cannot."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_offspring() -> int:
    """Kill every process that descends from this one; returns how many there were."""
    found = list(_descendants(os.getpid()))
    for pid in found:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    for pid in found:
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
    return len(found)


def _descendants(parent: int) -> Iterator[int]:
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError, IndexError):
            children.setdefault(int(entry.read_text("latin-1").rpartition(")")[2].split()[1]), []).append(
                int(entry.parent.name)
            )
    waiting = children.get(parent, [])
    while waiting:
        pid = waiting.pop()
        waiting += children.get(pid, [])
        yield pid
