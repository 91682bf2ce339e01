"""The turns of all crawl workers of a machine: a file that they share, with a place in it for each host.

A place is locked while its host is asked for something, and tells when the host may be asked again. The system itself
unlocks what a dead worker held, and nobody has to be told. A few hosts share a place, and wait for each other in vain.

Where several machines crawl, a place must also be this machine's own. A worker marks what it wants; its parent, the
crawl node, asks for it, gives it back, and says until when it is sure of what it has (``holdings.py``). No request
begins after that, even if the parent stands still.
"""

from __future__ import annotations

import fcntl
import os
import struct
import time
import zlib
from dataclasses import dataclass

from ..bus.scratch import scratch_file

PLACES = 1 << 16
PLACE = struct.Struct("dd")  # of a clock that all processes share
INSTANT = struct.Struct("d")
SURE_AT = PLACES * PLACE.size  # behind the places: until when the machine is sure of its own
MARKS_AT = SURE_AT + INSTANT.size  # then a byte for each of them
NOBODYS, WANTED, OURS = b"\0", b"\1", b"\2"
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # it does not stop with a suspended machine


@dataclass(frozen=True, slots=True)
class Turn:
    """When a host may be asked again: after the usual pause, and after the one that it asked for."""

    free_at: float = 0.0
    closed_until: float = 0.0


class Turns:
    """What this process sees of them.

    Args:
        fd: the shared file; without one this process is alone.
        leased: whether other machines crawl, so that a place must be ours.
    """

    def __init__(self, fd: int = -1, *, leased: bool = False) -> None:
        self.fd = scratch_file() if fd < 0 else fd
        self._leased = leased
        os.set_inheritable(self.fd, False)

    def take(self, host: str) -> bool:
        """Take a host's turn, unless another process has it."""
        try:
            fcntl.lockf(self.fd, fcntl.LOCK_EX | fcntl.LOCK_NB, PLACE.size, _place(host))
        except OSError:
            return False
        return True

    def leave(self, host: str) -> None:
        """Let another process have it."""
        fcntl.lockf(self.fd, fcntl.LOCK_UN, PLACE.size, _place(host))

    def is_ours(self, host: str) -> bool:
        """Whether no other machine asks this host now, whose turn was taken; if it is not ours yet, it is wanted."""
        if not self._leased:
            return True
        number = _place(host) // PLACE.size
        mark = os.pread(self.fd, 1, MARKS_AT + number)
        if mark == OURS:
            return bool(boot_clock() < INSTANT.unpack(os.pread(self.fd, INSTANT.size, SURE_AT))[0])
        if mark != WANTED:
            self.mark(number, WANTED)
        return False

    def of(self, host: str) -> Turn:
        """When a host may be asked again."""
        return self.at(_place(host))

    def at(self, place: int) -> Turn:
        """When whoever has this place in the file may be asked again."""
        kept = os.pread(self.fd, PLACE.size, place)
        return Turn(*PLACE.unpack(kept)) if len(kept) == PLACE.size else Turn()

    def note(self, host: str, turn: Turn) -> None:
        """Keep that for all."""
        os.pwrite(self.fd, PLACE.pack(turn.free_at, turn.closed_until), _place(host))

    def mark(self, number: int, mark: bytes) -> None:
        """Say whose a place is."""
        os.pwrite(self.fd, mark, MARKS_AT + number)


def boot_clock() -> float:
    """Seconds of a clock that all processes share and that goes on while the machine is suspended."""
    return time.clock_gettime(_CLOCK)


def _place(host: str) -> int:
    return zlib.crc32(host.encode()) % PLACES * PLACE.size
