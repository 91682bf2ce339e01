"""The heat curve of a notice as a picture for mail: drawn from the points that were kept with it."""

from __future__ import annotations

import io
from datetime import datetime
from functools import cache, lru_cache
from importlib.resources import as_file, files
from itertools import groupby
from typing import Any

from yuqing_daemon import Notice
from yuqing_daemon.reports.chart import Chart, Label, heat_chart
from yuqing_daemon.reports.facts import Point

SCALE = 2  # pixels a point, so that it is sharp on a telephone
LARGER = 1.3  # than in print are its words: a telephone shows it smaller than it is
NAMES = {"zh": (("阅读", "评论"), "未知"), "en": (("reads", "comments"), "unknown")}
FIRST_CHINESE = 0x2E80  # characters from here on are in the one font, those before in the other


def picture(notice: Notice) -> bytes:
    """The curve as PNG, the same bytes each time; empty if there is none to draw, or no Pillow to draw it with."""
    if len(notice.curve) < 2:
        return b""
    return _drawn(tuple(tuple(point) for point in notice.curve), str(notice.data.get("language")))


@lru_cache(maxsize=64)  # everybody who is told of an event gets the same curve
def _drawn(curve: tuple[tuple[Any, ...], ...], language: str) -> bytes:
    points = [Point(at=datetime.fromisoformat(at), reads=reads, comments=comments) for at, reads, comments in curve]
    names, unknown = NAMES.get(language, NAMES["zh"])
    zone: Any = points[0].at.tzinfo  # the organisation's, in which the points were kept
    try:
        return _png(heat_chart(points, names, timezone=zone, unknown=unknown))
    except ModuleNotFoundError:
        return b""


def _png(chart: Chart) -> bytes:
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (round(chart.width * SCALE), round(chart.height * SCALE)), "white")
    draw = ImageDraw.Draw(image)
    for stroke in chart.strokes:
        places = [(x * SCALE, y * SCALE) for x, y in stroke.places]
        draw.line(places, fill=stroke.colour, width=max(1, round(stroke.width * SCALE)), joint="curve")
    for label in chart.labels:
        _write(draw, label)
    data = io.BytesIO()
    image.quantize(64).save(data, "PNG", optimize=True)
    return data.getvalue()


def _write(draw: Any, label: Label) -> None:
    """One text; Latin and Chinese characters each in their font."""
    size = round(label.size * SCALE * LARGER)
    runs = [
        ("".join(run), _font(is_chinese, size))
        for is_chinese, run in groupby(label.text, key=lambda letter: ord(letter) >= FIRST_CHINESE)
    ]
    width = sum(font.getlength(text) for text, font in runs)
    x = label.x * SCALE - {"start": 0, "middle": width / 2, "end": width}[label.anchor]
    x = max(0, x)
    for text, font in runs:
        draw.text((x, label.y * SCALE), text, fill="#444444", font=font, anchor="ls")
        x += font.getlength(text)


@cache
def _font(is_chinese: bool, size: int) -> Any:
    from PIL import ImageFont

    if not is_chinese:
        return ImageFont.load_default(size)
    with as_file(files("yuqing_daemon.reports") / "fonts" / "DroidSansFallbackFull.ttf") as path:
        return ImageFont.truetype(str(path), size)
