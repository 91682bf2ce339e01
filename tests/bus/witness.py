"""A crawl worker as ``obedient``, whose visits leave traces in a folder: who was there, and whether anybody else was.

A visit's options: ``folder``, and how long it takes, ``after``.
"""

import os
import sys
import threading
from pathlib import Path

import obedient


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def visit(job):
    options = job["source"]["options"]
    folder, host = Path(options["folder"]), job["host"]
    place = folder / f"{host}.now"
    if place.exists() and is_alive(place.read_text()):
        (folder / f"{host}.clash").touch()
    place.write_text(str(os.getpid()))
    with (folder / f"{host}.visits").open("a") as visits:
        visits.write(f"{os.getppid()}\n")
    threading.Timer(options["after"], end, (job, place)).start()


def end(job, place):
    place.unlink()
    obedient.answer(job)


def obey(job):
    match job["source"]["options"]["do"]:
        case "visit":
            visit(job)
        case "crash":
            print(f'Fatal Python error: Aborted\n  File "{__file__}", line 1 in parse', file=sys.stderr, flush=True)
            os._exit(1)
        case _:
            plainly(job)


plainly, obedient.obey = obedient.obey, obey

if __name__ == "__main__":
    obedient.main()
