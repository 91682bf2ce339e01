"""No worker outlives its parent, however the parent ends and whatever the worker is doing."""

import os
import select
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from crew import write_spiders
from farm import Site

PARENT = """
import asyncio, sys
from datetime import timedelta
from yuqing_daemon.bus import Job
from yuqing_daemon.bus.pipes import PipeBus
from yuqing_daemon.crawl.once import WORKER
from yuqing_daemon.domain import Source

async def main(folder, url, spider):
    bus = PipeBus(WORKER, workers=1, settings={"spiders_dir": folder}, silence=timedelta(seconds=2))
    await bus.start()
    good = Source(id="s", urls=(url,), internal=True, spider="good")
    await bus.put(Job(id="first", source=good, host="h"))
    await bus.get()
    await bus.put(Job(id="bad", source=Source(id="b", urls=(url,), internal=True, spider=spider), host="h"))
    print(*bus.pids, flush=True)
    await bus.get()

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.parametrize("spider", ["good", "spins", "regex"])
def test_workers_die_with_a_killed_parent(spider: str, site: Site, tmp_path: Path) -> None:
    site.pages["/"] = "<title>hello</title>"
    command = [sys.executable, "-c", textwrap.dedent(PARENT), str(write_spiders(tmp_path)), site.url + "/", spider]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        while len(site.asked) < 2 and spider != "good":
            os.sched_yield()
        handle = os.pidfd_open(worker)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    try:
        assert _ends(handle)
    finally:
        os.close(handle)


def _ends(handle: int) -> bool:
    """Whether a process that is not our child ends; the system tells, so nobody has to look again and again."""
    return bool(select.select([handle], [], [], 10)[0])
