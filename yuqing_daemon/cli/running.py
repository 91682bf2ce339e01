"""The command that is the daemon. It is in a module of its own, for a restart waits for nothing else."""

from __future__ import annotations

import asyncio
import gc

import click

from .. import logs
from ..config import load_node
from ..daemon import Daemon
from ..errors import RequestError, YuqingError
from ..store import owning
from .context import Context, pass_context


@click.command
@click.option(
    "--only",
    type=click.Choice(["main", "crawl"]),
    help="With Redis as the bus: main does not crawl itself, crawl does nothing else.",
)
@pass_context
def run(context: Context, only: str | None) -> None:
    """Run the daemon in the foreground, until SIGTERM or Ctrl-C.

    SIGHUP makes it read its configuration again. Exits 75 if another daemon runs on the same database, 78 if the
    configuration has a problem.
    """
    if only == "crawl":
        from ..crawl_node import crawl_only

        node = load_node(context.folder)
        logs.set_up(node.log)
        asyncio.run(crawl_only(node, others=context.others))
        return
    settings = context.read_settings()
    if only and not settings.bus.url:
        fix = 'url = "redis://10.0.0.5:6379/0" under [bus] in yuqing.toml'
        raise RequestError(f"--only {only} needs a Redis, so that others can crawl\n  fix: {fix}")
    logs.set_up(settings.log)
    with owning(settings.state):
        try:
            daemon = Daemon(
                settings, context.plugins, context.read_settings, others=context.others, crawls=only != "main"
            )
        except OSError as error:
            place = f"{settings.web.host}:{settings.web.port}"
            raise YuqingError(
                f"cannot listen on {place}: {error.strerror or error}\n  fix: another listen under [web] in yuqing.toml"
            ) from error
        gc.freeze()  # what is loaded by now stays: no search for garbage has to look through it again
        asyncio.run(daemon.run())


COMMANDS = (run,)
