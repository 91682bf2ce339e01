"""A bad spider costs itself only: its neighbours deliver, and it is named."""

import re
from itertools import count

import pytest
from crew import Crew
from farm import Answer, Site, job, listing, source

from yuqing_daemon.bus import Job, Lost, Result, Visit

NUMBERS = count()
HARMLESS = {
    "raises-in-parse": "RuntimeError: no such row (",
    "raises-in-init": "RuntimeError: no such setting (",
    "raises-in-start": "RuntimeError: no such start (",
    "sys-exit-plain": "SpiderQuit: SystemExit",
    "sys-exit-async": "SpiderQuit: SystemExit",
    "sys-exit-init": "SpiderQuit: SystemExit",
    "sys-exit-errback": "SpiderQuit: SystemExit",
    "interrupt": "SpiderQuit: KeyboardInterrupt",
    "base-exception": "SpiderQuit: Odd: odd",
    "os-exit": "SpiderQuit: a spider may not end its worker",
    "reactor-stop": "SpiderQuit: a spider may not end its worker",
    "loop-stop": "SpiderQuit: a spider may not end its worker",
    "endless-requests": "TooMuch: it yielded more than",
    "leaks": "MemoryError",
}
DEADLY = {
    "sleeps": "blocks.py",
    "spins": "blocks.py",
    "regex": "blocks.py",
    "segfault": "blocks.py",
    "pipeline-exit": "quits.py",
}


def a_job(site: Site, spider: str, host: str = "", **given: object) -> Job:
    number = next(NUMBERS)
    of = source(site, id=f"{spider}-{number}", spider=spider)
    return job(of, id=f"j{number}", **{"host": host or f"h{number}", **given})


@pytest.fixture
def good(other: Site) -> Site:
    other.pages["/"] = listing(("/a", "星河食品停产"), ("/b", "星河食品复产"))
    return other


def test_ten_neighbours_deliver_beside_every_spider_that_raises(crew: Crew, site: Site, good: Site) -> None:
    site.pages["/"] = "<title>hello</title>"
    bad = [a_job(site, name) for name in HARMLESS]
    neighbours = [a_job(good, "good") for _ in range(10)]
    results = crew.crawl(*bad, *neighbours)
    for each, (name, words) in zip(results, HARMLESS.items(), strict=False):
        assert isinstance(each, Result), (name, each)
        assert each.visit is Visit.FAILED and words in each.error and each.state is None, (name, each.error)
        assert re.search(r"\.py:\d+\)", each.error), each.error
    for each in results[len(bad) :]:
        assert isinstance(each, Result) and len(each.posts) == 2, each


@pytest.mark.parametrize("name", DEADLY)
def test_a_spider_that_kills_its_worker_is_named_and_its_neighbours_deliver(
    name: str, crew: Crew, site: Site, good: Site
) -> None:
    site.pages["/"] = "<title>hello</title>"
    bad, neighbours = a_job(site, name), [a_job(good, "good") for _ in range(10)]
    culprit, *results = crew.crawl(bad, *neighbours)
    assert isinstance(culprit, Lost) and culprit.blamed, culprit
    assert DEADLY[name] in culprit.traceback
    victims = [each for each in results if isinstance(each, Lost)]
    assert not any(each.blamed for each in victims)
    again = crew.crawl(*(neighbour for neighbour, each in zip(neighbours, results, strict=True) if each in victims))
    assert all(isinstance(each, Result) and len(each.posts) == 2 for each in (*again, *results) if each not in victims)


def test_a_spider_that_dies_without_a_word_is_found_by_running_alone(crew: Crew, site: Site, good: Site) -> None:
    site.pages["/"] = "<title>hello</title>"
    bad = a_job(site, "dies")
    neighbours = [a_job(good, "good") for _ in range(10)]
    for _ in range(2):
        culprit, *results = crew.crawl(bad, *neighbours)
        assert isinstance(culprit, Lost)
        assert not any(each.blamed for each in results if isinstance(each, Lost))
        if culprit.blamed:
            break
    assert culprit.blamed and "SIGKILL" in culprit.reason
    assert all(isinstance(each, Result) for each in crew.crawl(*neighbours))


def test_what_was_found_before_an_error_counts(crew: Crew, site: Site) -> None:
    site.pages["/"] = "<title>hello</title>"
    half, gone = crew.crawl(a_job(site, "raises-half-way"), a_job(site, "sys-exit"))
    assert isinstance(half, Result) and isinstance(gone, Result)
    assert half.visit is Visit.READ and [post.title for post in half.posts] == ["the first"]
    assert "RuntimeError: the second" in half.error
    assert [post.title for post in gone.posts] == ["before"] and "SystemExit: I want to go" in gone.error


def test_endless_links_end_at_the_page_limit(crew: Crew, site: Site) -> None:
    page = Answer("<title>more</title>")
    site.answer = lambda asked: (site.all_asked.append(asked), page)[1]  # type: ignore[method-assign]
    result = crew.result(a_job(site, "endless-links", max_pages=20))
    assert "limit of 20 pages" in result.error
    assert len(site.asked) < 60


def test_endless_items_end_with_what_was_found(crew: Crew, site: Site) -> None:
    site.pages["/"] = "<title>hello</title>"
    result = crew.result(a_job(site, "endless-items"))
    assert len(result.posts) == 3000 and "more than 3000 posts" in result.error


def test_a_spider_that_asks_for_nothing_does_not_pass_for_a_quiet_site(crew: Crew, site: Site) -> None:
    result = crew.result(a_job(site, "nothing"))
    assert result.visit is Visit.FAILED and "the spider does nothing" in result.error
