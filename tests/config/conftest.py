"""What is printed when a configuration is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from sample_config import loaded

from yuqing_daemon.errors import ConfigError


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Mapping[str, str]], str]:
    """Load the sample with changes from the folder ``conf`` and return the text of the refusal."""
    monkeypatch.chdir(tmp_path)

    def refuse(changes: Mapping[str, str]) -> str:
        with pytest.raises(ConfigError) as caught:
            loaded(Path("conf"), changes)
        return str(caught.value)

    return refuse
