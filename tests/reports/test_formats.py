"""The same report in every format, made and read back; nothing a page says is more than text in any of them."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace

import docx
import lxml.html
import pypdf
import pytest
from newsdesk import Desk

from yuqing_daemon.domain import Act

BIDI, EMOJI = "\u202e\u2066", "\U0001f95b"
NASTY = [
    f"青禾酸奶里有异物</p><script>alert(1)</script><b>{EMOJI}",
    "## 九、伪造的一节",
    "青禾\n## 伪造\n@table told 甲 | 乙\n@curve 甲",
    "{{ 7 * 7 }}{% include 'zh/reports/first.txt' %}",
    f"青禾{BIDI}异物\x00\x1b[31m\ufffe",
    "<font name='x'>青禾<br/>&amp;&#x3c;</font>",
    "\x02# 伪造",
    "青禾" * 5000,
]


def text_of(content: bytes, format: str) -> str:
    """What a reader sees, without blanks."""
    return re.sub(r"\s", "", READ[format](content))


def _pdf(content: bytes) -> str:
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)


def _docx(content: bytes) -> str:
    word = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in word.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in word.paragraphs] + cells)


def _html(content: bytes) -> str:
    page = lxml.html.document_fromstring(content.decode())
    for style in page.xpath("//style|//title"):
        style.drop_tree()
    return str(page.text_content())


READ: dict[str, Callable[[bytes], str]] = {"text": bytes.decode, "html": _html, "pdf": _pdf, "docx": _docx}


def test_every_format_says_the_same_in_both_languages(desk: Desk) -> None:
    desk.act(Act.REPORT, kind="bulletin")
    for language, number in (("zh", "〔2026〕第1号"), ("en", "No.1of2026")):
        for format in READ:
            text = text_of(desk.made(format, language=language), format)
            for said in (
                number,
                "青禾酸奶里有异物",
                "2,750",
                "press1",
                "王敏",
                "已联系消费者，并召回同批次产品",
                "[J2",
            ):
                assert said in text, (format, language)


def test_every_report_has_its_sections_and_no_template_shows_through(desk: Desk) -> None:
    for kind in ("first", "follow_up", "bulletin", "summary"):
        for language in ("zh", "en"):
            look_through(desk, kind, language)


def look_through(desk: Desk, kind: str, language: str) -> None:
    document = desk.document(kind, language=language)
    assert len([block for block in document.blocks if block.kind == "heading"]) >= 5
    assert not re.search(r"[{}%]\}|\{[{%]|@table|@curve|\x02", desk.text(kind, language=language))
    for block in document.blocks:
        assert all(len(row) == len(block.columns) for row in block.rows), block.columns
    if language == "en":
        own = "".join(block.text for block in document.blocks if block.kind == "heading")
        assert own.isascii()


def test_the_summary_tells_only_lessons_that_are_on_record(desk: Desk) -> None:
    assert "没有人记录经验教训" in desk.text("summary")
    desk.act(Act.SUMMARISE, "检验流程应当前移")
    text = desk.text("summary")
    assert "王敏（总结）：检验流程应当前移 [J" in text
    assert "报告舆情办（监控人员）：时限" in text  # the duty that was late


@pytest.mark.parametrize("title", NASTY, ids=range(len(NASTY)))
def test_what_a_page_says_is_only_text(quiet: Desk, title: str) -> None:
    post = replace(quiet.world.post(title=title), site=title[:200])
    quiet.world.visit("forum", post)
    harmless = quiet.document()
    assert [block.text for block in harmless.blocks if block.kind == "heading"] == [
        "一、基本情况", "二、最新情况", "三、热度", "四、传播", "五、经过", "六、处置", "七、通知情况", "八、监测盲区",
    ]  # fmt: skip
    for format in READ:
        is_only_text(title, quiet.made(format), format)


def is_only_text(title: str, content: bytes, format: str) -> None:
    text = text_of(content, format)
    assert "49" not in re.sub(r"[\d:-]+", "", text) and not set(BIDI) & set(text)
    if title.startswith("青禾酸奶") and format != "pdf":
        assert "<script>alert(1)</script>" in text  # shown, not run
    if format == "html":
        assert not lxml.html.document_fromstring(content.decode()).xpath("//script|//b|//font|//p/br")
    if format == "pdf":
        assert not re.search(rb"/(JavaScript|JS|Launch|URI)\b", content)


def test_a_report_of_an_event_whose_sites_tell_no_counters_says_unknown(quiet: Desk) -> None:
    quiet.world.visit("forum", quiet.world.post())
    text = quiet.text()
    assert "：阅读 未知，评论 未知，主流媒体 0 [E1#" in text
    assert "热度走势：未知" in text
    assert quiet.facts().figures.reads.value is None
    for format in READ:
        assert quiet.made(format)


def test_a_figure_that_only_some_posts_tell_leaves_the_other_panel_empty(quiet: Desk) -> None:
    post = quiet.world.post()
    quiet.world.visit("forum", post)
    quiet.world.read(post, reads=10)
    assert "评论：未知" in text_of(quiet.made("html"), "html")


def test_a_report_of_300_posts_shows_every_mainstream_site_and_counts_the_rest(quiet: Desk) -> None:
    world = quiet.world
    found = [world.post(title=f"青禾酸奶里有异物 {number}") for number in range(298)]
    world.visit("forum", *found)
    for source in ("press1", "press2"):
        world.visit(source, world.post(source))
    document = quiet.document()
    table = next(block for block in document.blocks if block.columns[:1] == ("站点",))
    assert len(table.rows) == 60 and {"press1", "press2"} < {row[0] for row in table.rows}
    assert "共 300 条信息，下表之外另有 240 条。" in quiet.text()
    assert len(quiet.facts().spread) == 300  # for machines, all
    for format in READ:
        assert "press2" in text_of(quiet.made(format), format)


def test_the_html_needs_nothing_else_and_has_the_curve_as_svg(desk: Desk) -> None:
    page = lxml.html.document_fromstring(desk.made("html").decode())
    assert not page.xpath("//@src|//link|//script|//@href")
    assert len(page.xpath("//*[local-name()='polyline']")) == 6  # an axis, a scale and a line for each counter
    assert "@media print" in page.xpath("string(//style)")


def test_the_pdf_carries_its_fonts_and_is_the_same_each_time(desk: Desk) -> None:
    first, again = desk.made("pdf"), desk.made("pdf")
    assert first == again
    fonts = {
        str(font.get_object()["/BaseFont"]): font.get_object()
        for page in pypdf.PdfReader(io.BytesIO(first)).pages
        for font in page["/Resources"]["/Font"].values()  # type: ignore[index]
    }
    assert any("DroidSansFallback" in name for name in fonts)
    embedded = [font for name, font in fonts.items() if "+" in name]
    assert all("/FontFile2" in font["/FontDescriptor"] for font in embedded)


def test_a_character_that_no_font_has_is_a_geta_mark_in_the_pdf(quiet: Desk) -> None:
    quiet.world.visit("forum", quiet.world.post(title=f"青禾酸奶里有异物{EMOJI}"))
    text = text_of(quiet.made("pdf"), "pdf")
    assert "青禾酸奶里有异物〓" in text and EMOJI not in text


def test_the_word_file_has_the_curve_as_a_picture(desk: Desk) -> None:
    with zipfile.ZipFile(io.BytesIO(desk.made("docx"))) as file:
        pictures = [name for name in file.namelist() if name.startswith("word/media/")]
        assert len(pictures) == 1 and file.read(pictures[0]).startswith(b"\x89PNG")
