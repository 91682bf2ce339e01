"""The commands that answer: the ledger in three forms, the review, and a record that names its own flaw."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, update

from yuqing_daemon.cli.ledger import CSV_COLUMNS, cell
from yuqing_daemon.clock import utc_now
from yuqing_daemon.domain import Act, AuditEntry
from yuqing_daemon.engine import Engine
from yuqing_daemon.store import audit, schema

from .commandline import Yuqing


@pytest.fixture
def judged(history: Engine) -> Engine:
    """E1 was dismissed by somebody whose name would like to be a formula."""
    history.act("E1", Act.DISMISS, by="=cmd|'/c calc'!A1", reason="@SUM(1+1)", now=utc_now())
    return history


# -- ledger ---------------------------------------------------------------------------------------


def test_the_ledger_tells_lines_with_evidence_and_counts(yuqing: Yuqing, judged: Engine) -> None:
    ran = yuqing("ledger")
    assert ran.code == 0
    assert "concealed 瞒报: 1 line" in ran.lines
    (line,) = [line for line in ran.lines if "dismissed though extraordinary was reached" in line]
    assert "reads 12000" in line
    assert "reason @SUM(1+1)" in line
    assert "entry " in line
    assert "for each unit" in ran.lines
    assert all(len(line) <= 80 for line in yuqing("ledger", columns=80).lines)


def test_the_ledger_as_json_has_typed_figures_and_entries_that_exist(yuqing: Yuqing, judged: Engine) -> None:
    found = yuqing("ledger", "--json").json
    assert found["record"]["ok"]
    (line,) = [line for line in found["lines"] if line["heading"] == "concealed"]
    assert (line["event"], line["figures"]["heat"]["reads"]) == ("E1", 12_000)
    record = {entry["id"]: entry["what"] for entry in yuqing("event", "E1", "--json").json["record"]}
    assert [record[number] for number in line["entries"]] == ["judged.dismiss"]
    assert {tally["who"]: tally["concealed"] for tally in found["people"]}["=cmd|'/c calc'!A1"] == 1


def test_every_key_of_the_json_is_documented(yuqing: Yuqing, judged: Engine) -> None:
    docs = (Path(__file__).parents[2] / "docs" / "ledger.md").read_text()
    found = yuqing("ledger", "--json").json
    keys = {*found, *found["record"], *found["units"][0]}
    for line in found["lines"]:
        keys |= {*line, *line["figures"], line["heading"]}
    for suggestion in yuqing("review", "--json").json:
        keys |= {*suggestion}
    assert [key for key in sorted(keys) if f"`{key}`" not in docs] == []


def test_the_ledger_as_csv_opens_in_a_spreadsheet_and_runs_nothing_there(yuqing: Yuqing, judged: Engine) -> None:
    ran = yuqing("ledger", "--csv")
    assert ran.out.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(ran.out.removeprefix("\ufeff"))))
    assert tuple(rows[0]) == CSV_COLUMNS
    assert all(len(row) == len(CSV_COLUMNS) for row in rows)
    (row,) = [row for row in rows if row[0] == "concealed"]
    assert (row[1], row[5]) == ("瞒报", "'=cmd|'/c calc'!A1")
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert all(line.startswith('"') and line.endswith('"') for line in ran.out.removeprefix("\ufeff").splitlines())


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_that_begins_like_a_formula_is_text(start: str) -> None:
    assert cell(f"{start}1").startswith("'")
    assert cell(f"1{start}") == f"1{start}".translate({9: " ", 13: " "})


def test_a_period_holds_its_last_day_and_a_unit_its_own_lines(yuqing: Yuqing, judged: Engine) -> None:
    today = utc_now().astimezone(judged.settings.timezone).date()
    yesterday = today - timedelta(days=1)
    assert yuqing("ledger", "--from", f"{today}", "--to", f"{today}", "--json").json["lines"]
    assert not yuqing("ledger", "--to", f"{yesterday - timedelta(days=1)}", "--json").json["lines"]
    assert yuqing("ledger", "--from", f"{today + timedelta(days=1)}").lines == ["nothing on record in that time"]
    assert not yuqing("ledger", "--unit", "nobody", "--json").json["lines"]
    units = yuqing("ledger", "--json").json["units"]
    own = yuqing("ledger", "--unit", units[-1]["who"], "--json").json["lines"]
    assert own
    assert all(units[-1]["who"] in line["units"] for line in own)


@pytest.mark.parametrize(
    "arguments",
    [("ledger", "--from", "yesterday"), ("ledger", "--known-within", "1 working day"), ("ledger", "--json", "--csv"),
     ("ledger", "--known-within", "long"), ("audit", "verify", "--head", "abc")],
)  # fmt: skip
def test_wrong_usage_exits_2(yuqing: Yuqing, judged: Engine, arguments: tuple[str, ...]) -> None:
    assert yuqing(*arguments).code == 2


def test_a_ledger_from_a_record_that_does_not_hold_says_so(yuqing: Yuqing, judged: Engine) -> None:
    with judged.store.write() as connection:
        connection.execute(update(schema.audit).where(schema.audit.c.id == 2).values(actor="nobody"))
    ran = yuqing("ledger")
    assert ran.code == 1
    assert "the record does not hold" in ran.err


# -- review ---------------------------------------------------------------------------------------


def test_the_review_lists_lines_to_paste_and_changes_nothing(yuqing: Yuqing, history: Engine, folder: Path) -> None:
    history.add_by_hand(
        topic="company", title="网传某集团仓库起火", url="https://bbs.faraway.com/t/1", by="li", now=utc_now()
    )
    before = {path.name: path.read_bytes() for path in folder.glob("*.toml")}
    ran = yuqing("review")
    assert ran.code == 0
    assert '    url = "https://bbs.faraway.com/"' in ran.lines
    assert any(line.startswith("  because of E3; entries ") for line in ran.lines)
    assert {path.name: path.read_bytes() for path in folder.glob("*.toml")} == before
    found = {each["key"]: each for each in yuqing("review", "--json").json}
    assert found["source:faraway.com"]["events"] == ["E3"]


def test_a_review_without_anything_to_say_says_that(yuqing: Yuqing, history: Engine) -> None:
    assert yuqing("review").lines == ["nothing to suggest: no judgement and no miss speaks against the configuration"]


# -- the record -----------------------------------------------------------------------------------

Tampering = Callable[[Engine], None]


def alter(history: Engine) -> None:
    with history.store.write() as connection:
        connection.execute(update(schema.audit).where(schema.audit.c.id == 3).values(actor="somebody"))


def alter_and_seal(history: Engine) -> None:
    """The cleverer one: the altered entry bears a seal that fits it."""
    with history.store.write() as connection:
        entry = next(each for each in audit.entries(connection) if each.id == 3)
        forged = replace(entry, actor="somebody")
        seal = audit.seal(forged, forged.prev)
        row = update(schema.audit).where(schema.audit.c.id == 3)
        connection.execute(row.values(actor="somebody", hash=seal))


def remove(history: Engine) -> None:
    with history.store.write() as connection:
        connection.execute(delete(schema.audit).where(schema.audit.c.id.in_([3, 4])))


def remove_the_first(history: Engine) -> None:
    with history.store.write() as connection:
        connection.execute(delete(schema.audit).where(schema.audit.c.id == 1))


def put_in(history: Engine) -> None:
    """Entry 3, well sealed, and what was there moves up one number."""
    with history.store.write() as connection:
        table = schema.audit.c
        for number in connection.execute(select(table.id).where(table.id >= 3).order_by(table.id.desc())).scalars():
            connection.execute(update(schema.audit).where(table.id == number).values(id=number + 1))
        before = next(each for each in audit.entries(connection) if each.id == 2)
        entry = AuditEntry(at=before.at, actor="forger", what="event.acknowledged", event=1)
        values = {"id": 3, "at": entry.at, "actor": entry.actor, "what": entry.what, "event": 1, "data": {}}
        values |= {"prev": before.hash, "hash": audit.seal(entry, before.hash)}
        connection.execute(insert(schema.audit).values(**values))


@pytest.mark.parametrize(
    ("tampering", "flaw", "number"),
    [
        (alter, "altered", 3),
        (alter_and_seal, "altered", 3),
        (remove, "missing", 5),
        (remove_the_first, "missing", 2),
        (put_in, "inserted", 3),
    ],
)
def test_verify_names_the_first_flaw_and_what_it_is(
    yuqing: Yuqing, history: Engine, tampering: Tampering, flaw: str, number: int
) -> None:
    assert yuqing("audit", "verify").code == 0
    tampering(history)
    ran = yuqing("audit", "verify", "--json")
    assert ran.code == 1
    assert (ran.json["broken"]["flaw"], ran.json["broken"]["id"]) == (flaw, number)
    said = yuqing("audit", "verify").out
    assert said.startswith(f"the record is broken at entry {number}, ")
    assert f": {flaw}, " in said


def test_a_known_head_shows_that_the_end_was_cut_off(yuqing: Yuqing, history: Engine) -> None:
    number, head = yuqing("audit", "head").out.split()
    assert yuqing("audit", "head", "--json").json["id"] == int(number)
    history.acknowledge("E1", by="li", how="test", now=utc_now())
    assert yuqing("audit", "verify", "--head", head.upper()).code == 0  # it goes on from there
    with history.store.write() as connection:
        connection.execute(delete(schema.audit).where(schema.audit.c.id >= int(number)))
    assert yuqing("audit", "verify").code == 0  # by itself the chain cannot tell
    ran = yuqing("audit", "verify", "--head", head)
    assert ran.code == 1
    assert "cut, the known head is not in the chain any more" in ran.out


def test_a_head_from_before_a_new_beginning_is_not_found(yuqing: Yuqing, history: Engine) -> None:
    with history.store.write() as connection:
        connection.execute(delete(schema.audit))
    assert yuqing("audit", "head").lines == ["the record is empty"]
    assert yuqing("audit", "verify", "--head", "0" * 64, "--json").json["broken"]["detail"].endswith("it is empty")
