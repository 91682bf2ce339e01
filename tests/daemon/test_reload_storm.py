"""Fifty reloads of a daemon at work, half of them of configurations with a fault: nobody notices, but who asked."""

from __future__ import annotations

from itertools import cycle
from pathlib import Path

from daemon.house import House, house, until

from yuqing_daemon.backtest import live_topics

RELOADS = 50
FAULTS = (  # file, what stands there, what stands there instead, what is said of it
    ("topics.toml", "any =", "eny =", "topics.toml:4: topics.quality.eny"),
    ("topics.toml", 'any = ["异物"]', "any = [", "topics.toml:5: "),
    ("topics.toml", 'any = ["异物"]', 'query = "异物 AND ("', "topics.toml:4: topics.quality.query"),
    ("people.toml", 'channel = "mail"', 'channel = "pigeon"', "people.toml:4: people.duty.channels.1.channel"),
    ("people.toml", 'roles = ["monitor"]', 'roles = ["monitr"]', "people.toml:3: people.duty.roles.1 = 'monitr'"),
    ("sources.toml", "every = 1", 'every = "often"', "sources.toml:6: source.1.every"),
    ("yuqing.toml", 'sender = "webhook"', 'sender = "carrier"', "yuqing.toml:23: channels.chat.sender"),
    ("rules.toml", "[levels.general]", "[levels.generous]", "rules.toml:50: levels.general"),
)


def test_fifty_reloads_under_load_lose_nothing_add_nothing_and_a_faulty_one_changes_nothing(tmp_path: Path) -> None:
    with house(tmp_path) as home:
        good = {name: (tmp_path / name).read_text(encoding="utf-8") for name in dict.fromkeys(f[0] for f in FAULTS)}
        faults, promised = cycle(FAULTS), []
        home.start()
        for number in range(1, RELOADS + 1):
            home.site.publish(number)
            promised += home.request("test-notify", target="duty")["ok"]["keys"]
            for name, text in good.items():
                home.write(name, text)
            if number % 2:
                home.change("topics.toml", "产品质量", f"好的{number}")
                assert home.request("reload")["ok"]["regime"]
                in_force = f"好的{number}"
            else:
                name, old, new, said = next(faults)
                home.change("topics.toml", "产品质量", f"坏的{number}")
                home.change(name, old, new)
                assert said in home.request("reload")["error"]
                assert home.get("/-/ready")[0] == 503
            assert [topic.name for topic in live_topics(tmp_path / "state")] == [in_force]
        numbers = range(1, RELOADS + 1)
        until(lambda: all(home.mail_about(number) for number in numbers), "every story")
        until(lambda: not home.ask("select 1 from delivery where state <> 'accepted'"), "every notice")
        nothing_twice(home, promised)
        last = home.mail_about(RELOADS)
        assert last is not None
        assert in_force in home.inbox.text(last)
        assert home.log.count("config.kept_old") == home.log.count("config.reloaded") == RELOADS // 2
        assert len(home.ask("select 1 from audit where what = 'config.reloaded'")) == RELOADS // 2
        assert home.stop() == 0


def nothing_twice(home: House, promised: list[str]) -> None:
    """Each person got each story and each test once, in no words of a configuration that was refused."""
    mails = [str(mail["X-Yuqing-Delivery"]) for mail in home.inbox.mails]
    kept = [(key, channel) for key, channel in home.ask("select key, channel from delivery")]
    assert sorted(mails) == sorted(key for key, channel in kept if channel == "mail")
    assert sorted(home.hook.keys) == sorted(key for key, channel in kept if channel == "chat")
    assert set(promised) <= set(mails)
    assert len(home.hook.keys) == RELOADS
    assert not [mail for mail in home.inbox.mails if "坏的" in home.inbox.text(mail)]
