"""Turns that a machine has for itself, where several crawl: its crawl node asks for what its workers want.

They ask through the file that they share (``turns.py``), so no message goes through a pipe, and a node that stands
still stops them by saying nothing.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import time
from collections.abc import Collection

from ..bus.redis_node import Station
from .turns import INSTANT, MARKS_AT, NOBODYS, OURS, PLACE, PLACES, SURE_AT, WANTED, Turns


class Holdings:
    """What one crawl node holds. Methods that ask Redis raise one of ``redis_line.AWAY`` if it does not answer."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._turns = Turns()
        self.fd = self._turns.fd
        os.truncate(self.fd, MARKS_AT + PLACES)
        self._freed: set[int] = set()
        self._one_at_a_time = asyncio.Lock()

    def sure_until(self, instant: float) -> None:
        """Let workers ask until then, by ``boot_clock``."""
        os.pwrite(self.fd, INSTANT.pack(instant), SURE_AT)

    async def get(self) -> None:
        """Get what workers wait for, as far as no other machine has it."""
        if wanted := self._marked(WANTED):
            async with self._one_at_a_time:
                self._settle(wanted, await self._station.hold((), wanted))

    async def keep(self) -> bool:
        """Keep what is in use, and give back what is not; returns whether there is anything left."""
        async with self._one_at_a_time:
            self._freed |= {number for number in self._marked(OURS) if self._is_given_up(number)}
            if ours := self._marked(OURS):
                self._settle(ours, await self._station.hold(ours, ()))
            if freed := self._freed.difference(ours):  # what is wanted again by now was not got again
                await self._station.let_go(freed)
            self._freed.clear()
        return bool(ours)

    def _marked(self, mark: bytes) -> list[int]:
        marks = os.pread(self.fd, PLACES, MARKS_AT)
        found, at = [], marks.find(mark)
        while at >= 0:
            found.append(at)
            at = marks.find(mark, at + 1)
        return found

    def _settle(self, asked: Collection[int], ours: Collection[int]) -> None:
        for number in asked:
            self._turns.mark(number, OURS if number in ours else NOBODYS)

    def _is_given_up(self, number: int) -> bool:
        """Whether nobody uses a place and its pause is over: then it is ours no more."""
        place = (fcntl.LOCK_EX | fcntl.LOCK_NB, PLACE.size, number * PLACE.size)
        try:
            fcntl.lockf(self.fd, *place)
        except OSError:
            return False
        try:
            is_over = self._turns.at(number * PLACE.size).free_at <= time.monotonic()
            if is_over:
                self._turns.mark(number, NOBODYS)
            return is_over
        finally:
            fcntl.lockf(self.fd, fcntl.LOCK_UN, *place[1:])

    def close(self) -> None:
        """Let the file go."""
        os.close(self.fd)
