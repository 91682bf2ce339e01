"""Validation errors in the words of the configuration: where, what was found, what is wanted, the fix."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from ..errors import Problem
from .checks import did_you_mean
from .documents import Document
from .places import Path, dotted
from .wanted import REFUSED, WANTED, Known, Wanted

Model = TypeVar("Model", bound=BaseModel)

_WORDS = {
    "string_type": "a text in quotes",
    "string_too_short": "a text of at least {min_length} letters",
    "string_too_long": "a text of at most {max_length} letters",
    "string_pattern_mismatch": "a text that matches {pattern}",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "literal_error": "{expected}",
    "enum": "{expected}",
    "greater_than": "a number > {gt}",
    "greater_than_equal": "a number >= {ge}",
    "less_than": "a number < {lt}",
    "less_than_equal": "a number <= {le}",
    "list_type": "a list, [...]",
    "tuple_type": "a list, [...]",
    "set_type": "a list, [...]",
    "frozen_set_type": "a list, [...]",
    "too_short": "at least {min_length} entries",
    "too_long": "at most {max_length} entries",
    "dict_type": "a table, {{ ... }}",
    "model_type": "a table, {{ ... }}",
    "dataclass_type": "a table, {{ ... }}",
    "path_type": "a path in quotes",
    "value_error": "values that fit together: {error}",
    "assertion_error": "values that fit together: {error}",
}
_UNKNOWN_KEY = ("extra_forbidden", "unexpected_keyword_argument")
_MISSING = ("missing", "missing_argument", "missing_keyword_only_argument")


def check(document: Document, model: type[Model], known: Known) -> tuple[Model | None, list[Problem]]:
    """Check a whole file against its tables; a file that could not be parsed has told its problem already."""
    if not document.readable:
        return None, []
    try:
        return model.model_validate(document.data, context=known), []
    except ValidationError as error:
        return None, list(explain(document, error, model))


def explain(document: Document, error: ValidationError, model: type, base: Path = ()) -> Iterator[Problem]:
    """One problem for each error. ``model`` stands at the path ``base`` of the document."""
    for line in error.errors(include_url=False, include_input=False):
        loc = line["loc"]
        if line["type"] in _UNKNOWN_KEY:
            yield document.problem(base + loc, "a key that exists here", _other_key(model, loc), found="")
        elif line["type"] in _MISSING:
            yield _missing(document, base + loc, field_at(model, loc))
        else:
            yield _wrong(document, base, loc, line["type"], line.get("ctx", {}), line["msg"])


def _other_key(model: type, loc: Path) -> str:
    """The nearest key; or, as a setting behind a sub-table's header belongs to that, where it would be right."""
    name, known = str(loc[-1]), keys_at(model, loc[:-1])
    if len(loc) > 2 and name in keys_at(model, loc[:-2]):
        header = ".".join(step for step in loc[:-1] if isinstance(step, str))
        return f"put it above [{header}], where it belongs to the table around"
    return did_you_mean(name, known) or f"one of {', '.join(known)}"


def _missing(document: Document, path: Path, field: FieldInfo | None) -> Problem:
    if field and _inner(field.annotation) == (field.annotation, False):
        return document.problem(path, "this table", f"[{dotted(path)}]")
    wanted = _mark(field)
    text = f"this key: {wanted.text}" if wanted else "this key"
    fix = f"{path[-1]} = {wanted.example}" if wanted and wanted.example else f"{path[-1]} = ..."
    return document.problem(path, text, fix)


def _wrong(document: Document, base: Path, loc: Path, type: str, facts: Mapping[str, Any], message: str) -> Problem:
    if loc[-1:] == ("[key]",):
        fix = facts.get("fix") or _other_id(str(loc[-2]))
        return document.problem(base + loc[:-1], str(facts.get("wanted", message)), fix, found="")
    path = document.known(base + loc)
    if type in (WANTED, REFUSED):
        return document.problem(path, facts["wanted"], facts["fix"] or _line(path, facts["example"]))
    if type in _WORDS:
        return document.problem(path, _WORDS[type].format_map(facts).replace("'", '"'))
    return document.problem(path, message.removeprefix("Input should be "))


def _line(path: Path, example: str) -> str:
    """The example as a line that would work under the path's last key, or as an entry of a list."""
    return f"{path[-1]} = {example}" if example and path and isinstance(path[-1], str) else example


def _other_id(name: str) -> str:
    plain = re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-")[:64]
    return f'call it "{plain}"' if plain else f'call it "a1", and say name = "{name}"'


def keys_at(model: type, loc: Path) -> list[str]:
    """The keys a table knows."""
    table = _model_at(model, loc)
    if isinstance(table, type) and issubclass(table, BaseModel):
        return [field.alias or name for name, field in table.model_fields.items()]
    return list(getattr(table, "__dataclass_fields__", ()))


def field_at(model: type, loc: Path) -> FieldInfo | None:
    """What a table says of one of its keys."""
    return _field(_model_at(model, loc[:-1]), str(loc[-1]))


def _mark(field: FieldInfo | None) -> Wanted | None:
    """What the type of a key says it wants: the outermost mark."""
    marks = reversed(field.metadata) if field else ()
    return next((mark for mark in marks if isinstance(mark, Wanted)), None)


def _field(table: Any, name: str) -> FieldInfo | None:
    if not isinstance(table, type) or not issubclass(table, BaseModel):
        return None
    return next((field for key, field in table.model_fields.items() if (field.alias or key) == name), None)


def _model_at(model: Any, loc: Path) -> Any:
    """The table's model at a path: through lists, and through tables of tables."""
    steps = iter(loc)
    for step in steps:
        field = _field(model, str(step))
        if field is None:
            return None
        model, is_keyed = _inner(field.annotation)
        if is_keyed:
            next(steps, None)  # an id or a place in a list
    return model


def _inner(annotation: Any) -> tuple[Any, bool]:
    """The table inside an annotation, and whether one more step leads to it."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, False
    is_keyed = get_origin(annotation) in (dict, list)
    for argument in get_args(annotation):
        table, deeper = _inner(argument)
        if table is not None:
            return table, is_keyed or deeper
    return None, is_keyed
