"""What a text wants (R5): it asks, complains, appeals, suggests or praises. Cue words first, linear weights for the rest.

Two of the regime's kinds can be read from a text, inquiry and constructive. Hype and fabrication cannot: whether
something is true, or pushed, is not in its words. See ``claims`` for what is put to a person instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp
from typing import Literal

from ..domain import Kind
from .features import grams, plain
from .linear import shipped
from .words import WordIndex

KIND_OF = {
    "inquiry": Kind.INQUIRY,
    "complaint": Kind.INQUIRY,
    "appeal": Kind.INQUIRY,
    "suggestion": Kind.CONSTRUCTIVE,
    "praise": Kind.CONSTRUCTIVE,
}
DETAILS = tuple(KIND_OF)
LEAD = 200  # characters of a text in which it says what it wants
SURE = 0.6  # below it a person looks first
CUE = 1.5  # what the first cue word of a title adds to the margin of what it stands for

CUES: Mapping[str, str] = {
    "inquiry": "咨询 请问 求解答 请教 何时 什么时候 是否 能否 可否 如何 怎么办理 有没有 多久 想了解 ?",
    "complaint": "投诉 举报 控诉 曝光 揭发 严查 取缔 违规 违法 违章 非法 扰民 诈骗 欺诈 欺骗 欺负 强制 捆绑 乱收费 污染 "
    "噪音 噪声 不作为 霸王 涉嫌 维权 拖欠 无证 假冒 侵权 侵占 虚假 黑心 恶劣 坚决反对 脏乱差 偷排 跑路 不退",
    "appeal": "请求 恳请 恳求 呼吁 求助 希望 期盼 盼望 请尽快 请加快 请关注 请帮 请推进 请解决 急需 求解决 求帮助",
    "suggestion": "建议 意见 提议 倡议 献策 金点子 不妨",
    "praise": "感谢 表扬 点赞 致谢 谢谢 称赞 好评",
}
_CUES = WordIndex(word for words in CUES.values() for word in words.split())
_MEANS = {word: detail for detail, words in CUES.items() for word in words.split()}


@dataclass(frozen=True, slots=True, kw_only=True)
class KindFinding:
    """The finer class, the kind it belongs to or ``unsure``, how sure it is, and the words that weighed."""

    label: Kind | Literal["unsure"]
    detail: str
    p: float
    why: tuple[str, ...] = ()


def find_kind(title: str, text: str = "") -> KindFinding:
    """What a text wants, going by its title and its beginning.

    >>> found = find_kind("投诉某某物业乱收费")
    >>> found.label.value, found.detail, found.why[:2]
    ('inquiry', 'complaint', ('投诉', '乱收费'))
    """
    body = plain(text)[:LEAD]
    head = plain(title) or body[:60]
    in_title, in_text, cues = grams(head), grams(body), _cues(head)
    models = shipped("kind")
    margins = {
        detail: models[f"{detail} title"].margin(in_title) + models[f"{detail} text"].margin(in_text) + cues.get(detail, 0)
        for detail in DETAILS
    }
    detail, p = _most_likely(margins)
    words = tuple(word for word in _CUES.find(head) if _MEANS[word] == detail)
    heavy = models[f"{detail} title"].why(in_title) + models[f"{detail} text"].why(in_text, most=2)
    why = words + tuple(run for run in heavy if not any(run in word or word in run for word in words))
    return KindFinding(label=KIND_OF[detail] if p >= SURE else "unsure", detail=detail, p=p, why=why[:5])


def _cues(head: str) -> dict[str, float]:
    """What the cue words of a title add: the first one of a class counts whole, further ones a third."""
    found: dict[str, float] = {}
    for word in _CUES.find(head):
        detail = _MEANS[word]
        found[detail] = found[detail] + CUE / 3 if detail in found else CUE
    return found


def _most_likely(margins: Mapping[str, float]) -> tuple[str, float]:
    highest = max(margins.values())
    odds = {detail: exp(margin - highest) for detail, margin in margins.items()}
    detail = max(odds, key=lambda each: odds[each])
    return detail, odds[detail] / sum(odds.values())
