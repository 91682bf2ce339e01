"""The command line: arguments in, exit code out.

Exit codes: 0 done; 1 done, but something is wrong; 2 wrong usage, or a configuration with problems (``check``);
75 another daemon runs; 78 the daemon cannot start with this configuration.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from .. import __version__
from ..errors import ConfigError, StoreLocked, YuqingError
from . import events, records, running, setup, trying
from .context import Context, default_folder

USAGE, LOCKED, BAD_CONFIG = 2, 75, 78


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
@click.pass_context
def cli(context: click.Context, folder: Path, no_plugins: bool) -> None:
    """Watch sites round the clock, and see to it that the right person knows in time."""
    context.obj = Context(folder=folder, others=not no_plugins)


for module in (setup, running, trying, events, records):
    for command in module.COMMANDS:
        cli.add_command(command)


def main() -> None:
    """Run a command; errors of ours are shown as text, never as a traceback."""
    try:
        code = cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        code = 130
    except ConfigError as error:
        click.echo(f"{error}\n{len(error.problems)} problem(s) in the configuration", err=True)
        code = BAD_CONFIG
    except StoreLocked as error:
        click.echo(f"yuqing: {error}", err=True)
        code = LOCKED
    except YuqingError as error:
        click.echo(f"yuqing: {error}", err=True)
        code = 1
    sys.exit(code if isinstance(code, int) else 0)
