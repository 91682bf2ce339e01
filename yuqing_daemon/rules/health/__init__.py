"""How well we hear a source, judged from its own history: pure decisions, each with its reason and its figures.

signs    what a crawl notices that tells a page from a gate, and a site from a network
history  what is remembered of a source's visits
rhythm   when a source usually brings something new, by the hour of the week
judge    one visit more: which state the source is in now
network  whether it is our own network that is down
"""

from __future__ import annotations

from .history import History, Piece
from .judge import judge, restart
from .limits import HealthRules, State
from .network import Answered, Outage, is_down
from .rhythm import Days
from .seen import Finding, Seen
from .signs import COUNTERS, Probe, Signs, Trouble

__all__ = [
    "COUNTERS",
    "Answered",
    "Days",
    "Finding",
    "HealthRules",
    "History",
    "Outage",
    "Piece",
    "Probe",
    "Seen",
    "Signs",
    "State",
    "Trouble",
    "is_down",
    "judge",
    "restart",
]
