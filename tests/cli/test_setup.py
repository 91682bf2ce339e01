"""Commands that set things up: init, check, plugins."""

from __future__ import annotations

from pathlib import Path

from .commandline import Yuqing


def test_init_writes_what_check_finds_good_and_overwrites_nothing(yuqing: Yuqing, tmp_path: Path) -> None:
    made = tmp_path / "new"
    ran = yuqing("init", str(made), config=None)
    assert ran.code == 0
    assert f"  yuqing -c {made} check" in ran.lines
    assert yuqing("check", str(made), config=None).code == 0
    ran = yuqing("init", str(made), config=None)
    assert (ran.code, ran.out) == (1, "")
    assert "exist already and are left alone" in ran.err


def test_check_tells_the_regime_in_words(yuqing: Yuqing) -> None:
    ran = yuqing("check")
    assert ran.lines[0] == "ok: 1 source, 2 topics, 1 recipient, 1 channel"
    assert "重大：一个事件的全部信息合计，阅读量达到1000，或评论达到100，或主流网站达到1家。" in ran.out
    assert "每30分钟再次提醒已通知的人员，最多3次" in ran.out
    found = yuqing("check", "--json").json
    assert (found["ok"], found["problems"], found["plugins"]) == (True, [], {})
    assert (found["sources"], found["topics"], found["regime"]["id"]) == (1, 2, "company")


def test_check_shows_every_problem_with_its_place_and_exits_2(yuqing: Yuqing, folder: Path) -> None:
    sources = folder / "sources.toml"
    sources.write_text(sources.read_text().replace("mainstream = true", "mainstrem = true\nevery = '5m'"))
    ran = yuqing("check")
    assert ran.code == 2
    assert "sources.toml:8: source.1.mainstrem" in ran.out
    assert ran.lines[-1] == "2 problems"
    found = yuqing("check", "--json").json
    assert [(problem["line"], problem["key"]) for problem in found["problems"]] == [
        (8, "source.1.mainstrem"),
        (9, "source.1.every"),
    ]
    assert set(found["problems"][0]) == {"file", "line", "key", "found", "wanted", "fix"}
    assert (found["ok"], found["sources"], found["regime"]) == (False, None, None)


def test_check_warns_of_a_password_that_is_written_out(yuqing: Yuqing, folder: Path) -> None:
    main = folder / "yuqing.toml"
    main.write_text(main.read_text().replace("port = 1", 'port = 1\nuser = "u"\npassword = "geheim99"'))
    ran = yuqing("check")
    assert ran.code == 0
    assert "channels.mail.password" in ran.err
    assert "geheim99" not in ran.err + ran.out


def test_a_wanted_plugin_that_cannot_be_loaded_is_a_problem(yuqing: Yuqing, folder: Path) -> None:
    main = folder / "yuqing.toml"
    main.write_text(main.read_text().replace("enable = []", 'enable = ["nowhere"]'))
    ran = yuqing("check")
    assert ran.code == 2
    assert "plugin nowhere: failed: no installed package has a plugin of this name" in ran.out
    assert "failed: no installed package" in yuqing("plugins", "list").out


def test_plugins_are_listed_even_with_a_broken_configuration(yuqing: Yuqing, folder: Path) -> None:
    (folder / "people.toml").write_text("nonsense")
    ran = yuqing("plugins", "list", columns=80)
    assert ran.code == 0
    assert any(line.split() == ["keywords", "built-in", "0", "match_post", "active"] for line in ran.lines)
    assert ran.lines[-1].startswith("without the daemon's own figures")
    names = [each["name"] for each in yuqing("plugins", "list", "--json").json]
    assert {"keywords", "reader", "mail", "webhook", "sms", "apprise", "spiders"} <= set(names)
