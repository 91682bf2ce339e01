"""A report as one HTML file that needs nothing else, and prints well. Pure."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from markupsafe import Markup

from .chart import Chart, heat_chart
from .document import Block, Document, write


def render_html(document: Document, templates: Path | None = None) -> str:
    """The report in the language's ``page.html``, which an organisation may replace."""
    view = {"title": document.title, "blocks": _grouped(document)}
    return write(f"{document.language}/reports/page.html", view, templates, pages=True) + "\n"


def _grouped(document: Document) -> list[dict[str, Any]]:
    """The blocks as the page sees them: items that follow each other are one list."""
    found: list[dict[str, Any]] = []
    for block in document.blocks:
        if block.kind != "item":
            found.append(_seen(block, document))
        elif found and found[-1]["kind"] == "items":
            found[-1]["entries"].append(block.text)
        else:
            found.append({"kind": "items", "entries": [block.text]})
    return found


def _seen(block: Block, document: Document) -> dict[str, Any]:
    seen: dict[str, Any] = {"kind": block.kind, "text": block.text, "columns": block.columns, "rows": block.rows}
    if block.kind == "curve":
        chart = heat_chart(block.points, block.columns, timezone=document.timezone, unknown=document.unknown)
        seen["picture"] = Markup(svg(chart))
    return seen


def svg(chart: Chart) -> str:
    """The chart as an SVG element."""
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {chart.width:g} {chart.height:g}" role="img">']
    for stroke in chart.strokes:
        places = " ".join(f"{x:.1f},{y:.1f}" for x, y in stroke.places)
        parts.append(
            f'<polyline points="{places}" fill="none" stroke="{stroke.colour}" stroke-width="{stroke.width:g}"/>'
        )
    for label in chart.labels:
        place = f'x="{label.x:g}" y="{label.y:g}" font-size="{label.size:g}" text-anchor="{label.anchor}"'
        parts.append(f"<text {place}>{escape(label.text)}</text>")
    return "".join([*parts, "</svg>"])
