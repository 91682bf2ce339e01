"""A package that is installed for as long as a test runs: here, and in the processes that are started from here."""

from __future__ import annotations

import os
import textwrap
from pathlib import Path

import pytest


def install(monkeypatch: pytest.MonkeyPatch, folder: Path, name: str, module: str, code: str = "") -> Path:
    """Put a package with one plugin on the path, without pip: what counts is the metadata beside it.

    Args:
        name: of the entry point; the package is called ``yuqing-NAME`` and has version 1.0.
        module: where the plugin is; written with ``code`` unless that is empty.
    """
    info = folder / f"yuqing_{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: yuqing-{name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[yuqing_daemon]\n{name} = {module}\n")
    if code:
        (folder / f"{module}.py").write_text(textwrap.dedent(code))
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH")))))
    return folder
