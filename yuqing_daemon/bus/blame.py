"""Whose fault it was that a crawl worker died: read from its last words, pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .messages import Job, Lost

_FRAME = re.compile(r'^\s*File "([^"]+)", line \d+', re.MULTILINE)
_TRACES = ("Timeout (", "Fatal Python error", "Fatal worker error")  # not those of errors that were survived


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Why a worker is gone: the reason for people, and the job it was killed for, if it was for one job.

    ``excused``: no job can have anything to do with it.
    """

    reason: str
    culprit: str = ""
    excused: bool = False


def traceback_in(words: str) -> str:
    """The last traceback of what a worker said, or nothing.

    >>> traceback_in('starting\\nTimeout (0:00:04)!\\n  File "a.py", line 3 in parse')
    'Timeout (0:00:04)!\\n  File "a.py", line 3 in parse'
    """
    starts = [words.rfind(mark) for mark in _TRACES]
    first = max(starts)
    return words[first:].strip() if first >= 0 else ""


def lost(jobs: Iterable[Job], verdict: Verdict, words: str, code: Mapping[str, tuple[str, ...]]) -> list[Lost]:
    """Give every job of a dead worker back, the culprit blamed.

    Args: words: the end of the worker's stderr; code: spider name -> the files its code stands in.
    The culprit is the job the worker was killed for, else the only one running, else the only one whose
    spider's file stands in the traceback. If several remain possible, nobody is blamed.
    """
    jobs = list(jobs)
    trace = traceback_in(words)
    culprit = verdict.culprit or _only(jobs) or _only(_in_the_trace(jobs, trace, code))
    if verdict.excused:
        culprit = ""
    return [
        Lost(
            job=job.id,
            source=job.source.id,
            reason=verdict.reason,
            blamed=job.id == culprit,
            traceback=trace if job.id == culprit else "",
        )
        for job in jobs
    ]


def _in_the_trace(jobs: list[Job], trace: str, code: Mapping[str, tuple[str, ...]]) -> list[Job]:
    files = set(_FRAME.findall(trace))
    return [job for job in jobs if files.intersection(code.get(job.source.spider, ()))]


def _only(jobs: list[Job]) -> str:
    return jobs[0].id if len(jobs) == 1 else ""
