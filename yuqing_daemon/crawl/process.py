"""The process of a crawl worker. Its parent tells it what to do through its pipes.

Spiders may print and read as they like: before any of them is imported, the pipes are moved out of their reach.
"""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import gc
import logging
import os
import signal
import sys
import traceback
from typing import Any, BinaryIO

from scrapy.utils.reactor import install_reactor
from twisted.python import log as twisted_log

from ..plugins import Plugins
from .guard import SafeResolver
from .loader import load_spiders
from .offspring import adopt_orphans
from .preload import preload
from .settings import WorkerSettings, settings_from_line
from .site import Shared
from .taming import forbid_exits
from .worker import Worker, limit_memory

START_WITHIN = 45.0
LOOP_ENDED = 70


def run() -> None:
    """Run until the input ends. No way of ending means success: only a job's result does."""
    faulthandler.enable()
    faulthandler.dump_traceback_later(START_WITHIN, exit=True)  # a spider file may block while it is imported
    ears, mouth = _move_pipes()
    settings = settings_from_line(ears.readline())
    if settings.renders:
        adopt_orphans()  # and no limit on memory: a browser would inherit it, and reserves much more than it uses
    else:
        limit_memory(settings.max_rss)
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    for signum in (signal.SIGINT, signal.SIGTERM):  # meant for the parent, who ends us when it is ready
        signal.signal(signum, signal.SIG_IGN)
    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from twisted.internet import reactor as installed

    reactor: Any = installed
    loop = asyncio.get_event_loop()
    leave = forbid_exits(loop, reactor)
    twisted_log.PythonLoggingObserver("twisted").start()  # type: ignore[no-untyped-call]
    preload(renders=settings.renders)
    worker = _worker(settings, ears, mouth)
    reactor.installNameResolver(SafeResolver(reactor.nameResolver, worker.shared.permits))
    worker.start(loop, leave)
    gc.freeze()
    gc.enable()
    try:
        reactor.run(installSignalHandlers=False)
    except BaseException:  # noqa: BLE001 - a spider ended the loop: say which, and leave without a hanging thread
        sys.stderr.write("Fatal worker error: a spider ended the loop\n")
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        leave(LOOP_ENDED)


def _move_pipes() -> tuple[BinaryIO, int]:
    ears, mouth = os.fdopen(os.dup(0), "rb"), os.dup(1)
    with contextlib.closing(os.fdopen(os.open(os.devnull, os.O_RDONLY))) as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    return ears, mouth


def _worker(settings: WorkerSettings, ears: BinaryIO, mouth: int) -> Worker:
    plugins = Plugins.load(enable=settings.enable, disable=settings.disable, others=settings.others)
    return Worker(Shared(settings, plugins), load_spiders(settings.spiders_dir, plugins), ears, mouth)
