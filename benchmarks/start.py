"""What a start costs, against Scrapy's own import in the same run: ``python benchmarks/start.py``.

Processor time, the least of several runs, so that a busy machine changes little.
"""

from __future__ import annotations

import resource
import subprocess
import sys

RUNS = 7
STARTS = {
    "python": "pass",
    "scrapy": "import scrapy",
    "yuqing --version": "from yuqing_daemon.cli import run; run(['--version'])",
    "yuqing --help": "from yuqing_daemon.cli import run; run(['--help'])",
    "the daemon": "from yuqing_daemon.cli import cli; cli.get_command(None, 'run')",
    "a crawl worker": "import gc; gc.disable(); import yuqing_daemon.crawl.process",
}


def cost(code: str) -> float:
    """Seconds of processor time that a process takes for some code, at the least."""
    took = []
    for _ in range(RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        took.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(took)


def main() -> None:
    seconds = {name: cost(code) for name, code in STARTS.items()}
    for name, took in seconds.items():
        print(f"{name:18} {took:6.2f} s {took / seconds['scrapy']:6.2f} x scrapy")


if __name__ == "__main__":
    main()
