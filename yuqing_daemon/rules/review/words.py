"""Words: those that would have found what was missed, and those that mostly find what is none."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from ...domain import Topic
from .facts import Missed, ReviewFacts, Suggestion, Verdict, entries, events, listed, quoted


def new_words(missed: Iterable[Missed], topics: Iterable[Topic]) -> dict[str, tuple[int, ...]]:
    """The words of missed posts that no topic has, each with the events it would have found, the most first."""
    known = {term.casefold() for topic in topics for term in (*topic.any, *topic.all, *topic.none)}
    found: dict[str, set[int]] = defaultdict(set)
    for post in missed:
        for word in post.words if not post.is_found else ():
            if not any(term in word.casefold() for term in known):
                found[word].add(post.event)
    return {word: tuple(sorted(found[word])) for word in sorted(found, key=lambda word: -len(found[word]))}


def mostly_dismissed(verdicts: Iterable[Verdict], topic: Topic) -> dict[str, tuple[int, int]]:
    """The words of a topic of whose events more than half were dismissed -> how many were, of how many."""
    judged: Counter[str] = Counter()
    dismissed: Counter[str] = Counter()
    for verdict in verdicts:
        for term in {*verdict.terms} & {*topic.any} if verdict.topic == topic.id else ():
            judged[term] += 1
            dismissed[term] += verdict.is_dismissed
    return {term: (dismissed[term], judged[term]) for term in topic.any if dismissed[term] * 2 > judged[term]}


def keywords(facts: ReviewFacts) -> Iterator[Suggestion]:
    """For each topic the words to add and to drop."""
    for topic in facts.topics:
        missed = [post for post in facts.missed if post.topic == topic.id and not post.is_found]
        near = [post for post in missed if topic.any and not post.lacks]
        far = [post for post in missed if post not in near]
        added, dropped = new_words(near, facts.topics), mostly_dismissed(facts.verdicts, topic)
        if added or dropped:
            verdicts = [each for each in facts.verdicts if each.topic == topic.id and {*each.terms} & dropped.keys()]
            why = [f"{len(near)} missed for want of a word"] if added else []
            why += [f"{term}: {some} of {all} dismissed" for term, (some, all) in dropped.items()]
            kept = [term for term in topic.any if term not in dropped]
            yield Suggestion(
                about="keywords",
                key=f"keywords:{topic.id}",
                why="; ".join(why),
                file="topics.toml",
                toml=_any_line(topic, [*kept, *added]),
                events=events((*near, *verdicts) if added else verdicts),
                entries=entries(near if added else [], [verdict.entry for verdict in verdicts]),
                figures={"add": added, "drop": dropped},
            )
        yield from _new_topic(topic, far, facts.topics)


def _any_line(topic: Topic, words: Sequence[str]) -> str:
    """A topic without any word at all would be refused; one that only keeps what it demands finds far more."""
    if words:
        return f"[topics.{topic.id}]\nany = {listed(words)}"
    return f"# [topics.{topic.id}]: none of its words holds; give them company under all, or exceptions under none"


def _new_topic(topic: Topic, far: Sequence[Missed], topics: Sequence[Topic]) -> Iterator[Suggestion]:
    """Posts that lack what the topic demands: no further word of it would find them, but a topic beside it."""
    words = new_words(far, topics)
    if words:
        lacks = dict.fromkeys(word for post in far for word in post.lacks)
        yield Suggestion(
            about="keywords",
            key=f"topic:{topic.id}",
            why=f"{len(far)} missed, which do not have what {topic.id} demands: {', '.join(lacks) or 'its words'}",
            file="topics.toml",
            toml=f"[topics.{topic.id}-more]\nname = {quoted(topic.name or topic.id)}\nany = {listed([*words])}",
            events=events(far),
            entries=entries(far),
            figures={"add": words, "lacks": list(lacks)},
        )
