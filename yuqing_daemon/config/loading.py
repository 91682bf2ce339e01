"""From a folder of TOML files to ``Settings``: everything is read and checked before anything is refused."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from ..domain import Channel, Topic
from ..errors import ConfigError, Problem
from . import (
    days,
    heartbeat_table,
    main_file,
    people_file,
    regime_file,
    regime_holes,
    rota_tables,
    second_opinion_table,
    sources_file,
    topic_checks,
    topics_file,
)
from .channels import Senders, channels, misaddressed, senders_of
from .checks import did_you_mean
from .documents import Document, is_folder, read
from .explain import check
from .health_table import health_rules
from .main_file import MainFile
from .people_file import PeopleFile
from .regime_file import RegimeFile
from .secret import Secrets, inline_secrets
from .settings import Settings
from .sources_file import SourcesFile
from .topics_file import TopicsFile
from .wanted import Known

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Files:
    """The five files as they were read, in the order in which their problems are told."""

    main: Document
    sources: Document
    topics: Document
    people: Document
    regime: Document


@dataclass(frozen=True)
class _Tables:
    """The five files as they were checked."""

    main: MainFile
    sources: SourcesFile
    topics: TopicsFile
    people: PeopleFile
    regime: RegimeFile


def load(
    folder: Path, *, senders: Senders, environ: Mapping[str, str] = os.environ, with_secrets: bool = True
) -> Settings:
    """Read, check and build the settings of a folder.

    Args:
        folder: where yuqing.toml, sources.toml, topics.toml and people.toml are.
        senders: each sender's name with the dataclass of its options, or ``None`` if it declares none.
        environ: the environment; for secrets and for systemd's directories.
        with_secrets: whether secrets are read; who only looks needs none, and may not be able to read them.

    Raises:
        ConfigError: with every problem of every file.
    """
    files, problems = _read(folder)
    secrets = Secrets(files.main, folder, environ, is_wanted=with_secrets)
    ways, channel_problems = channels(files.main, senders, secrets)
    bus = main_file.bus_settings(files.main, secrets)
    key = second_opinion_table.api_key(files.main, secrets)
    heard_at = heartbeat_table.heartbeat_url(files.main, secrets)
    tables, table_problems = _check(files, folder)
    problems += [*channel_problems, *secrets.problems, *table_problems, *_across(files, folder)]
    problems += [] if secrets.problems else misaddressed(files.people, ways, senders)
    if tables is None or problems:
        raise ConfigError(_in_order(problems, files))
    inline = [
        found for name in ("channels", "second_opinion") for found in inline_secrets(files.main.get(name), (name,))
    ]
    for key in (*main_file.inline_password(files.main), *inline):
        log.warning(
            'config.inline_secret file=%s key=%s fix="say { env }, { file } or { credential }"', files.main.file, key
        )
    asked = second_opinion_table.second_opinion(tables.main.second_opinion, key)
    heartbeat = heartbeat_table.heartbeat(tables.main.heartbeat, heard_at)
    settings = _settings(tables, ways, files.regime.version, folder, environ)
    return replace(settings, bus=bus, second_opinion=asked, heartbeat=heartbeat)


def read_topics(path: Path) -> tuple[Topic, ...]:
    """The topics of one file by itself, whatever else is configured.

    Raises:
        ConfigError: with every problem of the file.
    """
    document, problems = read(path)
    tables, wrong = check(document, TopicsFile, Known())
    problems += [*wrong, *topics_file.wordless(document)]
    problems += topic_checks.wrong(document, tables) if tables else ()
    if tables is None or problems:
        raise ConfigError(problems)
    return topics_file.topics(tables)


def plugins_wanted(folder: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The plugins to enable and to disable, read before anything else; nothing is refused here."""
    document, _ = read(folder / main_file.FILE)
    enable, disable = (document.get("plugins", key) for key in ("enable", "disable"))
    return _texts(enable), _texts(disable)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(text for text in value if isinstance(text, str)) if isinstance(value, list) else ()


def _read(folder: Path) -> tuple[_Files, list[Problem]]:
    problems: list[Problem] = []
    documents = []
    for name in (main_file.FILE, sources_file.FILE, topics_file.FILE, people_file.FILE):
        fix = f"yuqing init {folder}" if name == main_file.FILE else f"an empty {name} will do"
        document, wrong = read(folder / name, if_absent=fix)
        documents.append(document)
        problems += wrong
    main, sources, topics, people = documents
    regime, wrong = _read_regime(main, folder)
    return _Files(main, sources, topics, people, regime), problems + wrong


def _read_regime(main: Document, folder: Path) -> tuple[Document, list[Problem]]:
    name = main.get("regime")
    shipped = regime_file.shipped_regimes()
    if not isinstance(name, str):
        return Document("", readable=False), []  # the main file's own check tells
    if name.endswith(".toml") or name in shipped:
        return read(regime_file.regime_path(name, folder), if_absent=f'regime = "{regime_file.USUAL}" in {main.file}')
    wanted = f"a shipped regime ({', '.join(shipped)}), or the path of a file ending in .toml"
    fix = did_you_mean(name, shipped) or f'regime = "{regime_file.USUAL}"'
    return Document("", readable=False), [main.problem(("regime",), wanted, fix)]


def _known(files: _Files, folder: Path) -> Known:
    """What the files may refer to in each other, however wrong the rest of them is."""
    spiders = files.main.get("crawl", "spiders")
    has_folder = is_folder(folder / (spiders if isinstance(spiders, str) else main_file.SPIDERS))
    return Known(
        roles=files.regime.names("roles") if files.regime.readable else None,
        subjects=files.regime.names("subjects") if files.regime.readable else None,
        channels=senders_of(files.main) if files.main.readable else None,
        topics=files.topics.names("topics") if files.topics.readable else None,
        people=files.people.names("people") if files.people.readable else None,
        own_spiders=has_folder or not files.main.readable or bool(files.main.get("plugins", "enable")),
    )


def _check(files: _Files, folder: Path) -> tuple[_Tables | None, list[Problem]]:
    known = _known(files, folder)
    main, main_problems = check(files.main, MainFile, known)
    sources, source_problems = check(files.sources, SourcesFile, known)
    topics, topic_problems = check(files.topics, TopicsFile, known)
    people, people_problems = check(files.people, PeopleFile, known)
    regime, regime_problems = check(files.regime, RegimeFile, known)
    topic_problems += topic_checks.wrong(files.topics, topics) if topics else ()
    problems = main_problems + source_problems + topic_problems + people_problems + regime_problems
    if main is None or sources is None or topics is None or people is None or regime is None:
        return None, problems
    return _Tables(main, sources, topics, people, regime), problems


def _across(files: _Files, folder: Path) -> Iterator[Problem]:
    """What no single value shows."""
    yield from main_file.absent_folders(files.main, folder)
    yield from sources_file.repeated(files.sources)
    yield from topics_file.wordless(files.topics)
    yield from days.falling(files.main, "special_periods")
    yield from days.falling(files.people, "overrides", "absences")
    yield from rota_tables.misfits(files.people)
    if files.people.readable and files.regime.readable:
        yield from people_file.unheld(files.people, files.regime)
    yield from regime_holes.holes(files.regime)


def _in_order(problems: list[Problem], files: _Files) -> list[Problem]:
    order = [files.main.file, files.sources.file, files.topics.file, files.people.file, files.regime.file]
    return sorted(problems, key=lambda problem: (order.index(problem.file), problem.line or 0))


def _settings(
    tables: _Tables, ways: Mapping[str, Channel], version: str, folder: Path, environ: Mapping[str, str]
) -> Settings:
    main, people = tables.main, tables.people
    zone = ZoneInfo(main.timezone)
    return Settings(
        folder=folder,
        state=main_file.state_path(main.store, folder, environ),
        organisation=main.organisation,
        language=main.language,
        timezone=zone,
        regime=regime_file.regime(tables.regime, version),
        sources=sources_file.sources(tables.sources, main),
        topics=topics_file.topics(tables.topics),
        recipients=people_file.recipients(people, main),
        hours=people_file.hours(people),
        quiet=people_file.quiet(people),
        rotas=rota_tables.rotas(people.rotas),
        overrides=rota_tables.overrides(people.overrides, zone),
        absences=rota_tables.absences(people.absences, zone),
        subscriptions=rota_tables.subscriptions(people.subscriptions),
        special_periods=days.special_periods(main.special_periods, zone),
        periodicals=main_file.periodicals(main.digests),
        cut_off=time.fromisoformat(main.cut_off) if main.cut_off else None,
        channels=ways,
        crawl=main_file.crawl_settings(main.crawl, folder),
        health=health_rules(main.health),
        web=main_file.web_settings(main.web),
        log=main_file.log_settings(main.log),
        notices=main_file.notice_settings(main.notices),
        enable_plugins=tuple(main.plugins.enable),
        disable_plugins=tuple(main.plugins.disable),
        keep_posts=timedelta(days=main.store.keep_posts_days),
        ballast=main.store.ballast_mib << 20,
        templates=folder / main.templates if main.templates else None,
    )
