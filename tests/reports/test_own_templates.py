"""What an organisation puts in place of the built-in words, page, font and paper."""

from __future__ import annotations

import io
import shutil
from importlib.resources import files
from pathlib import Path

import docx
import pytest
from newsdesk import Desk

from yuqing_daemon.domain import Act
from yuqing_daemon.errors import RequestError
from yuqing_daemon.reports import fonts


@pytest.fixture
def own(desk: Desk, tmp_path: Path) -> Path:
    """The organisation's folder of templates."""
    folder = tmp_path / "templates"
    (folder / "zh" / "reports").mkdir(parents=True)
    (folder / "reports").mkdir()
    desk.world.configure(templates=folder)
    return folder


def test_a_template_of_ones_own_is_used_in_every_format_the_others_stay(desk: Desk, own: Path) -> None:
    (own / "zh/reports/bulletin.txt").write_text(
        "# 青禾快报\n{{ title }}：{{ figures.reads }}\n{% include 'zh/reports/_spread.txt' %}\n"
    )
    assert desk.text().startswith("青禾快报\n青禾酸奶里有异物：2,750 [R@")
    assert "forum | 否" in desk.text() and "<h1>青禾快报</h1>" in desk.made("html").decode()
    assert desk.text("summary").startswith("舆情总结")


@pytest.mark.parametrize("title", ["# 伪造", "## 伪造", "- 伪造", "@curve 伪造", "@table told 伪造 | 乙", "\x02# 伪造"])
def test_what_a_page_says_marks_no_line_even_where_it_begins_one(desk: Desk, own: Path, title: str) -> None:
    (own / "zh/reports/bulletin.txt").write_text("# 快报\n{{ title }}\n{{ 'x' }}{{ title }}\n")
    desk.act(Act.CORRECT, title=title)
    assert [block.kind for block in desk.document().blocks] == ["title", "text", "text"]


def test_single_words_can_be_changed(desk: Desk, own: Path) -> None:
    (own / "zh/reports/words.toml").write_text('[acts]\nconfirm = "属实"\n')
    assert "王敏：属实（类别 咨询质疑诉求）" in desk.text() and "王敏：答复" in desk.text()


def test_a_template_that_fails_is_named_with_the_reason(desk: Desk, own: Path) -> None:
    (own / "zh/reports/bulletin.txt").write_text("# {{ titel }}\n")
    with pytest.raises(RequestError, match=r"bulletin\.txt fails: 'titel' is undefined"):
        desk.text()
    (own / "zh/reports/words.toml").write_text("[acts\n")
    with pytest.raises(RequestError, match=r"words\.toml is no TOML"):
        desk.text()


def test_a_template_cannot_reach_beyond_what_it_is_given(desk: Desk, own: Path) -> None:
    (own / "zh/reports/bulletin.txt").write_text("# {{ title.__class__.__mro__ }}\n")
    with pytest.raises(RequestError, match="unsafe"):
        desk.text()


def test_ones_own_font_goes_before_the_built_in_ones(desk: Desk, own: Path) -> None:
    built_in = files("yuqing_daemon.reports") / "fonts" / "DroidSansFallbackFull.ttf"
    shutil.copy(str(built_in), own / fonts.OWN)
    assert fonts.faces(own)[0].path == own / fonts.OWN
    assert desk.made("pdf").startswith(b"%PDF")


def test_a_font_that_is_none_is_named_with_what_would_do(desk: Desk, own: Path) -> None:
    (own / fonts.OWN).write_bytes(b"no font")
    with pytest.raises(RequestError, match=r"font\.ttf cannot be used.*\n  fix: a TrueType file"):
        desk.made("pdf")


def test_word_files_come_on_ones_own_paper(desk: Desk, own: Path) -> None:
    paper = docx.Document()
    paper.sections[0].header.paragraphs[0].text = "青禾乳业股份有限公司"
    paper.save(str(own / "zh/reports/page.docx"))
    word = docx.Document(io.BytesIO(desk.made("docx")))
    assert word.sections[0].header.paragraphs[0].text == "青禾乳业股份有限公司"
    (own / "zh/reports/page.docx").write_bytes(b"no paper")
    with pytest.raises(RequestError, match=r"page\.docx cannot be used"):
        desk.made("docx")


def test_a_library_that_is_missing_is_named_with_what_installs_it() -> None:
    with (
        pytest.raises(RequestError, match=r"PDF wants nowhere, which is not installed\n  fix: pip install"),
        fonts.wanted("PDF"),
    ):
        raise ModuleNotFoundError(name="nowhere")
