"""The commented, working configuration that ``yuqing init`` writes."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from ..errors import RequestError

_PARTS = ("yuqing.toml", "sources.toml", "topics.toml", "people.toml", "regimes", "schemas", "spiders")

_ENDINGS = (".toml", ".json", ".cfg")


def write_example(folder: Path) -> list[Path]:
    """Copy the example into a folder, which is made if need be; returns the files written.

    Raises:
        RequestError: a file of that name exists; then nothing is written.
    """
    wanted = [(folder / name, entry) for name, entry in _example()]
    existing = [str(path) for path, _ in wanted if path.exists()]
    if existing:
        raise RequestError(f"these files exist already and are left alone: {', '.join(existing)}")
    try:
        for path, entry in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(entry.read_bytes())
    except OSError as error:
        raise RequestError(f"cannot write {error.filename}: {error.strerror}") from error
    return [path for path, _ in wanted]


def _example() -> Iterator[tuple[str, Traversable]]:
    root = files("yuqing_config")
    for part in _PARTS:
        entry = root / part
        if entry.is_file():
            yield part, entry
        else:
            inside = sorted(entry.iterdir(), key=lambda file: file.name)
            yield from (
                (f"{part}/{file.name}", file) for file in inside if file.name.endswith((".toml", ".json", ".cfg"))
            )
