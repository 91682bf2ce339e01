"""What the webhook sender says of every way in which a receiver can fail."""

import gzip
import hashlib
import hmac
import json
import socket
from dataclasses import replace
from datetime import timedelta

import pytest
from peer import (
    FAST,
    KEY,
    REFUSED,
    answer,
    delivery_over,
    drips_its_body,
    drips_its_headers,
    hangs,
    hangs_in_the_body,
    hangs_in_the_body_of_an_error,
    hangs_up_in_the_body,
    resets,
    resets_after_the_request,
    says,
    sends_200_megabytes,
    speaks_no_http,
)

from yuqing_daemon import Answer
from yuqing_plugins.senders._http import Request, exchange
from yuqing_plugins.senders.webhook import body_of, send

FAULTS = {
    "204": (says("204 No Content"), Answer.ACCEPTED),
    "200": (says("200 OK", b"thanks"), Answer.ACCEPTED),
    "200 with a good code": (says("200 OK", b'{"errcode": 0, "errmsg": "ok"}'), Answer.ACCEPTED),
    "200 with success": (says("200 OK", b'{"code": 1000, "success": true}'), Answer.ACCEPTED),
    "200 with an error": (says("200 OK", REFUSED), Answer.PERMANENT),
    "200 with StatusCode": (says("200 OK", b'{"StatusCode": 19021, "StatusMessage": "sign"}'), Answer.PERMANENT),
    "200 with success false": (says("200 OK", b'{"success": false}'), Answer.PERMANENT),
    "200 too fast": (says("200 OK", FAST), Answer.RETRY),
    "200 with 500 inside": (says("200 OK", b'{"code": 500, "msg": "busy"}'), Answer.RETRY),
    "200 with a zipped error": (
        says("200 OK", gzip.compress(REFUSED), "Content-Encoding: gzip"),
        Answer.PERMANENT,
    ),
    "302": (says("302 Found", b"", "Location: http://127.0.0.1:1/"), Answer.PERMANENT),
    "307": (says("307 Temporary Redirect", b"", "Location: http://127.0.0.1:1/"), Answer.PERMANENT),
    "400": (says("400 Bad Request"), Answer.PERMANENT),
    "401": (says("401 Unauthorized"), Answer.PERMANENT),
    "403": (says("403 Forbidden"), Answer.PERMANENT),
    "404": (says("404 Not Found"), Answer.PERMANENT),
    "408": (says("408 Request Timeout"), Answer.RETRY),
    "413": (says("413 Too Large"), Answer.PERMANENT),
    "425": (says("425 Too Early"), Answer.RETRY),
    "429": (says("429 Too Many"), Answer.RETRY),
    "500": (says("500 Oops"), Answer.RETRY),
    "503": (says("503 Busy"), Answer.RETRY),
    "resets after the request": (resets_after_the_request, Answer.UNKNOWN),
    "hangs": (hangs, Answer.UNKNOWN),
    "hangs in the body": (hangs_in_the_body, Answer.UNKNOWN),
    "hangs in the body of an error": (hangs_in_the_body_of_an_error, Answer.RETRY),
    "hangs up in the body": (hangs_up_in_the_body, Answer.UNKNOWN),
    "drips its headers": (drips_its_headers, Answer.UNKNOWN),
    "drips its body": (drips_its_body, Answer.UNKNOWN),
    "speaks no HTTP": (speaks_no_http, Answer.UNKNOWN),
    "200 MB": (sends_200_megabytes, Answer.ACCEPTED),
    "gzip bomb": (says("200 OK", gzip.compress(b"x" * 50_000_000), "Content-Encoding: gzip"), Answer.ACCEPTED),
}


def post(peer, path="/hook", **options):
    options = {"internal": True, "timeout": 0.4, **options}
    return send(delivery_over("webhook", f"http://127.0.0.1:{peer.port}{path}", **options))


@pytest.mark.parametrize("fault", FAULTS)
def test_each_answer_has_its_outcome(serve, fault):
    talk, wanted = FAULTS[fault]
    peer = serve(talk)
    outcome = post(peer)
    assert outcome.answer is wanted, outcome
    assert peer.connections == 1


def test_it_leaves_other_senders_deliveries_alone():
    assert send(delivery_over("mail", "http://127.0.0.1:1/")) is None


def test_nobody_listening_is_tried_again(closed_port):
    outcome = send(delivery_over("webhook", f"http://127.0.0.1:{closed_port}/", internal=True, timeout=0.4))
    assert outcome.answer is Answer.RETRY
    assert outcome.detail.startswith("not connected")


def test_a_name_nobody_knows_is_tried_again():
    outcome = send(delivery_over("webhook", "http://nobody.invalid/", timeout=0.4))
    assert outcome.answer is Answer.RETRY


@pytest.mark.parametrize("address", ["", "ftp://example.com/", "http:///x", "http://[::1", "http://a:b:c/", "青禾乳业"])
def test_an_address_that_is_no_web_address_is_a_config_error(address):
    outcome = send(delivery_over("webhook", address, internal=True))
    assert outcome.answer is Answer.PERMANENT
    assert "config error" in outcome.detail


def test_a_reset_during_the_handshake_is_tried_again(serve, authority):
    peer = serve(resets)
    outcome = send(delivery_over("webhook", f"https://127.0.0.1:{peer.port}/", internal=True, timeout=0.4))
    assert outcome.answer is Answer.RETRY


def test_a_handshake_that_hangs_is_tried_again(serve):
    peer = serve(lambda peer: peer.hang())
    outcome = send(delivery_over("webhook", f"https://127.0.0.1:{peer.port}/", internal=True, timeout=0.4))
    assert outcome.answer is Answer.RETRY


def test_a_certificate_nobody_vouches_for_is_final(serve, authority):
    peer = serve(says("200 OK"), authority.context)
    outcome = send(delivery_over("webhook", f"https://127.0.0.1:{peer.port}/", internal=True, timeout=2))
    assert outcome.answer is Answer.PERMANENT
    assert "certificate" in outcome.detail
    assert not peer.requests


def test_a_certificate_of_another_host_is_final(serve, authority, monkeypatch):
    peer = serve(says("200 OK"), authority.context)
    to_us = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", peer.port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: to_us)
    delivery = delivery_over("webhook", f"https://other.example:{peer.port}/", internal=True, ca_file=authority.file)
    assert send(delivery).answer is Answer.PERMANENT


def test_a_certificate_of_the_named_authority_is_trusted(serve, authority):
    peer = serve(says("200 OK"), authority.context)
    to = f"https://127.0.0.1:{peer.port}/"
    assert send(delivery_over("webhook", to, internal=True, ca_file=authority.file)).answer is Answer.ACCEPTED


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("30", timedelta(seconds=30)),
        ("86400", timedelta(hours=1)),
        ("99999999999999999999", timedelta(hours=1)),
        ("-5", None),
        ("soon", None),
        ("Sun, 01 Mar 2026 08:00:40 GMT", timedelta(seconds=40)),
        ("Sun, 01 Mar 2026 07:00:00 GMT", timedelta(0)),
        ("Wed, 01 Mar 2124 08:00:00 GMT", timedelta(hours=1)),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_an_hour_at_the_most(serve, value, wanted):
    peer = serve(says("429 Too Many", b"", "Date: Sun, 01 Mar 2026 08:00:00 GMT", f"Retry-After: {value}"))
    outcome = post(peer)
    assert (outcome.answer, outcome.retry_after) == (Answer.RETRY, wanted)


def test_a_robot_that_blocks_for_ten_minutes_is_left_alone_so_long(serve):
    assert post(serve(says("200 OK", FAST))).retry_after == timedelta(minutes=10)


def test_the_robots_own_words_are_kept(serve):
    assert post(serve(says("200 OK", REFUSED))).detail == "errcode 310000 keywords not in content"


def test_a_receiver_may_use_code_for_something_else(serve):
    peer = serve(says("200 OK", b'{"code": "E12"}'))
    assert post(peer).answer is Answer.PERMANENT
    assert post(peer, success="status").answer is Answer.ACCEPTED


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "127.1",
        "0x7f000001",
        "2130706433",
        "0177.0.0.1",
        "0.0.0.0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::]",
        "user@127.0.0.1",
    ],
)
def test_inside_addresses_are_refused_in_every_spelling(serve, host):
    peer = serve(says("200 OK"))
    outcome = send(delivery_over("webhook", f"http://{host}:{peer.port}/", timeout=0.4))
    assert outcome.answer is Answer.PERMANENT, outcome
    assert "internal = true" in outcome.detail
    assert peer.connections == 0


@pytest.mark.parametrize(
    "address", ["10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "[64:ff9b::7f00:1]"]
)
def test_private_and_metadata_addresses_are_refused(address):
    outcome = send(delivery_over("webhook", f"http://{address}/", timeout=0.4))
    assert outcome.answer is Answer.PERMANENT


def test_a_name_that_leads_inside_is_refused_when_it_connects(serve, monkeypatch):
    peer = serve(says("200 OK"))
    inside = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", peer.port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: inside)
    assert send(delivery_over("webhook", "https://hooks.example.com/")).answer is Answer.PERMANENT
    assert peer.connections == 0


def test_a_redirect_inside_is_not_followed(serve):
    target = serve(says("200 OK"))
    peer = serve(says("307 Temporary Redirect", b"", f"Location: http://127.0.0.1:{target.port}/"))
    post(peer)
    assert target.connections == 0


def test_every_attempt_sends_the_same_body_under_the_same_key(serve):
    peer = serve(says("500 Oops"))
    post(peer)
    post(peer)
    (first_head, first), (second_head, second) = (request.split(b"\r\n\r\n", 1) for request in peer.requests)
    assert first == second
    assert json.loads(first)["id"] == KEY
    for head in (first_head, second_head):
        assert f"Idempotency-Key: {KEY}\r\n".encode() in head
        assert f"X-Yuqing-Delivery: {KEY}\r\n".encode() in head


def test_the_body_does_not_depend_on_the_order_in_which_the_store_gives_the_data_back():
    delivery = delivery_over("webhook", "http://127.0.0.1:1/")
    data = dict(reversed(delivery.notice.data.items()))
    assert body_of(delivery) == body_of(replace(delivery, notice=replace(delivery.notice, data=data)))


@pytest.mark.parametrize("headers", [(), ("Content-Encoding: gzip",)])
def test_no_more_than_64_kilobytes_of_an_answer_are_kept(serve, headers):
    body = b"x" * 1_000_000
    peer = serve(says("500 Oops", gzip.compress(body) if headers else body, *headers))
    request = Request(method="POST", url=f"http://127.0.0.1:{peer.port}/")
    assert len(exchange(request, timeout=5, internal=True).body) == 64 * 1024


def test_the_signature_covers_timestamp_and_body(serve):
    peer = serve(says("200 OK"))
    post(peer, secret="s3cret-canary")
    head, _, body = peer.requests[0].partition(b"\r\n\r\n")
    headers = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:])
    told = hmac.new(b"s3cret-canary", headers[b"X-Yuqing-Timestamp"] + b"." + body, hashlib.sha256).hexdigest()
    assert headers[b"X-Yuqing-Signature"] == f"v1={told}".encode()


def test_without_a_secret_nothing_is_signed(serve):
    peer = serve(says("200 OK"))
    post(peer)
    assert b"X-Yuqing-Signature" not in peer.requests[0]


def test_nothing_breaks_out_of_a_header_or_the_request_line(serve):
    peer = serve(says("200 OK"))
    post(peer, path="/a b\r\nX-Evil: 1?q=青 禾", headers={"X-Token": "a\r\nX-Evil: 1"})
    assert b"\r\nX-Evil" not in peer.requests[0]


def test_a_receiver_that_repeats_our_secrets_does_not_get_them_into_the_outcome(serve):
    peer = serve(says("403 Forbidden", b"bad token canary-token for /hook/canary-path, not s3cret-canary"))
    outcome = post(peer, path="/hook/canary-path", secret="s3cret-canary", headers={"X-Token": "canary-token"})
    assert "canary" not in outcome.detail


def test_what_goes_wrong_is_told_in_one_short_printable_line(serve):
    peer = serve(says("400 Bad Request", b"\x00\x1b[31m" + "错\r\n".encode() * 9999))
    detail = post(peer).detail
    assert len(detail) <= 300
    assert detail.isprintable()


def test_a_person_sees_the_answer(serve):
    assert post(serve(lambda p: (p.read_request(), p.say(answer("200 OK", b"got it"))))).detail == "200 OK got it"
