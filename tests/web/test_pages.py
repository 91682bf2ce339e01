"""The pages behind an acknowledgement link, over a real port."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy.exc import OperationalError
from world import World, person

from yuqing_daemon.domain import Act
from yuqing_daemon.rules import ack_link
from yuqing_daemon.web import WebServer, make_app


@dataclass
class Browser:
    """Somebody with a browser."""

    server: WebServer
    wrong: dict[str, str]

    def ask(
        self, path: str, method: str = "GET", host: str = "127.0.0.1", body: str = ""
    ) -> tuple[int, str, dict[str, str]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=10)
        try:
            connection.request(method, path, body.encode(), headers={"Host": host})
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), {k.lower(): v for k, v in answer.getheaders()}
        finally:
            connection.close()


@pytest.fixture
def browser(world: World) -> Iterator[Browser]:
    wrong: dict[str, str] = {}
    app = make_app(world.engine, now=lambda: world.clock.now, health=lambda: wrong)
    server = WebServer(app, host="127.0.0.1", port=0)
    server.start()
    yield Browser(server, wrong)
    server.stop()


def link(world: World, key: str = "E1:found:mail:monitor", **valid: float) -> str:
    expires_at = world.clock.pass_(**(valid or {"days": 0}))
    return "/ack/" + ack_link.make(b"secret", key, expires_at=expires_at)


def test_looking_at_the_page_acknowledges_nothing_and_the_button_does(world: World, browser: Browser) -> None:
    world.visit("forum", world.post())
    path = link(world)
    for method in ("GET", "HEAD", "GET"):
        assert browser.ask(path, method)[0] == 200
    assert not world.event().is_acknowledged
    status, page, _ = browser.ask(path, "POST")
    assert (status, world.event().acknowledged_by) == (200, "monitor")
    assert "monitor" in page
    assert "<form" not in browser.ask(path)[1]


def test_the_page_shows_what_was_found_and_where_and_nothing_on_it_is_alive(world: World, browser: Browser) -> None:
    world.visit("forum", world.post(title="青禾酸奶里有异物 <script>alert(1)</script>", text="<b>青禾</b>的酸奶变质了"))
    page = browser.ask(link(world))[1]
    hit = '<b style="background: #ffe08a; color: #000000">{}</b>'
    assert hit.format("异物") in page and hit.format("变质") in page
    assert f"&lt;b&gt;{hit.format('青禾')}&lt;/b&gt;" in page
    assert "<script" not in page
    assert "关键词" in page


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_refused(world: World, browser: Browser, method: str) -> None:
    world.visit("forum", world.post())
    assert browser.ask(link(world), method)[0] == 405
    assert not world.event().is_acknowledged


def test_what_a_site_wrote_is_never_markup(world: World, browser: Browser) -> None:
    world.visit("forum", world.post(title="青禾<script>alert(1)</script>异物\"'><img src=x>"))
    _, page, headers = browser.ask(link(world))
    assert "<script>" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"


def test_a_link_works_until_its_last_second(world: World, browser: Browser) -> None:
    world.visit("forum", world.post())
    path = link(world, days=7)  # the clock is there now
    assert browser.ask(path)[0] == 200
    world.clock.pass_(seconds=1)
    for method in ("GET", "POST"):
        status, page, _ = browser.ask(path, method)
        assert status == 404
        assert "已过期" in page and "yuqing ack E1" in page
        assert "异物" not in page
    assert not world.event().is_acknowledged
    (entry,) = world.record("answer.too_late")  # who opened it has done nothing yet, who pressed it has
    assert (entry["how"], entry["why"]) == ("link", "expired")


@pytest.mark.parametrize(
    "token", ["x", "..", "%2e%2e%2fetc", "a" * 5000, "%00", "%E9%9D%92", "WyJ4IiwxXQ.abc", "e30.x"]
)
def test_rubbish_in_a_link_is_not_found(browser: Browser, token: str) -> None:
    for method in ("GET", "POST"):
        status, page, _ = browser.ask(f"/ack/{token}", method)
        assert status == 404
        assert "Traceback" not in page


@pytest.mark.parametrize(
    ("act", "data", "said"),
    [
        (Act.CLOSE, {}, "已经结束，无需签收"),
        (Act.DISMISS, {}, "已经结束，无需签收"),
        (Act.MERGE, {"into": "E2"}, "已并入 E2，无需单独签收"),
    ],
)
def test_an_event_that_is_over_needs_nobody_any_more_and_who_pressed_all_the_same_is_on_record(
    world: World, browser: Browser, act: Act, data: dict[str, str], said: str
) -> None:
    world.visit("forum", world.post())
    world.visit("forum", world.post(title="青禾鲜奶变质", text="青禾鲜奶在多家门店变质，厂家尚未说明原因。" * 2))
    path = link(world)
    assert "<form" in browser.ask(path)[1]  # a page that stays open meanwhile
    world.engine.act("E1", act, by="office", reason="x", data=data, now=world.clock.now)
    for method, status in (("GET", 200), ("POST", 409)):
        code, page, _ = browser.ask(path, method)
        assert (code, said in "".join(page.split("\n")).replace("  ", " ")) == (status, True)
        assert "<form" not in page
    assert not world.events()[0].is_acknowledged
    assert [entry["why"] for entry in world.record("answer.too_late")] == ["over"]


def test_who_saw_a_lower_level_than_it_has_now_is_shown_it_before_it_counts(world: World, browser: Browser) -> None:
    post = world.post()
    world.visit("forum", post)
    path = link(world)
    assert 'name="level" value="general"' in browser.ask(path)[1]
    world.read(post, reads=3000)
    status, page, _ = browser.ask(path, "POST", body="level=general")
    assert (status, world.event().is_acknowledged) == (409, False)
    assert "尚未签收：级别已升为特别重大" in page
    assert 'name="level" value="extraordinary"' in page
    assert [entry["why"] for entry in world.record("answer.too_late")] == ["risen"]
    assert browser.ask(path, "POST", body="level=extraordinary")[0] == 200
    assert world.event().is_acknowledged


@pytest.mark.parametrize("body", ["level=none", "level=", "x" * 100_000, "%ff", "level=general&level=extraordinary"])
def test_rubbish_in_the_form_is_no_level(world: World, browser: Browser, body: str) -> None:
    world.visit("forum", world.post())
    world.send()
    assert browser.ask(link(world), "POST", body=body)[0] == 200
    assert world.event().is_acknowledged


def test_a_button_pressed_twice_and_by_two_people_counts_once_and_says_who_was_first(
    world: World, browser: Browser
) -> None:
    world.visit("press1", world.post("press1"))
    world.send()
    first, second = link(world), link(world, key="E1:found:mail:office")
    assert "已由 monitor 于" in browser.ask(first, "POST")[1]
    assert "由您处理" in browser.ask(first, "POST")[1]
    page = browser.ask(second, "POST")[1]
    assert "此前已由 monitor 于" in page and "您无需再签收" in page
    assert len(world.record("event.acknowledged")) == 1


def test_a_link_of_somebody_who_is_listed_no_more_or_lost_the_role_does_nothing(world: World, browser: Browser) -> None:
    world.visit("forum", world.post())
    world.send()
    path, people = link(world), world.engine.settings.recipients
    lost = (replace(people[0], roles=()), *people[1:], person("new", "monitor"))
    for recipients in (lost, lost[1:]):
        world.configure(recipients=recipients)
        for method in ("GET", "POST"):
            status, page, _ = browser.ask(path, method)
            assert (status, "您已不再担任" in page, "异物" in page) == (404, True, False)
    assert not world.event().is_acknowledged
    assert {entry["why"] for entry in world.record("answer.too_late")} == {"not yours"}


def test_the_page_speaks_the_language_of_who_was_told(world: World, browser: Browser) -> None:
    people = world.engine.settings.recipients
    world.configure(recipients=(replace(people[0], language="en"), *people[1:]))
    world.visit("forum", world.post())
    page = browser.ask(link(world))[1]
    assert "Acknowledge: I take it over" in page and "Reads" in page and "签收" not in page
    assert "It is yours now" in browser.ask(link(world), "POST")[1]


def test_a_button_that_could_do_nothing_says_so(
    world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OperationalError("update", {}, Exception("database or disk is full"))

    world.visit("forum", world.post())
    path = link(world)
    monkeypatch.setattr(world.engine, "press_link", full)
    monkeypatch.setattr(world.engine, "read_link", full)
    status, page, _ = browser.ask(path, "POST")
    assert status == 503
    assert "请稍后再按一次" in page
    assert browser.ask(path)[0] == 503


def test_health_is_said_in_words(browser: Browser) -> None:
    assert browser.ask("/-/ready")[:2] == (200, '{"status":"ok"}')
    browser.wrong["config"] = "topics.toml:4"
    assert browser.ask("/-/ready")[:2] == (503, '{"status":"not ready","config":"topics.toml:4"}')
    assert browser.ask("/-/healthy")[0] == 200


def test_a_port_in_use_is_an_error_at_the_start(world: World, browser: Browser) -> None:
    app = make_app(world.engine, now=lambda: world.clock.now, health=dict)
    with pytest.raises(OSError, match="in use"):
        WebServer(app, host="127.0.0.1", port=browser.server.port)


def test_a_client_that_says_nothing_does_not_keep_the_server_from_stopping(browser: Browser) -> None:
    with socket.create_connection(("127.0.0.1", browser.server.port)) as idle:
        idle.sendall(b"GET /-/healthy HTTP/1.1\r\nHost: x\r\n")
        browser.server.stop()


def test_a_drill_has_a_page_for_as_long_as_it_goes_on(world: World, browser: Browser) -> None:
    job = world.engine.begin_drill(wait=timedelta(minutes=2), by="wang", now=world.clock.now)
    path = urlsplit(job.source.urls[0]).path
    status, page, headers = browser.ask(path)
    assert status == 200
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "<h1>演练 DRILL" in page
    assert page.partition("<body>")[2].strip().startswith('<p class="quiet">演练 DRILL')
    world.engine.end_drill("enough", now=world.clock.now)
    for gone in (path, "/drill/x"):
        status, page, _ = browser.ask(gone)
        assert (status, "演练 DRILL：没有正在进行的演练" in page) == (404, True)
