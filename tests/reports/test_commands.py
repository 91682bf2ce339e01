"""The commands bulletin, report and digest: what they write, what they put on record, what they refuse."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from yuqing_daemon import Post, Reading
from yuqing_daemon.bus import Result as Brought
from yuqing_daemon.bus import Visit
from yuqing_daemon.cli.context import Context
from yuqing_daemon.cli.reports import COMMANDS
from yuqing_daemon.clock import utc_now
from yuqing_daemon.config import load, write_example
from yuqing_daemon.domain import Act
from yuqing_daemon.engine import Engine
from yuqing_daemon.errors import RequestError
from yuqing_daemon.plugins import Plugins
from yuqing_daemon.store import Store, audit

Yuqing = Callable[..., Result]


@pytest.fixture(scope="module")
def plugins() -> Plugins:
    return Plugins.load()


@pytest.fixture
def state(tmp_path: Path, plugins: Plugins) -> Iterator[Store]:
    """The configuration that ``yuqing init`` writes, and a database with one event."""
    folder = tmp_path / "conf"
    write_example(folder)
    main = folder / "yuqing.toml"
    main.write_text(main.read_text().replace('# path = "/srv/yuqing"', f'path = "{tmp_path / "state"}"'))
    settings = load(folder, senders=plugins.senders())
    store = Store.open(settings.state)
    engine = Engine(store, settings, plugins, secret=b"secret")
    now = utc_now() - timedelta(minutes=10)
    engine.begin(now=now)
    url = "https://www.example.com/1.html"
    post = Post(
        url=url,
        source="city-news",
        site="example.com",
        mainstream=True,
        title="示例公司食堂",
        text="在食堂吃坏肚子",
        fetched_at=now,
    )
    for posts, minutes in (((), 0), ((post,), 1)):
        at = now + timedelta(minutes=minutes)
        readings = (Reading(url=url, at=at, reads=12_000),) if posts else ()
        engine.take(
            Brought(
                job="j",
                source="city-news",
                visit=Visit.READ,
                started_at=at,
                ended_at=at,
                posts=posts,
                readings=readings,
            ),
            now=at,
        )
    yield store
    store.close()


@pytest.fixture
def yuqing(tmp_path: Path, state: Store) -> Yuqing:
    """Run a command on the folder."""

    def yuqing(name: str, *arguments: str) -> Result:
        command = next(each for each in COMMANDS if each.name == name)
        return CliRunner().invoke(command, arguments, obj=Context(tmp_path / "conf"))

    return yuqing


def acts(store: Store) -> list[tuple[str, object, object]]:
    with store.read() as connection:
        entries = [entry for entry in audit.entries(connection) if entry.what.startswith("judged.")]
    return [(entry.what, entry.data.get("kind"), entry.data.get("issue")) for entry in entries]


def test_a_bulletin_is_printed_and_put_on_record_with_its_number(yuqing: Yuqing, state: Store) -> None:
    done = yuqing("bulletin", "E1")
    assert done.exit_code == 0 and "第1号" in done.output and "草稿" not in done.output and "12,000" in done.output
    assert acts(state) == [("judged.report", "bulletin", 1)]


def test_its_next_issue_keeps_the_number_and_says_what_is_new(yuqing: Yuqing, state: Store) -> None:
    yuqing("bulletin", "E1")
    assert "此后没有新信息" in yuqing("bulletin", "E1", "--by", "wang").output
    done = yuqing("bulletin", "E1", "--by", "li", "--language", "en")
    assert "issue 3" in done.output and "No. 1 of" in done.output


def test_a_draft_and_the_facts_put_nothing_on_record(yuqing: Yuqing, state: Store) -> None:
    assert "未编号　草稿" in yuqing("bulletin", "E1", "--draft").output
    facts = json.loads(yuqing("bulletin", "E1", "--json").output)
    assert facts["figures"]["reads"]["value"] == 12_000 and facts["figures"]["reads"]["trace"][0].startswith("R@")
    assert facts["event"]["level"] == "extraordinary"
    assert acts(state) == []


def test_one_issue_can_be_written_in_several_formats_at_once(yuqing: Yuqing, state: Store, tmp_path: Path) -> None:
    names = [str(tmp_path / f"e1.{ending}") for ending in ("pdf", "docx", "html", "txt")]
    done = yuqing("bulletin", "E1", *(word for name in names for word in ("-o", name)))
    assert done.exit_code == 0, done.output
    begins = [Path(name).read_bytes()[:4] for name in names]
    assert begins == [b"%PDF", b"PK\x03\x04", b"<!DO", "网络舆情通报".encode()[:4]]
    assert len(acts(state)) == 1


@pytest.mark.parametrize("kind", ["first", "follow-up", "summary"])
def test_reports_are_put_on_record_with_the_figures_they_tell(yuqing: Yuqing, state: Store, kind: str) -> None:
    assert yuqing("report", "1", "--kind", kind, "-m", "检验前移").exit_code == 0
    act = Act.SUMMARISE if kind == "summary" else Act.REPORT
    with state.read() as connection:
        (entry,) = [entry for entry in audit.entries(connection) if entry.what == f"judged.{act}"]
    assert entry.data["kind"] == kind.replace("-", "_") and entry.data["reason"] == "检验前移"
    assert entry.data["figures"] == {"reads": 12_000, "comments": None, "mainstream": 1, "posts": 1}


def test_what_cannot_be_made_is_not_put_on_record(yuqing: Yuqing, state: Store, tmp_path: Path) -> None:
    assert yuqing("bulletin", "E1", "-o", str(tmp_path / "e1.odt")).exit_code == 2
    assert isinstance(yuqing("bulletin", "E7").exception, RequestError)
    own = tmp_path / "conf" / "own" / "zh" / "reports"
    own.mkdir(parents=True)
    (own / "bulletin.txt").write_text("{{ nothing_of_that_name }}")
    main = tmp_path / "conf" / "yuqing.toml"
    main.write_text('templates = "own"\n' + main.read_text())
    assert isinstance(yuqing("bulletin", "E1").exception, RequestError)
    assert acts(state) == []


def test_a_digest_of_today_and_of_this_week_has_the_event_and_the_head(yuqing: Yuqing, state: Store) -> None:
    for arguments in ((), ("--week", f"{utc_now():%Y-%m-%d}")):
        done = yuqing("digest", *arguments)
        assert "示例公司食堂" in done.output and "留痕链完整" in done.output
    assert "周报" in done.output
    assert json.loads(yuqing("digest", "--json").output)["events"][0]["figures"]["reads"]["value"] == 12_000


def test_a_digest_of_a_day_to_come_or_of_both_spans_is_refused(yuqing: Yuqing, state: Store) -> None:
    assert isinstance(yuqing("digest", "--day", "2999-01-01").exception, RequestError)
    assert yuqing("digest", "--day", "2026-03-02", "--week", "2026-03-02").exit_code == 2
