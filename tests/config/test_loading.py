"""A folder of files becomes settings, or one refusal that holds every problem."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from sample_config import (
    FILES,
    MAIN,
    RULES,
    SENDERS,
    channel,
    duties,
    loaded,
    main,
    people,
    rules,
    source,
    write,
)

from yuqing_daemon.config import load, main_file, plugins_wanted
from yuqing_daemon.config.regime_file import read_regime
from yuqing_daemon.domain import Act, DutyRule, Floors, Kind, Level, Source, Step
from yuqing_daemon.errors import ConfigError

Told = Callable[[Mapping[str, str]], str]


def test_a_source_needs_only_an_id_and_a_url(tmp_path: Path) -> None:
    assert loaded(tmp_path).source("news") == Source(
        id="news",
        urls=("https://www.example.com/news/",),
        name="news",
        site="example.com",
        every=timedelta(minutes=5),
        adapts=True,
    )


def test_what_a_source_says_reaches_its_spider_under_the_same_names(tmp_path: Path) -> None:
    text = """\
links = "ul a"
link_pattern = '\\d+'
login_pattern = "login"
every = 30
mainstream = true
site = "Example"
ignore_robots = "written permission of the owner"
[source.article]
body = "xpath://article"
[source.items]
items = ""
[source.threads]
row = "tr"
[source.args]
board = 7
"""
    third = loaded(tmp_path, source(text)).source("third")
    assert third is not None
    assert (third.every, third.mainstream, third.site) == (timedelta(seconds=30), True, "Example")
    assert third.ignore_robots == "written permission of the owner"
    assert third.options == {
        "links": "ul a",
        "link_pattern": r"\d+",
        "login_pattern": "login",
        "article": {"body": "xpath://article"},
        "items": {"items": ""},
        "threads": {"row": "tr"},
        "args": {"board": 7},
    }


def test_what_a_source_leaves_out_the_organisation_says(tmp_path: Path) -> None:
    news = loaded(tmp_path, main('timezone = "Asia/Tokyo"\n[crawl]\nevery = 600')).source("news")
    assert news is not None
    assert (news.timezone, news.every) == ("Asia/Tokyo", timedelta(minutes=10))


def test_an_internal_source_may_be_private_and_quick(tmp_path: Path) -> None:
    third = loaded(tmp_path, source("internal = true\nevery = 1", url='url = "http://127.0.0.1:8000/"')).source("third")
    assert third is not None
    assert (third.internal, third.every, third.site) == (True, timedelta(seconds=1), "127.0.0.1:8000")


def test_a_person_is_reached_in_the_order_written_from_the_level_written(tmp_path: Path) -> None:
    ways = '{ channel = "hook", to = "https://e.example/h", from = "major" }, { channel = "mail", to = "a@b" }'
    changes = people('roles = ["monitor"]\nlanguage = "en"', f"channels = [{ways}]")
    duty = loaded(tmp_path, changes).recipient("duty")
    assert duty is not None
    assert (duty.name, duty.language, duty.roles) == ("duty", "en", ("monitor",))
    assert [(way.channel, way.to, way.from_level) for way in duty.addresses] == [
        ("hook", "https://e.example/h", Level.MAJOR),
        ("mail", "a@b", Level.GENERAL),
    ]


def test_the_regime_is_what_its_file_says(tmp_path: Path) -> None:
    regime = loaded(tmp_path).regime
    assert regime.version == hashlib.sha256(RULES.encode()).hexdigest()[:12]
    assert (regime.id, regime.next_role, regime.subjects) == ("rules", {"office": "monitor"}, {"food": "食品"})
    assert regime.rule(Level.MAJOR).floors == Floors(reads=1000, comments=100, mainstream=1)
    assert regime.rule(Level.GENERAL).steps[1] == Step(after=timedelta(minutes=30), roles=("office",))
    assert regime.rule(Level.GENERAL).repeat_every is None
    assert regime.story_window == timedelta(days=30)


def test_a_duty_is_what_its_table_says(tmp_path: Path) -> None:
    regime = loaded(tmp_path, duties()).regime
    assert regime.duties[1] == DutyRule(
        id="report", name="报告", name_en="report", on="level", owner="monitor", from_level=Level.MAJOR,
        within="30min", breach_tells=("office",), done_by=(Act.REPORT,), every=timedelta(hours=1),
    )  # fmt: skip
    assert (regime.duties[2].kinds, regime.duties[2].done_by) == ((Kind.INQUIRY,), (Act.DO,))
    assert regime.kinds == {Kind.INQUIRY: "咨询", Kind.HYPE: "炒作"}
    assert (regime.calendar, regime.day_closes) == ("monday-friday", "17:30")


def test_a_floor_that_a_special_period_leaves_out_stays_as_it_is(tmp_path: Path) -> None:
    special = loaded(tmp_path, duties()).regime.special
    assert special.clock_factor == 0.5
    assert special.floors == {
        Level.MAJOR: Floors(reads=500, comments=100, mainstream=1),
        Level.EXTRAORDINARY: Floors(reads=3000, comments=500, mainstream=5),
    }


def test_the_stages_share_the_regimes_own_end(tmp_path: Path) -> None:
    stages = loaded(tmp_path, rules("over_after = 172800", "over_after = 3600")).regime.stages
    assert stages is not None
    assert (stages.over_after, stages.rising, stages.spread_sites) == (timedelta(hours=1), 1.25, 3)


def test_a_role_that_owes_a_duty_must_be_held(told: Told) -> None:
    changes = duties() | people('roles = ["monitor"]')
    orphan = changes["rules.toml"].replace("[next_role]\n", '[next_role]\nmonitor = "office"\n')
    orphan = orphan.replace('office = "舆情办"', 'office = "舆情办"\nclerk = "文书"\nboss = "主任"')
    orphan = orphan.replace('owner = "office"\nkinds = ["inquiry"]', 'owner = "clerk"\nkinds = ["inquiry"]')
    orphan = orphan.replace('breach_tells = ["monitor"]', 'breach_tells = ["boss"]')
    assert told(changes | {"rules.toml": orphan}) == (
        'conf/people.toml:1: people: want somebody with the role "clerk": by the regime it owes the duty "opinion"\n'
        '  fix: roles = ["clerk"]\n'
        'conf/people.toml:1: people: want somebody with the role "boss": '
        'by the regime it is told of a breach of the duty "opinion"\n'
        '  fix: roles = ["boss"]'
    )


def test_a_shipped_regime_is_named_without_its_path(tmp_path: Path) -> None:
    changes = {"yuqing.toml": MAIN.replace("rules.toml", "company")} | people('roles = ["leading_group", "ops"]')
    assert loaded(tmp_path, changes).regime.id == "company"


def test_a_regime_file_is_read_by_itself(tmp_path: Path) -> None:
    write(tmp_path)
    settings = loaded(tmp_path)
    assert read_regime(tmp_path / "rules.toml") == settings.regime
    write(tmp_path, rules("reads = 3000", "reads = ten"))
    with pytest.raises(ConfigError, match="want TOML"):
        read_regime(tmp_path / "rules.toml")
    write(tmp_path, rules('["office"]', '["offices"]'))
    with pytest.raises(ConfigError, match="one of this regime's roles"):
        read_regime(tmp_path / "rules.toml")
    write(tmp_path, rules("reads = 3000", "reads = 10"))
    with pytest.raises(ConfigError, match="the floor of the level below"):
        read_regime(tmp_path / "rules.toml")


def test_the_crawl_web_and_log_tables_are_kept(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    text = """\
[crawl]
gap = 0.5
spiders = "mine"
[web]
listen = "[::1]:9000"
public_url = "https://yuqing.example.com/"
link_valid_days = 1
[log]
format = "json"
[store]
path = "here"
keep_posts_days = 30
[plugins]
enable = ["school"]
disable = ["sms"]
"""
    settings = loaded(tmp_path, main(text))
    assert (settings.crawl.gap, settings.crawl.spiders) == (timedelta(seconds=0.5), tmp_path / "mine")
    assert (settings.web.host, settings.web.port) == ("::1", 9000)
    assert (settings.web.public_url, settings.web.link_valid_for) == ("https://yuqing.example.com", timedelta(days=1))
    assert (settings.log.format, settings.log.level) == ("json", "INFO")
    assert (settings.state, settings.keep_posts) == (tmp_path / "here", timedelta(days=30))
    assert (settings.enable_plugins, settings.disable_plugins) == (("school",), ("sms",))


def test_the_state_is_where_systemd_says_else_the_machines_else_beside_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(main_file, "MACHINE_STATE", tmp_path / "machine")
    assert loaded(tmp_path).state == tmp_path / "state"
    (tmp_path / "machine").mkdir()
    assert loaded(tmp_path).state == tmp_path / "machine"
    assert loaded(tmp_path, environ={"STATE_DIRECTORY": "/srv/a:/srv/b"}).state == Path("/srv/a")


def test_all_problems_of_all_files_are_told_in_one_run(told: Told) -> None:
    changes = {
        **main('language = "cn"\n[crawl]\nworkers = 0'),
        **source("every = 5\nmainstream = 1"),
        "topics.toml": '[topics.canteen]\nsubject = "foods"\n[topics.open\n',
        **people('roles = ["boss"]', 'channels = [{ channel = "fax", to = "1" }]'),
        **rules("reads = 3000", "reads = 10"),
    }
    places = [line.split(" ")[0] for line in told(changes).splitlines() if not line.startswith("  fix")]
    assert places == [
        "conf/yuqing.toml:3:",
        "conf/yuqing.toml:5:",
        "conf/sources.toml:12:",
        "conf/sources.toml:13:",
        "conf/topics.toml:3:",
        "conf/people.toml:1:",
        "conf/people.toml:1:",
        "conf/people.toml:2:",
        "conf/people.toml:3:",
        "conf/rules.toml:36:",
    ]


def test_a_folder_without_files_says_how_to_begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as caught:
        load(Path("conf"), senders=SENDERS, environ={})
    assert [problem.file for problem in caught.value.problems] == [f"conf/{name}" for name in FILES][:4]
    assert caught.value.problems[0].fix == "yuqing init conf"


def test_a_file_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "topics.toml").write_bytes('[topics.a]\nany = ["食堂"]\n'.encode("gb18030"))
    with pytest.raises(ConfigError, match=r"topics\.toml: the file: want text in UTF-8"):
        load(tmp_path, senders=SENDERS, environ={})


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "topics.toml").write_bytes("\ufeff".encode() + FILES["topics.toml"].replace("\n", "\r\n").encode())
    assert load(tmp_path, senders=SENDERS, environ={}).topic("canteen") is not None


def test_tables_nested_without_end_are_refused(told: Told) -> None:
    nested = "x = " + "[" * 200 + "]" * 200
    assert "nested at most 20 deep" in told({"+topics.toml": nested})
    assert "conf/topics.toml" in told({"+topics.toml": "x = " + "[" * 9000})
    assert "conf/topics.toml" in told({"+topics.toml": "x = " + "1" * 9000})


def test_a_role_that_nobody_holds_leads_to_the_next_role(told: Told, tmp_path: Path) -> None:
    assert loaded(tmp_path).holders("office") == ()
    assert 'somebody with the role "office"' in told(rules('office = "monitor"\n', ""))


def test_a_people_file_that_cannot_be_parsed_says_nothing_of_roles(told: Told) -> None:
    assert "somebody with the role" not in told({"people.toml": "[people.duty"})


def test_next_roles_in_a_circle_end(told: Told) -> None:
    circle = RULES.replace('office = "monitor"', 'office = "monitor"\nmonitor = "office"')
    assert told({"rules.toml": circle, **people("roles = []")}).count("somebody with the role") == 2


def test_an_own_spider_needs_a_folder_or_a_plugin(told: Told, tmp_path: Path) -> None:
    assert "want one of the spiders there are" in told(source('spider = "school-forum"'))
    assert loaded(tmp_path, source('spider = "school-forum"') | main('[plugins]\nenable = ["school"]'))
    (tmp_path / "spiders").mkdir()
    assert loaded(tmp_path, source('spider = "school-forum"'))


def test_what_a_sender_does_not_declare_is_passed_on(tmp_path: Path) -> None:
    text = '\n[channels.own]\nsender = "webhook"\nanything = [1, { a = "b" }]\n'
    assert loaded(tmp_path, {"+yuqing.toml": text}).channels["own"].options == {"anything": [1, {"a": "b"}]}


def test_what_a_sender_declares_is_checked_and_filled_up(tmp_path: Path) -> None:
    options = loaded(tmp_path, channel('host = "a"\nheaders = { "X-Unit" = "b" }')).channels["third"].options
    assert options == {"host": "a", "port": 25, "security": "none", "password": "", "headers": {"X-Unit": "b"}}


@pytest.mark.parametrize("text", ["", "[plugins", "plugins = 3", "[plugins]\nenable = 3", "[plugins]\ndisable = [1]"])
def test_the_plugins_wanted_are_read_without_complaint(text: str, tmp_path: Path) -> None:
    assert plugins_wanted(tmp_path) == ((), ())
    assert plugins_wanted(write(tmp_path, {"yuqing.toml": text})) == ((), ())


def test_the_plugins_wanted_are_those_of_the_file(tmp_path: Path) -> None:
    write(tmp_path, main('[plugins]\nenable = ["school", "sms-modem"]\ndisable = ["sms"]'))
    assert plugins_wanted(tmp_path) == (("school", "sms-modem"), ("sms",))
