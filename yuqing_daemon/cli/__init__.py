"""The command line: arguments in, exit code out.

Exit codes: 0 done; 1 done, but something is wrong; 2 wrong usage, or a configuration with problems (``check``);
75 not now: another daemon runs, or none where one has to; 78 this cannot be done with this configuration.
"""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

import click
from sqlalchemy.exc import DatabaseError

from .. import __version__, logs
from ..config import LogSettings
from ..errors import ConfigError, NotConfigured, NotNow, StoreLocked, YuqingError
from . import (
    acts,
    backtest,
    drill,
    events,
    judge,
    ledger,
    new,
    notices,
    records,
    regime,
    reports,
    running,
    setup,
    sources,
    text,
    trying,
)
from .context import Context, default_folder
from .output import inert, some

WRONG, NOT_NOW, BAD_CONFIG, STOPPED = 1, 75, 78, 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="yuqing")
@click.option(
    "-c",
    "--config",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=default_folder,
    show_default="$YUQING_CONFIG, this folder, or /etc/yuqing",
    help="The folder of the configuration.",
)
@click.option("--no-plugins", is_flag=True, help="Load the built-in plugins only.")
@click.option("-v", "--verbose", is_flag=True, help="Show the log, on standard error.")
@click.pass_context
def cli(context: click.Context, folder: Path, no_plugins: bool, verbose: bool) -> None:
    """Watch sites round the clock, and see to it that the right person knows in time."""
    if verbose:
        logs.set_up(LogSettings())
    else:
        logging.getLogger().addHandler(logging.NullHandler())
    context.obj = Context(folder=folder, others=not no_plugins)


MODULES = (
    setup,
    regime,
    running,
    sources,
    trying,
    backtest,
    new,
    events,
    acts,
    judge,
    reports,
    notices,
    drill,
    records,
    ledger,
    text,
)
for module in MODULES:
    for command in module.COMMANDS:
        cli.add_command(command)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command; its exit code. What goes wrong is told in a line or two, never as a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that knows no Chinese, half a character in a text
    try:
        code = cli.main(arguments, prog_name="yuqing", standalone_mode=False)
    except SystemExit as stop:  # also when the reader of a pipe has seen enough, as head has
        code = stop.code
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        code = _told("stopped", STOPPED)
    except ConfigError as error:
        code = _told(f"{error}\nyuqing: {some(len(error.problems), 'problem')} in the configuration", BAD_CONFIG)
    except (StoreLocked, NotNow) as error:
        code = _told(f"yuqing: {error}", NOT_NOW)
    except NotConfigured as error:
        code = _told(f"yuqing: {error}", BAD_CONFIG)
    except YuqingError as error:
        code = _told(f"yuqing: {error}", WRONG)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        code = _told(f"yuqing: {place}{error.strerror or error}", WRONG)
    except DatabaseError as error:
        code = _told(f"yuqing: the database cannot be used: {error.orig}", WRONG)
    return code if isinstance(code, int) else 0


def _told(text: str, code: int) -> int:
    click.echo("\n".join(map(inert, text.splitlines())), err=True)
    return code


def main() -> None:
    """The entry point ``yuqing``."""
    sys.exit(run())
