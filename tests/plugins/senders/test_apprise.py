"""What the apprise sender makes of services that fail, redirect, or say yes and mean no."""

import gzip
import logging
import socket
from datetime import timedelta

import pytest
import requests
from peer import (
    FAST,
    REFUSED,
    answer,
    delivery_over,
    drips_its_body,
    drips_its_headers,
    hangs,
    hangs_in_the_body,
    hangs_up_in_the_body,
    resets_after_the_request,
    says,
    sends_200_megabytes,
)

from yuqing_daemon import Answer, Notice
from yuqing_plugins.senders.apprise import fitting, send

FAULTS = {
    "204": (says("204 No Content"), Answer.ACCEPTED),
    "200": (says("200 OK", b"thanks"), Answer.ACCEPTED),
    "200 with a good code": (says("200 OK", b'{"errcode": 0, "errmsg": "ok"}'), Answer.ACCEPTED),
    "200 with an error": (says("200 OK", REFUSED), Answer.PERMANENT),
    "200 with a zipped error": (says("200 OK", gzip.compress(REFUSED), "Content-Encoding: gzip"), Answer.PERMANENT),
    "200 too fast": (says("200 OK", FAST), Answer.RETRY),
    "302": (says("302 Found", b"", "Location: /elsewhere"), Answer.PERMANENT),
    "307": (says("307 Temporary Redirect", b"", "Location: /elsewhere"), Answer.PERMANENT),
    "400": (says("400 Bad Request"), Answer.PERMANENT),
    "403": (says("403 Forbidden"), Answer.PERMANENT),
    "429": (says("429 Too Many", b"", "Retry-After: 30"), Answer.RETRY),
    "500": (says("500 Oops"), Answer.RETRY),
    "503": (says("503 Busy"), Answer.RETRY),
    "resets after the request": (resets_after_the_request, Answer.UNKNOWN),
    "hangs": (hangs, Answer.UNKNOWN),
    "hangs in the body": (hangs_in_the_body, Answer.UNKNOWN),
    "hangs up in the body": (hangs_up_in_the_body, Answer.UNKNOWN),
    "drips its headers": (drips_its_headers, Answer.UNKNOWN),
    "drips its body": (drips_its_body, Answer.UNKNOWN),
    "200 MB": (sends_200_megabytes, Answer.ACCEPTED),
    "gzip bomb": (says("200 OK", gzip.compress(b"x" * 50_000_000), "Content-Encoding: gzip"), Answer.ACCEPTED),
}


def notify(peer, query="", **options):
    options = {"internal": True, "timeout": 0.6, **options}
    return send(delivery_over("apprise", f"json://127.0.0.1:{peer.port}/hook{query}", **options))


@pytest.mark.parametrize("fault", FAULTS)
def test_each_answer_has_its_outcome(serve, fault):
    talk, wanted = FAULTS[fault]
    peer = serve(talk)
    outcome = notify(peer)
    assert outcome.answer is wanted, outcome
    assert peer.connections == 1


def test_it_leaves_other_senders_deliveries_alone():
    assert send(delivery_over("sms", "json://127.0.0.1:1/")) is None


def test_what_a_url_says_of_retries_redirects_and_failures_does_not_count(serve):
    target = serve(says("200 OK"))
    peer = serve(says("302 Found", b"", f"Location: http://127.0.0.1:{target.port}/"))
    outcome = notify(peer, "?retry=5&wait=0&redirect=yes&optional=yes&rto=60")
    assert outcome.answer is Answer.PERMANENT
    assert (peer.connections, target.connections) == (1, 0)


def test_nobody_listening_is_tried_again(closed_port):
    outcome = send(delivery_over("apprise", f"json://127.0.0.1:{closed_port}/", internal=True, timeout=0.6))
    assert outcome.answer is Answer.RETRY


def test_a_name_nobody_knows_is_tried_again():
    assert send(delivery_over("apprise", "json://nobody.invalid/", internal=True, timeout=5)).answer is Answer.RETRY


def test_a_certificate_nobody_vouches_for_is_final(serve, authority):
    peer = serve(says("200 OK"), authority.context)
    outcome = send(delivery_over("apprise", f"jsons://127.0.0.1:{peer.port}/", internal=True, timeout=2))
    assert outcome.answer is Answer.PERMANENT
    assert not peer.requests


def test_retry_after_is_heard(serve):
    assert notify(serve(FAULTS["429"][0])).retry_after == timedelta(seconds=30)


def test_the_services_own_words_are_kept(serve):
    assert notify(serve(says("200 OK", REFUSED))).detail == "errcode 310000 keywords not in content"


@pytest.mark.parametrize("url", ["bark://127.0.0.1:{}/devicekey", "pushdeer://127.0.0.1:{}/pushkey"])
def test_robots_that_apprise_believes_are_read_again(serve, url):
    peer = serve(says("200 OK", b'{"code": 400, "message": "failed to get device token"}'))
    outcome = send(delivery_over("apprise", url.format(peer.port), internal=True, timeout=0.6))
    assert outcome.answer is Answer.PERMANENT
    assert "device token" in outcome.detail


@pytest.mark.parametrize("url", ["", "nonsense", "https://example.com/hook", "slack://", "unknown://x"])
def test_a_url_that_apprise_cannot_use_is_a_config_error(url):
    outcome = send(delivery_over("apprise", url))
    assert outcome.answer is Answer.PERMANENT
    assert "config error" in outcome.detail


@pytest.mark.parametrize(("url", "hint"), [("wecom://token", "wecombot://"), ("schan://sctp123tabc", "serverchan")])
def test_urls_that_would_go_elsewhere_are_refused_with_a_hint(url, hint):
    outcome = send(delivery_over("apprise", url))
    assert outcome.answer is Answer.PERMANENT
    assert hint in outcome.detail


def test_pasted_robot_addresses_are_understood(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: inside(1))
    for url in (
        "https://oapi.dingtalk.com/robot/send?access_token=abc",
        "https://open.feishu.cn/open-apis/bot/v2/hook/abc-def",
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=abc-def",
    ):
        assert "config error" not in send(delivery_over("apprise", url, timeout=0.6)).detail


def test_the_address_goes_into_the_channels_url(serve):
    peer = serve(says("200 OK"))
    delivery = delivery_over("apprise", "wang/1", url=f"json://127.0.0.1:{peer.port}/{{to}}", internal=True)
    assert send(delivery).answer is Answer.ACCEPTED
    assert peer.requests[0].startswith(b"POST /wang")


def inside(port):
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0x7f000001", "2130706433", "127.1", "0.0.0.0", "[::1]"])
def test_inside_addresses_are_refused_in_every_spelling(serve, host):
    peer = serve(says("200 OK"))
    outcome = send(delivery_over("apprise", f"json://{host}:{peer.port}/", timeout=0.6))
    assert outcome.answer is Answer.PERMANENT, outcome
    assert peer.connections == 0


def test_a_name_that_leads_inside_is_refused_when_it_connects(serve, monkeypatch):
    peer = serve(says("200 OK"))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: inside(peer.port))
    assert send(delivery_over("apprise", "json://hooks.example.com/", timeout=0.6)).answer is Answer.PERMANENT
    assert peer.connections == 0


def test_services_without_http_are_guarded_too(serve):
    peer = serve(lambda peer: peer.say(b"220 hello\r\n"))
    url = f"mailto://user:secret@127.0.0.1:{peer.port}?to=a@example.com"
    assert send(delivery_over("apprise", url, timeout=0.6)).answer is Answer.PERMANENT
    assert peer.connections == 0


def test_the_guard_and_the_watch_end_with_the_delivery(serve):
    peer = serve(says("302 Found", b"", "Location: /elsewhere"))
    assert notify(peer, internal=False).answer is Answer.PERMANENT
    plain = requests.get(f"http://127.0.0.1:{peer.port}/", allow_redirects=False, timeout=5)
    assert plain.headers["Location"] == "/elsewhere"


def test_proxies_of_the_environment_are_not_used(serve, monkeypatch, closed_port):
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{closed_port}")
    assert notify(serve(says("200 OK"))).answer is Answer.ACCEPTED


def test_what_is_sent_fits_a_robot_that_counts_bytes():
    notice = Notice(subject="青禾乳业", text="酸奶变质" * 1000, short="")
    sent = f"{notice.subject}\r\n{fitting(notice, 'wecombot')}"
    assert 2040 < len(sent.encode()) <= 2048
    assert fitting(notice, "feishu") == notice.text


def test_no_secret_of_a_url_shows_in_outcomes_or_logs(serve, caplog):
    caplog.set_level(logging.DEBUG)
    canaries = "canaryuser:canarypass@127.0.0.1:{}/canarypath?+X-Token=canaryheader&:k=canaryquery"
    for talk in (
        lambda p: (p.read_request(), p.say(answer("403 Forbidden", b"no canarypath canaryheader"))),
        hangs_up_in_the_body,
        resets_after_the_request,
    ):
        peer = serve(talk)
        outcome = send(delivery_over("apprise", "json://" + canaries.format(peer.port), internal=True, timeout=0.6))
        assert "canary" not in outcome.detail
    assert "canary" not in caplog.text
    assert "青禾" not in caplog.text


def test_repeated_sends_have_the_same_bytes(serve):
    peer = serve(says("500 Oops"))
    notify(peer)
    notify(peer)
    assert peer.requests[0].partition(b"\r\n\r\n")[2] == peer.requests[1].partition(b"\r\n\r\n")[2]
