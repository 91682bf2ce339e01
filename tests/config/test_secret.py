"""Secrets stand elsewhere, and are never shown: not in settings, problems or warnings."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from sample_config import SENDERS, channel, loaded, write

from yuqing_daemon.config import load

CANARY = "canary-3f9a"
Told = Callable[[Mapping[str, str]], str]


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A file that holds the canary, readable by its owner alone."""
    file = tmp_path / "kept"
    file.write_text(f"{CANARY}\n", encoding="utf-8")
    file.chmod(0o600)
    return file


@pytest.mark.parametrize("reference", ['{ env = "MAIL" }', '{ file = "kept" }', '{ credential = "kept" }'])
@pytest.mark.parametrize("key", ["password = {}", 'headers = {{ "X-Token" = {} }}'])
def test_a_secret_comes_from_elsewhere_and_is_never_shown(
    reference: str, key: str, tmp_path: Path, kept: Path, caplog: pytest.LogCaptureFixture
) -> None:
    environ = {"MAIL": CANARY, "CREDENTIALS_DIRECTORY": str(tmp_path)}
    settings = loaded(tmp_path, channel('host = "a"\n' + key.format(reference)), environ)
    options = settings.channels["third"].options
    assert CANARY in (options["password"], options["headers"].get("X-Token"))
    assert CANARY not in repr(settings) + repr(settings.channels)
    assert not caplog.records


def test_a_file_that_others_may_read_is_refused(told: Told, kept: Path) -> None:
    for mode in (0o640, 0o604):
        kept.chmod(mode)
        text = told(channel(f"host = 'a'\npassword = {{ file = '{kept}' }}"))
        assert f"want the file {kept} to be readable by its owner alone" in text
        assert f"fix: chmod 600 {kept}" in text
        assert CANARY not in text


@pytest.mark.parametrize(
    ("reference", "wanted"),
    [
        ('{ env = "GONE" }', "want the environment variable GONE to be set"),
        ('{ file = "gone" }', "want the file conf/gone to exist"),
        ('{ file = "." }', "want the file conf to"),
        ('{ file = "bad\\u0000name" }', "want the file conf/bad?name to exist"),
        ('{ credential = "../kept" }', "CREDENTIALS_DIRECTORY"),
    ],
)
def test_a_secret_that_is_missing_is_named(reference: str, wanted: str, told: Told) -> None:
    text = told(channel(f'host = "a"\npassword = {reference}'))
    assert wanted in text
    assert text.count("conf/yuqing.toml") == 1


def test_a_missing_secret_is_told_once_even_where_a_number_is_wanted(told: Told) -> None:
    text = told(channel('host = "a"\nport = { env = "GONE" }'))
    assert text.count("conf/yuqing.toml") == 1
    assert "want the environment variable GONE to be set" in text


def test_a_credential_is_a_name_and_not_a_path(tmp_path: Path, kept: Path) -> None:
    write(tmp_path / "conf", channel('host = "a"\npassword = { credential = "../kept" }'))
    with pytest.raises(Exception, match="the name of a credential, not a path"):
        load(tmp_path / "conf", senders=SENDERS, environ={"CREDENTIALS_DIRECTORY": str(tmp_path / "conf")})


@pytest.mark.parametrize(
    "body",
    [
        f'port = "{CANARY}"',
        f'security = "{CANARY}"',
        f'password = ["{CANARY}"]',
        f'unknown = "{CANARY}"',
        f'headers = {{ a = {{ b = "{CANARY}" }} }}',
        f'headers = "{CANARY}"',
        f'[channels.fourth]\nsender = "webhok"\ntoken = "{CANARY}"',
        f'password = "{CANARY}',
    ],
)
def test_a_problem_in_a_channel_never_shows_a_text(body: str, told: Told) -> None:
    assert CANARY not in told(channel(f'host = "a"\n{body}'))


def test_a_senders_own_words_are_blotted_out(tmp_path: Path, told: Told) -> None:
    text = told(channel('host = "a"\npassword = "letmein"'))
    assert "a password other than ***" in text


def test_a_secret_written_out_is_warned_of_without_its_value(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        loaded(tmp_path, channel(f'host = "a"\npassword = "{CANARY}"\nheaders = {{ token = "{CANARY}" }}'))
    assert [record.args[1] for record in caplog.records if isinstance(record.args, tuple)] == [
        "channels.third.password",
        "channels.third.headers.token",
    ]
    assert CANARY not in caplog.text


@pytest.mark.parametrize("reference", ['{ env = "NOT_SET" }', '{ file = "absent" }', '{ credential = "absent" }'])
def test_who_only_looks_needs_no_secret_and_sees_none(reference: str, tmp_path: Path) -> None:
    write(tmp_path, channel(f'host = "a"\npassword = {reference}'))
    settings = load(tmp_path, senders=SENDERS, environ={}, with_secrets=False)
    assert set(settings.channels["third"].options["password"]) == {"*"}
