"""How long to wait before something is tried again."""

from __future__ import annotations

from datetime import timedelta

BASE = timedelta(seconds=5)
CAP = timedelta(minutes=15)
LONGEST_RETRY_AFTER = timedelta(hours=1)  # a provider may ask for a pause, not for silence
_DOUBLINGS = 10  # more than it takes from BASE to CAP, and far from any overflow


def delay(attempts: int, *, draw: float, retry_after: timedelta | None = None) -> timedelta:
    """The wait after so many failed attempts (at least 1): anything from nothing to a ceiling that doubles.

    Args:
        attempts: how often it was tried already.
        draw: 0 <= draw < 1, drawn evenly: it spreads the retries of many deliveries over the whole wait.
        retry_after: what the provider asked for; the wait is never shorter, but an hour of it is the most.

    >>> delay(1, draw=0.5), delay(3, draw=0.5), delay(50, draw=0.5)
    (datetime.timedelta(seconds=5), datetime.timedelta(seconds=20), datetime.timedelta(seconds=450))
    """
    ceiling = min(CAP, BASE * 2.0 ** min(attempts, _DOUBLINGS))
    floor = min(retry_after or timedelta(0), LONGEST_RETRY_AFTER)
    return max(ceiling * draw, floor)
