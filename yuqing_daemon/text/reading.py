"""A post as it is read once for all topics, and where each word of theirs stands in it, in whatever disguise."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from ..domain import Post
from .characters import sounds, syllables
from .dictionary import are_two_words, stands_as_word, words_within
from .lexicon import How, Lexicon, homophones_of, plain_form, spellings_of
from .normalise import Normal, normalise
from .query import CONTEXT, Word
from .variants import NAMES, PLAIN, disguises, is_han
from .words import BETWEEN, HTML, is_seam, junctions, stands_alone

CONTEXT_CHARACTERS = 30  # how far from an ambiguous name the word that settles it may stand
MOST_NAMED = 2  # variants that a match names: more would only be confusing
_CIRCLED = re.compile("[\u2460-\u24ff\u2776-\u2793]")  # ①: digits in the normal form, but also put between characters
_HTML = re.compile(HTML)
_SENTENCE_ENDS = re.compile(r"[。！？!?；;…\n]+")


@dataclass(frozen=True, slots=True)
class Hit:
    """One occurrence of a term. ``start`` and ``end`` are places in the normal form of title, line break and text;
    in that of the field itself where ``field`` is neither.
    """

    term: str
    field: str
    start: int
    end: int
    variant: str = PLAIN


class Reading:
    """One post, its title and its text read as one with a line break between them."""

    def __init__(self, post: Post, lexicon: Lexicon) -> None:
        self.post = post
        self._lexicon = lexicon
        self.original = f"{post.title}\n{post.text}"
        self._normal = normalise(self.original)
        self.text = self._normal.text
        self._title_end = self._normal.place_of(len(post.title))
        self._marked = self._with_circles_as_dots()
        self._plain = lexicon.index.find(self.text, self._is_seam)
        self._separated = lexicon.index.find_separated(self._marked)
        self._spelt = lexicon.index.find_spelt(self.text, syllables())
        self._sounds: dict[str, list[int]] = {}
        if lexicon.sounds:
            self._sounds = lexicon.sounds.find(self.text.translate(sounds()))
        self._hits: dict[tuple[Word, How], list[Hit]] = {}
        self._contexts: dict[How, tuple[list[Hit], int]] = {}

    def _with_circles_as_dots(self) -> str:
        if not _CIRCLED.search(self.original):
            return self.text
        return normalise(_CIRCLED.sub("·", self.original)).text

    def _is_seam(self, at: int) -> bool:
        around = (self._span(place, place + 1) for place in range(at - 1, min(at + 2, len(self.text))))
        before, after, *then = (unicodedata.normalize("NFKC", char)[-1] for char in around)
        return is_seam(before, after, then[0] if then else "")

    def strings(self) -> Iterator[str]:
        """Everything of the lexicon that was found, in whatever form."""
        yield from self._plain
        yield from self._separated
        yield from self._spelt
        yield from self._sounds

    # -- words ----------------------------------------------------------------------------------

    def hits(self, word: Word, how: How) -> list[Hit]:
        """All occurrences of a word that its variants, guards, field and context allow, in their order."""
        key = (word, how)
        if key not in self._hits:
            found = self._in_other_field(word, how) if word.field in _OTHER_FIELDS else self._in_text(word, how)
            self._hits[key] = found
        return self._hits[key]

    def _in_text(self, word: Word, how: How) -> list[Hit]:
        found = {(hit.start, hit.end): hit for hit in self._candidates(word, how)}
        hits = sorted(found.values(), key=lambda hit: (hit.start, hit.end))
        if word.field:
            hits = [hit for hit in hits if hit.field == word.field]
        needs_context = bool(how.context) and CONTEXT in word.guards
        if "word" in word.guards or needs_context:
            hits = [hit for hit in hits if self._is_whole(hit)]
        return [hit for hit in hits if self._has_context(hit, how)] if needs_context else hits

    def _candidates(self, word: Word, how: How) -> Iterator[Hit]:
        """Every occurrence, the plainest ones last."""
        on, form = how.on_for(word), plain_form(word.term)
        if "homophone" in on:
            yield from self._alike(word.term, form)
        for spelling, kind in spellings_of(word.term, on):
            yield from (
                self._hit(word.term, start, start + len(spelling), (kind,)) for start in self._plain.get(spelling, ())
            )
            if "separators" in on:
                spans = self._separated.get(spelling, ())
                yield from (self._hit(word.term, start, end, ("separators", kind)) for start, end in spans)
        yield from self._spelt_out(word.term, form, on)
        yield from self._apart(word.term, form, on)
        for start in self._plain.get(form, ()):
            kinds = disguises(self._span(start, start + len(form)), word.term)
            if kinds <= on:
                yield self._hit(word.term, start, start + len(form), kinds)

    def _apart(self, term: str, form: str, on: frozenset[str]) -> Iterator[Hit]:
        """Occurrences with separators between the characters, but for those that ordinary words make up by chance."""
        for start, end in self._separated.get(form, ()):
            kind = "html" if _HTML.search(self.text, start, end) else "separators"
            kinds = disguises(self._without_separators(start, end), term) | {kind}
            if kinds <= on and self._is_one_word(start, end):
                yield self._hit(term, start, end, kinds)

    def _is_one_word(self, start: int, end: int) -> bool:
        """北京·东方 is not 京东: there the separator stands between two ordinary words."""
        found = list(junctions(self._marked, start, end))
        if len(found) != 1:
            return True
        left, right = found[0]
        return not are_two_words(self.text, left, right, before=left - start, after=end - right)

    def _without_separators(self, start: int, end: int) -> str:
        """The characters of the original that are left."""
        if not is_han(self.text[start] + self.text[end - 1]):
            return BETWEEN.sub("", self._span(start, end))
        kept = []
        for begin, stop in [*junctions(self._marked, start, end), (end, end)]:
            kept.append(self._span(start, begin))
            start = stop
        return "".join(kept)

    def _spelt_out(self, term: str, form: str, on: frozenset[str]) -> Iterator[Hit]:
        """Occurrences with one character in letters."""
        if "mixed pinyin" in on or "pinyin" in on:
            yield from (self._hit(term, start, end, ("pinyin",)) for start, end in self._spelt.get(form, ()))

    def _alike(self, term: str, form: str) -> Iterator[Hit]:
        """Occurrences that sound the same, of which no part is another ordinary word."""
        for sound in homophones_of(form):
            for start in self._sounds.get(sound, ()):
                end = start + len(form)
                if self.text[start:end] != form and self._sounds_odd(form, start, end):
                    yield self._hit(term, start, end, ("homophone",))

    def _sounds_odd(self, form: str, start: int, end: int) -> bool:
        """适时者 is not 实施者: none of the characters that differ is part of an ordinary word."""
        differ = {start + at for at, char in enumerate(form) if self.text[start + at] != char}
        words = words_within(self.text, start, end)
        return not any(differ & set(range(begin, stop)) for begin, stop in words)

    def _hit(self, term: str, start: int, end: int, kinds: frozenset[str] | tuple[str, ...]) -> Hit:
        shown = [name for name in NAMES if name in kinds][:MOST_NAMED]
        variant = " + ".join(shown) or PLAIN
        return Hit(term, self.field_at(start), start, end, variant)

    def _is_whole(self, hit: Hit) -> bool:
        """Letters have been asked to stand alone before, and what is in disguise is no ordinary word."""
        plain = self.text[hit.start : hit.end]
        return not is_han(plain) or stands_as_word(self.text, hit.start, hit.end)

    def _has_context(self, hit: Hit, how: How) -> bool:
        others, longest = self._context(how)
        at = bisect_left(others, hit.start - CONTEXT_CHARACTERS - longest, key=lambda other: other.start)
        while at < len(others) and others[at].start <= hit.end + CONTEXT_CHARACTERS:
            other = others[at]
            is_apart = other.end <= hit.start or other.start >= hit.end
            if is_apart and other.end + CONTEXT_CHARACTERS >= hit.start:
                return True
            at += 1
        return False

    def _context(self, how: How) -> tuple[list[Hit], int]:
        """Where the words of a topic's context stand, in their order, and how long the longest is."""
        if how not in self._contexts:
            plain = replace(how, context=())
            found = [hit for word in how.context for hit in self.hits(word, plain)]
            longest = max((hit.end - hit.start for hit in found), default=0)
            self._contexts[how] = (sorted(found, key=lambda hit: hit.start), longest)
        return self._contexts[how]

    def _in_other_field(self, word: Word, how: How) -> list[Hit]:
        said, form = normalise(self.value(word.field)).text, plain_form(word.term)
        starts = [found.start() for found in re.finditer(re.escape(form), said)] if form else []
        return [
            Hit(word.term, word.field, start, start + len(form))
            for start in starts
            if stands_alone(said, start, start + len(form))
        ]

    # -- places ---------------------------------------------------------------------------------

    def field_at(self, start: int) -> str:
        """Which field a place of the normal form is in."""
        return "title" if start < self._title_end else "text"

    def value(self, field: str) -> str:
        """What stands in a field of the post."""
        if field in ("title", "text"):
            return self.post.title if field == "title" else self.post.text
        if field == "source":
            return f"{self.post.source} {self.post.source_name}".strip()
        return self.post.site or self.post.url if field == "site" else " ".join(self.post.tags)

    def bounds(self, field: str) -> tuple[int, int]:
        """Where a field, or title and text as one, begin and end in the normal form."""
        if not field:
            return 0, len(self.text)
        return (0, self._title_end) if field == "title" else (self._title_end + 1, len(self.text))

    def place(self, hit: Hit) -> tuple[int, int]:
        """Where a hit stands in its field as it was written."""
        if hit.field in _OTHER_FIELDS:
            return normalise(self.value(hit.field)).original_span(hit.start, hit.end)
        start, end = self._normal.original_span(hit.start, hit.end)
        skipped = len(self.post.title) + 1 if hit.field == "text" else 0
        return start - skipped, end - skipped

    def gap(self, left: Hit, right: Hit) -> int:
        """How many characters lie between two hits, as NFKC counts them."""
        between = self.original[self._span_of(left)[1] : self._span_of(right)[0]]
        return len(between) if between.isascii() else len(unicodedata.normalize("NFKC", between))

    def sentence(self, hit: Hit) -> int:
        """The number of the sentence a hit is in."""
        return bisect_left(self._sentence_ends, hit.start)

    @cached_property
    def _sentence_ends(self) -> list[int]:
        return [found.start() for found in _SENTENCE_ENDS.finditer(self.text)]

    def _span(self, start: int, end: int) -> str:
        begin, stop = self._normal.original_span(start, end)
        return self.original[begin:stop]

    def _span_of(self, hit: Hit) -> tuple[int, int]:
        return self._normal.original_span(hit.start, hit.end)


_OTHER_FIELDS = ("source", "site", "tags")
__all__ = ["Hit", "Normal", "Reading"]
