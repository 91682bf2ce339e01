"""The shipped schemas are those of the code, and the shipped files use only what they know."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import tomli

from yuqing_daemon.config.schemas import schemas

SHIPPED = Path(str(files("yuqing_config")))


@pytest.mark.parametrize("name", ["yuqing", "sources", "topics", "people", "regime"])
def test_the_shipped_schema_is_up_to_date(name: str) -> None:
    shipped = json.loads((SHIPPED / "schemas" / f"{name}.schema.json").read_text("utf-8"))
    assert shipped == schemas()[name], "run: python -m yuqing_daemon.config.schemas"


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("yuqing.toml", "yuqing"),
        ("sources.toml", "sources"),
        ("topics.toml", "topics"),
        ("people.toml", "people"),
        ("regimes/company.toml", "regime"),
        ("regimes/agency.toml", "regime"),
        ("regimes/joint-conference.toml", "regime"),
    ],
)
def test_the_shipped_files_fit_their_schemas(file: str, name: str) -> None:
    schema = schemas()[name]
    assert list(misfits(tomli.loads((SHIPPED / file).read_text("utf-8")), schema, schema)) == []


def test_an_unknown_or_missing_key_does_not_fit() -> None:
    schema = schemas()["topics"]
    assert list(misfits({"topics": {"a": {"anny": []}}}, schema, schema)) == ["anny"]
    schema = schemas()["yuqing"]
    assert list(misfits({"organisation": "x"}, schema, schema)) == ["regime"]


def misfits(value: Any, schema: dict[str, Any], root: dict[str, Any]) -> Iterator[str]:
    """The keys that a schema does not know, or misses: as much of JSON Schema as editors show at once."""
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rsplit("/", 1)[-1]]
    if isinstance(value, list):
        for one in value:
            yield from misfits(one, schema.get("items", {}), root)
    elif isinstance(value, dict) and schema.get("type") == "object":
        known, others = schema.get("properties", {}), schema.get("additionalProperties", True)
        patterns = schema.get("patternProperties", {})
        yield from (key for key in schema.get("required", []) if key not in value)
        for key, one in value.items():
            inner = known.get(key) or next(iter(patterns.values()), others)
            if inner is False:
                yield key
            elif isinstance(inner, dict):
                yield from misfits(one, inner, root)
