"""JSON Schemas of the configuration files, so that editors complete and check them.

``python -m yuqing_daemon.config.schemas`` rewrites the shipped ones.
"""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from .main_file import MainFile
from .people_file import PeopleFile
from .regime_file import RegimeFile
from .sources_file import SourcesFile
from .topics_file import TopicsFile

_FILES: dict[str, type[BaseModel]] = {
    "yuqing": MainFile,
    "sources": SourcesFile,
    "topics": TopicsFile,
    "people": PeopleFile,
    "regime": RegimeFile,
}


class _Toml(GenerateJsonSchema):
    """TOML has no null: a key that may be left out is simply not required."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        described = super().default_schema(schema)
        return {key: value for key, value in described.items() if key != "default" or value is not None}


def schemas() -> dict[str, dict[str, Any]]:
    """Each file's schema, by the file's name without its ending."""
    return {name: _schema(model) for name, model in _FILES.items()}


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    schema = model.model_json_schema(schema_generator=_Toml)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def main() -> None:
    """Rewrite the shipped schemas."""
    folder = Path(str(files("yuqing_config"))) / "schemas"
    for name, schema in schemas().items():
        text = json.dumps(schema, ensure_ascii=False, indent=1)
        (folder / f"{name}.schema.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
