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


SIMPLIFIED = "星河食品公司停产公告：记者从市场监督管理局获悉，该公司的酸奶被检出不合格，已责令停产整顿。"
TRADITIONAL = "星河食品公司停產公告：記者從市場監督管理局獲悉，該公司的優酪乳被檢出不合格，已責令停產整頓。"
LABELS = [
    "utf-8",
    "gb2312",
    "gbk",
    "big5",
    "iso-8859-1",
    "windows-1252",
    "shift_jis",
    "euc-kr",
    "utf-16",
    "none-such",
    "",
]


@pytest.mark.parametrize("where", ["header", "meta"])
@pytest.mark.parametrize("said", LABELS)
def test_a_wrong_label_changes_nothing_and_neither_does_a_page_that_breaks_off(said, where):
    both = ((SIMPLIFIED, ("utf-8", "gb18030")), (TRADITIONAL, ("utf-8", "gb18030", "big5")))
    for text, really in ((text, really) for text, encodings in both for really in encodings):
        label = f'<meta charset="{said}">' if where == "meta" else ""
        body = f"<html><head>{label}</head><body><p>{text}</p><p>{text}</p>".encode(really)
        header = f"text/html; charset={said}" if where == "header" else ""
        assert decode(body, content_type=header).count(text) == 2
        for cut in range(1, 4):
            assert text in decode(body[: body.rindex(b"</p>") - cut], content_type=header)


@pytest.mark.parametrize("said", ["utf-8", "gb2312", "gbk", "big5", "none-such", ""])
def test_a_few_words_are_enough_between_the_chinese_encodings(said):
    for text, really in (("食堂吃坏肚子", "gb18030"), ("食堂吃壞肚子", "big5"), ("預連接", "big5")):
        assert decode(text.encode(really), content_type=f"text/html; charset={said}") == text


def test_quotation_marks_do_not_make_chinese_of_a_western_label():
    quoted = "“星河”牌酸奶停產的消息，記者“親眼”看到了“公告”的全文。" * 3
    assert decode(quoted.encode("big5hkscs"), content_type="text/html; charset=iso-8859-1") == quoted


def test_a_broken_byte_in_the_middle_does_not_flip_a_page():
    for really in ("gb18030", "big5"):
        body = f"<p>{TRADITIONAL}</p>".encode(really)
        for label in ("gb2312", "big5", "utf-8"):
            assert TRADITIONAL[30:] in decode(body[:7] + b"\xff" + body[7:], content_type=f"charset={label}")


def test_a_utf8_page_with_a_box_in_gbk_stays_utf8():
    box = "友情链接和广告".encode("gbk")
    for label in ("", "gb2312", "utf-8"):
        assert SIMPLIFIED in decode(SIMPLIFIED.encode() + box, content_type=f"charset={label}")


OTHERS = {
    "shift_jis": "お知らせ：システムの点検を実施します。",
    "euc-jp": "日本語の新聞記事を読みます。",
    "euc-kr": "공지사항: 시스템 점검 안내입니다.",
    "windows-1251": "Новости дня: важное событие",
    "koi8-r": "Новости дня: важное событие",
    "windows-1252": "L’été déjà passé, Größe und Übung, 25°C",
}


@pytest.mark.parametrize("label,text", OTHERS.items())
def test_another_language_is_believed_to_be_what_it_says(label, text):
    assert decode(text.encode(label), content_type=f"text/html; charset={label}") == text


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
