"""A daemon that records before it sends: what ``benchmarks/crash.py --swapped`` is seen to catch.

Nothing of this is in the product; it is the product with the two steps of one method turned round, and between them the
moment that a slow network takes.
"""

from __future__ import annotations

import random
import time

import crash_mother

from yuqing_daemon import Answer, Delivery, Outcome
from yuqing_daemon.notify.notifier import Notifier

PAUSE = 1.0  # seconds at the most
_send_then_record = Notifier._send


def _record_then_send(self: Notifier, delivery: Delivery) -> None:
    self._record(delivery, Outcome(answer=Answer.ACCEPTED, detail="recorded before it was sent"))
    time.sleep(random.uniform(0, PAUSE))
    _send_then_record(self, delivery)


if __name__ == "__main__":
    Notifier._send = _record_then_send  # type: ignore[method-assign]
    crash_mother.main()
