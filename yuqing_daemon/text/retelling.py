"""Whether a post tells in other words of a happening that others told of. Pure: the index of gists is the caller's.

Near is not enough: short complaints about one product are near to each other and are different happenings, and a
wrong merge hides one of them. So there must also be words in common that tell: rare in the language, and rare under
the topic. One does between two reports at length; anything else needs several. And two people who tell of what
happened to themselves are never put together by their words: they use the same ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import log

from . import gist, story
from .gist import Gist
from .normalise import normalise

# Measured on news of seven happenings among 800 other articles, and on reviews of goods and hotels, each of which is
# a happening of its own: benchmarks/text_stories.py.
BY_REPORTS, BY_OTHERS = 6.0, 30.0  # nats that the words in common must come to
WORDS_BY_REPORTS, WORDS_BY_OTHERS = 1, 4
TELLS = 3.0  # nats of a word that tells something at all
PRIOR = 100  # events, not of the topic, in which a word is as usual as the shipped table says
AS_NEAR = 2.0  # an event that is so many times nearer is rather meant than an older one
LOOKED_AT = 20  # events of those that share most telling pairs

_REPORT_CHARACTERS, _PRESS_WORDS = 60, 2
_OWN_WORDS = 1.2  # in a hundred characters, at the most: who has more of them tells of himself
_PRESS = re.compile(
    r"记者|报道|日电|[\u4e00-\u9fff]讯|通报|回应|表示|据[^说]|称[，,：:]|媒体|新闻|日(?:上午|下午|晚|凌晨)?[，,]"
    r"|消息|发布|采访|公告|声明|事件|网友"
)
_SERIAL = re.compile("第([0-9〇零○一二两三四五六七八九十百千]+)(号|期|批|次|例|起|轮|届|季|集)")
_OWN = re.compile("我|本人|俺|咱|你们|楼主|求助|投诉|客服|差评|维权|退款|买的|刚买")


@dataclass(frozen=True, slots=True)
class About:
    """What a post or an event is about; whether it is told of at length by somebody whom it did not happen to, and
    whether only by those whom it did happen to; and which one of a series it is.
    """

    gist: Gist
    is_report: bool
    is_own: bool
    serial: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known under a topic: how many events it has, how many of them each pair stands in, and whether the
    words of the topic are set aside.
    """

    events: int
    holding: Mapping[str, int]
    is_within: bool


@dataclass(frozen=True, slots=True)
class Kinship:
    """How near a post is to an event, the words in common, the most telling first, and whether that is enough."""

    likeness: float
    words: tuple[str, ...]
    is_sure: bool

    def __str__(self) -> str:
        return f"in other words, {self.likeness:.0%} alike: {', '.join(self.words[:8])}"


def is_own(text: str) -> bool:
    """Whether a text tells of what happened to who wrote it.

    >>> is_own("喝完肚子疼，打客服没人接"), is_own("江南市一名家长在酸奶里发现碎片")
    (True, False)
    """
    text = text[: gist.READ]
    return len(_OWN.findall(text)) * 100 > _OWN_WORDS * len(text)


def serial(title: str) -> str:
    """Which one of a series a title names, if it does.

    >>> serial("食品抽检不合格情况的通告（2026年第１２期）"), serial("青禾召回酸奶")
    ('12期', '')
    """
    found = _SERIAL.search(normalise(title).text)
    return "".join(found.groups()) if found else ""


def is_report(text: str) -> bool:
    """Whether a text tells at length, as the press does, of what happened to others.

    >>> is_report("我喝了酸奶就拉肚子，我要投诉。" * 20), is_report("记者从超市获悉，公司回应称将召回。" * 20)
    (False, True)
    """
    text = text[: gist.READ]
    is_long = len(text) >= _REPORT_CHARACTERS
    return is_long and not is_own(text) and len(set(_PRESS.findall(text))) >= _PRESS_WORDS


def about(
    title: str, text: str, *, without: Iterable[str] = (), is_furniture: Callable[[int], bool] = lambda clause: False
) -> About:
    """What a post is about.

    Args:
        without: words that say nothing here, as those of its topic.
        is_furniture: whether a clause, by its hash, stands under everything.
    """
    text = text[: gist.READ]
    said = story.own_words(text, is_furniture)
    return About(gist.gist(title, said, without=without), is_report(text), is_own(text), serial(title))


def joined(event: About | None, post: About) -> About:
    """What an event is about, to which a further post belongs."""
    if event is None:
        return replace(post, gist=gist.joined({}, post.gist))
    both = gist.joined(event.gist, post.gist)
    is_report, is_own = event.is_report or post.is_report, event.is_own and post.is_own
    return About(both, is_report, is_own, event.serial or post.serial)


def telling(post: About, known: Known) -> list[str]:
    """The pairs of a post that are worth looking up: an event that has none of them cannot be meant."""
    return [pair for pair in post.gist if _nats(pair, known, but=0) >= TELLS]


def choose(said: str, post: About, events: Sequence[tuple[int, About]], known: Known) -> tuple[int, Kinship] | None:
    """The event that a post surely tells of: the oldest, unless another is far nearer; none rather than a wrong one.

    Args:
        said: its title and text.
        events: by number, in any order.
    """
    found = ((number, compare(said, post, event, known)) for number, event in events)
    sure = sorted((pair for pair in found if pair[1].is_sure), key=lambda pair: pair[0])
    nearest = max((kinship.likeness for _, kinship in sure), default=0.0)
    return next((pair for pair in sure if pair[1].likeness * AS_NEAR > nearest), None)


def compare(said: str, post: About, event: About, known: Known) -> Kinship:
    """How near a post is to one event, and whether what they have in common is enough."""
    likeness = gist.likeness(post.gist, event.gist)
    is_near = likeness >= (gist.JOIN_WITHIN if known.is_within else gist.JOIN)
    is_other = (post.is_own and event.is_own) or (post.serial != event.serial and post.serial and event.serial)
    if not is_near or is_other:
        return Kinship(likeness, (), False)
    nats = {pair: _nats(pair, known, but=1) for pair in post.gist if pair in event.gist}
    weights = {word: _of_word(word, nats) for word in words_of(said, nats)}
    words = tuple(sorted(weights, key=lambda word: (-weights[word], word)))
    is_report = post.is_report and event.is_report
    wanted, number = (BY_REPORTS, WORDS_BY_REPORTS) if is_report else (BY_OTHERS, WORDS_BY_OTHERS)
    enough = sum(weights.values()) >= wanted and sum(weight >= TELLS for weight in weights.values()) >= number
    return Kinship(likeness, words, enough)


def words_of(said: str, pairs: Iterable[str]) -> set[str]:
    """The longest runs of characters of a text that are made of the pairs; but not what is said word for word.

    That is a stock phrase or a site's furniture, or else the posts share clauses, and by those they are judged.

    >>> sorted(words_of("酸奶里有塑料碎片 abc", ["塑料", "料碎", "碎片", "奶里", "abc"]))
    ['abc', '塑料碎片', '奶里']
    """
    known, found = set(pairs), set[str]()
    for run in gist.runs(said):
        if run[0] < "\u4e00":
            found |= {run} & known
            continue
        start = 0
        for end in range(1, len(run) + 1):
            if end == len(run) or run[end - 1 : end + 1] not in known:
                found |= {run[start:end]} if 1 < end - start < story.CLAUSE_CHARACTERS else set()
                start = end
    return {word for word in found if not any(word in other and word != other for other in found)}


def _of_word(word: str, nats: Mapping[str, float]) -> float:
    """What a word tells: of its overlapping pairs every second one counts."""
    if word in nats:
        return nats[word]
    pairs = [nats[word[start : start + 2]] for start in range(len(word) - 1)]
    return sum(pairs) / len(pairs) * len(word) / 2


def _nats(pair: str, known: Known, *, but: int) -> float:
    """How much a pair tells: the less, the more texts have it, or the more other events of the topic."""
    others = known.holding.get(pair, 0) - but
    rare = gist.rarity(pair)
    return min(rare, log((known.events + PRIOR) / others)) if others > 0 else rare
