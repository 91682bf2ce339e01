"""The benchmark of deafness, as large as a test may be: a quarter of a year, a visit every half hour."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

FILE = Path(__file__).parents[1] / "benchmarks" / "deaf.py"


def test_every_breakage_is_noticed_in_two_expected_intervals_and_a_site_that_is_well_raises_no_alarm(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(FILE.parent))
    spec = importlib.util.spec_from_file_location("deaf", FILE)
    assert spec is not None and spec.loader is not None
    deaf = importlib.util.module_from_spec(spec)
    sys.modules["deaf"] = deaf
    spec.loader.exec_module(deaf)
    sites = tuple(replace(site, every=timedelta(minutes=30)) for site in deaf.SITES)
    status = deaf.main(years=0.25, tries=1, sites=sites)
    told = capsys.readouterr().out
    assert status == 0, told
    assert "all bars met" in told
