"""From the outbox to a person: claim, send outside of any transaction, record."""

from .notifier import Notifier

__all__ = ["Notifier"]
