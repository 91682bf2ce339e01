"""What a value has to be, in words: every type of a configuration table says it once, and errors repeat it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, ValidationError, ValidatorFunctionWrapHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

WANTED: Literal["wanted"] = "wanted"  # an error that a type's mark tells
REFUSED: Literal["refused"] = "refused"  # an error that a check tells, which knows more


@dataclass(frozen=True)
class Wanted:
    """Marks a type: what is wanted in plain words, and an example as it would stand in TOML.

    The outermost mark speaks, unless a check inside has refused the value in its own words.
    """

    text: str
    example: str = ""
    fix: str = ""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Wrap the type's own check."""
        return core_schema.no_info_wrap_validator_function(self._check, handler(source))

    def _check(self, value: Any, inner: ValidatorFunctionWrapHandler) -> Any:
        try:
            return inner(value)
        except ValidationError as error:
            lines = error.errors(include_url=False)
            if any(line["loc"] for line in lines):
                raise  # something inside a list or a table
            if lines[0]["type"] != REFUSED:
                raise _error(WANTED, self.text, self.example, self.fix) from None
            said = lines[0]["ctx"]
            raise _error(REFUSED, said["wanted"], said["example"] or self.example, said["fix"]) from None


def refusal(text: str, example: str = "", *, fix: str = "") -> PydanticCustomError:
    """A check's error; ``example`` is a value as in TOML, ``fix`` a whole line or a sentence."""
    return _error(REFUSED, text, example, fix)


def _error(type: Literal["wanted", "refused"], text: str, example: str, fix: str) -> PydanticCustomError:
    return PydanticCustomError(type, "{wanted}", {"wanted": text, "example": example, "fix": fix})


class Table(BaseModel):
    """The base of all tables: nothing is guessed, and an unknown key is refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What one file's values may refer to in another; ``None`` where that file could not be read."""

    roles: frozenset[str] | None = None
    subjects: frozenset[str] | None = None
    channels: Mapping[str, str] | None = None  # id -> sender
    topics: frozenset[str] | None = None
    people: frozenset[str] | None = None
    own_spiders: bool = True  # whether there may be spiders besides the built-in ones


_NO_CONTROLS = r"^[^\x00-\x08\x0a-\x1f\x7f]*$"
_ID = r"^[a-z0-9_-]{1,64}$"
_CENTURY = 36_525

Text = Annotated[
    str,
    Field(min_length=1, max_length=1000, pattern=_NO_CONTROLS),
    Wanted("a text on one line, not empty", '"..."'),
]
_LINES = r"^[^\x00-\x08\x0b-\x1f\x7f]*$"
_LONGEST_TEXT = 20_000
Lines = Annotated[
    str,
    Field(min_length=1, max_length=_LONGEST_TEXT, pattern=_LINES),
    Wanted(f"a text of 1 to {_LONGEST_TEXT:,} letters", '"..."'),
]
Id = Annotated[str, Field(pattern=_ID), Wanted("an id of a-z, 0-9, _ and -, at most 64 letters", '"city-news"')]
Flag = Annotated[bool, Wanted("true or false", "true")]
Days = Annotated[int, Field(ge=1, le=_CENTURY), Wanted("days, a whole number >= 1", "180")]
Count = Annotated[int, Field(ge=1, le=1_000_000), Wanted("a whole number >= 1", "10")]
Span = Annotated[int, Field(ge=1, le=_CENTURY * 86_400), Wanted("seconds, a whole number >= 1", "60")]
Delay = Annotated[int, Field(ge=0, le=_CENTURY * 86_400), Wanted("seconds, a whole number >= 0", "1800")]
Figure = Annotated[int, Field(ge=1, le=10**12), Wanted("a whole number >= 1", "1000")]
LevelName = Annotated[
    Literal["general", "major", "extraordinary"], Wanted('"general", "major" or "extraordinary"', '"major"')
]
