"""Which font has which character: for formats that carry their fonts with them.

Droid Sans Fallback (Apache-2.0) has the Chinese characters and no Latin ones; Vera, which reportlab brings, has
these. An organisation's own font, ``reports/font.ttf`` in its templates folder, goes before both.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from itertools import groupby
from pathlib import Path

from ..errors import RequestError

MISSING = "〓"  # the geta mark: what printers put for a character they do not have
OWN = Path("reports", "font.ttf")
FIX = "pip install 'yuqing-daemon[reports]'"


@contextmanager
def wanted(format: str) -> Iterator[None]:
    """Turn a library that is missing into words for the operator.

    Raises:
        RequestError: it is missing; the text says what installs it.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise RequestError(f"{format} wants {error.name}, which is not installed\n  fix: {FIX}") from error


@dataclass(frozen=True, slots=True)
class Face:
    """One font file and the characters it has."""

    name: str
    path: Path
    characters: frozenset[int]


@cache
def faces(templates: Path | None) -> tuple[Face, ...]:
    """The fonts to look in, in this order.

    Raises:
        RequestError: the organisation's own cannot be used.
    """
    import reportlab

    with as_file(files("yuqing_daemon.reports") / "fonts" / "DroidSansFallbackFull.ttf") as built_in:
        found = [_face(Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"), _face(built_in)]
    own = templates / OWN if templates else None
    return (_face(own), *found) if own is not None and own.is_file() else tuple(found)


def _face(path: Path) -> Face:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFError, TTFont

    try:
        font = TTFont(f"yuqing {path.name} {path.stat().st_mtime_ns}", str(path))
    except (TTFError, OSError) as error:
        raise RequestError(f"the font {path} cannot be used: {error}\n  fix: a TrueType file (.ttf)") from error
    pdfmetrics.registerFont(font)
    return Face(font.fontName, path, frozenset(font.face.charToGlyph))


def runs(text: str, among: tuple[Face, ...]) -> list[tuple[Face, str]]:
    """The text in pieces, each with the font that has all of its characters; what none has is a geta mark.

    A blank goes with what stands before it.
    """
    found: list[tuple[Face, str]] = []
    for character in text:
        code = ord(character)
        face = next((face for face in among if code in face.characters), None)
        if character == " " and found:
            face = found[-1][0]
        found.append((face, character) if face else (_with_mark(among), MISSING))
    return [(face, "".join(c for _, c in group)) for face, group in groupby(found, key=lambda run: run[0])]


def _with_mark(among: tuple[Face, ...]) -> Face:
    return next((face for face in among if ord(MISSING) in face.characters), among[0])


def placed(x: float, anchor: str, text: str, size: float, among: tuple[Face, ...]) -> list[tuple[float, Face, str]]:
    """The runs of a label, each with where it begins."""
    from reportlab.pdfbase.pdfmetrics import stringWidth

    found = [(face, run, stringWidth(run, face.name, size)) for face, run in runs(text, among)]
    whole = sum(width for _, _, width in found)
    x -= {"start": 0.0, "middle": whole / 2, "end": whole}[anchor]
    result = []
    for face, run, width in found:
        result.append((x, face, run))
        x += width
    return result
