"""A file beside the database that is given up when the disk is full: its room is for recording what was promised.

It is also how the daemon remembers, without writing anything, whether the operators were told: the file is renamed once
they were. That takes no room, and outlives a restart.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

MIB = 1 << 20
MOST_KEPT_FREE, SHARE = 512 * MIB, 20  # so much, or one twentieth of a small disk


def least_free(total: int) -> int:
    """The bytes of a disk that no crawl may fill.

    >>> [least_free(size * MIB) // MIB for size in (1000, 10_240, 1_000_000)]
    [50, 512, 512]
    """
    return min(MOST_KEPT_FREE, total // SHARE)


class Ballast:
    """The ballast of a state directory; nothing is made before ``make``."""

    def __init__(self, state: Path) -> None:
        self._state, self._file, self._told = state, state / "ballast", state / "ballast.told"

    def lacks(self, size: int) -> str:
        """What the disk lacks for crawling, once a ballast of ``size`` bytes is there again; empty if nothing."""
        disk = shutil.disk_usage(self._state)
        free, wanted = disk.free, least_free(disk.total) + size - self._size()
        return "" if free >= wanted else f"{free // MIB} MiB are free where {wanted // MIB} have to be"

    def make(self, size: int) -> bool:
        """Take ``size`` bytes of the disk, or as many as are wanted now; ``False`` if they are not to be had."""
        if self._file.exists() and self._size() == size:
            return True
        with contextlib.suppress(OSError), self._file.open("ab") as file:
            os.truncate(file.fileno(), size)
            if size:
                os.posix_fallocate(file.fileno(), 0, size)
            return True
        self.give_up()
        return False

    def give_up(self) -> bool:
        """Let the room go; ``False`` if there was none."""
        size = self._size()
        with contextlib.suppress(OSError):
            if size:
                os.truncate(self._file, 0)
                return True
        return False

    @property
    def told_at(self) -> datetime | None:
        """When the operators were told that the store takes no writes, if that is not over yet."""
        with contextlib.suppress(OSError):
            return datetime.fromtimestamp(self._told.stat().st_mtime, UTC)
        return None

    def mark_told(self) -> None:
        """Remember that they were; a directory in which not even this can be done is told of again after a restart."""
        with contextlib.suppress(OSError):
            if self._file.exists():
                self._file.rename(self._told)
            self._told.touch(0o600)

    def forget_told(self) -> None:
        """It is over."""
        with contextlib.suppress(OSError):
            self._told.unlink()

    def _size(self) -> int:
        with contextlib.suppress(OSError):
            return self._file.stat().st_size
        return 0
