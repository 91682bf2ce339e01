"""The bytes are asked before the labels."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuqing_daemon.extract import decode

TEXT = "青禾乳业封存同批次产品，检测结果三天内公布。" * 20
UTF8, GBK, BIG5 = TEXT.encode(), TEXT.encode("gbk"), "臺灣鐵路管理局今日宣布調整時刻表".encode("big5")


@pytest.mark.parametrize(
    "label", ["", "text/html; charset=gb2312", "text/html; charset=iso-8859-1", "text/html; charset=x-unknown"]
)
def test_utf8_bytes_are_utf8_whatever_the_header_says(label):
    assert decode(UTF8, content_type=label) == TEXT


@pytest.mark.parametrize(
    "label", ["", "text/html; charset=utf-8", "text/html; charset=gb2312", "text/html; charset=ISO-8859-1"]
)
def test_gbk_bytes_are_gb18030_whatever_the_header_says(label):
    assert decode(GBK, content_type=label) == TEXT


def test_a_meta_tag_counts_when_the_header_is_silent():
    body = b'<meta http-equiv="Content-Type" content="text/html; charset=big5">' + BIG5
    assert "臺灣鐵路管理局" in decode(body)


def test_big5_declared_comes_before_gb18030():
    assert decode(BIG5, content_type="text/html; charset=Big5") == "臺灣鐵路管理局今日宣布調整時刻表"


def test_the_encoding_of_the_site_wins_over_everything():
    assert decode(BIG5, content_type="text/html; charset=gbk", encoding="big5") == "臺灣鐵路管理局今日宣布調整時刻表"
    assert decode(GBK, encoding="gb2312") == TEXT


def test_an_unknown_encoding_of_the_site_is_passed_over():
    assert decode(UTF8, encoding="klingon") == TEXT


@pytest.mark.parametrize("cut", [1, 2])
def test_a_cut_off_last_character_does_not_make_a_page_gbk(cut):
    assert decode(UTF8[:-cut]) == TEXT[:-1]


def test_one_or_two_broken_bytes_do_not_make_a_page_gbk():
    broken = UTF8[:30] + b"\xff" + UTF8[30:60] + b"\xc3\x28" + UTF8[60:]
    assert decode(broken).count("\ufffd") == 2
    assert TEXT[-40:] in decode(broken)


def test_western_text_keeps_its_accents():
    assert decode("Résumé déjà vu".encode("latin-1"), content_type="text/html; charset=iso-8859-1") == "Résumé déjà vu"


@pytest.mark.parametrize(
    "mark,name", [(codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")]
)
def test_a_byte_order_mark_tells_and_goes(mark, name):
    assert decode(mark + TEXT.encode(name)) == TEXT


@given(st.binary(), st.text(max_size=30), st.text(max_size=12))
def test_no_bytes_and_no_label_raise(body, content_type, encoding):
    assert isinstance(decode(body, content_type=content_type, encoding=encoding), str)
