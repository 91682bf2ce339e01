"""The main job on real input: saved pages of real sites, served in their own bytes, end as notices in an inbox.

The pages are not part of this repository; the words that are looked for are taken from their labels.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from daemon.house import House, house, until

PAGES = Path(__file__).parents[2] / "shared" / "data" / "articles"
LABELS = PAGES / "expected.jsonl"
pytestmark = pytest.mark.skipif(not LABELS.exists(), reason="the labelled pages are not beside the repository")

RIGHT = 0.95  # the share of titles and times that the reader is held to
_WORD = re.compile(r"[\u4e00-\u9fff]{4,}")
_IGNORED = re.compile(r"[\s\"'“”‘’「」『』＂＇]")


@dataclass(frozen=True)
class Saved:
    """A saved page, its labels, and where it is served."""

    label: dict[str, Any]
    path: str

    @property
    def title(self) -> str:
        return _IGNORED.sub("", self.label["title"])

    @property
    def word(self) -> str:
        """A word of its title that is looked for."""
        return max(_WORD.findall(self.label["title"]), key=len, default="")

    @property
    def minutes(self) -> set[str]:
        """The publication times that are right, to the minute and by the site's clock; empty if the page tells none."""
        if self.label["published_precision"] == "day":
            return set()
        return {stamp[:16] for stamp in (self.label["published"], *self.label["published_also_ok"]) if stamp}


def saved_pages() -> list[Saved]:
    labels = [json.loads(line) for line in LABELS.read_text(encoding="utf-8").splitlines() if line]
    pages = [Saved(label, f"/news/{1_000_000 + number}.html") for number, label in enumerate(labels)]
    return [page for page in pages if page.word]


@dataclass
class Outcome:
    """What came of it: the pages that were there before, those that came later, and the house they were served in."""

    old: list[Saved]
    new: list[Saved]
    home: House
    alerts_before: int

    def rows(self, query: str) -> dict[str, Any]:
        """The second column of a query by the path of the URL in the first."""
        return {f"/{url.partition('://')[2].partition('/')[2]}": value for url, value in self.home.ask(query)}


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcome]:
    pages = saved_pages()
    old, new = pages[::2], pages[1::2]
    with house(tmp_path_factory.mktemp("pages")) as home:
        for page in pages:
            home.site.bodies[page.path] = (PAGES / page.label["file"]).read_bytes()
        words = json.dumps(sorted({page.word for page in pages}), ensure_ascii=False)
        home.write("topics.toml", f"[topics.everything]\nany = {words}\n")
        home.site.listed = [(page.path, page.label["title"][:14] + "…") for page in old]
        home.start()
        until(lambda: home.ask("select count(*) from post where text <> ''") == [(len(old),)], "the first half", 60)
        alerts_before = len(home.ask("select 1 from delivery"))
        home.site.listed[:0] = [(page.path, page.label["title"][:14] + "…") for page in new]
        everything = "select count(*) from delivery where state = 'accepted' and recipient = 'duty'"
        until(lambda: home.ask(everything) == [(len(new),)], f"{len(new)} notices", 60)
        yield Outcome(old, new, home, alerts_before)


def test_what_stood_there_before_is_stored_and_alerts_nobody(outcome: Outcome) -> None:
    assert outcome.alerts_before == 0
    baseline = outcome.rows("select url, baseline from post")
    assert {path for path, was_there in baseline.items() if was_there} == {page.path for page in outcome.old}
    matched = outcome.rows("select url, count(*) from post join match on match.post = post.id group by url")
    assert {page.path for page in outcome.old} <= matched.keys()


def test_every_new_page_is_one_event_and_one_mail_to_the_person_in_charge(outcome: Outcome) -> None:
    events = outcome.rows("select url, event from post join event_post on event_post.post = post.id")
    assert events.keys() == {page.path for page in outcome.new}
    assert len(set(events.values())) == len(outcome.new)
    texts = [outcome.home.inbox.text(mail) for mail in outcome.home.inbox.mails if "duty@" in str(mail["To"])]
    assert len(texts) == len(outcome.new)
    for page in outcome.new:
        assert sum(page.path in text for text in texts) == 1, page.label["file"]


def test_the_event_is_called_what_the_page_is_called(outcome: Outcome) -> None:
    query = (
        "select url, event.title from post join event_post on event_post.post = post.id join event on event.id = event"
    )
    titles = outcome.rows(query)
    right = [page for page in outcome.new if _IGNORED.sub("", titles[page.path]) == page.title]
    assert len(right) / len(outcome.new) >= RIGHT, {
        page.label["file"]: titles[page.path] for page in outcome.new if page not in right
    }


def test_the_publication_time_is_that_of_the_page(outcome: Outcome) -> None:
    times = outcome.rows("select url, published_at from post")
    timed = [page for page in (*outcome.old, *outcome.new) if page.minutes]
    shown = {page.path: _shanghai(times[page.path]) for page in timed}
    wrong = {page.label["file"]: shown[page.path] for page in timed if shown[page.path] not in page.minutes}
    assert len(wrong) / len(timed) <= 1 - RIGHT, wrong


def _shanghai(stored: str | None) -> str:
    at = datetime.fromisoformat(stored).replace(tzinfo=UTC) if stored else None
    return f"{at.astimezone(ZoneInfo('Asia/Shanghai')):%Y-%m-%d %H:%M}" if at else ""
