"""A file without a name, for what all workers of a machine keep together."""

from __future__ import annotations

import os
import tempfile


def scratch_file() -> int:
    """The descriptor of a new one: in memory where the system has that, so that a full disk does not matter."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("yuqing")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
