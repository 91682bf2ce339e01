"""Commands about the organisation's written rules: regime show."""

from __future__ import annotations

from pathlib import Path

import click

from ..config import read_regime, regime_path, shipped_regimes
from ..domain import Act, Regime
from ..errors import RequestError
from ..rules.explain_regime import Section, explain
from .acts import act_on, by, why
from .context import Context, as_json, pass_context
from .output import picked, print_json, say


@click.group
def regime() -> None:
    """The organisation's written rules."""


@regime.command("show", short_help="Say a regime in plain sentences.")
@click.argument("name", required=False)
@click.option("--file", "file", type=click.Path(path_type=Path, dir_okay=False), help="A regime file.")
@click.option("--language", type=click.Choice(["zh", "en"]), help="[default: that of the configuration, or zh]")
@as_json
@pass_context
def show(context: Context, name: str | None, file: Path | None, language: str | None, as_json: bool) -> None:
    """Say a regime in plain sentences that its authors can check and sign.

    NAME is a shipped regime. Without NAME and --file it is the one of the configuration, with the special periods that
    are declared. In English, roles, kinds and subjects are called by their ids.
    """
    if name is not None and file is not None:
        raise click.UsageError("want a NAME or --file, not both")
    if name is None and file is None:
        settings = context.settings
        found, periods = settings.regime, settings.special_periods
        language, zone = language or settings.language, settings.timezone
    else:
        found = read_regime(file or _shipped(name or ""))
        language, periods, zone = language or "zh", (), None
    sections = explain(found, language, periods=periods, zone=zone)
    if as_json:
        print_json(_json(found, language, sections))
    else:
        _print(found, sections)


@regime.command("apply", short_help="Put an open event under the rules in force.")
@click.argument("code", metavar="EVENT")
@why
@by
@pass_context
def apply(context: Context, code: str, reason: str, by: str) -> None:
    """Put an event under the regime that is in force now; it keeps the one it opened under until somebody says so.

    Its clocks run by the new rules from when they began. Nobody is late by a rule that was not in force, what was late
    stays late, and a level only rises. Whom the new rules name is told.
    """
    act_on(context, code, Act.ADOPT, reason, by)


def _shipped(name: str) -> Path:
    known = shipped_regimes()
    if name not in known:
        raise RequestError(f"no shipped regime {name!r}; there are {', '.join(known)}; or say --file PATH")
    return regime_path(name, Path())


def _json(found: Regime, language: str, sections: tuple[Section, ...]) -> dict[str, object]:
    return {
        **picked(found, "id", "name", "version"),
        "language": language,
        "sections": [picked(section, "title", "sentences") for section in sections],
    }


def _print(found: Regime, sections: tuple[Section, ...]) -> None:
    say(f"{found.name} ({found.id}, {found.version})", style="bold")
    for section in sections:
        say()
        say(section.title, style="bold")
        for sentence in section.sentences:
            say(f"  {sentence}")


COMMANDS = (regime,)
