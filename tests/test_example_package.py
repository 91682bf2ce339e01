"""The sample organisation's package: its own tests pass, and it is loaded only when the configuration names it."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from farm import Answer, Site
from installed import install

from yuqing_daemon import Post, Source
from yuqing_daemon.bus import Job, Result
from yuqing_daemon.cli import run
from yuqing_daemon.crawl.once import crawl_once
from yuqing_daemon.plugins import Plugins

SCHOOL = Path(__file__).parents[1] / "examples" / "yuqing-school"
PAGE = SCHOOL / "tests" / "pages" / "new-threads" / "page.html"


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The package on the path, with the entry points of its own pyproject.toml."""
    points = tomllib.loads((SCHOOL / "pyproject.toml").read_text())["project"]["entry-points"]["yuqing_daemon"]
    ((name, module),) = points.items()
    install(monkeypatch, tmp_path / "site", name, module, (SCHOOL / "yuqing_school.py").read_text())


@pytest.fixture
def post() -> Post:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    return Post(url="https://bbs.example.edu/t/1", source="forum", title="食堂", text="吃坏肚子", fetched_at=at)


def test_its_own_tests_pass() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--rootdir", str(SCHOOL), "-c", "/dev/null", str(SCHOOL / "tests")],
        env={"PYTHONPATH": str(SCHOOL), "PATH": "", "HOME": "/nonexistent"}, capture_output=True, text=True,
        check=False, cwd=SCHOOL,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout


def test_it_is_loaded_only_when_the_configuration_names_it(installed: None) -> None:
    assert Plugins.load().entries["school"].status == "not enabled"
    assert Plugins.load(enable=["school"], others=False).entries["school"].status == "not enabled"
    assert Plugins.load(enable=["school"], disable=["school"]).entries["school"].status == "disabled"
    entry = Plugins.load(enable=["school"]).entries["school"]
    assert (entry.status, entry.package, entry.hooks) == ("active", "yuqing-school 1.0", ("match_post", "spiders"))


def test_its_rule_matches_beside_the_words_of_the_topics(installed: None, post: Post) -> None:
    plugins = Plugins.load(enable=["school"])
    assert [plugin for plugin, answer in plugins.ask("match_post", post=post, topics=()) if answer] == ["school"]
    assert not [answer for _, answer in Plugins.load().ask("match_post", post=post, topics=()) if answer]


def test_its_spider_visits_the_forum_in_a_worker(installed: None) -> None:
    site = Site({"/new": Answer(PAGE.read_bytes())})
    source = Source(id="forum", urls=(f"{site.url}/new",), internal=True, spider="school-forum")
    job = Job(id="j", source=source, host="forum", first_visit=True, deadline=timedelta(seconds=30))
    found = crawl_once(job, {"enable": ["school"]})
    site.close()
    assert isinstance(found, Result)
    assert [(post.title, post.text[:6]) for post in found.posts[:1]] == [("二食堂的盒饭吃坏肚子了", "中午在二食堂")]
    assert [reading.reads for reading in found.readings] == [12000, 86]


def test_the_operator_sees_it_in_the_list(installed: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "conf"
    run(["init", str(folder)])
    main = folder / "yuqing.toml"
    for wanted, status in (("[]", "not enabled"), ('["school"]', "active")):
        main.write_text(main.read_text().replace("enable = []", f"enable = {wanted}"))
        capsys.readouterr()
        assert run(["-c", str(folder), "plugins", "list"]) == 0
        lines = capsys.readouterr().out.splitlines()
        (line,) = [line for line in lines if line.startswith("school")]
        assert line.endswith(status)
