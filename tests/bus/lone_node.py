"""A crawl node in a process of its own, with witnesses as workers: ``lone_node.py URL LEASE``."""

import asyncio
import signal
import sys
from datetime import timedelta
from pathlib import Path

from yuqing_daemon.crawl_node import CrawlNode

WORKER = (sys.executable, "-S", str(Path(__file__).with_name("witness.py")))


async def main(url: str, lease: float) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    node = CrawlNode(url, workers=1, command=WORKER, lease=timedelta(seconds=lease))
    await node.run(stop)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2])))
