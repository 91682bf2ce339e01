"""The hooks: the whole contract between the daemon and its plugins. docs/hooks.md tells each one's story.

Hooks are plain synchronous functions. A plugin names only the arguments it wants. ``None`` means "not mine".
Every plugin gets the same input; one plugin's failure costs only its own answer.
"""

from __future__ import annotations

from collections.abc import Iterable

import pluggy

from .domain import (
    Advice,
    Article,
    AuditEntry,
    Callback,
    Channel,
    Consultation,
    Delivery,
    Event,
    Heard,
    Heat,
    Level,
    Match,
    Opinion,
    Outcome,
    Page,
    Post,
    Signal,
    Source,
    Topic,
)

PROJECT = "yuqing_daemon"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def spiders() -> Iterable[type]:  # type: ignore[empty-body]
    """Scrapy spider classes this plugin brings. Asked in crawl workers only, once, at their start."""


@hookspec(firstresult=True)
def extract_article(page: Page, source: Source) -> Article | None:
    """Read an article from a page. Asked in crawl workers; the first answer wins, the built-in reader is last."""


@hookspec
def match_post(post: Post, topics: tuple[Topic, ...]) -> Iterable[Match] | None:
    """Say which topics a post belongs to, and why. The answers of all plugins add up."""


@hookspec
def classify_event(event: Event, posts: tuple[Post, ...]) -> Opinion | Iterable[Opinion] | None:
    """Give opinions on an event's kind, sentiment or subject. All are recorded; a person decides (R8)."""


@hookspec(firstresult=True)
def advise(consultation: Consultation) -> Advice | None:
    """Give a second opinion on an unsure event. Called from a thread of its own, in no transaction; may block."""


@hookspec
def escalate_event(event: Event, heat: Heat) -> Level | None:
    """Demand a level. The highest counts: a plugin can raise an event, never lower it."""


@hookspec(firstresult=True)
def send(delivery: Delivery) -> Outcome | None:
    """Send a delivery if its ``channel.sender`` is yours. Called from a thread of its own; may block."""


@hookspec(firstresult=True)
def hear(channel: Channel, callback: Callback) -> Heard | None:
    """Read what a provider sent to the callback address of a channel of yours: receipts, and people's answers."""


@hookspec(firstresult=True)
def look_up(delivery: Delivery) -> Signal | None:
    """Ask the provider what became of a delivery it had accepted. Called from a thread of its own; may block."""


@hookspec
def on_audit(entry: AuditEntry) -> None:
    """Be told of an audit entry after it has been stored."""
