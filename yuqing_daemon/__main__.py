"""``python -m yuqing_daemon``, and ``yuqing``: one way in, guarded from the first moment on."""

import sys

INTERRUPTED = 130


def main() -> None:
    """Run the command line; Ctrl-C while it is still being loaded is no reason for a traceback either."""
    try:
        from .cli import main as run_command

        run_command()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
