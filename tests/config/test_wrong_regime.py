"""Every kind of fault in a regime file, with exactly what is printed."""

from collections.abc import Callable, Mapping

import pytest
from sample_config import rules

WRONG = [
    (
        rules('sensitive_level = "extraordinary"\n', ""),
        'conf/rules.toml: sensitive_level: want this key: "general", "major" or "extraordinary"\n'
        '  fix: sensitive_level = "major"',
    ),
    (
        rules('sensitive_level = "extraordinary"', 'sensitive_level = "grave"'),
        'conf/rules.toml:3: sensitive_level = \'grave\': want "general", "major" or "extraordinary"\n'
        '  fix: sensitive_level = "major"',
    ),
    (
        rules("reads = 3000", "reads = 1000"),
        "conf/rules.toml:36: levels.extraordinary.floors.reads = 1000: want more than 1000, the floor of the "
        "level below\n"
        "  fix: reads = 1001",
    ),
    (
        rules("floors = {}", "floors = { comments = 200 }"),
        "conf/rules.toml:28: levels.major.floors.comments = 100: want more than 200, the floor of the level below\n"
        "  fix: comments = 201",
    ),
    (
        rules("[levels.major]", "[levels.majr]"),
        "conf/rules.toml:17: levels.major: want this table\n"
        "  fix: [levels.major]\n"
        "conf/rules.toml:27: levels.majr: want a key that exists here\n"
        '  fix: did you mean "major"?',
    ),
    (
        rules("after = 1800, roles", "after = 0, roles"),
        "conf/rules.toml:21: levels.general.steps.2.after = 0: want more than 0, the step before\n  fix: after = 1800",
    ),
    (
        rules('after = 1800, roles = ["office"]', "after = -5, roles = []"),
        "conf/rules.toml:21: levels.general.steps.2.after = -5: want seconds, a whole number >= 0\n"
        "  fix: after = 1800\n"
        "conf/rules.toml:21: levels.general.steps.2.roles = []: want a list of roles, not empty\n"
        '  fix: roles = ["monitor"]',
    ),
    (
        rules("repeat_every = 900\n", ""),
        "conf/rules.toml:27: levels.major.repeat_every: want seconds, as repeats is 8\n  fix: repeat_every = 1800",
    ),
    (
        rules('["office"]', '["offices"]'),
        "conf/rules.toml:21: levels.general.steps.2.roles.1 = 'offices': want one of this regime's roles: "
        "monitor, office\n"
        '  fix: did you mean "office"?',
    ),
    (
        rules('office = "monitor"', 'office = "boss"'),
        'conf/people.toml:1: people: want somebody with the role "office": the regime tells it at level general\n'
        '  fix: roles = ["office"]\n'
        "conf/rules.toml:12: next_role.office = 'boss': want one of this regime's roles: monitor, office",
    ),
    (
        rules("fallback_after = 120\n", ""),
        "conf/rules.toml:35: levels.extraordinary.fallback_after: want this key: seconds, a whole number >= 1\n"
        "  fix: fallback_after = 60",
    ),
    (
        rules("floors = {}\n", ""),
        "conf/rules.toml:17: levels.general.floors: want this table\n  fix: [levels.general.floors]",
    ),
    (
        rules("story_window = 2592000", "story_window = 30.0"),
        "conf/rules.toml:4: story_window = 30.0: want seconds, a whole number >= 1\n  fix: story_window = 60",
    ),
    (
        rules("[levels.general]", "[levels.general"),
        "conf/rules.toml:17: column 16: want TOML: Expected ']' at the end of a table declaration\n"
        "  fix: close the bracket: [topics.canteen]",
    ),
]


@pytest.mark.parametrize(("changes", "printed"), WRONG)
def test_a_fault_is_told_with_place_wish_and_fix(
    changes: Mapping[str, str], printed: str, told: Callable[[Mapping[str, str]], str]
) -> None:
    assert told(changes) == printed
