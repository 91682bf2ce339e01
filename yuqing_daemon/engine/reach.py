"""Who can be reached in a role: by the configuration and the instant alone, with no look into the store."""

from __future__ import annotations

from datetime import datetime

from ..config import Settings
from ..domain import Level, Recipient
from ..rules import rota, route

OPS, OPS_LEVEL = "ops", Level.MAJOR  # those who run the daemon, and how urgent a word to them is


def held(settings: Settings, level: Level) -> set[str]:
    """The roles in which somebody can be reached."""
    people = (person for person in settings.recipients if route.addresses(person, level))
    return {role for person in people for role in person.roles}


def reachable(settings: Settings, role: str, level: Level, *, now: datetime) -> list[Recipient]:
    """Who is on duty in a role now; if none of them has a channel for the level, everybody who holds it."""
    duty = rota.on_duty(role, now, settings.roster)
    on_duty = [person for id in duty.people if (person := settings.recipient(id)) is not None]
    for people in (on_duty, settings.holders(role)):
        found = [person for person in people if route.addresses(person, level)]
        if found:
            return found
    return []


def has_role(settings: Settings, id: str, role: str) -> bool:
    """Whether a listed person may be told as a role, by the configuration; a shift that is over takes none away."""
    return settings.recipient(id) is not None and id in rota.may_act(role, settings.roster)


def operators(settings: Settings, *, now: datetime) -> tuple[str, list[Recipient]]:
    """Those who run the daemon, or who stands in for them, with their role; no role if there is nobody."""
    roles = held(settings, OPS_LEVEL)
    role = OPS if OPS in roles else route.stand_in(OPS, settings.regime, roles)
    return (role, reachable(settings, role, OPS_LEVEL, now=now)) if role else ("", [])
