"""Every kind of fault in topics.toml and people.toml, with exactly what is printed."""

from collections.abc import Callable, Mapping

import pytest
from sample_config import people

WRONG = [
    (
        {"topics.toml": "[topics.canteen]\nany = []\n"},
        "conf/topics.toml:2: topics.canteen.any = []: want at least one word in any or all, or a query\n"
        '  fix: any = ["食堂", "吃坏肚子"]',
    ),
    (
        {"topics.toml": '[topics.canteen]\nany = ["食堂", " "]\n'},
        "conf/topics.toml:2: topics.canteen.any.2 = ' ': want a word that is not blank\n  fix: \"食堂\"",
    ),
    (
        {"topics.toml": '[topics.canteen]\nany = "食堂"\n'},
        'conf/topics.toml:2: topics.canteen.any = \'食堂\': want a list of words\n  fix: any = ["食堂", "吃坏肚子"]',
    ),
    (
        {"topics.toml": '[topics."食堂"]\nany = ["食堂"]\n'},
        'conf/topics.toml:1: topics."食堂": want an id of a-z, 0-9, _ and -, at most 64 letters\n'
        '  fix: call it "a1", and say name = "食堂"',
    ),
    (
        {"topics.toml": '[topics."My Topic"]\nany = ["食堂"]\n'},
        'conf/topics.toml:1: topics."My Topic": want an id of a-z, 0-9, _ and -, at most 64 letters\n'
        '  fix: call it "my-topic"',
    ),
    (
        {"topics.toml": '[topics.canteen]\nany = ["食堂"]\nsubject = "foods"\n'},
        "conf/topics.toml:3: topics.canteen.subject = 'foods': want one of the regime's subjects: food\n"
        '  fix: did you mean "food"?',
    ),
    (
        {"topics.toml": '[topics.canteen\nany = ["食堂"]\n'},
        "conf/topics.toml:1: column 16: want TOML: Expected ']' at the end of a table declaration\n"
        "  fix: close the bracket: [topics.canteen]",
    ),
    (
        {"topics.toml": "topics = 3\n"},
        "conf/topics.toml:1: topics = 3: want a table for each topic\n  fix: [topics.canteen]",
    ),
    (
        people('roles = ["monitors", "monitor"]'),
        "conf/people.toml:2: people.duty.roles.1 = 'monitors': want one of the regime's roles: monitor, office\n"
        '  fix: did you mean "monitor"?',
    ),
    (
        people('roles = "monitor"'),
        "conf/people.toml:2: people.duty.roles = 'monitor': want a list of roles of the regime\n"
        '  fix: roles = ["monitor"]',
    ),
    (
        people('roles = ["office"]'),
        'conf/people.toml:1: people: want somebody with the role "monitor": the regime tells it at level general\n'
        '  fix: roles = ["monitor"]',
    ),
    (
        people('roles = ["monitor"]', ways=""),
        "conf/people.toml:1: people.duty.channels: want this key: at least one way to be told\n"
        '  fix: channels = [{ channel = "mail", to = "duty@example.com" }]',
    ),
    (
        people('roles = ["monitor"]', ways="channels = []"),
        "conf/people.toml:3: people.duty.channels = []: want at least one way to be told\n"
        '  fix: channels = [{ channel = "mail", to = "duty@example.com" }]',
    ),
    (
        people('roles = ["monitor"]', ways='channels = [{ channel = "mial", to = "duty@example.com" }]'),
        "conf/people.toml:3: people.duty.channels.1.channel = 'mial': want one of the channels of "
        "yuqing.toml: hook, mail\n"
        '  fix: did you mean "mail"?',
    ),
    (
        people('roles = ["monitor"]', ways='channels = [{ channel = "mail" }]'),
        'conf/people.toml:3: people.duty.channels.1.to: want this key: where to send\n  fix: to = "duty@example.com"',
    ),
    (
        people(
            'roles = ["monitor"]',
            ways='channels = [\n  { channel = "mail", to = "duty@@example.com", from = "high" },\n]',
        ),
        "conf/people.toml:4: people.duty.channels.1.to = 'duty@@example.com': want a mail address\n"
        '  fix: to = "duty@example.com"\n'
        'conf/people.toml:4: people.duty.channels.1.from = \'high\': want "general", "major" or "extraordinary"\n'
        '  fix: from = "major"',
    ),
    (
        people('roles = ["monitor"]', ways='channels = [{ channel = "hook", to = "ftp://example.com/token" }]'),
        "conf/people.toml:3: people.duty.channels.1.to = a text: want a URL with http or https\n"
        '  fix: to = "https://example.com/hook"',
    ),
]


@pytest.mark.parametrize(("changes", "printed"), WRONG)
def test_a_fault_is_told_with_place_wish_and_fix(
    changes: Mapping[str, str], printed: str, told: Callable[[Mapping[str, str]], str]
) -> None:
    assert told(changes) == printed
