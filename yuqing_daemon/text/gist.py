"""What a text is about, as figures: its rarest pairs of characters, and how near that is to what an event is about.

Posts that tell of the same happening in other words share few clauses but many unusual pairs: names, places, things.
How usual a pair is comes from a shipped table, so that the same two texts are as near to each other in every
organisation, and on every day.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from math import log, sqrt

from .normalise import normalise
from .story import clean_title

# Measured on news of seven happenings with 800 other articles mixed in: benchmarks/text_stories.py.
JOIN = 0.14  # as near as this is the same happening, if words in common say so as well
JOIN_WITHIN = 0.3  # the same where the topic's words are set aside: all news of a brand share its places and people
SUGGEST = 0.08  # as near as this may be: a person is asked
PAIRS, CENTROID_PAIRS = 40, 80  # that a text, and an event, is known by
TITLE_COUNTS = 3  # times as much as the text
READ = 2_500  # characters of a text: what comes later seldom is what it is about
Gist = Mapping[str, float]

_RUNS = re.compile(r"[\u4e00-\u9fff]+|[a-z0-9]+")
_RARE = 3  # texts of the table in which a pair that it does not have would have stood


def pairs(title: str, text: str, *, without: Iterable[str] = ()) -> Counter[str]:
    """Every pair of Chinese characters, and every word or number in Latin letters, with how often it is said.

    >>> pairs("酸奶", "喝酸奶 ABC")
    Counter({'酸奶': 4, '喝酸': 1, 'abc': 1})
    """
    found: Counter[str] = Counter()
    for said, counts in ((clean_title(title), TITLE_COUNTS), (text[:READ], 1)):
        for run in runs(said, without=without):
            if run[0] < "\u4e00":
                found[run] += counts
            else:
                for start in range(len(run) - 1):
                    found[run[start : start + 2]] += counts
    return found


def runs(said: str, *, without: Iterable[str] = ()) -> list[str]:
    """The runs of Chinese characters, and of Latin letters and digits, in their normal form; words may break them.

    >>> runs("青禾酸奶APP", without=["酸奶"])
    ['青禾', 'app']
    """
    text = normalise(said).text
    for word in without:
        text = text.replace(normalise(word).text or " ", " ")
    return _RUNS.findall(text)


def rarity(pair: str) -> float:
    """How much a pair tells, in nats: the more, the fewer texts of the shipped table have it."""
    usual = _usual()
    return usual.get(pair, usual[""])


def gist(title: str, text: str, *, without: Iterable[str] = ()) -> Gist:
    """What a text is about: the weights of its most telling pairs, of length 1 together.

    Args:
        without: words that say nothing here, as those of the topic, which all of its posts have.

    >>> list(gist("酸奶里有异物", "我们的酸奶里有异物", without=["酸奶"]))[:2]
    ['异物', '有异']
    """
    said = pairs(title, text, without=without).items()
    weights = {pair: (1 + log(number)) * rarity(pair) for pair, number in said}
    return _of_length_one(_heaviest(weights, PAIRS))


def joined(centroid: Gist, other: Gist) -> Gist:
    """What an event is about, to which a further post belongs; not of length 1, for it counts how many posts say so."""
    summed = dict(centroid)
    for pair, weight in other.items():
        summed[pair] = summed.get(pair, 0.0) + weight
    return _heaviest(summed, CENTROID_PAIRS)


def likeness(one: Gist, other: Gist) -> float:
    """How near two are to each other: the cosine, 0..1.

    >>> round(likeness({"酸奶": 3.0, "异物": 4.0}, {"酸奶": 1.0}), 2)
    0.6
    """
    if len(one) > len(other):
        one, other = other, one
    product = sum(weight * other.get(pair, 0.0) for pair, weight in one.items())
    lengths = _length(one) * _length(other)
    return product / lengths if lengths else 0.0


def _heaviest(weights: Gist, most: int) -> dict[str, float]:
    return dict(sorted(weights.items(), key=lambda pair: (-pair[1], pair[0]))[:most])


def _of_length_one(weights: Gist) -> Gist:
    length = _length(weights)
    return {pair: weight / length for pair, weight in weights.items()}


def _length(weights: Gist) -> float:
    return sqrt(sum(weight * weight for weight in weights.values()))


@cache
def _usual() -> Mapping[str, float]:
    """How much each pair tells: the less, the more texts have it. Under the empty one: a pair that is not known."""
    table = json.loads((files(__package__) / "weights" / "pairs.json").read_text(encoding="utf-8"))
    texts = table["texts"]
    known = {pair: log(1 + texts / int(number)) for number, said in table["seen"].items() for pair in said.split()}
    return known | {"": log(1 + texts / _RARE)}
