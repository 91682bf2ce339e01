"""One visit as it is judged, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .history import Piece
from .limits import State
from .signs import Signs


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One visit as it is judged.

    Args:
        failed: nothing could be read.
        unchanged: the site says, or shows, that all is as before.
        links: what its lists held.
        new: posts that were not known.
        probed: by what can be wrong with an article (or a counter's name), what a kept page has lost; an empty
            text: it reads as before.
        network_works: whether somebody else was reached meanwhile; ``False`` puts off calling it unreachable.
    """

    at: datetime
    failed: bool = False
    unchanged: bool = False
    signs: Signs = field(default_factory=Signs)
    links: int = 0
    new: int = 0
    pieces: tuple[Piece, ...] = ()
    probed: Mapping[str, str] = field(default_factory=dict)
    error: str = ""
    every: timedelta
    network_works: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A source's state and why. ``blind_from`` is when we last heard it well; ``None``: never."""

    state: State
    reason: str = ""
    figures: Mapping[str, object] = field(default_factory=dict)
    blind_from: datetime | None = None
