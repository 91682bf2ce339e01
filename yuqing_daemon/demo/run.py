"""The demonstration from its start to its end: everything is started, watched, and stopped again."""

from __future__ import annotations

import secrets
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from rich.console import Console

from ..errors import RequestError
from . import watch
from .clock import StoryClock
from .course import Course
from .farm import SiteServer, farm
from .process import DaemonProcess, running
from .setup import write_configuration
from .sinks import free_port, sinks
from .summary import Report, missing, print_failure, print_summary, read_record
from .view import Moment, view

LOOK_EVERY = 0.25  # seconds
PATIENCE = 2.0  # how many times the meant length it may take on a slow machine
QUICK = 2.0  # how much faster the story goes when it is quick
LOG_LINES = 15
INTERRUPTED = 130


def run_demo(console: Console, *, folder: Path | None = None, seconds: float = 60, quick: bool = False) -> int:
    """Show the whole product at work: local sites, a story that grows, real mail, webhooks and SMS.

    Args:
        folder: where its files are kept; new or empty. Default: a new one among the temporary files.
        seconds: how long it is meant to take at the most; after twice that it gives up.
        quick: let the story run at double speed.

    Returns:
        0 if everything promised was really received; 1 if not, and it has said what; 130 if it was interrupted.

    Raises:
        RequestError: the folder is in use.
    """
    began = time.monotonic()
    folder = _prepared(folder)
    secret, port = secrets.token_hex(16), free_port()
    story_clock = StoryClock(now=time.monotonic, pace=QUICK if quick else 1.0)
    with _interruptible() as interrupted, ExitStack() as stack:
        sites = stack.enter_context(farm(story_clock.read, began_at=datetime.now(UTC)))
        inboxes = stack.enter_context(sinks(folder / "received", secret=secret))
        write_configuration(folder, sites, inboxes, port=port, secret=secret)
        daemon = stack.enter_context(running(folder, port=port))
        course = Course(daemon=daemon, clock=story_clock, sinks=inboxes)
        done = _watch(console, course, folder, interrupted, began=began, seconds=seconds)
        if interrupted.is_set():
            console.print(f"\nstopped; what there was so far is in {folder}", highlight=False, soft_wrap=True)
            return INTERRUPTED
        return _finish(console, course, sites, folder, took=time.monotonic() - began, in_time=done)


def _watch(
    console: Console, course: Course, folder: Path, stop: threading.Event, *, began: float, seconds: float
) -> bool:
    """Go through the course and show it; whether it came to its end."""
    steps = course.run()
    with view(console) as shown, ExitStack() as stack:
        look: Callable[[], watch.Scene] = watch.nothing_yet
        while not stop.wait(LOOK_EVERY) and course.daemon.exit_code is None:
            if look is watch.nothing_yet and course.daemon.is_ready():
                look = stack.enter_context(watch.looking(folder / "state"))
            course.scene = look()
            caption = next(steps, None)
            elapsed = time.monotonic() - began
            words = caption or "everybody has been told"
            now = datetime.now(UTC)
            shown.show(Moment(scene=course.scene, caption=words, duty=course.duty, elapsed=elapsed, now=now))
            if caption is None or elapsed > seconds * PATIENCE:
                return caption is None
    return False


def _finish(
    console: Console, course: Course, sites: tuple[SiteServer, ...], folder: Path, *, took: float, in_time: bool
) -> int:
    """Stop the daemon, and tell how it went."""
    died = course.daemon.exit_code
    code = course.daemon.stop()
    if died is not None:
        print_failure(console, [f"the daemon ended with exit code {died}"], _log(course.daemon), folder)
        return 1
    with watch.looking(folder / "state") as look:
        scene = look()
    report = Report(
        folder=folder,
        elapsed=took,
        scene=scene,
        sinks=course.sinks,
        sites=sites,
        record=read_record(folder / "state"),
        daemon_code=code,
        looking_did_nothing=course.looking_did_nothing,
    )
    problems = missing(report) or ([] if in_time else ["it took too long"])
    if problems:
        print_failure(console, problems, _log(course.daemon), folder)
        return 1
    print_summary(console, report)
    return 0


def _log(daemon: DaemonProcess) -> list[str]:
    return daemon.last_lines(LOG_LINES)


def _prepared(folder: Path | None) -> Path:
    if folder is None:
        return Path(tempfile.mkdtemp(prefix="yuqing-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise RequestError(f"{folder} is not empty; the demonstration wants a folder of its own")
    return folder


@contextmanager
def _interruptible() -> Iterator[threading.Event]:
    """Turn Ctrl-C, SIGTERM and a closed terminal into a flag while this lasts, so that all stops in good order."""
    flag = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield flag
        return

    def note(_number: int, _frame: FrameType | None) -> None:
        flag.set()

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, note) for number in numbers}
    try:
        yield flag
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
