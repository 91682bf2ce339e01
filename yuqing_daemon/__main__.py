"""``python -m yuqing_daemon``: the same as ``yuqing``."""

from .cli import main

main()
