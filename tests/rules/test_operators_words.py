"""What the daemon says of itself reaches a Chinese operator in Chinese; an error stays as the program gave it."""

from __future__ import annotations

import pytest

from yuqing_daemon.rules.notice import render_plain
from yuqing_daemon.rules.notice.reasons import to_operators

SAID = {
    "channel chat is failing": "渠道 chat 连续发送失败",
    "5 attempts in a row failed, the last with: 550 no, really": "连续 5 次发送失败，最近一次：550 no, really",
    "E1:found:chat:li could not be delivered: refused: 404": "E1:found:chat:li 未能送达：对方拒绝：404",
    "source a is unreachable: no answer in time": "信息源 a 无法访问：未在时限内应答",
    "source a is time broken (changed 3 times since you were told): 4 of the last 9 articles came with a time missing, "
    "in the future or always the same": (
        "信息源 a 时间读取失效（上次通知后变化 3 次）：最近 9 篇文章中 4 篇时间缺失、在未来或总是相同"
    ),
    "source a is well again: it was metrics broken": "信息源 a 已恢复，此前：计数读取失效",
    "the network of the crawl node n2 is down": "抓取节点 n2 网络中断",
    "the rota of office has a gap": "office 的值班表有空缺",
    "101 MiB are free where 512 have to be, so nothing is crawled.": "剩余 101 MiB，至少需要 512 MiB，抓取已停止。",
}


@pytest.mark.parametrize("english", SAID)
def test_a_word_to_the_operators_is_in_their_language(english: str) -> None:
    assert to_operators(english, "zh") == SAID[english]
    assert to_operators(english, "en") == english


def test_a_traceback_stays_as_it_is() -> None:
    error = '  File "reads.py", line 3, in unknown\nValueError: reads unknown, 3 sources have changed'
    notice = render_plain(
        subject="plugin x was set aside", text=f"Traceback:\n{error}\nSee: yuqing plugins list", language="zh"
    )
    assert notice.subject == "插件 x 已停用"
    assert notice.text == f"Traceback:\n{error}\n查看：yuqing plugins list"
