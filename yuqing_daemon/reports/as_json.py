"""Facts for machines: plain values, every figure with its trace. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from ..domain import Level


def as_json(value: object) -> Any:
    """Facts as JSON has them: instants as ISO 8601 in UTC, levels by name.

    >>> as_json({"level": Level.MAJOR, "trace": ("E1#2",)})
    {'level': 'major', 'trace': ['E1#2']}
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Level):
        return value.name.lower()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): as_json(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(each) for each in value]
    return value
