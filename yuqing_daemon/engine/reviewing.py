"""When an event is closed, a short review of it goes on record: what was missed, and which words would have found it.

Nothing changes by itself (R27): ``yuqing review`` gathers what the reviews and judgements suggest.
"""

from __future__ import annotations

from ..domain import Event
from ..rules.review import closing_review
from ..store.review import closing_facts
from .work import Work


def review(work: Work, event: Event) -> None:
    """Put the review of an event on record, told from its ledger as it stands now."""
    settings = work.settings
    roles = {person.id: person.roles for person in settings.recipients}
    facts = closing_facts(work.connection, event.id, topics=settings.topics, roles=roles, now=work.now)
    work.audit("event.reviewed", event=event.id, **closing_review(facts).as_data())
