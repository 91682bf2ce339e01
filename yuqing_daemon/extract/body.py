"""Where the text of an article is: two different measures, and the clean-up of what the first one found."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate

from .headline import Headline
from .layout import Layout, Line, names_of, words_of
from .vocabulary import BODY_NAMES, COMMENT_NAMES, CONTACT_LINE, FIRST_POST, LEGAL_LINE, MORE_HEADING, words

_STOPS = re.compile(r"[，。！？；、…]|[,.!?;](?=\s|$)")
_MAX_LINE, _MAX_IMPRINT = 400, 220
_BEFORE, _FADE, _FARTHEST = 0.3, 0.02, 0.4  # what prose is worth before the headline and beyond link lists
_NAMED_BODY = 1.05  # how much a fitting name adds to a block's worth
_CLEARLY_MORE, _CLIMB = 1.25, 3
_NEARLY_ALL = 0.9
_NEAR = 10  # lines below the headline
_ANSWERS = words("reply replies")
_SAID = 0.9  # how sure a post is that the board's software names as one
_LIST, _LITTLE_MORE, _CARDS, _TRIES, _PROSE = 4, 0.35, 0.6, 10, 20.0


@dataclass(frozen=True, slots=True)
class Body:
    """The lines of an article by index, in page order, and how well the two measures agree (0..1)."""

    lines: tuple[int, ...]
    confidence: float


def weigh(layout: Layout, headline: Headline) -> None:
    """Give each line its value: prose counts, links count against, what stands in a side block counts nothing.

    Prose counts less before the headline, and the less the more links stand between the headline and it.
    """
    prose = [_prose(line) for line in layout.lines]
    _settle_sides(layout, prose, headline)
    links = 0
    for index, line in enumerate(layout.lines):
        links += index > headline.line >= 0 and prose[index] < 0
        near = _BEFORE if index < headline.line else max(1 - _FADE * links, _FARTHEST)
        worth = prose[index] * near if prose[index] > 0 else prose[index]
        line.value = 0.0 if layout.blocks[line.block].side else worth


def _prose(line: Line) -> float:
    length = len(line.text)
    free = length - line.linked
    if line.linked > 0.5 * length:
        return -float(min(line.linked, 60)) - 5
    stops = len(_STOPS.findall(line.text[:_MAX_LINE]))
    if stops and free >= 12:
        if length <= _MAX_IMPRINT and (LEGAL_LINE.search(line.text) or CONTACT_LINE.search(line.text)):
            return 0.0
        return min(free, _MAX_LINE) + 8.0 * min(stops, 20)
    return 0.15 * min(free, 40)


def _settle_sides(layout: Layout, prose: list[float], headline: Headline) -> None:
    """A block belongs to the side when its names or those of a block around it say so, and it is not everything."""
    total = [0.0] * (len(prose) + 1)
    for index, value in enumerate(prose):
        total[index + 1] = total[index] + max(value, 0.0)
    short = _short_text(layout, prose, headline)
    answers = _named_for_all(layout, headline)
    for block in layout.blocks:
        outer = block.parent >= 0 and layout.blocks[block.parent].side
        if block.side and not outer:
            holds = (total[block.last] - total[block.first]) / (total[-1] or 1.0)
            named = words_of(names_of(block.element)) & COMMENT_NAMES
            enough = 1.0 if short >= 0 and not block.first <= short < block.last else 0.9 if named else 0.5
            block.side = holds < enough and not block.first <= headline.line < block.last and not named & answers
        elif outer:
            block.side = True
    _take_answer(layout, prose, headline)


def _short_text(layout: Layout, prose: list[float], headline: Headline) -> int:
    """The first sentence right below the headline in a block that is named for the text: then no side is the text."""
    for index in range(headline.line + 1, min(headline.line + _NEAR, len(prose))) if headline.line >= 0 else ():
        block = layout.lines[index].block
        around = [layout.blocks[each] for each in (block, *_ancestors(layout, block))]
        is_text = any(words_of(names_of(each.element)) & BODY_NAMES for each in around[:2])
        if prose[index] > _PROSE and is_text and not any(each.side for each in around):
            return index
    return -1


def _named_for_all(layout: Layout, headline: Headline) -> frozenset[str]:
    """The words for answers that begin the name of a block around the headline: all there is called so."""
    found: set[str] = set()
    for around in _ancestors(layout, layout.lines[headline.line].block) if headline.line >= 0 else ():
        element = layout.blocks[around].element
        begins = re.match(r"\W*([a-z]+)", names_of(element))
        if begins and begins[1] in COMMENT_NAMES and element.tag != "body":
            found.add(begins[1])
    return frozenset(found)


def _take_answer(layout: Layout, prose: list[float], headline: Headline) -> None:
    """Where nothing else says anything, the first block called a reply below the headline is the text."""
    texts = [index for index in range(headline.line + 1, len(prose)) if prose[index] > _PROSE]
    blocks = layout.blocks
    if headline.line < 0 or not texts or any(not blocks[layout.lines[index].block].side for index in texts):
        return
    around = layout.lines[texts[0]].block
    while not (is_answer := bool(words_of(names_of(blocks[around].element)) & _ANSWERS)) and blocks[around].parent >= 0:
        around = blocks[around].parent
    between = layout.lines[headline.line + 1 : texts[0]]
    if is_answer and not any(MORE_HEADING.search(line.text) for line in between):
        for block in blocks:
            if blocks[around].first <= block.first and block.last <= blocks[around].last:
                block.side = False


def find_body(layout: Layout, headline: Headline) -> Body:
    """The lines of the article's text, or of a thread's first post; none when the page has no prose."""
    post = next((block for block in layout.blocks if FIRST_POST.fullmatch(block.element.get("id") or "")), None)
    if post is not None and not post.side and headline.line < post.first < post.last:
        return Body(tuple(range(post.first, post.last)), _SAID)
    sums = [0.0]
    for line in layout.lines:
        sums.append(sums[-1] + line.value)
    best = _best_block(layout, sums)
    if best < 0:
        return Body((), 0.0)
    first, last = _with_siblings(layout, sums, best)
    first, last = _without_tail(layout, sums, best, first, last)
    lines = tuple(range(first, last))
    return Body(lines, _agreement(layout, lines))


def _best_block(layout: Layout, sums: list[float]) -> int:
    """The block whose lines are worth most in sum; the innermost of equals."""
    best, best_worth = -1, 0.0
    for index, block in enumerate(layout.blocks):
        worth = sums[block.last] - sums[block.first]
        if worth > 0:
            if block.element.tag == "article" or words_of(names_of(block.element)) & BODY_NAMES:
                worth *= _NAMED_BODY
            if worth >= best_worth:
                best, best_worth = index, worth
    return best


def _with_siblings(layout: Layout, sums: list[float], best: int) -> tuple[int, int]:
    """The borders of the text: around the best block, the run of its neighbours that is worth clearly more.

    A link list inside the article makes one paragraph worth more than all; the run stops before the list.
    """
    first, last = layout.blocks[best].first, layout.blocks[best].last
    for around in _ancestors(layout, best)[:_CLIMB]:
        block = layout.blocks[around]
        start = max(range(block.first, first + 1), key=lambda at: sums[first] - sums[at])
        end = max(range(last, block.last + 1), key=lambda at: sums[at] - sums[last])
        if sums[end] - sums[start] >= _CLEARLY_MORE * (sums[last] - sums[first]):
            first, last = start, end
    return first, last


def _ancestors(layout: Layout, block: int) -> list[int]:
    found = []
    while layout.blocks[block].parent >= 0:
        block = layout.blocks[block].parent
        found.append(block)
    return found


def _without_tail(layout: Layout, sums: list[float], best: int, first: int, last: int) -> tuple[int, int]:
    """End with the inner block that holds nearly all: the little that follows it is no article text."""
    worth = sums[last] - sums[first]
    for block in layout.blocks[best + 1 :]:
        if block.first >= last:
            break
        if block.last <= last and sums[block.last] - sums[block.first] >= _NEARLY_ALL * worth:
            last = block.last
    return first, _before_list(layout, sums, first, last)


def _before_list(layout: Layout, sums: list[float], first: int, last: int) -> int:
    """Where the text ends if links to other articles, with or without a summary each, follow it in another place."""
    lines = layout.lines[first:last]
    links = [0, *accumulate(line.linked > 0.5 * len(line.text) for line in lines)]
    prose = [0, *accumulate(line.value > _PROSE for line in lines)]
    whole, tries = sums[last] - sums[first], 0
    for at in range(len(lines)):
        more = links[-1] - links[at]
        if links[at + 1] == links[at] or more < _LIST:
            continue
        in_a_row = links[min(at + _LIST, len(lines))] - links[at] == _LIST
        enough = _CARDS if more >= prose[-1] - prose[at] else _LITTLE_MORE if in_a_row else 0.0
        if sums[last] - sums[first + at] < enough * whole and tries < _TRIES:
            tries += 1
            if _is_elsewhere(layout, first, first + at, last):
                return first + at
    return last


def _is_elsewhere(layout: Layout, first: int, middle: int, last: int) -> bool:
    """Whether no sentence of the second part stands in a place like those of the first part."""
    before = [index for index in range(first, middle) if layout.lines[index].value > _PROSE]
    after = [index for index in range(middle, last) if layout.lines[index].value > _PROSE]
    return _places(layout, before).isdisjoint(_places(layout, after))


def _places(layout: Layout, lines: list[int]) -> set[int | str]:
    """The blocks around some paragraphs, by index and by the words of their names."""
    around = {layout.blocks[layout.lines[line].block].parent for line in lines}
    return around.union(*(words_of(names_of(layout.blocks[index].element)) for index in around))


def _agreement(layout: Layout, lines: tuple[int, ...]) -> float:
    """Share of text on which the block agrees with the run of lines that is worth most, whatever the tags say."""
    first, last = _best_run([_prose(line) for line in layout.lines])
    run = set(range(first, last))
    chosen = set(lines)
    common, either = (
        sum(len(layout.lines[i].text) for i in part if layout.lines[i].value > 0)
        for part in (run & chosen, run | chosen)
    )
    return round(common / either, 3) if either else 0.0


def _best_run(values: list[float]) -> tuple[int, int]:
    """The borders of the run with the largest sum (Kadane)."""
    best, best_at, sum_, start = 0.0, (0, 0), 0.0, 0
    for index, value in enumerate(values):
        if sum_ <= 0:
            sum_, start = 0.0, index
        sum_ += value - 3
        if sum_ > best:
            best, best_at = sum_, (start, index + 1)
    return best_at
