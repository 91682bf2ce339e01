"""A report as a PDF that carries its fonts: the text in it can be searched and copied. Pure.

The same document makes the same bytes.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from .chart import Chart, heat_chart
from .document import Block, Document
from .fonts import Face, faces, placed, runs, wanted

MARGIN = 54.0  # points
SIZES = {"title": 20, "heading": 13, "line": 9, "text": 10.5, "item": 10.5, "cell": 8}
INDENT = 12


def render_pdf(document: Document, templates: Path | None = None) -> bytes:
    """The report on A4 pages with numbers.

    Raises:
        RequestError: reportlab is not installed, or the organisation's font cannot be used.
    """
    with wanted("PDF"):
        from reportlab.lib.pagesizes import A4
        from reportlab.platypus import SimpleDocTemplate
    among = faces(templates)
    out = BytesIO()
    paper = SimpleDocTemplate(
        out,
        pagesize=A4,
        title=document.title,
        author="yuqing-daemon",
        invariant=1,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
    )
    writer = _Writer(among, paper.width)
    flow = [part for block in document.blocks for part in writer.parts(block, document)]
    paper.build(flow, onFirstPage=writer.number, onLaterPages=writer.number)
    return out.getvalue()


class _Writer:
    """Makes the flowing parts of a PDF."""

    def __init__(self, among: tuple[Face, ...], width: float) -> None:
        from reportlab.lib.styles import ParagraphStyle

        self.among, self.width = among, width
        self.styles = {
            name: ParagraphStyle(
                name, fontName=among[-1].name, fontSize=size, leading=size * 1.5, wordWrap="CJK", spaceAfter=size * 0.3,
                alignment=1 if name in ("title", "line") else 0, spaceBefore=size if name == "heading" else 0,
                keepWithNext=name == "heading", leftIndent=INDENT if name == "item" else 0,
                textColor="#b00000" if name == "title" else "#111111",
            )
            for name, size in SIZES.items()
        }  # fmt: skip

    def parts(self, block: Block, document: Document) -> list[Any]:
        """What one block becomes."""
        from reportlab.platypus import Spacer

        if block.kind == "table":
            return [self._table(block), Spacer(1, 8)]
        if block.kind == "curve":
            chart = heat_chart(block.points, block.columns, timezone=document.timezone, unknown=document.unknown)
            return [self._drawing(chart), Spacer(1, 6)]
        return [self._words(f"· {block.text}" if block.kind == "item" else block.text, block.kind)]

    def number(self, canvas: Any, paper: Any) -> None:
        """The page's number at its foot."""
        canvas.setFont(self.among[-2].name, 8)
        canvas.drawCentredString(paper.pagesize[0] / 2, MARGIN / 2, str(canvas.getPageNumber()))

    def _words(self, text: str, style: str) -> Any:
        from reportlab.platypus import Paragraph

        marked = (f'<font name="{face.name}">{escape(run)}</font>' for face, run in runs(text, self.among))
        return Paragraph("".join(marked), self.styles[style])

    def _table(self, block: Block) -> Any:
        from reportlab.platypus import Table

        rows = [[self._words(cell, "cell") for cell in row] for row in (block.columns, *block.rows)]
        style = [
            ("GRID", (0, 0), (-1, -1), 0.4, "#999999"), ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("BACKGROUND", (0, 0), (-1, 0), "#eeeeee"), ("TOPPADDING", (0, 0), (-1, -1), 2),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2), ("LEFTPADDING", (0, 0), (-1, -1), 3),
            ("RIGHTPADDING", (0, 0), (-1, -1), 3),
        ]  # fmt: skip
        return Table(rows, colWidths=block.widths(self.width), repeatRows=1, style=style)

    def _drawing(self, chart: Chart) -> Any:
        from reportlab.graphics.shapes import Drawing, PolyLine, String
        from reportlab.lib.colors import HexColor

        drawing = Drawing(chart.width, chart.height)
        for stroke in chart.strokes:
            places = [number for x, y in stroke.places for number in (x, chart.height - y)]
            drawing.add(PolyLine(places, strokeColor=HexColor(stroke.colour), strokeWidth=stroke.width))
        for label in chart.labels:
            for x, face, run in placed(label.x, label.anchor, label.text, label.size, self.among):
                drawing.add(String(x, chart.height - label.y, run, fontName=face.name, fontSize=label.size))
        return drawing
