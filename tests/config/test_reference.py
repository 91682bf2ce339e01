"""docs/configuration.md tells every key there is, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from yuqing_daemon.config import (
    days,
    duty_tables,
    health_table,
    heartbeat_table,
    main_file,
    people_file,
    regime_file,
    regime_tables,
    rota_tables,
    second_opinion_table,
    sources_file,
    stage_table,
    topics_file,
)

DOCUMENT = Path(__file__).parents[2] / "docs" / "configuration.md"
TABLES: dict[str, type[BaseModel]] = {
    "yuqing.toml": main_file.MainFile,
    "[store]": main_file.StoreTable,
    "[bus]": main_file.BusTable,
    "[second_opinion]": second_opinion_table.SecondOpinionTable,
    "[crawl]": main_file.CrawlTable,
    "[health]": health_table.HealthTable,
    "[heartbeat]": heartbeat_table.HeartbeatTable,
    "[web]": main_file.WebTable,
    "[log]": main_file.LogTable,
    "[notices]": main_file.NoticesTable,
    "[plugins]": main_file.PluginsTable,
    "[channels.ID]": main_file.ChannelTable,
    "[[special_periods]]": days.SpecialPeriodTable,
    "[[source]]": sources_file.SourceTable,
    "[source.article]": sources_file.ArticleTable,
    "[source.items]": sources_file.ItemsTable,
    "[source.threads]": sources_file.ThreadsTable,
    "[topics.ID]": topics_file.TopicTable,
    "The lists of words": topics_file.TopicsFile,
    "The lists": people_file.PeopleFile,
    "[people.ID]": people_file.PersonTable,
    "channels of a person": people_file.AddressTable,
    "[[rotas]]": rota_tables.RotaTable,
    "[[overrides]]": rota_tables.OverrideTable,
    "[[absences]]": rota_tables.AbsenceTable,
    "[[subscriptions]]": rota_tables.SubscriptionTable,
    "The file": regime_file.RegimeFile,
    "[levels.LEVEL]": regime_tables.LevelTable,
    "floors": regime_tables.FloorsTable,
    "steps": regime_tables.StepTable,
    "[stages]": stage_table.StagesTable,
    "[special]": duty_tables.SpecialTable,
    "[[duties]]": duty_tables.DutyTable,
}


def rows(heading: str) -> list[list[str]]:
    """The cells of the first table under a heading."""
    [section] = re.findall(
        rf"^##+ {re.escape(heading)}\n(.*?)(?=^##|\Z)", DOCUMENT.read_text("utf-8"), re.DOTALL | re.M
    )
    table = section[section.index("|---") :].split("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[1:]]


@pytest.mark.parametrize("heading", TABLES)
def test_a_table_tells_all_its_keys(heading: str) -> None:
    told = [key for row in rows(heading) for key in re.findall(r"`(\w+)`", row[0])]
    known = [field.alias or name for name, field in TABLES[heading].model_fields.items()]
    assert sorted(told) == sorted(known)


@pytest.mark.parametrize("heading", TABLES)
def test_a_table_tells_the_defaults_and_what_is_required(heading: str) -> None:
    fields = {field.alias or name: field for name, field in TABLES[heading].model_fields.items()}
    for keys, _, default, _ in rows(heading):
        for key in re.findall(r"`(\w+)`", keys):
            assert default.startswith("required") == fields[key].is_required() or key == "repeat_every"
            plain = fields[key].default
            if isinstance(plain, str | int) and not fields[key].is_required():
                assert default.strip('`"') == str(plain).lower() or default.strip('`"') == str(plain)
