"""The turns of all crawl workers of a machine: a file that they share, with a place in it for each host.

A place is locked while its host is asked for something, and tells when the host may be asked again. The system itself
unlocks what a dead worker held, and nobody has to be told. A few hosts share a place, and wait for each other in vain.
"""

from __future__ import annotations

import fcntl
import os
import struct
import zlib
from dataclasses import dataclass

from ..bus.scratch import scratch_file

PLACES = 1 << 16
_PLACE = struct.Struct("dd")  # of a clock that all processes share


@dataclass(frozen=True, slots=True)
class Turn:
    """When a host may be asked again: after the usual pause, and after the one that it asked for."""

    free_at: float = 0.0
    closed_until: float = 0.0


class Turns:
    """What this process sees of them. ``fd`` is the shared file; without one this process is alone."""

    def __init__(self, fd: int = -1) -> None:
        self._fd = scratch_file() if fd < 0 else fd
        os.set_inheritable(self._fd, False)

    def take(self, host: str) -> bool:
        """Take a host's turn, unless another process has it."""
        try:
            fcntl.lockf(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB, _PLACE.size, _place(host))
        except OSError:
            return False
        return True

    def leave(self, host: str) -> None:
        """Let another process have it."""
        fcntl.lockf(self._fd, fcntl.LOCK_UN, _PLACE.size, _place(host))

    def of(self, host: str) -> Turn:
        """When a host may be asked again."""
        kept = os.pread(self._fd, _PLACE.size, _place(host))
        return Turn(*_PLACE.unpack(kept)) if len(kept) == _PLACE.size else Turn()

    def note(self, host: str, turn: Turn) -> None:
        """Keep that for all."""
        os.pwrite(self._fd, _PLACE.pack(turn.free_at, turn.closed_until), _place(host))


def _place(host: str) -> int:
    return zlib.crc32(host.encode()) % PLACES * _PLACE.size
