"""A crawl worker without Scrapy: it does to its jobs what their source's options tell it, and speaks the protocol."""

import faulthandler
import json
import os
import signal
import sys
import threading
import time

OUT = 1
TALKING = threading.Event()


def say(**line):
    os.write(OUT, json.dumps(line).encode() + b"\n")


def pulse(settings):
    while True:
        time.sleep(settings["silence"] / 10)
        if TALKING.is_set():
            say(rss=settings.get("rss", 1))


def answer(job, **more):
    at = "2026-05-01T00:00:00Z"
    line = dict(job=job["id"], source=job["source"]["id"], visit="read", started_at=at, ended_at=at, **more)
    rest = memoryview(json.dumps(line).encode() + b"\n")
    while rest:
        rest = rest[os.write(OUT, rest) :]


def stand_still():
    TALKING.clear()
    print("Timeout (0:00:00)!", file=sys.stderr, flush=True)
    faulthandler.dump_traceback(sys.stderr)
    time.sleep(1000)


def obey(job):
    options = job["source"]["options"]
    match options["do"]:
        case "answer":
            answer(job)
        case "much":
            TALKING.clear()  # nothing stands in the middle of the line
            answer(job, error="x" * options["bytes"])
            TALKING.set()
        case "later":
            threading.Timer(options["after"], answer, (job,)).start()
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "exit":
            os._exit(0)
        case "stand still":
            stand_still()
        case "rubbish":
            for line in (b'{"job": 7}', b"[1", b'{"job":"another","source":"x"}', b"\x00", b"", b'{"rss": "many"}'):
                os.write(OUT, line + b"\n")
            answer(job)
        case "too long":
            TALKING.clear()  # nothing stands in the middle of the line
            os.write(OUT, b'{"job":"%s",' % job["id"].encode())
            while True:
                os.write(OUT, b"x" * 65536)
        case "leave a child":
            if os.fork():
                os.kill(os.getpid(), signal.SIGKILL)
            os.setsid()
            time.sleep(5)
        case "twice":
            answer(job)
            answer(job)


def main():
    settings = json.loads(sys.stdin.readline())
    if settings.get("broken"):
        sys.exit("ImportError: broken")
    say(spiders={"auto": ["auto.py"], "bad": [__file__]}, problems=["x.py: SyntaxError"], rss=1)
    TALKING.set()
    threading.Thread(target=pulse, args=(settings,), daemon=True).start()
    for line in sys.stdin:
        obey(json.loads(line))
    os._exit(0)


if __name__ == "__main__":
    main()
