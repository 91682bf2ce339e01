"""Old posts on a simulated clock: what they would have come to (R6, R7), whatever shape the file is in."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from yuqing_daemon import Level, Match, Topic, hookimpl
from yuqing_daemon.cli.lines import Refused, read_lines
from yuqing_daemon.config import Settings, load, write_example
from yuqing_daemon.plugins import Plugins
from yuqing_daemon.replay import Replayed, replay

AT = "2026-03-02T09:{:02}:00+08:00"
STORY = "昨天在青禾酸奶里喝出一块黑色的异物，像是塑料碎片。打客服电话，对方说会登记，让我们等三个工作日再说。"


def post(**said: Any) -> dict[str, Any]:
    """A first line about the dairy; a test says what matters to it."""
    return {"url": "https://bbs.cn/1", "title": "青禾酸奶里有异物", "text": STORY, "fetched_at": AT.format(0)} | said


def carried(by: Sequence[str], *, mainstream: bool = True) -> list[dict[str, Any]]:
    """The story, told by these sites one after the other, each time under an address of its own."""
    return [
        post(url=f"https://{site}.cn/{number}", source=site, mainstream=mainstream, fetched_at=AT.format(number))
        for number, site in enumerate(by)
    ]


@pytest.fixture
def run(settings: Settings, plugins: Plugins) -> Any:
    """Replay some records; nothing may be refused."""

    def run(*records: dict[str, Any]) -> Replayed:
        lines, refused = read(settings, *records)
        assert not refused
        return replay(lines, settings, plugins)

    return run


def read(settings: Settings, *records: dict[str, Any] | bytes) -> tuple[list[Any], list[Refused]]:
    raw = [each if isinstance(each, bytes) else json.dumps(each, ensure_ascii=False).encode() for each in records]
    return read_lines(raw, settings=settings)


# -- levels ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counters", "level"),
    [
        ({}, "general"),
        ({"reads": None, "comments": None}, "general"),
        ({"reads": 0}, "general"),
        ({"reads": 999, "comments": 99}, "general"),
        ({"reads": 1000}, "major"),
        ({"comments": 100}, "major"),
        ({"reads": 2999, "comments": 499}, "major"),
        ({"reads": 3000}, "extraordinary"),
        ({"comments": 500}, "extraordinary"),
        ({"reposts": 100_000}, "general"),
    ],
)
def test_the_level_is_that_of_the_floor_that_was_reached(run: Any, counters: dict[str, Any], level: str) -> None:
    assert [event["level"] for event in run(post(**counters)).events] == [level]


@pytest.mark.parametrize(
    ("sites", "mainstream", "level"),
    [
        (["press1"], True, "major"),
        (["press1", "press2", "press3", "press4"], True, "major"),
        (["press1", "press2", "press3", "press4", "press5"], True, "extraordinary"),
        (["press1"] * 5, True, "major"),
        (["blog1", "blog2", "blog3", "blog4", "blog5"], False, "general"),
    ],
)
def test_a_mainstream_site_counts_once_however_often_it_carries_the_story(
    run: Any, sites: list[str], mainstream: bool, level: str
) -> None:
    (event,) = run(*carried(sites, mainstream=mainstream)).events
    assert event["level"] == level
    assert event["heat"]["mainstream"] == (len(set(sites)) if mainstream else 0)
    assert event["heat"]["posts"] == len(sites)


def test_the_sums_are_taken_over_all_posts_of_an_event(run: Any) -> None:
    (event,) = run(post(reads=600), post(url="https://bbs.cn/2", reads=400)).events
    assert (event["level"], event["heat"]["reads"]) == ("major", 1000)


def test_a_story_rises_through_all_levels_each_with_its_instant_and_reason(run: Any) -> None:
    records = [
        post(reads=10, comments=2),
        post(fetched_at=AT.format(10), reads=999),
        post(fetched_at=AT.format(20), reads=1000),
        post(fetched_at=AT.format(30), comments=499),
        post(fetched_at=AT.format(40), comments=500),
    ]
    done = run(*records)
    (event,) = done.events
    assert [(step["level"], step["at"].strftime("%H:%M"), step["reason"]) for step in event["levels"]] == [
        ("general", "01:00", "no floor reached: reads 10, comments 2, mainstream sites 0"),
        ("major", "01:20", "reads 1000 >= 1000"),
        ("extraordinary", "01:40", "comments 500 >= 500"),
    ]
    told = {(alert["purpose"].split(":")[0], alert["level"], alert["at"].strftime("%H:%M")) for alert in done.alerts}
    assert {("found", "general", "01:00"), ("raise", "major", "01:20"), ("raise", "extraordinary", "01:40")} <= told


def test_a_counter_that_falls_does_not_lower_what_was_read_before(run: Any) -> None:
    (event,) = run(post(reads=3000), post(fetched_at=AT.format(5), reads=10)).events
    assert (event["level"], event["heat"]["reads"]) == ("extraordinary", 3000)


def test_a_sensitive_subject_is_extraordinary_from_the_start(settings: Settings, plugins: Plugins) -> None:
    settings = replace(settings, topics=(Topic(id="food", any=("异物",), subject="food"),))
    lines, _ = read(settings, post())
    assert replay(lines, settings, plugins).events[0]["levels"][0]["level"] == "extraordinary"


def test_another_story_is_another_event_and_other_texts_are_none(run: Any) -> None:
    other = post(
        url="https://bbs.cn/2", title="青禾奶粉变质", text="青禾奶粉结块变质，客服说是正常现象，我们不接受这样的答复。"
    )
    noise = post(url="https://bbs.cn/3", title="天气预报", text="明天有雨，出门请带伞，山区注意防范地质灾害。")
    assert [event["title"] for event in run(post(), other, noise).events] == ["青禾酸奶里有异物", "青禾奶粉变质"]


# -- alerts ---------------------------------------------------------------------------------------


def test_what_nobody_acknowledges_climbs_at_its_own_instant_as_long_as_the_file_goes_on(run: Any) -> None:
    later = post(url="https://bbs.cn/9", title="天气预报", text="明天有雨。", fetched_at="2026-03-02T12:00:00+08:00")
    done = run(post(), later)
    climbed = {(alert["role"], alert["at"].strftime("%H:%M")) for alert in done.alerts if "step" in alert["purpose"]}
    assert climbed == {("office", "01:30"), ("leading_group", "03:00")}
    assert not [alert for alert in run(post()).alerts if "step" in alert["purpose"]]


def test_time_passes_between_two_lines_and_not_only_at_the_end(run: Any) -> None:
    done = run(post(reads=1), post(fetched_at="2026-03-02T10:00:00+08:00", reads=1000))
    told = [(alert["purpose"].split(":")[0], alert["role"], alert["at"].strftime("%H:%M")) for alert in done.alerts]
    assert ("step", "office", "01:30") in told
    assert told.index(("step", "office", "01:30")) < told.index(("raise", "monitor", "02:00"))


def test_an_alert_says_whom_it_would_have_reached_and_with_what(run: Any) -> None:
    (alert,) = run(post()).alerts
    assert alert["at"] == datetime(2026, 3, 2, 1, tzinfo=UTC)
    assert (alert["event"], alert["purpose"], alert["level"]) == ("E1", "found", "general")
    assert (alert["role"], alert["recipient"], alert["channel"]) == ("monitor", "monitor", "mail")
    assert "青禾酸奶里有异物" in alert["subject"]


def test_nothing_leaves_no_sender_is_asked_and_no_plugin_hears_of_the_record(
    settings: Settings, plugins: Plugins
) -> None:
    class Talkative:
        @hookimpl
        def on_audit(self, entry: object) -> None:
            raise AssertionError("told of something that never happened")

        @hookimpl
        def send(self, delivery: object) -> None:
            raise AssertionError("asked to send")

    plugins.register(Talkative(), "talkative")
    lines, _ = read(settings, post())
    assert replay(lines, settings, plugins).alerts
    assert plugins.entries["talkative"].failures == 0


def test_plugins_match_and_raise_in_a_replay_as_they_do_in_the_daemon(settings: Settings, plugins: Plugins) -> None:
    class Own:
        @hookimpl
        def match_post(self, post: Any) -> Any:
            return [Match(topic="weather", span="有雨")] if "有雨" in post.text else None

        @hookimpl
        def escalate_event(self) -> Level:
            return Level.MAJOR

    plugins.register(Own(), "own")
    lines, _ = read(settings, post(title="天气", text="明天有雨"))
    (event,) = replay(lines, settings, plugins).events
    assert (event["topic"], event["level"], event["levels"][0]["reason"]) == ("weather", "major", "plugin own")


# -- the file -------------------------------------------------------------------------------------


def test_the_order_of_the_lines_in_the_file_does_not_matter(run: Any) -> None:
    records = [*carried(["press1", "press2", "blog"]), post(fetched_at=AT.format(0), reads=5)]
    records += [
        {"url": "https://press1.cn/0", "fetched_at": AT.format(minute), "reads": minute * 40} for minute in range(3, 59)
    ]
    expected = run(*records)
    for seed in range(3):
        shuffled = random.Random(seed).sample(records, len(records))
        assert run(*shuffled) == expected
    for two in itertools.permutations([post(reads=1), post(url="https://bbs.cn/2", reads=2)]):
        assert run(*two).events[0]["posts"] == ["https://bbs.cn/1", "https://bbs.cn/2"]


def test_a_further_line_of_the_same_url_is_a_later_reading_and_need_not_say_more(run: Any) -> None:
    (event,) = run(post(), {"url": "https://bbs.cn/1#top", "fetched_at": AT.format(9), "reads": 1000}).events
    assert (event["heat"]["posts"], event["level"], event["updated_at"].minute) == (1, "major", 9)


def test_what_one_line_leaves_out_another_line_of_the_same_url_may_say(run: Any) -> None:
    early = {"url": "https://press1.cn/1", "fetched_at": AT.format(0), "reads": 10}
    late = post(url="https://press1.cn/1", mainstream=True, fetched_at=AT.format(5))
    (event,) = run(early, late).events
    assert (event["found_at"].minute, event["heat"]["mainstream"]) == (0, 1)


def test_a_configured_source_need_not_say_that_it_is_mainstream(run: Any) -> None:
    (event,) = run(post(source="press1")).events
    assert event["heat"]["mainstream"] == 1
    (event,) = run(post(source="press1", mainstream=False)).events
    assert event["heat"]["mainstream"] == 0


def test_sources_that_the_configuration_calls_one_site_count_once(settings: Settings, plugins: Plugins) -> None:
    twins = tuple(replace(source, site="press.cn") for source in settings.sources if source.mainstream)
    settings = replace(settings, sources=twins)
    lines, _ = read(settings, *carried([source.id for source in twins]))
    assert replay(lines, settings, plugins).events[0]["heat"]["mainstream"] == 1


def test_an_empty_file_blank_lines_and_a_byte_order_mark_are_no_problem(settings: Settings, plugins: Plugins) -> None:
    assert replay([], settings, plugins) == Replayed(lines=0, events=[], alerts=[])
    marked = b"\xef\xbb\xbf" + json.dumps(post()).encode()
    lines, refused = read(settings, marked, b"\n", b"  \r\n")
    assert (len(lines), refused) == (1, [])


def test_the_configuration_that_init_writes_is_enough(tmp_path: Path) -> None:
    write_example(tmp_path)
    plugins = Plugins.load()
    settings = load(tmp_path, senders=plugins.senders())
    lines, _ = read(settings, post(title="示例公司食堂吃坏肚子"))
    found = {event["topic"]: event["level"] for event in replay(lines, settings, plugins).events}
    assert found == {"company": "general", "canteen": "extraordinary"}


def test_posts_that_match_nothing_cost_next_to_nothing(settings: Settings, plugins: Plugins) -> None:
    asked = []

    class Counting:
        @hookimpl
        def match_post(self, post: Any) -> None:
            asked.append(post.url)

    plugins.register(Counting(), "counting")
    noise = [post(url=f"https://bbs.cn/{number}", title="天气", text="明天有雨") for number in range(2000)]
    lines, _ = read(settings, *noise)
    assert replay(lines, settings, plugins) == Replayed(lines=2000, events=[], alerts=[])
    assert len(asked) == 2000  # the engine, which asks once more, was left out
