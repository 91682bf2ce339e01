"""Every key of a TOML text has the line it stands on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from yuqing_daemon.config.places import Path, dotted, line_of, places

TEXT = '''\
# a comment with [brackets] = "and quotes"
plain = 1
a.b."c d" = "x # no comment"  # = comment

[table]
long = """
[not.a.table]
key = "no key"
""""" # closed by five quotes
raw = \'\'\'
x = 1
\'\'\'
when = 1979-05-27 07:32:00
list = [
  1, # one
  [2, 3],

  { in = "side", deep.er = [
    4 ] },
]
inline = { a = 1, b = { c = "}" } }

[[many]]
id = 1
[many.sub]
key = 1
[[many.below]]
x = 1
[[many.below]]
x = 2
[[many]]
id = 2
["odd \\u4e00".'raw\\key']
end = true'''

LINES = [
    (("plain",), 2),
    (("a", "b", "c d"), 3),
    (("table",), 5),
    (("table", "long"), 6),
    (("table", "raw"), 10),
    (("table", "when"), 13),
    (("table", "list", 0), 15),
    (("table", "list", 1, 1), 16),
    (("table", "list", 2, "in"), 18),
    (("table", "list", 2, "deep", "er", 0), 19),
    (("table", "inline", "b", "c"), 21),
    (("many", 0), 23),
    (("many", 0, "sub", "key"), 26),
    (("many", 0, "below", 1, "x"), 30),
    (("many", 1, "id"), 32),
    (("odd 一", "raw\\key", "end"), 34),
]


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    if path:
        yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, one in pairs:
        yield from paths(one, (*path, step))


@pytest.mark.parametrize(("path", "line"), LINES)
def test_a_key_has_the_line_it_stands_on(path: Path, line: int) -> None:
    assert places(TEXT)[path] == line
    assert places(TEXT.replace("\n", "\r\n"))[path] == line


def test_every_key_the_parser_finds_has_a_line_and_no_other() -> None:
    assert set(places(TEXT)) == set(paths(tomli.loads(TEXT)))


def test_a_key_that_is_missing_has_the_line_of_the_table_around_it() -> None:
    assert line_of(places(TEXT), ("many", 1, "name")) == 31
    assert line_of(places(TEXT), ("nowhere",)) is None


def test_a_path_is_written_as_an_operator_counts() -> None:
    assert dotted(("people", "王 主任", "channels", 0, "to")) == 'people."王 主任".channels.1.to'
    assert dotted(("a\nb",)) == '"a?b"'


LETTERS = st.text(alphabet="ab\"\\\n\t#=[]{},. 食'", max_size=6)
KEYS = st.one_of(st.sampled_from(["a", "b", "c-1"]), LETTERS)
VALUES = st.recursive(
    st.one_of(st.integers(), st.booleans(), LETTERS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=6,
)


def written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return "[\n" + "".join(f"  {written(one)}, # ]\n" for one in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{quoted(key)} = {written(one)}" for key, one in value.items()) + " }"
    return quoted(value)


def quoted(text: str) -> str:
    return '"' + "".join(letter if letter.isalnum() else f"\\u{ord(letter):04x}" for letter in text) + '"'


@given(st.lists(st.dictionaries(KEYS, VALUES, max_size=3), max_size=3))
def test_whatever_is_written_every_key_has_a_line(tables: list[dict[str, Any]]) -> None:
    text = ""
    for table in tables:
        text += "[[t]] # x\n" + "".join(f"{quoted(key)} = {written(value)}\n" for key, value in table.items())
    lines = places(text)
    assert set(lines) == set(paths(tomli.loads(text)))
    for path, line in lines.items():
        if isinstance(path[-1], str) and len(path) == 3:
            assert text.splitlines()[line - 1].startswith(quoted(path[-1]))
