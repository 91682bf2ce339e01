"""What a spider may not do to its worker: end the process or stop its loop."""

from __future__ import annotations

import asyncio
import os
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from ..errors import YuqingError

_NOT_SPIDERS = ("/scrapy/", "/twisted/", "/asyncio/", "/yuqing_daemon/crawl/")


class SpiderQuit(Exception):
    """A spider tried to end the whole worker."""


@contextmanager
def tamed() -> Iterator[None]:
    """Turn ``sys.exit``, ``KeyboardInterrupt`` and their like into an ordinary error."""
    try:
        yield
    except (Exception, GeneratorExit, asyncio.CancelledError):
        raise
    except BaseException as error:
        raise SpiderQuit(f"{type(error).__name__}: {error}") from error


def forbid_exits(loop: asyncio.AbstractEventLoop, reactor: Any) -> Callable[[int], NoReturn]:
    """Let no spider end the process or its loop; processes it forks may end themselves. Returns the real exit."""
    real_exit, worker = os._exit, os.getpid()

    def refuse(*_: object, **__: object) -> NoReturn:
        raise SpiderQuit("a spider may not end its worker")

    def exit_if_forked(status: int) -> NoReturn:
        if os.getpid() == worker:
            refuse()
        real_exit(status)

    os._exit = exit_if_forked
    loop.stop = refuse  # type: ignore[method-assign]
    reactor.stop = refuse
    return real_exit


def describe(error: BaseException | None) -> str:
    """An error in one line, with the file and line of the spider it comes from.

    >>> describe(ValueError("no title"))
    'ValueError: no title'
    """
    if error is None:
        return "an unknown error"
    if isinstance(error, YuqingError):
        return str(error)
    named = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    frames = traceback.extract_tb((error.__cause__ or error).__traceback__)
    own = [frame for frame in frames if not any(part in frame.filename for part in _NOT_SPIDERS)]
    place = (own or list(frames))[-1:]
    return named[:500] + "".join(f" ({frame.filename}:{frame.lineno})" for frame in place)
