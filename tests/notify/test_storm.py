"""A small storm, as ``benchmarks/storm.py`` makes it: who must know at once does, nobody is flooded, nothing lost."""

from __future__ import annotations

import sys
from pathlib import Path

from world import ROOT

sys.path.append(str(ROOT / "benchmarks"))

import storm


def test_in_a_storm_nobody_is_flooded_and_every_notice_is_accounted_for(tmp_path: Path) -> None:
    done = storm.storm(tmp_path, posts=300, events=60, answer=0.0)
    assert len(done.first_word) == 5  # everybody whom the regime names has the extraordinary event's first word
    assert max(done.received.values()) <= storm.BUDGET
    assert set(done.states) <= {"accepted", "bundled", "pending"}
    assert done.states["bundled"] >= 60 - storm.BUDGET
    assert done.states.get("pending", 0) <= 1  # the message that leaves with the slot
