"""A report as a Word document (.docx), on the organisation's own paper if there is one. Pure."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from ..errors import RequestError
from .chart import INK, Chart, heat_chart
from .document import Block, Document
from .fonts import Face, faces, placed, wanted

PAPER = "reports/page.docx"  # in a language's folder: an empty document with the organisation's styles and letterhead
FONT, BODY, CELL, SCALE = "宋体", 10.5, 8, 3  # sizes in points; SCALE: pixels of the picture to a point
LONGEST = 255  # characters of a property
STYLES = {"title": "Title", "heading": "Heading 1", "item": "List Bullet"}
ROOM = 440.0  # points: the width of a table on the built-in paper


def render_docx(document: Document, templates: Path | None = None) -> bytes:
    """The report for Word.

    Raises:
        RequestError: python-docx or Pillow is not installed, or the organisation's paper cannot be used.
    """
    with wanted("Word"):
        import docx
        import PIL  # noqa: F401 - it draws the curve; if it is missing, that is told before anything is made
        from docx.opc.exceptions import PackageNotFoundError
    paper = templates / document.language / PAPER if templates else None
    own = paper is not None and paper.is_file()
    try:
        word = docx.Document(str(paper) if own else None)
    except (PackageNotFoundError, BadZipFile, KeyError, ValueError) as error:
        fix = "fix: an empty document saved as .docx"
        raise RequestError(f"the paper {paper} cannot be used: {error}\n  {fix}") from error
    if not own:
        _chinese(word)
    with wanted("Word"):
        among = faces(templates)
    for block in document.blocks:
        _add(word, block, document, among)
    word.core_properties.title = document.title[:LONGEST]
    word.core_properties.author = "yuqing-daemon"
    out = BytesIO()
    word.save(out)
    return out.getvalue()


def _chinese(word: Any) -> None:
    """The built-in paper: a font for Chinese text, black headings."""
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    for name in ("Normal", *STYLES.values()):
        style = word.styles[name]
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for attribute in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{attribute}"), None)
        fonts.set(qn("w:eastAsia"), FONT)
        style.font.color.rgb = RGBColor(0, 0, 0)
    word.styles["Normal"].font.size = Pt(BODY)


def _add(word: Any, block: Block, document: Document, among: tuple[Face, ...]) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    if block.kind == "table":
        _add_table(word, block)
    elif block.kind == "curve":
        chart = heat_chart(block.points, block.columns, timezone=document.timezone, unknown=document.unknown)
        word.add_picture(BytesIO(picture(chart, among)), width=Pt(ROOM))
    else:
        paragraph = word.add_paragraph(block.text, style=_style(word, block.kind))
        if block.kind in ("title", "line"):
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _style(word: Any, kind: str) -> str | None:
    """The style of that kind, unless the organisation's paper does not have it."""
    name = STYLES.get(kind)
    return name if name in word.styles else None


def _add_table(word: Any, block: Block) -> None:
    from docx.shared import Pt

    table = word.add_table(rows=1 + len(block.rows), cols=len(block.columns))
    table.autofit = False
    if "Table Grid" in word.styles:
        table.style = "Table Grid"
    widths = [Pt(width) for width in block.widths(ROOM)]
    for row, texts in zip(table.rows, (block.columns, *block.rows), strict=True):
        for cell, text, width in zip(row.cells, texts, widths, strict=True):
            cell.width = width
            cell.paragraphs[0].add_run(text).font.size = Pt(CELL)
    word.add_paragraph()


def picture(chart: Chart, among: tuple[Face, ...]) -> bytes:
    """The chart as a PNG."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", (round(chart.width * SCALE), round(chart.height * SCALE)), "white")
    draw = ImageDraw.Draw(image)
    for stroke in chart.strokes:
        draw.line([(x * SCALE, y * SCALE) for x, y in stroke.places], stroke.colour, round(stroke.width * SCALE))
    for label in chart.labels:
        for x, face, run in placed(label.x, label.anchor, label.text, label.size, among):
            font = ImageFont.truetype(str(face.path), round(label.size * SCALE))
            draw.text((x * SCALE, label.y * SCALE), run, INK, font=font, anchor="ls")
    out = BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()
