"""What is printed fits where it is printed, and does nothing there."""

from __future__ import annotations

import pytest

from yuqing_daemon.cli.output import print_json, say, show

COLUMNS = ("ID", "STATE", "READS", "TITLE")
ROWS = [
    ("E1", "major", "1,200", "一个很长很长的标题，说的是食堂里发生的事情，还没有说完，还要接着说"),
    ("E12", "ok", "?", "短"),
]


@pytest.fixture
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)


def test_in_a_pipe_a_row_is_one_line_and_no_line_ends_in_blanks(wide: None, capsys: pytest.CaptureFixture[str]) -> None:
    show(COLUMNS, [*ROWS, ("E3", "ok", "7", "x" * 500)])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert lines[0] == "ID   STATE  READS  TITLE"
    assert lines[2] == "E12  ok         ?  短"
    assert lines[3].endswith("x" * 500)
    assert all(line == line.rstrip() for line in lines)


def test_in_80_columns_the_last_column_folds_under_itself(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    show(COLUMNS, ROWS)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert lines[2].startswith(" " * 19) and lines[2].strip()
    assert "".join(line[19:] for line in lines[1:3]).replace(" ", "") == ROWS[0][3]


def test_what_is_spare_is_left_out_first_where_there_is_no_room(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    show(COLUMNS, ROWS, spare=("READS", "STATE"))
    assert capsys.readouterr().out.splitlines()[0].split() == ["ID", "STATE", "TITLE"]


def test_a_last_column_without_room_gets_lines_of_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    show(COLUMNS, ROWS)
    lines = capsys.readouterr().out.splitlines()
    assert lines[2] == "E1   major  1,200"
    assert lines[3].startswith("  一个很长")


def test_markup_emoji_names_and_control_characters_are_only_text(
    wide: None, capsys: pytest.CaptureFixture[str]
) -> None:
    nasty = "[bold]x[/] [/red] :smile: \x1b[2J\r\n\u202e\x9b\ud800"
    say(nasty)
    show(("A", "B"), [(nasty, nasty)])
    out = capsys.readouterr().out
    assert "[bold]x[/] [/red] :smile: \ufffd[2J  \ufffd\ufffd\ufffd" in out
    assert not set("\x1b\r\u202e\x9b") & set(out)
    assert len(out.splitlines()) == 3


def test_json_is_as_it_is_and_unknown_is_null(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"title": "食堂[bold]", "reads": None})
    assert capsys.readouterr().out == '{\n  "title": "食堂[bold]",\n  "reads": null\n}\n'
