"""Spiders come from plugins and a folder; what is broken is told and hides nobody."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import scrapy
from crew import write_spiders

from yuqing_daemon.crawl.loader import load_spiders
from yuqing_daemon.plugins import Plugins

SPIDER = "import scrapy\nclass {0}(scrapy.Spider):\n    name = '{1}'\n"


@pytest.fixture(autouse=True)
def no_traces() -> Iterator[None]:
    """Imported spider files are forgotten, so that every test starts with none."""
    path = list(sys.path)
    yield
    sys.path[:] = path
    for name in [name for name in sys.modules if name.startswith("yuqing_site_spiders_")]:
        del sys.modules[name]


def test_every_good_spider_of_a_folder_is_loaded_beside_the_broken_files(tmp_path: Path) -> None:
    spiders = load_spiders(write_spiders(tmp_path), Plugins())
    assert {"good", "old", "sleeps", "asks"} <= spiders.by_name.keys()
    broken = [line for line in spiders.problems if "broken_" in line]
    assert len(broken) == 4
    assert any("broken_name.py:1)" in line for line in broken)


def test_packages_and_files_may_import_each_other(tmp_path: Path) -> None:
    (tmp_path / "shared_words.py").write_text("WORD = 'soup'\n")
    (tmp_path / "one.py").write_text("from shared_words import WORD\n" + SPIDER.format("One", "one"))
    package = tmp_path / "pack" / "spiders"
    package.mkdir(parents=True)
    (tmp_path / "pack" / "__init__.py").write_text("")
    (tmp_path / "pack" / "items.py").write_text("FIELDS = 3\n")
    (package / "__init__.py").write_text("")
    (package / "two.py").write_text("from ..items import FIELDS\n" + SPIDER.format("Two", "two"))
    spiders = load_spiders(tmp_path, Plugins())
    assert set(spiders.by_name) == {"one", "two"} and not spiders.problems
    assert spiders.code()["two"] == (str(package / "two.py"),)


@pytest.mark.parametrize("name", ["../x", "A", "a b", "", "x" * 65, "a/b", "é", "a\\0"])
def test_names_that_could_lead_elsewhere_are_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "odd.py").write_text(f"import scrapy\nclass Odd(scrapy.Spider):\n    name = {name!r} or ' '\n")
    spiders = load_spiders(tmp_path, Plugins())
    assert not spiders.by_name and "has the name" in spiders.problems[0]


def test_the_first_of_two_with_one_name_stays_and_the_second_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(SPIDER.format("A", "same"))
    (tmp_path / "b.py").write_text(SPIDER.format("B", "same"))
    spiders = load_spiders(tmp_path, Plugins())
    assert spiders.by_name["same"].__name__ == "A"
    assert "b.py: spider 'same' is already there" in spiders.problems[0]


def test_a_folder_that_is_not_there_is_told() -> None:
    assert "there is no such folder" in load_spiders("/nonexistent", Plugins()).problems[0]


def test_spiders_of_plugins_are_loaded_and_a_failing_plugin_is_told() -> None:
    from yuqing_daemon import hookimpl

    class Mine(scrapy.Spider):
        name = "mine"

    class Good:
        @hookimpl
        def spiders(self) -> list[type]:
            return [Mine]

    class Bad:
        @hookimpl
        def spiders(self) -> list[type]:
            raise ImportError("no such part")

    plugins = Plugins()
    plugins.register(Good(), "good")
    plugins.register(Bad(), "bad")
    spiders = load_spiders("", plugins)
    assert list(spiders.by_name) == ["mine"]
    assert spiders.problems == ["plugin bad: spiders: ImportError: no such part"]


def test_start_requests_alone_becomes_start_and_both_stay_as_they_are(tmp_path: Path) -> None:
    both = "    def start_requests(self):\n        pass\n    async def start(self):\n        yield 1\n"
    only = "    def start_requests(self):\n        return [1]\n"
    (tmp_path / "a.py").write_text(SPIDER.format("Both", "both") + both + SPIDER.format("Only", "only") + only)
    spiders = load_spiders(tmp_path, Plugins()).by_name

    async def first(name: str) -> object:
        return await anext(spiders[name]().start())

    import asyncio

    assert asyncio.run(first("both")) == asyncio.run(first("only")) == 1
