"""Stories and events of posts that come one after another, in memory: for pipelines, and to measure the rules by.

The engine keeps the same in its database, within topics and windows of time, and decides by the same functions.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from . import retelling, story
from .story import Likeness

CANDIDATES = 5  # posts that share most, which are looked at
WINDOW = timedelta(days=30)  # an event that did not stir for so long takes no further posts in


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Which story a post tells: a new one, or that of ``of``, of which it is a copy or an excerpt."""

    story: object
    relation: str
    of: object
    likeness: Likeness


@dataclass(slots=True)
class _Post:
    """An indexed post, and how many characters it has in clauses that are not furniture."""

    id: object
    story: object
    site: str
    size: int
    first: int  # the place of its story's first post
    quotes: bool


@dataclass(slots=True)
class StoryIndex:
    """Posts by their clauses. A clause under too many stories is furniture, and forgotten.

    Copies that hardly differ are not put in: an article that is everywhere costs no more than one that is not.

    >>> stories = StoryIndex()
    >>> said = "喝了青禾的酸奶后肚子疼得厉害，医生说是吃坏了东西。"
    >>> [stories.place(id, "", "", text).relation for id, text in (("a", said), ("b", "转发：" + said))]
    ['new', 'copy']
    """

    posts: list[_Post] = field(default_factory=list)
    holders: dict[int, list[int]] = field(default_factory=dict)  # none: furniture

    def place(self, id: object, site: str, title: str, text: str) -> Told:
        """Say which story a post tells, and keep it for those that come. A story is called after its first post."""
        mine = {clause: size for clause, size in story.clauses(title, text).items() if not self.is_furniture(clause)}
        nearest, likeness = self._nearest(mine)
        relation = likeness.relation or "new"
        of = self.posts[nearest] if likeness.relation else None
        told = Told(story=of.story if of else id, relation=relation, of=of.id if of else None, likeness=likeness)
        if likeness.share_larger < story.WORD_FOR_WORD:
            first = of.first if of else len(self.posts)
            self._keep(_Post(id, told.story, site, sum(mine.values()), first, relation == "excerpt"), mine)
        return told

    def is_furniture(self, clause: int) -> bool:
        """Whether a clause stands under so many stories that it tells nothing."""
        return self.holders.get(clause) == []

    def _nearest(self, mine: Mapping[int, int]) -> tuple[int, Likeness]:
        """The post it has most in common with; rather the first of that story, if it shares enough with it.

        Two sentences of a report, and a cut copy of it with three, would else be copies of each other.
        """
        shared: Counter[int] = Counter()
        for clause, size in mine.items():
            for holder in self.holders.get(clause, ()):
                shared[holder] += size
        size = sum(mine.values())
        found = ((post, story.likeness(same, size, self.posts[post].size)) for post, same in _most(shared))
        nothing = (-1, story.likeness(0, 0, 0))
        nearest = max(found, key=lambda pair: (pair[1].relation == "copy", pair[1].share_larger), default=nothing)
        if nearest[1].relation:
            first = self.posts[nearest[0]].first
            to_first = story.likeness(shared[first], size, self.posts[first].size)
            if to_first.relation:
                return first, to_first
        return nearest

    def _keep(self, post: _Post, mine: Mapping[int, int]) -> None:
        number = len(self.posts)
        self.posts.append(post)
        for clause, size in mine.items():
            holders = self.holders.setdefault(clause, [])
            holders.append(number)
            if len(holders) > 1 and self._has_become_furniture(holders):
                for holder in holders:
                    self.posts[holder].size -= size
                self.holders[clause] = []

    def _has_become_furniture(self, holders: list[int]) -> bool:
        posts = [self.posts[holder] for holder in holders]
        stories = {post.story for post in posts if not post.quotes}
        sites = {post.site for post in posts}
        return story.is_furniture(events=len(stories), sites=0 if "" in sites else len(sites))


def _most(shared: Counter[int]) -> list[tuple[int, int]]:
    return shared.most_common(CANDIDATES) if len(shared) > 1 else list(shared.items())


@dataclass(slots=True)
class _Event:
    """What an event is about, and when it stirred."""

    about: retelling.About | None
    at: datetime | None


@dataclass(slots=True)
class EventIndex:
    """The events of one topic: posts that tell one story, or of one happening in other words.

    ``without`` are the words that say nothing here, as the topic's own.
    """

    without: tuple[str, ...] = ()
    stories: StoryIndex = field(default_factory=StoryIndex)
    events: list[_Event] = field(default_factory=list)
    by_story: dict[object, int] = field(default_factory=dict)
    by_pair: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def place(self, id: object, site: str, title: str, text: str, at: datetime | None) -> str:
        """The event a post belongs to, by its code: ``E1`` is the first."""
        told = self.stories.place(id, site, title, text)
        number = self.by_story.get(told.story)
        if number is None or told.relation != "copy":
            about = retelling.about(title, text, without=self.without, is_furniture=self.stories.is_furniture)
            number = self._meant(f"{title}\n{text}", about, at) if number is None else number
            number = self._learn(number, about)
        self.by_story.setdefault(told.story, number)
        self.events[number].at = at or self.events[number].at
        return f"E{number + 1}"

    def _learn(self, number: int | None, about: retelling.About) -> int:
        """Let an event, or a new one, be about that as well; returns its number."""
        if number is None:
            number = len(self.events)
            self.events.append(_Event(None, None))
        event = self.events[number]
        before = event.about.gist if event.about else {}
        event.about = retelling.joined(event.about, about)
        for pair in before.keys() - event.about.gist.keys():
            self.by_pair[pair].discard(number)
        for pair in event.about.gist.keys() - before.keys():
            self.by_pair[pair].add(number)
        return number

    def _meant(self, said: str, about: retelling.About, at: datetime | None) -> int | None:
        holding = {pair: len(self.by_pair.get(pair, ())) for pair in about.gist}
        known = retelling.Known(len(self.events), holding, is_within=bool(self.without))
        shared = Counter(number for pair in retelling.telling(about, known) for number in self.by_pair.get(pair, ()))
        live = sorted(filter(lambda number: self._is_live(number, at), shared), key=lambda each: (-shared[each], each))
        looked_at = [(each, about_) for each in live[: retelling.LOOKED_AT] if (about_ := self.events[each].about)]
        chosen = retelling.choose(said, about, looked_at, known)
        return chosen[0] if chosen else None

    def _is_live(self, number: int, at: datetime | None) -> bool:
        stirred = self.events[number].at
        return at is None or stirred is None or abs(at - stirred) <= WINDOW
