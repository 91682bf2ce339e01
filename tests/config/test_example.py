"""The example is a working configuration, and writing it never overwrites anything."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from yuqing_daemon.config import Settings, load, write_example
from yuqing_daemon.errors import RequestError
from yuqing_plugins.senders.dingtalk import Options as DingtalkOptions
from yuqing_plugins.senders.mail import Options as MailOptions
from yuqing_plugins.senders.sms import Options as SmsOptions
from yuqing_plugins.senders.webhook import Options as WebhookOptions

SENDERS: dict[str, type | None] = {
    "mail": MailOptions,
    "webhook": WebhookOptions,
    "dingtalk": DingtalkOptions,
    "sms": SmsOptions,
}
ROBOT = "https://oapi.dingtalk.com/robot/send?access_token=566cc69da782ec"


def test_the_example_loads_without_a_problem_or_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write_example(tmp_path / "conf")
    with caplog.at_level(logging.WARNING):
        settings = load(tmp_path / "conf", senders=SENDERS, environ={})
    assert not caplog.records
    assert settings.sources and settings.topics and settings.recipients and settings.channels
    assert settings.templates is None


def test_the_example_with_all_its_comments_taken_away_loads_too(tmp_path: Path) -> None:
    for path in write_example(tmp_path):
        if path.parent == tmp_path:
            lines = path.read_text("utf-8").splitlines()
            path.write_text("\n".join(map(_uncommented, lines)), "utf-8")
    environ = {"YUQING_MAIL_PASSWORD": "x", "SMS_TOKEN": "y", "CREDENTIALS_DIRECTORY": str(tmp_path)}
    for name, secret in {"webhook-secret": "z", "dingtalk-secret": "SEC1", "dingtalk-robot": ROBOT}.items():
        (tmp_path / name).write_text(secret, "utf-8")
    settings = load(tmp_path, senders=SENDERS, environ=environ)
    assert len(settings.sources) > 5
    assert set(settings.channels) == {"mail", "webhook", "group", "sms"}


def _uncommented(line: str) -> str:
    """A setting behind a comment sign stands alone; a sentence stays a comment."""
    bare = line.removeprefix("# ")
    looks_like_toml = bare.startswith(("[", "{", "]", " ")) or " = " in bare.split("#")[0]
    return bare if looks_like_toml else line


def test_it_brings_the_regime_and_the_schemas(tmp_path: Path) -> None:
    written = {str(path.relative_to(tmp_path)) for path in write_example(tmp_path)}
    assert {"yuqing.toml", "regimes/company.toml", "schemas/regime.schema.json"} <= written
    for path in tmp_path.rglob("*.toml"):
        schema = path.read_text("utf-8").splitlines()[0].removeprefix("#:schema ")
        assert (path.parent / schema).is_file()


def test_it_never_overwrites_and_names_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "people.toml").write_text("mine", "utf-8")
    with pytest.raises(RequestError, match=r"people\.toml"):
        write_example(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["people.toml"]
    assert (tmp_path / "people.toml").read_text("utf-8") == "mine"


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(RequestError, match="cannot write"):
        write_example(tmp_path / "file" / "conf")


def test_settings_know_who_holds_a_role(tmp_path: Path) -> None:
    write_example(tmp_path)
    settings: Settings = load(tmp_path, senders=SENDERS, environ={})
    assert [person.id for person in settings.holders("leading_group")] == ["duty"]
