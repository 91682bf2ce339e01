"""Sites on the loopback interface: real servers, one port each, that remember who asked for what."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from yuqing_daemon.bus import Job
from yuqing_daemon.domain import Source


@dataclass(frozen=True)
class Asked:
    path: str
    headers: Mapping[str, str]


@dataclass
class Answer:
    body: bytes | str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    label: str = "text/html; charset=utf-8"


Route = Answer | str | Callable[[Asked], Answer]


class Site:
    """One web site. ``pages`` may be changed while it runs; ``asked`` is every request but those for robots.txt."""

    def __init__(self, pages: dict[str, Route] | None = None) -> None:
        self.pages: dict[str, Route] = pages or {}
        self.all_asked: list[Asked] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def asked(self) -> list[str]:
        return [asked.path for asked in self.all_asked if asked.path != "/robots.txt"]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def answer(self, asked: Asked) -> Answer:
        self.all_asked.append(asked)
        found = self.pages.get(asked.path, Answer("no such page", 404))
        if callable(found):
            found = found(asked)
        return Answer(found) if isinstance(found, str) else found

    def _handler(site) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # one write for each answer

            def do_GET(self) -> None:
                answer = site.answer(Asked(self.path, dict(self.headers.items())))
                body = answer.body.encode() if isinstance(answer.body, str) else answer.body
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.label)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if answer.status != 304:
                    self.wfile.write(body)

            def log_message(self, *given: Any) -> None:
                pass

        return Handler


def article(title: str, *paragraphs: str, more: str = "") -> str:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs or (TEXT, TEXT))
    return (
        f"<html><head><title>{title}</title></head><body><h1>{title}</h1>"
        f'<div class="info">2026-05-01 09:30 来源：星河晚报 {more}</div><div class="content">{body}</div></body></html>'
    )


TEXT = (
    "星河食品公司昨日发布公告，称其三号生产线已经停产检修，预计两周后恢复供应。"
    "公司负责人表示，检修期间库存足以满足各门店的需求，消费者不必担心断货。"
)


def listing(*links: tuple[str, str]) -> str:
    rows = "".join(f'<li><a href="{path}">{title}</a></li>' for path, title in links)
    return f"<html><head><title>要闻</title></head><body><ul>{rows}</ul></body></html>"


def source(site: Site, path: str = "/", **given: Any) -> Source:
    given = {
        "id": "site",
        "urls": (site.url + path,),
        "internal": True,
        "site": "example.com",
        "spider": "page",
        **given,
    }
    return Source(**given)


def job(of: Source, **given: Any) -> Job:
    return Job(**{"id": f"job-{of.id}", "source": of, "host": of.urls[0].split("/")[2], **given})
