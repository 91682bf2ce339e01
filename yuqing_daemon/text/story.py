"""Whether two posts tell the same story, and what a story is called. Pure: the store keeps the index of clauses.

A copy is seldom *similar* to its original: it is cut, framed and mixed. But it is *contained* in it, clause by
clause. So a post is known by its clauses, and two posts by the share of text that stands in clauses of both.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Literal
from zlib import crc32

from ..domain import Post
from .dictionary import frequency, tokenizer
from .normalise import normalise

CLAUSE_CHARACTERS = 8  # shorter ones ("据新华社报道") stand in texts that have nothing to do with each other
# Measured on edited copies and on pairs of real reports judged by a reader: the share of the larger text tells
# copies from the rest; that of the smaller one tells what is carried along, as in a round-up, from other stories.
COPY_SHARE = 0.40
# ... and a copy either has most of both texts in common, or nearly all of the shorter one.
MOST_OF_BOTH, NEARLY_ALL = 0.55, 0.75
EXCERPT_SHARE = 0.40
WORD_FOR_WORD = 0.9  # of the larger text, or more: who finds the one finds the other
FURNITURE_EVENTS = 2  # a clause seen under more events than this belongs to a site or an agency, not to a story
TITLE_CHARACTERS = 60
TELLING, MANY = 5, 20  # key words of an event; of a text, one of which is enough to make a title tell something
ORDINARY = 1_000  # times in some sixty million words, from which on a word in a title tells nothing by itself
TITLE_COUNTS, READ = 3, 400  # how often a title counts; characters of a text that key words are taken from

Relation = Literal["copy", "excerpt", ""]

# What agencies and sites put under everything.
_FURNITURE = re.compile(
    "版权所有|版权归|未经授权|未经许可|转载请|本网转载|责任编辑|免责声明|侵权|仅代表作者|不代表本[网站]|客户端下载|扫码关注"
)
# Blanks and line breaks do not end a clause: they are what differs most from site to site.
_CLAUSE_ENDS = re.compile(r"[^\w\s]+|_+")
_NOT_SAID = re.compile(r"[\W_]+")
_SENTENCE_ENDS = re.compile(r"(?<=[。！？!?…])|\n")
_BLANKS = re.compile(r"\s+")
# What sites put behind a title: short, after a bar or a dash between blanks; after a bare dash only a site's name.
_SUFFIX = re.compile(
    r"\s*(?:[_|｜»][^_|｜»]{0,14}|\s[-–—－]+\s[^_|｜»]{0,14}|[-–—－]+\w{0,8}(?:网|论坛|社区|贴吧|频道|日报|晚报|客户端|新闻中心)"
    r"|[-–—－]+[\w.]{0,14}\.(?:com|cn|net|org))\s*$",
    re.IGNORECASE,
)
_SHORTEST_TITLE, _LONGEST_TITLE = 6, 300


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much two posts have in common, 0..1 of the larger and of the smaller one, and what follows from it."""

    share_larger: float
    share_smaller: float
    relation: Relation


def clauses(title: str, text: str) -> dict[int, int]:
    """What a post is known by: the CRC-32 of each clause of its text and of its whole title -> its characters.

    A forum thread of which only the title is known is known by that, if it is long enough.

    >>> clauses("求助", "喝了青禾的酸奶后肚子疼，求助。") == clauses("", "喝了青禾的酸奶后肚子疼！")
    True
    """
    said = (_BLANKS.sub("", clause) for clause in _CLAUSE_ENDS.split(normalise(text).text))
    whole = (title_key(title), *(clause for clause in said if not _FURNITURE.search(clause)))
    return {_hash(clause): len(clause) for clause in whole if len(clause) >= CLAUSE_CHARACTERS}


def own_words(text: str, is_furniture: Callable[[int], bool]) -> str:
    """A text in its normal form without what agencies and sites put under everything.

    >>> own_words("酸奶里有异物。责任编辑：李四。", lambda clause: False)
    '酸奶里有异物，李四'
    """
    said = ((part, _BLANKS.sub("", part)) for part in _CLAUSE_ENDS.split(normalise(text).text))
    kept = (part for part, bare in said if bare and not _FURNITURE.search(bare) and not is_furniture(_hash(bare)))
    return "，".join(kept)


def _hash(clause: str) -> int:
    return crc32(clause.encode("utf-8", "surrogatepass"))  # half an emoji, as a cut text may end in, must not raise


def title_key(title: str) -> str:
    """What two titles have in common if they are the same: their letters; empty if they are too few to say much.

    >>> title_key("【求助】青禾酸奶，喝出异物！ - 江南论坛"), title_key("求助")
    ('求助青禾酸奶喝出异物', '')
    """
    letters = _NOT_SAID.sub("", normalise(clean_title(title)).text)
    return letters if len(letters) >= CLAUSE_CHARACTERS else ""


def distinct(
    mine: Mapping[int, int], events: Mapping[int, int], sites: Mapping[int, int] | None = None
) -> dict[int, int]:
    """The clauses without furniture.

    Args:
        events: under how many different events each was seen.
        sites: on how many sites, where that is known.
    """
    sites = sites or {}
    return {
        clause: size
        for clause, size in mine.items()
        if not is_furniture(events=events.get(clause, 0), sites=sites.get(clause, 0))
    }


def is_furniture(*, events: int, sites: int = 0) -> bool:
    """Whether a clause tells nothing of a story: it stands under many events, or under several on one site only.

    Events are counted, not posts: an article that is everywhere is one event, a copyright notice is in all.

    Args:
        sites: on how many it was seen; 0 if that is not known.
    """
    return events > FURNITURE_EVENTS or (events > 1 and sites == 1)


def compare(mine: Mapping[int, int], other: Mapping[int, int]) -> Likeness:
    """Tell a copy from an excerpt (it carries the content among other things) from a different story.

    >>> compare({1: 40, 2: 60}, {1: 40, 2: 60, 3: 20}).relation, compare({1: 40}, {1: 40, 2: 90, 3: 90}).relation
    ('copy', 'excerpt')
    """
    shared = sum(size for clause, size in mine.items() if other.get(clause) == size)
    return likeness(shared, sum(mine.values()), sum(other.values()))


def likeness(shared: int, mine: int, other: int) -> Likeness:
    """The same by figures: characters in clauses of both, and in all clauses of each.

    >>> likeness(55, 100, 100).relation, likeness(40, 100, 50).relation, likeness(40, 100, 60).relation
    ('copy', 'copy', 'excerpt')
    """
    if not shared:
        return Likeness(0.0, 0.0, "")
    larger, smaller = shared / max(mine, other), shared / min(mine, other)
    is_copy = larger >= MOST_OF_BOTH or (larger >= COPY_SHARE and smaller >= NEARLY_ALL)
    relation: Relation = "copy" if is_copy else "excerpt" if smaller >= EXCERPT_SHARE else ""
    return Likeness(larger, smaller, relation)


def clean_title(title: str) -> str:
    """A title in one line without the names of site and channel behind it.

    >>> clean_title("青禾乳业回应酸奶异物_财经_江南新闻网"), clean_title("酸奶里有异物 - 江南论坛")
    ('青禾乳业回应酸奶异物', '酸奶里有异物')
    """
    title = _BLANKS.sub(" ", title[:_LONGEST_TITLE]).strip()
    while (found := _SUFFIX.search(title)) and found.start() >= _SHORTEST_TITLE:
        title = title[: found.start()]
    return title


def event_title(post: Post, *, is_named: bool = False) -> str:
    """What an event is called after its first post: the cleaned title; <= 60 characters.

    A title of ordinary words ("please, look at this!") tells nothing, if it has none of the text's key words either:
    then it is the sentence that has most of them. ``is_named``: what was looked for stands in the title.
    """
    said = (_BLANKS.sub(" ", sentence).strip() for sentence in _SENTENCE_ENDS.split(post.text[:READ]))
    sentences = list(filter(None, said))
    title = clean_title(post.title)
    if sentences and not (title and is_named) and not _is_special(title):
        words = key_words(post.text[:READ], MANY)
        if not any(word in title for word in words):
            title = max((title or sentences[0], *sentences), key=lambda each: sum(w in each for w in words[:TELLING]))
    title = title or post.url
    return title if len(title) <= TITLE_CHARACTERS else title[: TITLE_CHARACTERS - 1] + "…"


def _is_special(title: str) -> bool:
    return sum(frequency(word) < ORDINARY for word in _words(title)) > 1


def telling_words(posts: Sequence[Post]) -> list[str]:
    """The key words of what some posts say together; what a title and a text have in common counts several times."""
    said = _words("\n".join(post.text[:READ] for post in posts))
    titled = _words("\n".join(clean_title(post.title) for post in posts))
    for word in titled if not said else titled.keys() & said.keys():
        said[word] += TITLE_COUNTS * titled[word]
    return _most_telling(said, TELLING)


def key_words(text: str, count: int) -> list[str]:
    """The words that set a text apart, most telling first: often here, rare in the language. For people to read.

    The first call loads the dictionary: about half a second and 60 MB.
    """
    return _most_telling(_words(text), count)


def _words(text: str) -> Counter[str]:
    return Counter(word for word in tokenizer().cut(text) if len(word) > 1 and word.isalpha())


def _most_telling(words: Counter[str], count: int) -> list[str]:
    """What is in no dictionary may be a name, or have come about by chance: it counts if it is said again."""
    total = tokenizer().total
    weights = {
        word: often * log(total / (frequency(word) or 1))
        for word, often in words.items()
        if frequency(word) or often > 1
    }
    return sorted(weights, key=weights.__getitem__, reverse=True)[:count]
