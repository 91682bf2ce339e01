"""A report as plain text: what a terminal and a mail can show. Pure."""

from __future__ import annotations

from .document import Block, Document

FEW = 12  # of a curve's points are written out


def render_text(document: Document) -> str:
    """The report in lines; a table's rows keep their columns' names out of the way: they stand once, above."""
    lines: list[str] = []
    for block in document.blocks:
        lines += _lines(block, document)
    return "\n".join(lines).strip() + "\n"


def _lines(block: Block, document: Document) -> list[str]:
    match block.kind:
        case "heading":
            return ["", block.text]
        case "item":
            return [f"- {block.text}"]
        case "table":
            return [" | ".join(block.columns), *(" | ".join(row) for row in block.rows)]
        case "curve":
            return _curve(block, document)
        case _:
            return [block.text]


def _curve(block: Block, document: Document) -> list[str]:
    """Some of the points, the first and the last among them."""
    points = block.points
    if len(points) > FEW:
        points = tuple(points[round(number * (len(points) - 1) / (FEW - 1))] for number in range(FEW))
    lines = []
    for point in points:
        said = [document.unknown if count is None else f"{count:,}" for count in (point.reads, point.comments)]
        figures = " | ".join(f"{name} {count}" for name, count in zip(block.columns, said, strict=False))
        lines.append(f"  {point.at.astimezone(document.timezone):%Y-%m-%d %H:%M} | {figures}")
    return lines
