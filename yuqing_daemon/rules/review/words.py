"""Words: those that would have found what was missed, and those that mostly find what is none."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from ...domain import Topic
from .facts import Missed, ReviewFacts, Suggestion, TopicWords, Verdict, entries, events, listed, quoted


def new_words(missed: Iterable[Missed], words: Mapping[str, TopicWords]) -> dict[str, tuple[int, ...]]:
    """The words of missed posts that no topic has, each with the events it would have found, the most first."""
    known = {term for topic in words.values() for term in topic.known}
    found: dict[str, set[int]] = defaultdict(set)
    for post in missed:
        for word in post.words if not post.is_found else ():
            if not any(term in word.casefold() for term in known):
                found[word].add(post.event)
    return {word: tuple(sorted(found[word])) for word in sorted(found, key=lambda word: -len(found[word]))}


def mostly_dismissed(verdicts: Iterable[Verdict], topic: str, asked: Sequence[str]) -> dict[str, tuple[int, int]]:
    """The words of a topic of whose events more than half were dismissed -> how many were, of how many."""
    judged: Counter[str] = Counter()
    dismissed: Counter[str] = Counter()
    for verdict in verdicts:
        for term in {*verdict.terms} & {*asked} if verdict.topic == topic else ():
            judged[term] += 1
            dismissed[term] += verdict.is_dismissed
    return {term: (dismissed[term], judged[term]) for term in asked if dismissed[term] * 2 > judged[term]}


def keywords(facts: ReviewFacts) -> Iterator[Suggestion]:
    """For each topic the words to add and to drop."""
    for topic in facts.topics:
        missed = [post for post in facts.missed if post.topic == topic.id and not post.is_found]
        asked = facts.words[topic.id].asked
        near = [post for post in missed if asked and not post.lacks]
        far = [post for post in missed if post not in near]
        added, dropped = new_words(near, facts.words), mostly_dismissed(facts.verdicts, topic.id, asked)
        if added or dropped:
            verdicts = [each for each in facts.verdicts if each.topic == topic.id and {*each.terms} & dropped.keys()]
            why = [f"{len(near)} missed for want of a word"] if added else []
            why += [f"{term}: {some} of {all} dismissed" for term, (some, all) in dropped.items()]
            yield Suggestion(
                about="keywords",
                key=f"keywords:{topic.id}",
                why="; ".join(why),
                file="topics.toml",
                toml=_in_query(topic, added, dropped) if topic.query else _any_line(topic, added, dropped),
                events=events((*near, *verdicts) if added else verdicts),
                entries=entries(near if added else [], [verdict.entry for verdict in verdicts]),
                figures={"add": added, "drop": dropped},
            )
        yield from _new_topic(topic, far, facts.words)


def _in_query(topic: Topic, added: Iterable[str], dropped: Iterable[str]) -> str:
    """What to do about a query: where in it a word belongs, a person sees."""
    todo = [f"{what} {', '.join(words)}" for what, words in (("add", [*added]), ("drop", [*dropped])) if words]
    return f"# [topics.{topic.id}]: in its query {'; '.join(todo)}"


def _any_line(topic: Topic, added: Iterable[str], dropped: Collection[str]) -> str:
    """A topic without any word at all would be refused; one that only keeps what it demands finds far more."""
    words = [*(term for term in topic.any if term not in dropped), *added]
    if words:
        return f"[topics.{topic.id}]\nany = {listed(words)}"
    return f"# [topics.{topic.id}]: none of its words holds; give them company under all, or exceptions under none"


def _new_topic(topic: Topic, far: Sequence[Missed], known: Mapping[str, TopicWords]) -> Iterator[Suggestion]:
    """Posts that lack what the topic demands: no further word of it would find them, but a topic beside it."""
    words = new_words(far, known)
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
