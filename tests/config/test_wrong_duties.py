"""Every kind of hole and fault in the duties of a regime, with exactly what is printed."""

from collections.abc import Callable, Mapping

import pytest
from sample_config import duties

WRONG = [
    (
        duties('owner = "monitor"\nwithin', 'owner = "monitr"\nwithin'),
        "conf/rules.toml:72: duties.1.owner = 'monitr': want one of this regime's roles: monitor, office\n"
        '  fix: did you mean "monitor"?',
    ),
    (
        duties('within = "2h"', 'within = "2 hours"'),
        "conf/rules.toml:73: duties.1.within = '2 hours': "
        'want "2h", "30min", "same day", "3 days" or "1 working day"\n'
        '  fix: within = "2h"',
    ),
    (
        duties('breach_tells = ["office"]\ndone_by = ["confirm"', 'done_by = ["confirm"'),
        "conf/rules.toml:67: duties.1.breach_tells: want whom to tell when its time is over, as it has a clock\n"
        '  fix: breach_tells = ["office"]',
    ),
    (
        duties('within = "same day"\n', ""),
        'conf/rules.toml:90: duties.3.within: want how long one has, as there is breach_tells\n  fix: within = "2h"',
    ),
    (
        duties('"done:judge"', '"done:juge"'),
        "conf/rules.toml:94: duties.3.on = 'done:juge': want a duty of this regime behind done:\n"
        '  fix: did you mean "judge"?',
    ),
    (
        duties('"done:judge"', '"done:refer"'),
        "conf/rules.toml:104: duties.4.on = 'done:opinion': "
        "want a start of its own somewhere: refer waits for opinion waits for refer\n"
        '  fix: on = "found"',
    ),
    (
        duties('on = "found"', 'on = "confirmed"'),
        "conf/rules.toml:76: duties.1.done_by.1 = 'confirm': "
        'want an act that can fulfil it: "confirm" is what starts it\n'
        '  fix: done_by = ["do"]',
    ),
    (
        duties('on = "found"', 'on = "find"'),
        "conf/rules.toml:71: duties.1.on = 'find': "
        'want "done:" and a duty, or one of: confirmed, found, handed_over, level, over\n'
        '  fix: did you mean "found"?',
    ),
    (
        duties('id = "opinion"', 'id = "judge"'),
        "conf/rules.toml:91: duties.3.id = 'judge': want an id of its own: line 68 has it already\n"
        "conf/rules.toml:104: duties.4.on = 'done:opinion': want a duty of this regime behind done:\n"
        "  fix: drop it, or add that duty",
    ),
    (
        duties('kinds = ["hype", "inquiry"]', 'kinds = ["inquiry"]'),
        "conf/rules.toml:65: kinds.hype: want a duty for this kind, as there are some for inquiry\n"
        '  fix: kinds = ["hype"] in one of [[duties]]',
    ),
    (
        duties('kinds = ["hype", "inquiry"]', 'kinds = ["hype"]'),
        "conf/rules.toml:104: duties.4.on = 'done:opinion': "
        'want a duty of the same kinds: "opinion" is owed only for inquiry',
    ),
    (
        duties('kinds = ["inquiry"]', 'kinds = ["fabrication"]'),
        "conf/rules.toml:96: duties.3.kinds.1 = 'fabrication': want a kind that [kinds] names: hype, inquiry\n"
        "conf/rules.toml:104: duties.4.on = 'done:opinion': "
        'want a duty of the same kinds: "opinion" is owed only for fabrication',
    ),
    (
        duties('kinds = ["inquiry"]', 'kinds = ["inqury"]'),
        "conf/rules.toml:96: duties.3.kinds.1 = 'inqury': "
        "want one of the kinds: constructive, fabrication, hype, inquiry\n"
        '  fix: did you mean "inquiry"?',
    ),
    (
        duties("reads = 500", "reads = 1500"),
        "conf/rules.toml:61: special.floors.major.reads = 1500: want at most 1000, the level's own floor\n"
        "  fix: reads = 1000",
    ),
    (
        duties("floors.major = { reads = 500 }", "floors.extraordinary = { reads = 900 }"),
        "conf/rules.toml:61: special.floors.extraordinary.reads = 900: "
        "want more than 1000, the floor of the level below\n"
        "  fix: reads = 1001",
    ),
    (
        duties("clock_factor = 0.5", "clock_factor = 2"),
        "conf/rules.toml:60: special.clock_factor = 2: want a number over 0, at most 1\n  fix: clock_factor = 0.5",
    ),
    (
        duties("warn_at = [0.5, 0.9]", "warn_at = [50]"),
        "conf/rules.toml:74: duties.1.warn_at.1 = 50: want a share of its time, over 0 and below 1\n  fix: 0.5",
    ),
    (
        duties('["refer"]', '["refr"]'),
        "conf/rules.toml:107: duties.4.done_by.1 = 'refr': "
        "want one of the acts: acknowledge, adopt, close, confirm, correct, dismiss, do, hand_over, merge, note, "
        "phone, refer, release, reopen, reply, report, split, summarise\n"
        '  fix: did you mean "refer"?',
    ),
    (
        duties('["refer"]', '["reopen"]'),
        "conf/rules.toml:107: duties.4.done_by.1 = 'reopen': "
        "want an act that can fulfil it: a reopened event owes everything anew\n"
        '  fix: done_by = ["do"]',
    ),
    (
        duties('["refer"]', "[]"),
        'conf/rules.toml:107: duties.4.done_by = []: want a list of acts, not empty\n  fix: done_by = ["do"]',
    ),
    (
        duties('inquiry = "咨询"', 'inquery = "咨询"'),
        "conf/rules.toml:64: kinds.inquery: want one of the kinds: constructive, fabrication, hype, inquiry\n"
        '  fix: did you mean "inquiry"?\n'
        "conf/rules.toml:96: duties.3.kinds.1 = 'inquiry': want a kind that [kinds] names: hype\n"
        "conf/rules.toml:106: duties.4.kinds.2 = 'inquiry': want a kind that [kinds] names: hype",
    ),
    (
        duties("every = 3600", 'every = "1h"'),
        "conf/rules.toml:88: duties.2.every = '1h': want seconds, a whole number >= 1\n  fix: every = 60",
    ),
]


@pytest.mark.parametrize(("changes", "printed"), WRONG)
def test_a_fault_is_told_with_place_wish_and_fix(
    changes: Mapping[str, str], printed: str, told: Callable[[Mapping[str, str]], str]
) -> None:
    assert told(changes) == printed
