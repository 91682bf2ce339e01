"""Every kind of fault in rotas, absences, subscriptions and special periods, with exactly what is printed."""

from collections.abc import Callable, Mapping

import pytest
from sample_config import main, roster

WRONG = [
    (
        roster('people = ["duty", "li"]', 'people = ["duty", "le"]'),
        "conf/people.toml:14: rotas.1.people.2 = 'le': want one of the people of this file: duty, li",
    ),
    (
        roster('people = ["duty", "li"]', "people = []"),
        'conf/people.toml:14: rotas.1.people = []: want a list of people, not empty\n  fix: people = ["wang", "li"]',
    ),
    (
        roster('roles = ["monitor", "office"]', 'roles = ["office"]'),
        "conf/people.toml:14: rotas.1.people.2 = 'li': want somebody who holds the role \"monitor\"\n"
        '  fix: add "monitor" to the roles of [people.li]',
    ),
    (
        roster('"7 days"', '"weekly"'),
        'conf/people.toml:15: rotas.1.shift = \'weekly\': want "8h", "1 day" or "7 days", and at least an hour\n'
        '  fix: shift = "7 days"',
    ),
    (
        roster('"7 days"', '"30min"'),
        'conf/people.toml:15: rotas.1.shift = \'30min\': want "8h", "1 day" or "7 days", and at least an hour\n'
        '  fix: shift = "7 days"',
    ),
    (
        roster("2026-03-02", '"2026-03-02"'),
        "conf/people.toml:16: rotas.1.starts_on = '2026-03-02': want a day, without quotes\n"
        "  fix: starts_on = 2026-03-02",
    ),
    (
        roster('handover = "08:30"', 'handover = "8:30"'),
        'conf/people.toml:17: rotas.1.handover = \'8:30\': want a time of the day, "00:00" to "23:59"\n'
        '  fix: handover = "08:30"',
    ),
    (
        roster("until = 2026-03-06T08:00:00", "until = 2026-03-05T08:00:00"),
        "conf/people.toml:23: overrides.1.until = 2026-03-05 08:00:00: "
        "want a day, or a time of it, that comes after from",
    ),
    (
        roster("until = 2026-03-06T08:00:00", "until = 2026-03-06T08:00:00Z"),
        "conf/people.toml:23: overrides.1.until = 2026-03-06 08:00:00+00:00: "
        "want a day, or a day and a time, of the organisation's zone\n"
        "  fix: until = 2026-03-02T08:30:00",
    ),
    (
        roster("until = 2026-03-10", "until = 2026-03-08"),
        "conf/people.toml:29: absences.1.until = 2026-03-08: want a day, or a time of it, that comes after from",
    ),
    (
        roster('substitute = "duty"', 'substitute = "li"'),
        "conf/people.toml:27: absences.1.substitute = 'li': want somebody else, or leave it out",
    ),
    (
        roster('role = "office"\ntopics', "topics"),
        'conf/people.toml:31: subscriptions.1: want either a person or a role\n  fix: role = "department"',
    ),
    (
        roster('role = "office"\ntopics', 'person = "duty"\ntopics'),
        "conf/people.toml:37: subscriptions.1.channels.1 = 'hook': want a channel over which duty is reached",
    ),
    (
        roster('["canteen"]', '["canten"]'),
        "conf/people.toml:33: subscriptions.1.topics.1 = 'canten': want one of the topics of topics.toml: canteen\n"
        '  fix: did you mean "canteen"?',
    ),
    (
        roster('hours = "mon-fri 08:30-17:30"\nquiet', 'hours = "mon-fry 08:30-17:30"\nquiet'),
        "conf/people.toml:8: people.li.hours = 'mon-fry 08:30-17:30': want mon, tue, wed, thu, fri, sat or sun\n"
        '  fix: hours = "mon-fri 08:30-17:30"',
    ),
    (
        roster('"22:00-07:00"', '"22-7"'),
        "conf/people.toml:9: people.li.quiet = '22-7': "
        'want "mon-fri 08:30-17:30, sat 09:00-12:00", "22:00-07:00" for every day, or "always"\n'
        '  fix: quiet = "22:00-07:00"',
    ),
    (
        roster('quiet_passes_from = "extraordinary"', 'quiet_passes_from = "none"'),
        'conf/people.toml:10: people.li.quiet_passes_from = \'none\': want "general", "major" or "extraordinary"\n'
        '  fix: quiet_passes_from = "major"',
    ),
    (
        main('[[special_periods]]\nname = "两会"\nfrom = 2026-03-04\nuntil = 2026-03-01'),
        "conf/yuqing.toml:6: special_periods.1.until = 2026-03-01: want a day, or a time of it, that comes after from",
    ),
    (
        main('[[special_periods]]\nname = "两会"\nfrom = 2026-03-04T00:00:00\nuntil = 1'),
        "conf/yuqing.toml:5: special_periods.1.from = 2026-03-04 00:00:00: want a day, without quotes\n"
        "  fix: from = 2026-03-02\n"
        "conf/yuqing.toml:6: special_periods.1.until = 1: want a day, without quotes\n"
        "  fix: until = 2026-03-02",
    ),
    (
        main('cut_off = "17h"'),
        'conf/yuqing.toml:3: cut_off = \'17h\': want a time of the day, "00:00" to "23:59"\n  fix: cut_off = "08:30"',
    ),
]


@pytest.mark.parametrize(("changes", "printed"), WRONG)
def test_a_fault_is_told_with_place_wish_and_fix(
    changes: Mapping[str, str], printed: str, told: Callable[[Mapping[str, str]], str]
) -> None:
    assert told(changes) == printed
