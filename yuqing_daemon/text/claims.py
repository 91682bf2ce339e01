"""Claims to verify (R5): what a person should look into before anything is called false. A text never shows its truth.

Nothing here says "fabrication". It says which signs stand in the text that a person who checks would ask about.
"""

from __future__ import annotations

import re

from .features import READ, plain

_MANY = "[0-9一二三四五六七八九十百千万上]+[余多]?"
_FORWARD = re.compile(
    r"(?:紧急|扩散|速|请|求|快|大家|互相|赶紧|火速|疯狂)?"
    r"(?:转发|扩散|转给|发给(?:身边|关心|更多|你)|传给|告诉身边)"
)
_HEARSAY = re.compile(
    r"据说|听说|网传|疯传|有人说|内部消息|知情人|可靠消息|朋友(?:的|说)|群里|亲戚说|据传|有网友爆|不愿透露"
)
_DEAD = re.compile(
    rf"(?:死|亡|遇难|失踪|丧生|感染)[^,.!?;]{{0,6}}?{_MANY}[人名个例]"
    rf"|{_MANY}[人名个][^,.!?;]{{0,6}}?(?:死亡|死|亡|遇难|失踪|丧生)"
)
_AUTHORITY = re.compile(r"公安|警方|警察|政府|央视|卫健委|医院|专家|教授|法院|教育局|市委|书记")
_SOURCE = re.compile(
    r"记者|据(?!说|传)[^,.!?;]{1,12}(?:报道|消息|通报|介绍)|通讯社|新华|人民日报|通报|公告|https?:|原文|来源:"
    r"|[(\[【][^)\]】]{2,8}(?:报|网|社|台)[)\]】]"
)
_PUSHED = re.compile(
    r"曝光|震惊|惊天|黑幕|真相(?:竟|曝)|看完.{0,6}(?:沉默|怒)|不转不是|再不看就(?:删|没)|删前速看"
    r"|全网(?:都在|疯传)|细思极恐|出大事"
)

CLAIM, PUSH = 2, 2  # signs of each sort from which a person is asked


def claims(title: str, text: str = "") -> tuple[str, ...]:
    """The signs that make a text a claim to verify; none if they do not add up.

    A call to forward or hearsay begins one; figures of dead, or an authority without a source, make it graver.

    >>> claims("紧急扩散", "听说昨晚已有三十人死亡，请转发给身边的人")
    ('no source named', 'call to forward: 紧急扩散', 'hearsay: 听说', 'figures of victims: 三十人死亡')
    >>> claims("市卫健委通报", "记者从市卫健委获悉，1人死亡")
    ()
    """
    words = plain(title + "\n" + text[:READ])
    if _SOURCE.search(words):
        return ()
    named = (("call to forward", _FORWARD), ("hearsay", _HEARSAY), ("figures of victims", _DEAD))
    signs = [f"{name}: {found[0]}" for name, sign in named if (found := sign.search(words))]
    if signs and (authority := _AUTHORITY.search(words)):
        signs.append(f"authority without a source: {authority[0]}")
    return ("no source named", *signs) if len(signs) >= CLAIM else ()


def pushed(title: str, text: str = "") -> tuple[str, ...]:
    """The words by which a text looks pushed (炒作): a suspicion for a person, no finding.

    >>> pushed("震惊！惊天黑幕曝光", "删前速看")
    ('震惊', '惊天', '黑幕', '曝光')
    """
    found = tuple(dict.fromkeys(match[0] for match in _PUSHED.finditer(plain(title + "\n" + text[:READ]))))
    return found[:4] if len(found) >= PUSH else ()
