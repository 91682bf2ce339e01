"""Reads a query as a person writes it, and says at which character it goes wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from .query import (
    CONTEXT,
    FIELDS,
    OPERATORS,
    And,
    Count,
    Near,
    Node,
    Not,
    Or,
    Regex,
    Sentence,
    Word,
    Words,
    within_field,
)
from .query_error import QueryError
from .regex import check_pattern
from .variants import switched

_FUNCTIONS = {
    "near": "NEAR", "相邻": "NEAR", "order": "ORDER", "先后": "ORDER", "sent": "SENT", "同句": "SENT",
    "count": "COUNT", "次数": "COUNT", "re": "RE", "正则": "RE",
}  # fmt: skip
_FIELD_NAMES = {
    **{name: name for name in FIELDS},
    "标题": "title",
    "正文": "text",
    "来源": "source",
    "站点": "site",
    "标签": "tags",
}
_LIST_NAMES = ("list", "alias", "词表")
_GUARDS = {"word": "word", "整词": "word", "case": "case", "大小写": "case", "exact": "exact", "原样": "exact"}
_GUARDS |= {"context": CONTEXT, "语境": CONTEXT}
_BLANK = re.compile(r"\s*")
_TOKEN = re.compile(r"[^\s()（）,，\"“”]+")
_CALL = re.compile(
    r"(near|相邻|order|先后|sent|同句|count|次数|re|正则|" + "|".join(_FIELD_NAMES) + r")(?:/(\d*))?\s*[(（]", re.I
)
_PREFIX = re.compile(r"([A-Za-z][A-Za-z-]*|[\u4e00-\u9fff]{2,3})[:：](?=[^\s/])")
_QUOTES = {'"': '"', "“": "”"}
_FARTHEST = 1000  # characters that NEAR may span
_DEEPEST = 50


def parse_query(text: str, lists: Mapping[str, Iterable[str]] | None = None) -> Node:
    """The tree of a query; ``lists`` are the words of each list it may name.

    Raises:
        QueryError: with the place where it goes wrong.

    >>> str(parse_query("中兴 且 破产 NOT （谣言 或 辟谣）"))
    '中兴 AND 破产 AND NOT (谣言 OR 辟谣)'
    """
    return _Reader(text, lists or {}).whole()


def parse_term(text: str, lists: Mapping[str, Iterable[str]] | None = None) -> Node:
    """One entry of a list of words: everything is the word, but for prefixes such as ``word:`` and ``list:``.

    >>> str(parse_term("word:大麻")), str(parse_term("AND so on"))
    ('word:大麻', '"AND so on"')
    """
    if ":" not in text and "：" not in text:
        return Word(text.strip())
    reader = _Reader(text.strip(), lists or {})
    return reader.term(reader.text, 0, is_quoted=True)


class _Reader:
    """A walk through one query, from left to right."""

    def __init__(self, text: str, lists: Mapping[str, Iterable[str]]) -> None:
        self.text, self.lists, self.at, self.depth = text, lists, 0, 0

    def whole(self) -> Node:
        node = self._level()
        if self.at < len(self.text):
            raise self._error(
                f"nothing more here, found {self._next()!r}", fix="drop it, or open the bracket before it"
            )
        return node

    # -- levels ---------------------------------------------------------------------------------

    def _level(self) -> Node:
        """Parts joined by AND and NOT, or by OR, up to a closing bracket, a comma or the end."""
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self._error(f"brackets at most {_DEEPEST} deep")
        parts, joint = [self._item()], ""
        while (at := self._skip()) < len(self.text) and self.text[at] not in ")）,，":
            found = self._operator()
            if not found:
                wanted = f"AND, OR or NOT before {self._next()!r}"
                raise self._error(wanted, fix="words that belong together stand in quotes")
            is_not = found == "NOT"
            if joint and joint != ("AND" if is_not else found):
                raise self._error(f"brackets: {joint} and {found} stand on one level here", at=at)
            joint = "AND" if is_not else found
            part = self._item()
            parts.append(Not(part) if is_not else part)
        self.depth -= 1
        if len(parts) == 1:
            return parts[0]
        return Or(tuple(parts)) if joint == "OR" else And(tuple(parts))

    def _item(self) -> Node:
        """One part: what NOT, a bracket, a function or a word begins."""
        at = self._skip()
        if at >= len(self.text) or self.text[at] in ")）,，":
            raise self._error("a word here")
        if (found := self._operator()) and found != "NOT":
            raise self._error(f"a word before {found}", at=at, fix="to look for that word itself, put it in quotes")
        if found:
            return Not(self._item())
        if self.text[at] in "(（":
            self.at += 1
            node = self._level()
            self._close(at)
            return node
        if call := _CALL.match(self.text, at):
            return self._call(call)
        return self._word()

    def _operator(self) -> str:
        """The operator that stands here, which is then passed; or nothing."""
        found = _TOKEN.match(self.text, self._skip())
        name = OPERATORS.get(found[0].lower(), "") if found else ""
        if found and name:
            self.at = found.end()
        return name

    # -- functions ------------------------------------------------------------------------------

    def _call(self, call: re.Match[str]) -> Node:
        name, start = call[1].lower(), call.start()
        self.at = call.end()
        if field := _FIELD_NAMES.get(name):
            node = within_field(self._level(), field)
            self._close(start)
            return node
        function = _FUNCTIONS[name]
        if function == "RE":
            return self._regex(start)
        parts = self._arguments(start)
        if function == "COUNT":
            return self._count(parts, start)
        for part, at in parts:
            if not _is_plain(part):
                raise self._error(f"words, OR and lists inside {function}", at=at)
        some = tuple(part for part, _ in parts)
        if function == "SENT" and len(some) > 1:
            return Sentence(some)
        if function == "SENT" or len(some) != 2:
            wanted = "two or more parts" if function == "SENT" else "two parts"
            raise self._error(f"{wanted} with a comma between them", at=start, fix=f"{call[0]}变质, 异物)")
        if not call[2] or not 0 <= int(call[2]) <= _FARTHEST:
            wanted = f"how many characters may lie between, 0 to {_FARTHEST}"
            raise self._error(wanted, at=start, fix=f"{function}/10({some[0]}, {some[1]})")
        return Near(some[0], some[1], int(call[2]), function == "ORDER")

    def _arguments(self, start: int) -> list[tuple[Node, int]]:
        parts = []
        while True:
            at = self._skip()
            parts.append((self._level(), at))
            if self._skip() < len(self.text) and self.text[self.at] in ",，":
                self.at += 1
            else:
                self._close(start)
                return parts

    def _count(self, parts: list[tuple[Node, int]], start: int) -> Node:
        found = re.compile(r"\s*(?:>=|≥|＞＝)\s*(\d+)").match(self.text, self.at)
        if len(parts) != 1 or not _is_plain(parts[0][0]):
            raise self._error("words, joined by OR if there are several, inside COUNT", at=start)
        if not found or int(found[1]) < 1:
            raise self._error("how many at least", fix=f"COUNT({parts[0][0]})>=3")
        self.at = found.end()
        return Count(parts[0][0], int(found[1]))

    def _regex(self, start: int) -> Node:
        opens = self._skip()
        found = re.compile(r"/((?:[^/\\\n]|\\.)*)/\s*[)）]").match(self.text, opens)
        if not found:
            raise self._error("a regular expression between two slashes", at=opens, fix="RE(/亏损\\d+亿/)")
        pattern = found[1].replace("\\/", "/")
        if wrong := check_pattern(pattern):
            raise self._error(f"a regular expression; this one fails: {wrong}", at=opens + 1)
        self.at = found.end()
        return Regex(pattern)

    # -- words ----------------------------------------------------------------------------------

    def _word(self) -> Node:
        start = self.at
        found = re.compile(r"(?:[^\s()（）,，\"“”:：]+[:：])*(?=[\"“])").match(self.text, start)
        if not found:
            token = _TOKEN.match(self.text, start)
            if token is None:
                raise self._error("a quote that opens before the one that closes")
            self.at = token.end()
            return self.term(token[0], start)
        opens = found.end()
        quote = _QUOTES[self.text[opens]]
        body = re.compile(f"((?:[^{quote}]|{quote}{quote})*){quote}").match(self.text, opens + 1)
        if not body or not body[1].strip():
            raise self._error("a closing quote" if not body else "a word in the quotes", at=opens)
        self.at = body.end()
        return self.term(found[0] + body[1].replace(quote * 2, quote), start, is_quoted=True)

    def term(self, text: str, start: int, *, is_quoted: bool = False) -> Node:
        """A word with its prefixes; ``start`` is where it stands."""
        field, variants = "", []
        guards: list[str] = []
        while prefix := _PREFIX.match(text):
            name, rest = prefix[1].lower(), text[prefix.end() :]
            if name in _LIST_NAMES:
                return self._list(rest, field, guards, start + prefix.end())
            if name in _FIELD_NAMES:
                field = _FIELD_NAMES[name]
            elif name in _GUARDS:
                guards.append(_GUARDS[name])
            elif (variant := _variant(name)) is not None:
                variants.append(variant)
            elif is_quoted or not name.isascii():
                break
            else:
                known = ", ".join((*FIELDS, "word", "case", "exact", "context", "list"))
                raise self._error(
                    f"one of {known} before a colon", at=start, fix=f'to look for that text itself: "{text}"'
                )
            text, start = rest, start + prefix.end()
        return Word(text, field, tuple(dict.fromkeys(guards)), tuple(dict.fromkeys(variants)))

    def _list(self, name: str, field: str, guards: list[str], at: int) -> Node:
        if name not in self.lists:
            known = ", ".join(sorted(self.lists)) or "none is defined"
            raise self._error(f"one of the lists: {known}", at=at, fix=f'[lists]\n{name} = ["...", "..."]')
        others = {other: words for other, words in self.lists.items() if other != name}
        words: list[Word] = []
        for entry in self.lists[name]:
            node = parse_term(entry, others)
            words += node.terms if isinstance(node, Words) else [node] if isinstance(node, Word) else []
        terms = (replace(word, guards=tuple(dict.fromkeys((*guards, *word.guards)))) for word in words)
        node = Words(tuple(dict.fromkeys(terms)), name, guards=tuple(dict.fromkeys(guards)))
        return within_field(node, field) if field else node

    # -- places ---------------------------------------------------------------------------------

    def _skip(self) -> int:
        blank = _BLANK.match(self.text, self.at)
        self.at = blank.end() if blank else self.at
        return self.at

    def _next(self) -> str:
        found = _TOKEN.match(self.text, self.at)
        return found[0][:20] if found else self.text[self.at : self.at + 1]

    def _close(self, opened: int) -> None:
        if self._skip() >= len(self.text) or self.text[self.at] not in ")）":
            wanted = "a closing bracket for the one that is marked"
            raise self._error(wanted if self.at >= len(self.text) else f"a closing bracket, found {self._next()!r}",
                              at=opened if self.at >= len(self.text) else self.at)  # fmt: skip
        self.at += 1

    def _error(self, wanted: str, *, at: int | None = None, fix: str = "") -> QueryError:
        return QueryError(wanted, self.text, self.at if at is None else at, fix)


def _variant(name: str) -> str | None:
    """The variant that a prefix names, with ``-`` before it if it is to be left out."""
    plain = name.removeprefix("no-")
    try:
        (found,) = switched([plain], ())
    except ValueError:
        return None
    return f"-{found}" if plain != name else found


def _is_plain(node: Node) -> bool:
    """Whether a node is a word, a list, or several of them joined by OR."""
    return isinstance(node, Word | Words) or (isinstance(node, Or) and all(map(_is_plain, node.parts)))
