"""The channels of ``yuqing.toml``: each is checked against what its sender says it needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic.errors import PydanticUserError

from ..domain import Channel
from ..errors import Problem
from .checks import did_you_mean
from .documents import Document
from .explain import explain
from .places import Path
from .secret import Secrets

Senders = Mapping[str, type | None]


def channels(document: Document, senders: Senders, secrets: Secrets) -> tuple[dict[str, Channel], list[Problem]]:
    """The channels as the daemon uses them, with secrets resolved, and what is wrong with the others."""
    found: dict[str, Channel] = {}
    problems: list[Problem] = []
    for path, table in document.tables("channels"):
        sender = table.get("sender")
        given = {key: value for key, value in table.items() if key != "sender"}
        options = secrets.resolve(given, path)
        if not isinstance(sender, str):
            continue  # the file's own check has told
        if sender not in senders:
            problems.append(_no_such_sender(document, path, sender, senders))
            continue
        try:
            checked = _checked(options, senders[sender])
            problems += _misfits(document, path, senders[sender], checked) if secrets.is_wanted else ()
        except ValidationError as error:
            problems += _explained(document, error, senders[sender], path, secrets)
        except (PydanticUserError, NameError):
            wanted = "a sender whose options can be read; this plugin's are declared with types nobody can check"
            problems.append(document.problem((*path, "sender"), wanted))
        else:
            found[str(path[1])] = Channel(id=str(path[1]), sender=sender, options=checked)
    return found, problems


def misaddressed(people: Document, ways: Mapping[str, Channel], senders: Senders) -> Iterator[Problem]:
    """Addresses of people that their channel's sender cannot use, as far as it says which it can."""
    for path, person in people.tables("people"):
        addresses = person.get("channels")
        for number, address in enumerate(addresses if isinstance(addresses, list) else ()):
            channel = ways.get(str(address.get("channel"))) if isinstance(address, dict) else None
            declared = senders.get(channel.sender) if channel else None
            if channel is None or declared is None or not hasattr(declared, "misaddressed"):
                continue
            if wrong := declared(**channel.options).misaddressed(str(address.get("to", ""))):
                yield people.problem((*path, "channels", number, "to"), *wrong)


def _misfits(document: Document, path: Path, declared: type | None, options: Mapping[str, Any]) -> Iterator[Problem]:
    """What the sender says of options that are each right by themselves."""
    if declared is not None and hasattr(declared, "misfits"):
        for key, wanted, fix in declared(**options).misfits():
            yield document.problem((*path, key), wanted, fix)


def senders_of(document: Document) -> dict[str, str]:
    """Which sender each channel names, however wrong the rest of it is."""
    return {str(path[1]): str(table.get("sender")) for path, table in document.tables("channels")}


def _no_such_sender(document: Document, path: Path, sender: str, senders: Senders) -> Problem:
    wanted = f"one of the senders there are: {', '.join(sorted(senders)) or 'no plugin brings one'}"
    fix = did_you_mean(sender, senders) or "name the plugin that brings it under enable of [plugins]"
    return document.problem((*path, "sender"), wanted, fix)


def _checked(options: dict[str, Any], declared: type | None) -> dict[str, Any]:
    if declared is None:
        return options
    return asdict(TypeAdapter[Any](declared).validate_python(options, extra="forbid"))


def _explained(
    document: Document, error: ValidationError, declared: type | None, path: Path, secrets: Secrets
) -> Iterator[Problem]:
    """The sender's objections; an empty text where a secret is missing has been told already."""
    told = {problem.key for problem in secrets.problems}
    for problem in explain(document, error, declared or object, path):
        if problem.key not in told:
            yield replace(problem, wanted=secrets.hidden(problem.wanted))
