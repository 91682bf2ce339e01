"""Every kind of fault in yuqing.toml, with exactly what is printed."""

from collections.abc import Callable, Mapping

import pytest
from sample_config import MAIN, channel, main

WRONG = [
    (
        main('language = "cn"'),
        'conf/yuqing.toml:3: language = \'cn\': want "zh" or "en"\n  fix: language = "zh"',
    ),
    (
        main('timezone = "CST+8"'),
        "conf/yuqing.toml:3: timezone = 'CST+8': want a time zone by name\n  fix: timezone = \"Asia/Shanghai\"",
    ),
    (
        main('[web]\nlisten = "8470"\npublic_url = "yuqing"'),
        "conf/yuqing.toml:4: web.listen = '8470': want an address and a port\n"
        '  fix: listen = "127.0.0.1:8470"\n'
        "conf/yuqing.toml:5: web.public_url = 'yuqing': want a URL with http or https\n"
        '  fix: public_url = "https://yuqing.example.com"',
    ),
    (
        main('[log]\nlevel = "verbose"\nformat = 1'),
        'conf/yuqing.toml:4: log.level = \'verbose\': want "DEBUG", "INFO", "WARNING" or "ERROR"\n'
        '  fix: level = "INFO"\n'
        'conf/yuqing.toml:5: log.format = 1: want "plain" or "json"\n'
        '  fix: format = "plain"',
    ),
    (
        main('[crawl]\nworkers = 0\ngap = -1\nspiders = "mine"'),
        "conf/yuqing.toml:4: crawl.workers = 0: want a whole number from 1 to 64\n"
        "  fix: workers = 2\n"
        "conf/yuqing.toml:5: crawl.gap = -1: want seconds, a number from 0 to 3600\n"
        "  fix: gap = 1\n"
        "conf/yuqing.toml:6: crawl.spiders = 'mine': want a folder that exists; conf/mine does not\n"
        "  fix: mkdir conf/mine",
    ),
    (
        main("[crawl]\ngap = nan\nmax_pages = 1e9\ndeadline = 2026-01-01"),
        "conf/yuqing.toml:4: crawl.gap = nan: want seconds, a number from 0 to 3600\n"
        "  fix: gap = 1\n"
        "conf/yuqing.toml:5: crawl.max_pages = 1000000000.0: want a whole number >= 1\n"
        "  fix: max_pages = 10\n"
        "conf/yuqing.toml:6: crawl.deadline = 2026-01-01: want seconds, a whole number >= 1\n"
        "  fix: deadline = 60",
    ),
    (
        main('[store]\nkeep_posts_days = 0\npath = ""'),
        "conf/yuqing.toml:4: store.keep_posts_days = 0: want days, a whole number >= 1\n"
        "  fix: keep_posts_days = 180\n"
        "conf/yuqing.toml:5: store.path = '': want a text on one line, not empty\n"
        '  fix: path = "..."',
    ),
    (
        main('[digests]\nroles = ["offce"]\ndaily = "8am"'),
        "conf/yuqing.toml:4: digests.roles.1 = 'offce': want one of the regime's roles: monitor, office\n"
        '  fix: did you mean "office"?\n'
        'conf/yuqing.toml:5: digests.daily = \'8am\': want a time of the day, "00:00" to "23:59"\n'
        '  fix: daily = "08:30"',
    ),
    (
        main('templates = "none"'),
        "conf/yuqing.toml:3: templates = 'none': want a folder that exists; conf/none does not\n  fix: mkdir conf/none",
    ),
    (
        main("[plugins]\nenable = true"),
        'conf/yuqing.toml:4: plugins.enable = true: want a list of plugins by name\n  fix: enable = ["school"]',
    ),
    (
        main("[plugin]\nenable = []"),
        'conf/yuqing.toml:3: plugin: want a key that exists here\n  fix: did you mean "plugins"?',
    ),
    (
        {"yuqing.toml": MAIN.replace('organisation = "示例公司"\n', "")},
        'conf/yuqing.toml: organisation: want this key: the organisation\'s name\n  fix: organisation = "示例公司"',
    ),
    (
        {"yuqing.toml": MAIN.replace("rules.toml", "compnay")},
        "conf/yuqing.toml:2: regime = 'compnay': want a shipped regime (agency, company, "
        "joint-conference), or the path of a file "
        "ending in .toml\n"
        '  fix: did you mean "company"?',
    ),
    (
        {"yuqing.toml": MAIN.replace("rules.toml", "rulez.toml")},
        'conf/rulez.toml: the file: want it to exist\n  fix: regime = "company" in conf/yuqing.toml',
    ),
    (
        {"yuqing.toml": MAIN + "[channels.mail]\n"},
        "conf/yuqing.toml:10: column 15: want TOML: Cannot declare ('channels', 'mail') twice\n"
        "  fix: join the two tables of that name, or rename one",
    ),
    (
        {"+yuqing.toml": '\n[channels.sms]\nsender = "smss"\n'},
        "conf/yuqing.toml:12: channels.sms.sender = 'smss': want one of the senders there are: mail, webhook\n"
        "  fix: name the plugin that brings it under enable of [plugins]",
    ),
    (
        {"+yuqing.toml": '\n[channels.sms]\nurl = "x"\n'},
        'conf/yuqing.toml:11: channels.sms.sender: want this key: the name of a sender\n  fix: sender = "mail"',
    ),
    (
        channel("prt = 25"),
        "conf/yuqing.toml:11: channels.third.host: want this key\n"
        "  fix: host = ...\n"
        "conf/yuqing.toml:13: channels.third.prt: want a key that exists here\n"
        '  fix: did you mean "port"?',
    ),
    (
        channel('host = "a"\nport = "many"\nsecurity = "ssl"\nheaders = { a = 1 }'),
        "conf/yuqing.toml:14: channels.third.port = a text: want a whole number\n"
        'conf/yuqing.toml:15: channels.third.security = a text: want "none" or "tls"\n'
        "conf/yuqing.toml:16: channels.third.headers.a = 1: want a text in quotes",
    ),
    (
        channel('host = "a"\npassword = { env = "MAIL_PASSWORD" }'),
        'conf/yuqing.toml:14: channels.third.password = { env = "MAIL_PASSWORD" }: want the environment '
        "variable MAIL_PASSWORD to be set",
    ),
    (
        channel('host = "a"\npassword = { file = "mail-password" }'),
        'conf/yuqing.toml:14: channels.third.password = { file = "mail-password" }: want the file '
        "conf/mail-password to exist",
    ),
    (
        channel('host = "a"\npassword = { credential = "mail" }'),
        'conf/yuqing.toml:14: channels.third.password = { credential = "mail" }: want '
        "$CREDENTIALS_DIRECTORY, which systemd sets for LoadCredential=",
    ),
    (
        channel('host = "a"\npassword = "letmein"'),
        "conf/yuqing.toml:11: channels.third = a table: want values that fit together: a password other than ***",
    ),
    (
        channel('host = "a"\npassword = { environment = "X" }'),
        "conf/yuqing.toml:14: channels.third.password = a table: want a text in quotes",
    ),
]


@pytest.mark.parametrize(("changes", "printed"), WRONG)
def test_a_fault_is_told_with_place_wish_and_fix(
    changes: Mapping[str, str], printed: str, told: Callable[[Mapping[str, str]], str]
) -> None:
    assert told(changes) == printed
