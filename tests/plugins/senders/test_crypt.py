"""What 飞书 and 企业微信 encrypt and sign is opened as their documents say: their own examples are the answers."""

import pytest

from yuqing_plugins.senders._crypt import FeishuBox, WecomBox

# The example of 企业微信's page on encrypted callbacks.
BOX = WecomBox("QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wx5823bf96d3bd56c7")
ECHO = "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ=="


def test_the_check_of_an_address_is_signed_and_opened_as_documented():
    assert BOX.signature("1409659589", "263014780", ECHO) == "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3"
    assert BOX.open(ECHO) == "1616140317555161061"


def test_an_answer_is_sealed_as_documented():
    box = WecomBox("pamtest", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "wxb11529c136998cb6")
    sealed = "jn1L23DB+6ELqJ+6bruv21Y6MD7KeIfP82D6gU39rmkgczbWwt5+3bnyg5K55bgVtVzd832WzZGMhkP72vVOfg=="
    assert box.seal("我是中文abcd123", salt=b"aaaabbbbccccdddd") == sealed
    assert box.seal("x") != box.seal("x")


def test_an_event_of_feishu_is_opened_as_documented():
    assert FeishuBox("test key").open("P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk=") == "hello world"


@pytest.mark.parametrize("text", ["", "AAAA", "no base64!", ECHO[:-24], "P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk="])
@pytest.mark.parametrize("box", [BOX, FeishuBox("another key")])
def test_what_is_encrypted_with_another_key_is_not_opened(box, text):
    with pytest.raises(ValueError, match=r".*"):
        box.open(text)


def test_what_is_meant_for_another_corporation_is_not_opened():
    with pytest.raises(ValueError, match="another corporation"):
        WecomBox("QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wx0").open(ECHO)
