"""From the outbox to a person: claim, send outside of any transaction, record; and ask what became of it."""

from .asker import Asker
from .notifier import Notifier

__all__ = ["Asker", "Notifier"]
