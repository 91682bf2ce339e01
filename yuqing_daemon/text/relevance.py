"""Whether a word that was found means what a topic means by it, as far as its surroundings tell.

A name that is also a word (光明, 大众, 苹果) cannot be told by the word: what stands next to it does, and whether a
company or a product is spoken of nearby. What counts for a topic is learned from decisions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from .features import grams, plain

AROUND = 24  # characters on either side of the word that are looked at
NEXT = 3  # characters next to it that decide most
EDGE = "\x02"  # stands on either side of the word
PRIOR = 0.5  # the margin that a word of business nearby gives, or its absence takes
ECHOES = 4  # how often the name by itself, and a word of business nearby, are counted

_BUSINESS = re.compile(
    "集团|公司|股份|手机|电脑|笔记本|汽车|轿车|车型|酒店|银行|牛奶|酸奶|乳业|广场|空调|电视|冰箱|官方|回应|品牌|股东"
    "|产品|客服|售后|专卖|旗下|通讯|科技|上市|股票|董事|创始人|家电|电器|地产|影城|影业|购物|连锁|市值|收购|合作|中标"
    "|发布|员工|总裁|代理|型号|系列|新款|配件|手表|平板|门店|经销商|召回|消费者"
    "|华为|小米|京东|淘宝|三星|诺基亚|摩托罗拉|蒙牛|伊利|丰田|本田|奔驰|宝马|汉庭|速8|莫泰|万科|格力|海尔"
)


def context(title: str, text: str, spans: Iterable[str]) -> str:
    """The surroundings of the words a post was matched by, each on a line.

    >>> context("", "他们正大光明地偷工减料", ["光明"])
    '他们正大\\x02光明\\x02地偷工减料'
    """
    words = plain(f"{title}\n{text}")
    lines = [line for span in dict.fromkeys(map(plain, spans)) if (line := _around(words, span))]
    return "\n".join(lines) or words[: 2 * AROUND]


def _around(words: str, span: str) -> str:
    at = words.find(span) if span else -1
    end = at + len(span)
    return f"{words[max(0, at - AROUND) : at]}{EDGE}{span}{EDGE}{words[end : end + AROUND]}" if at >= 0 else ""


def view(words: str) -> dict[str, tuple[str, ...]]:
    """The features of a context: ``near``, next to the word and of business; ``wide``, the runs of its surroundings.

    >>> view("喝\\x02光明\\x02奶")["near"]
    ('<喝', '<喝光明', '>光明奶', '>奶', '光明', '光明#0', '光明#1', '光明#2', '光明#3')
    """
    near: set[str] = set()
    for line in words.split("\n"):
        before, _, rest = line.partition(EDGE)
        span, _, after = rest.partition(EDGE)
        near |= {span, *(f"{span}#{n}" for n in range(ECHOES))} if span else set()
        for n in range(1, NEXT + 1):
            near |= {f"<{before[-n:]}", f"<{before[-n:]}{span}"} if len(before) >= n else set()
            near |= {f">{after[:n]}", f">{span}{after[:n]}"} if len(after) >= n else set()
    business = _BUSINESS.findall(words.replace(EDGE, " "))
    near |= {f"#{word}" for word in business} | ({f"business#{n}" for n in range(ECHOES)} if business else set())
    wide = (gram for gram in grams(words.replace(EDGE, " ")) if len(gram) > 1)
    return {"near": tuple(sorted(near)), "wide": tuple(sorted(wide))}


def prior(words: str) -> float:
    """What is thought of a context before anything was learned."""
    return PRIOR if _BUSINESS.search(words.replace(EDGE, " ")) else -PRIOR
