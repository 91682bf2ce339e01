"""Whatever stands in the files, the answer is settings or a refusal, never anything else."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_config import FILES, FULL, SENDERS, write

from yuqing_daemon.config import Settings, load, plugins_wanted
from yuqing_daemon.errors import ConfigError

VALUES = st.sampled_from(
    [
        *(
            "0",
            "-1",
            "1e400",
            "nan",
            "9999999999999999999",
            "true",
            '""',
            '" "',
            '"x"',
            '"\\u0000"',
            "'''\n'''",
            "[]",
            "{}",
        ),
        *("[[]]", "[1, 'a', {}]", "2026-01-01", "07:32:00", '{ env = "A" }', '{ file = "." }', '{ credential = "." }'),
        *('"https://[::1"', '"http://a:99999/"', '"http://\\u3002/"', '"xpath:"', '"("', '"../.."', '"/"', "[[[[1]]]]"),
        *('["", 0]', "{ a.b = 1 }", '"' + "x" * 3000 + '"', '"[::1]:1"', '"\\U0001F600"', "0x7fffffffffffffffff"),
    ]
)
LINES = st.sampled_from(sorted({line for text in FULL.values() for line in text.splitlines()}))
USED = {line.partition(" = ")[0] for text in FULL.values() for line in text.splitlines() if " = " in line}
UNUSED = """channels source topics people levels crawl.gap web.listen store.path templates spider article.body
items.items threads.row args every encoding timezone language a.b.c duties special special.floors.major stages
rotas overrides absences subscriptions special_periods kinds wants_reason calendar day_closes cut_off next_role"""
NAMES = st.sampled_from(sorted(USED) + UNUSED.split())
SETTINGS = st.builds("{} = {}".format, NAMES, VALUES)
RUBBISH = st.text(alphabet="ab\"'[]{}=.,#\\\n\t 1-:食\x00\ud7ff", max_size=30)
CHANGES = st.dictionaries(
    st.sampled_from(sorted(FILES)), st.tuples(st.integers(0, 120), st.one_of(SETTINGS, LINES, RUBBISH), st.booleans())
)


def changed(text: str, at: int, line: str, replaces: bool) -> str:
    lines = text.splitlines()
    at %= len(lines)
    return "\n".join([*lines[:at], line, *lines[at + replaces :]])


@settings(max_examples=400, deadline=None)
@given(CHANGES)
def test_a_changed_file_gives_settings_or_a_refusal(changes: dict[str, tuple[int, str, bool]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = write(Path(name), FULL | {file: changed(FULL[file], *change) for file, change in changes.items()})
        plugins_wanted(folder)
        try:
            assert isinstance(load(folder, senders=SENDERS, environ={}), Settings)
        except ConfigError as error:
            assert error.problems
            assert all(problem.file.startswith(name) and problem.wanted for problem in error.problems)


@pytest.mark.parametrize(
    "text", ["", "\x00", "[", "[[", "]", "a", "a=", '"', "'''", "a = [", "a = {", "\ufeff\ufeff", "\r"]
)
@pytest.mark.parametrize("file", sorted(FILES))
def test_broken_syntax_is_told_of_the_file_it_stands_in(file: str, text: str, tmp_path: Path) -> None:
    write(tmp_path, {f"+{file}": text})
    try:
        load(tmp_path, senders=SENDERS, environ={})
    except ConfigError as error:
        assert any(problem.file.endswith(file) for problem in error.problems)
