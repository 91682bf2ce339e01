"""The ``spiders`` folder is a Scrapy project too, and a new spider comes with a test that passes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from farm import Site, listing

from yuqing_daemon.cli import run
from yuqing_daemon.crawl.saved import saved_posts

OLD = """
import scrapy

class Old(scrapy.Spider):
    name = "old"

    def start_requests(self):
        yield scrapy.Request("SITE/", self.parse)

    def parse(self, response):
        \"\"\"
        @url SITE/
        @returns items 2 2
        @scrapes url title
        \"\"\"
        for row in response.css("li a"):
            yield {"url": response.urljoin(row.attrib["href"]), "title": row.css("::text").get()}
"""


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site({"/": listing(("/a", "食堂的汤"), ("/b", "校车的时间"))})
    yield site
    site.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert run(["init", str(tmp_path / "conf")]) == 0
    return tmp_path / "conf"


def scrapy(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scrapy", *arguments]
    return subprocess.run(command, cwd=folder / "spiders", capture_output=True, text=True, check=False, timeout=60)


def test_scrapys_own_commands_work_in_the_folder_beside_a_broken_file(folder: Path, site: Site, tmp_path: Path) -> None:
    (folder / "spiders" / "old.py").write_text(OLD.replace("SITE", site.url))
    (folder / "spiders" / "broken.py").write_text("import no_such_module\n")
    listed = scrapy(folder, "list")
    assert (listed.returncode, listed.stdout) == (0, "old\n") and "no_such_module" in listed.stderr
    crawled = scrapy(folder, "crawl", "old", "-s", "DOWNLOAD_DELAY=0", "-O", str(tmp_path / "out.jsonl"))
    assert crawled.returncode == 0 and (tmp_path / "out.jsonl").read_text().count("title") == 2, crawled.stderr
    checked = scrapy(folder, "check", "old", "-s", "DOWNLOAD_DELAY=0")
    assert checked.returncode == 0 and "OK" in checked.stderr, checked.stderr
    shell = scrapy(folder, "shell", "-c", "response.css('li a::text').getall()", f"{site.url}/")
    assert "食堂的汤" in shell.stdout, shell.stderr


def test_a_new_spider_is_written_with_a_test_that_passes_and_breaks_with_the_page(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["-c", str(folder), "new", "spider", "town-board"]) == 0
    assert "python -m pytest" in capsys.readouterr().out
    with (folder / "sources.toml").open("a") as file:
        file.write('\n[[source]]\nid = "town"\nurl = "https://www.example.com/"\nspider = "town-board"\n')
    assert run(["check", str(folder)]) == 0
    tests = folder / "spiders" / "tests"

    def outcome() -> int:
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null", str(tests)]
        return subprocess.run(command, capture_output=True, check=False, timeout=60).returncode

    assert outcome() == 0
    page = tests / "town_board.html"
    page.write_text(page.read_text().replace('class="entry"', 'class="row"'))
    assert outcome() == 1
    assert run(["-c", str(folder), "new", "spider", "town-board"]) == 1, "nothing is overwritten"
    assert run(["-c", str(folder), "new", "spider", "../town"]) == 1


def test_a_saved_page_says_what_is_wrong_with_a_file(tmp_path: Path) -> None:
    page, now = tmp_path / "page.html", datetime(2026, 5, 1, tzinfo=UTC)
    page.write_text("<p>x")
    (tmp_path / "bad.py").write_text("import no_such_module\n")
    with pytest.raises(ValueError, match=r"there are: none; .*no_such_module"):
        saved_posts(tmp_path / "bad.py", page, url="https://www.example.com/", now=now)
