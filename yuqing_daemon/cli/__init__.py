"""The command line: arguments in, exit code out.

Exit codes: 0 done; 1 done, but something is wrong; 2 wrong usage, or a configuration with problems (``check``);
75 not now: another daemon runs, or none where one has to; 78 this cannot be done with this configuration.
"""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .. import __version__
from ..errors import ConfigError, NotConfigured, NotNow, StoreLocked, YuqingError
from .commands import Commands

if TYPE_CHECKING:
    from sqlalchemy.exc import DatabaseError

WRONG, NOT_NOW, BAD_CONFIG, STOPPED = 1, 75, 78, 130


def default_folder() -> Path:
    """The configuration folder if none is named."""
    named = os.environ.get("YUQING_CONFIG")
    here = Path.cwd()
    return Path(named) if named else here if (here / "yuqing.toml").exists() else Path("/etc/yuqing")


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
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
    from .context import Context  # not before a command is run: --help and --version need no database

    if verbose:
        from .. import logs
        from ..config import LogSettings

        logs.set_up(LogSettings())
    else:
        logging.getLogger().addHandler(logging.NullHandler())
    context.obj = Context(folder=folder, others=not no_plugins)


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
        problems = "problem" if len(error.problems) == 1 else "problems"
        code = _told(f"{error}\nyuqing: {len(error.problems)} {problems} in the configuration", BAD_CONFIG)
    except (StoreLocked, NotNow) as error:
        code = _told(f"yuqing: {error}", NOT_NOW)
    except NotConfigured as error:
        code = _told(f"yuqing: {error}", BAD_CONFIG)
    except YuqingError as error:
        code = _told(f"yuqing: {error}", WRONG)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        code = _told(f"yuqing: {place}{error.strerror or error}", WRONG)
    except _database_error() as error:
        code = _told(f"yuqing: the database cannot be used: {error.orig}", WRONG)
    return code if isinstance(code, int) else 0


def _database_error() -> type[DatabaseError]:
    """What the database raises; looked up only for an error that was nothing else."""
    from sqlalchemy.exc import DatabaseError

    return DatabaseError


def _told(text: str, code: int) -> int:
    from .output import inert  # only what goes wrong is told from here

    click.echo("\n".join(map(inert, text.splitlines())), err=True)
    return code


def main() -> None:
    """The entry point ``yuqing``."""
    sys.exit(run())
