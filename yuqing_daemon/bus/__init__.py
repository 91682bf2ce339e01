"""Jobs out, results in. Nothing on the bus is durable, and nothing on it needs to be."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Protocol

from .messages import Job, Kept, Lost, Result, Unread, Visit

__all__ = ["Bus", "Job", "Kept", "Lost", "Result", "Unread", "Visit"]


class Bus(Protocol):
    """The way to the crawl workers and back."""

    @property
    def capacity(self) -> int:
        """How many jobs may usefully be out at once; one more is taken, and waits."""
        ...

    @property
    def problems(self) -> tuple[str, ...]:
        """What the workers could not load: one line for each broken spider file."""
        ...

    @property
    def trouble(self) -> str:
        """Why nobody can be reached, if so."""
        ...

    def nodes(self, hosts: Mapping[str, str]) -> Mapping[str, Any]:
        """The machines that crawl, if others do: each with its sources. ``hosts``: the host of each source."""
        ...

    async def start(self) -> None:
        """Start the workers, or connect to them."""

    async def put(self, job: Job) -> None:
        """Hand a job to the worker of its host."""

    async def get(self) -> Result | Lost:
        """The next thing that came back; every job that was put comes back exactly once."""
        ...

    def also(self, most: int) -> list[Result | Lost]:
        """What else has come back by now, at most so many; it never waits."""
        ...

    async def stop(self, grace: timedelta) -> None:
        """Give running crawls this long to end, then end the workers."""
