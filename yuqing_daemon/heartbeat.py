"""A dead man's switch: an address that hears from us while all is well, so that our silence is noticed elsewhere."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping

from .config import HeartbeatSettings

log = logging.getLogger(__name__)

PATIENCE = 10.0  # seconds for an answer


async def beat(settings: Callable[[], HeartbeatSettings | None], health: Callable[[], Mapping[str, str]]) -> None:
    """Tell the address, again and again, as long as ``health`` names nothing that is wrong."""
    failing = False
    while True:
        heartbeat = settings()
        if heartbeat is None:
            await asyncio.sleep(PATIENCE)
            continue
        if not await asyncio.to_thread(health):
            error = await ping(heartbeat.url)
            if bool(error) != failing:
                failing = bool(error)
                log.warning("heartbeat.failing error=%s", error) if failing else log.info("heartbeat.works_again")
        await asyncio.sleep(heartbeat.every.total_seconds())


async def ping(url: str) -> str:
    """One word to the address; what went wrong, or nothing. Redirects are not followed."""
    import aiohttp  # only where there is an address to tell

    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE)) as session,
            session.get(url, allow_redirects=False) as answer,
        ):
            return "" if answer.ok and answer.status < 300 else f"HTTP {answer.status}"
    except (aiohttp.ClientError, TimeoutError) as error:
        return repr(error)
