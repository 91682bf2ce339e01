"""The bus's URL may hold a password: it may stand elsewhere, and is never shown."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from sample_config import loaded, main, write

from yuqing_daemon.config import load_node

Told = Callable[[Mapping[str, str]], str]
URL = "redis://:canary-3f9a@10.0.0.5:6379/0"
ELSEWHERE = main('[bus]\nurl = { env = "BUS" }')


def test_without_a_bus_there_is_no_redis(tmp_path: Path) -> None:
    assert loaded(tmp_path).bus.url == ""


def test_a_url_stands_in_the_file_or_elsewhere_and_is_never_shown(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = loaded(tmp_path, ELSEWHERE, {"BUS": URL})
    assert settings.bus.url == URL
    assert "3f9a" not in repr(settings)
    assert not caplog.records
    assert loaded(tmp_path, main('[bus]\nurl = "redis://10.0.0.5"')).bus.url == "redis://10.0.0.5"
    assert not caplog.records


def test_a_password_that_is_written_out_is_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert loaded(tmp_path, main(f'[bus]\nurl = "{URL}"')).bus.url == URL
    assert "key=bus.url" in caplog.text
    assert "3f9a" not in caplog.text


@pytest.mark.parametrize("url", ["10.0.0.5:6379", "http://a/", "redis://", "redis://a:x/", "redis://a b/"])
def test_what_is_no_url_of_a_redis_is_refused(url: str, told: Told) -> None:
    assert told(main(f'[bus]\nurl = "{url}"')) == (
        f"conf/yuqing.toml:4: bus.url = '{url}': want a URL with redis or rediss\n"
        '  fix: url = "redis://10.0.0.5:6379/0"'
    )


def test_a_wrong_url_with_a_password_is_refused_without_it(told: Told) -> None:
    assert "3f9a" not in told(main('[bus]\nurl = "reddis://:canary-3f9a@10.0.0.5"'))


def test_what_stands_elsewhere_must_be_there_and_be_a_url(told: Told, tmp_path: Path) -> None:
    assert "want the environment variable BUS to be set" in told(ELSEWHERE)
    secret = tmp_path / "bus"
    secret.write_text("canary-3f9a")
    secret.chmod(0o600)
    text = told(main(f'[bus]\nurl = {{ file = "{secret}" }}'))
    assert "bus.url = a table: want a URL with redis or rediss to stand there" in text
    assert "3f9a" not in text
    assert "bus.url = a table: want a URL with redis or rediss" in told(main("[bus]\nurl = { a = 1 }"))


def test_a_crawling_machine_reads_the_mains_file_or_two_lines(tmp_path: Path) -> None:
    write(tmp_path, main(f'[bus]\nurl = "{URL}"\n[crawl]\nworkers = 3'))
    (tmp_path / "people.toml").unlink()
    node = load_node(tmp_path, environ={})
    assert (node.bus.url, node.workers, node.spiders) == (URL, 3, None)
    (tmp_path / "spiders").mkdir()
    (tmp_path / "yuqing.toml").write_text('[bus]\nurl = { env = "BUS" }\n')
    node = load_node(tmp_path, environ={"BUS": URL})
    assert (node.bus.url, node.workers, node.spiders) == (URL, 2, tmp_path / "spiders")
    assert "3f9a" not in repr(node)
