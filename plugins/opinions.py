"""What the shipped rules and weights think of an event: sentiment, kind, sensitive subjects, and claims to verify."""

from __future__ import annotations

from collections.abc import Iterator

from yuqing_daemon import Event, Kind, Opinion, Post, hookimpl
from yuqing_daemon.text.opinion import Judged, judge
from yuqing_daemon.text.subjects import find_subjects

AS_REGIMES_SAY = {"disaster": "natural_disaster"}
BY_WORDS = 0.8  # how sure a word of a broad list is; a person confirms
OPEN = 0.5  # whether it is true, or pushed, is not in a text


@hookimpl(trylast=True)
def classify_event(event: Event, posts: tuple[Post, ...]) -> tuple[Opinion, ...]:
    """Opinions on what the event's first post says, and on the subjects of all its titles."""
    if not posts:
        return ()
    first = judge(posts[0].title, posts[0].text)
    return (*_on_text(first), *_questions(first), *_on_subjects(posts))


def _on_text(judged: Judged) -> Iterator[Opinion]:
    sentiment, kind = judged.sentiment, judged.kind
    yield Opinion(
        sentiment=sentiment.label,
        confidence=round(max(sentiment.p, 1 - sentiment.p), 3),
        reason=", ".join(sentiment.why),
        unsure=sentiment.label == "unsure",
    )
    is_known = isinstance(kind.label, Kind)
    yield Opinion(
        kind=kind.label if isinstance(kind.label, Kind) else None,
        detail=kind.detail,
        confidence=round(kind.p, 3),
        reason=", ".join(kind.why),
        unsure=not is_known,
    )


def _questions(judged: Judged) -> Iterator[Opinion]:
    """What a person has to look into: never called fabrication or hype by what a text says."""
    for detail, signs in (("claim", judged.claims), ("pushed", judged.pushed)):
        if signs:
            yield Opinion(detail=detail, confidence=OPEN, reason="; ".join(signs), unsure=True)


def _on_subjects(posts: tuple[Post, ...]) -> Iterator[Opinion]:
    found = {each.subject: each for post in posts for each in find_subjects(post.title, post.text)}
    for id, each in found.items():
        subject = AS_REGIMES_SAY.get(id, id)
        yield Opinion(subject=subject, confidence=BY_WORDS, reason=", ".join(each.why), unsure=True)
