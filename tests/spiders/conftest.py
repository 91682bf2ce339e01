"""The same workers and sites as in tests/crawl."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "crawl"))

from crew import crew, other, site

__all__ = ["crew", "other", "site"]
