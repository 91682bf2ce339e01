"""A house to test the daemon in, from outside: a site, an inbox, a webhook, and the daemon as a process."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from yuqing_daemon.config import regime_path

HOST = "127.0.0.1"
DAEMON = (sys.executable, "-m", "yuqing_daemon")
NOT_INHERITED = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "STATE_DIRECTORY", "YUQING_CONFIG")
SOON = 60.0  # seconds within which anything that is going to happen has happened

MAIN = """
organisation = "青禾乳业"
regime = "rules.toml"
[store]
path = "{state}"
ballast_mib = 1
[crawl]
workers = 1
gap = 0
revisit_at_least = 1
[notices]
group_wait = 0
per_person = 0
self_test = false
[web]
listen = "{host}:{port}"
[channels.mail]
sender = "mail"
host = "{host}"
port = {mail_port}
from_address = "yuqing@qinghe.example"
[channels.chat]
sender = "webhook"
internal = true
timeout = 40
"""
TOPICS = '[topics.quality]\nname = "产品质量"\nall = ["青禾"]\nany = ["异物"]\n'
PEOPLE = """
[people.duty]
roles = ["monitor"]
channels = [{{ channel = "mail", to = "duty@qinghe.example" }}]
[people.second]
roles = ["monitor"]
channels = [{{ channel = "chat", to = "{hook}" }}]
[people.office]
roles = ["office", "leading_group", "ops"]
channels = [{{ channel = "mail", to = "office@qinghe.example" }}]
"""
COMPLAINT = (
    "<p>昨天在超市买了两盒青禾酸奶，孩子喝了半盒就开始拉肚子，夜里又吐了三次。</p>"
    "<p>今天打开另一盒一看，里面有一块黑色的异物。</p>"
)


def until(happened: Callable[[], Any], what: str = "it", seconds: float = SOON) -> Any:
    """The first true answer; it has to come in time."""
    end = time.monotonic() + seconds
    while not (answer := happened()):
        assert time.monotonic() < end, f"{what} has not happened within {seconds:g} s"
        time.sleep(0.02)
    return answer


def free_port() -> int:
    with socket.create_server((HOST, 0)) as found:
        return int(found.getsockname()[1])


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *given: Any) -> None:
        """A client that goes away is nobody's error."""


def _serve(handler: type[BaseHTTPRequestHandler]) -> _Server:
    server = _Server((HOST, 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    return server


class Site:
    """A site with a list of articles. What is in ``bodies`` goes out as it is, byte for byte."""

    def __init__(self) -> None:
        self.listed: list[tuple[str, str]] = []  # path, title
        self.bodies: dict[str, bytes] = {}
        self.more_list = ""
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1

            def do_GET(self) -> None:
                body = site.list_page() if self.path == "/" else site.bodies.get(self.path)
                self.send_response(404 if body is None else 200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *given: Any) -> None:
                """Say nothing."""

        self.server = _serve(Handler)
        self.url = f"http://{HOST}:{self.server.server_port}/"

    def list_page(self) -> bytes:
        rows = "".join(f'<li><a href="{path}">{title}</a></li>' for path, title in self.listed)
        return f'<meta charset="utf-8"><title>要闻</title><ul>{rows}</ul>{self.more_list}'.encode()

    def publish(self, number: int, title: str = "", text: str = COMPLAINT) -> str:
        """A new article; returns its title. Each number is a story of its own."""
        title = title or f"第{number}号投诉：青禾酸奶里有异物"
        own = "".join(
            f"<p>第{number}号投诉人讲的第{part}件事情与别人讲的完全不同。</p>" for part in range(number, number + 9)
        )
        page = f'<meta charset="utf-8"><title>{title}</title><h1>{title}</h1><div class="content">{own}{text}</div>'
        path = f"/2026/0302/c1-{100_000 + number}.html"
        self.bodies[path] = page.encode()
        self.listed.insert(0, (path, title))
        return title


@dataclass
class Inbox:
    """A real mail server that takes everything."""

    mails: list[EmailMessage] = field(default_factory=list)
    open: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.open.set()
        self.server = Controller(self, hostname=HOST, port=free_port())
        self.server.start()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take a message; called by aiosmtpd."""
        message = message_from_bytes(bytes(envelope.original_content or b""), policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.mails.append(message)
        return "250 OK"

    def subjects(self, to: str = "") -> list[str]:
        return [str(mail["Subject"]) for mail in self.mails if to in str(mail["To"])]

    def text(self, of: EmailMessage) -> str:
        part = of.get_body(("plain",))
        assert part is not None
        return str(part.get_content())


class Hook:
    """A webhook that answers only while it is ``open``."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.open = threading.Event()
        self.open.set()
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                hook.keys.append(self.headers["X-Yuqing-Delivery"])
                hook.open.wait(60)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *given: Any) -> None:
                """Say nothing."""

        self.server = _serve(Handler)
        self.url = f"http://{HOST}:{self.server.server_port}/hook"


@dataclass
class House:
    """One configuration, and the daemon that runs on it."""

    folder: Path
    state: str = "state"
    command: Sequence[str] = DAEMON
    only: Sequence[str] = ()  # what the daemon is told to be besides: --only main
    environ: Mapping[str, str] = field(default_factory=dict)
    site: Site = field(default_factory=Site)
    inbox: Inbox = field(default_factory=Inbox)
    hook: Hook = field(default_factory=Hook)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        main = MAIN.format(state=self.state, host=HOST, port=self.port, mail_port=self.inbox.server.port)
        source = f'[[source]]\nid = "news"\nurl = "{self.site.url}"\nspider = "page"\ninternal = true\nevery = 1\n'
        self.write("yuqing.toml", main)
        # the shipped rules, in which words alone lift nothing: tests say by figures how grave an event is
        rules = regime_path("company", Path()).read_text(encoding="utf-8")
        self.write("rules.toml", rules.replace("lift_by_words = true", "lift_by_words = false"))
        self.write("topics.toml", TOPICS)
        self.write("people.toml", PEOPLE.format(hook=self.hook.url))
        self.write("sources.toml", source)

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def add(self, name: str, text: str) -> None:
        """More lines for a configuration file."""
        with (self.folder / name).open("a", encoding="utf-8") as file:
            file.write(text)

    def change(self, name: str, old: str, new: str) -> None:
        text = (self.folder / name).read_text(encoding="utf-8")
        assert old in text
        self.write(name, text.replace(old, new))

    # -- the process

    def launch(self) -> subprocess.Popen[bytes]:
        """Start the daemon, and go on at once."""
        environ = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
        with (self.folder / "daemon.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*self.command, "--config", str(self.folder), "run", *self.only],
                env={**environ, **self.environ},
                stdout=log,
                stderr=log,
            )
        return self.process

    def start(self) -> House:
        """Start the daemon and wait until it is ready and has seen the site once."""
        self.launch()
        until(lambda: self.running() and self.get("/-/ready")[0] == 200, f"ready\n{self.log}")
        until(lambda: self.ask("select 1 from source where first_read_at is not null"), "the first visit")
        return self

    def running(self) -> bool:
        """Whether it still runs; if it does not, its log is the failure's reason."""
        assert self.process is not None
        assert self.process.poll() is None, f"exit code {self.process.returncode}\n{self.log}"
        return True

    def run_once(self, **more: Any) -> subprocess.CompletedProcess[str]:
        """Run a daemon that is expected to end by itself."""
        command = [*self.command, "--config", str(self.folder), "run"]
        return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False, **more)

    def signal(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def stop(self, *, seconds: float = 30) -> int:
        """SIGTERM, and its exit code."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(seconds)

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def workers(self) -> list[int]:
        """The crawl workers."""
        assert self.process is not None
        with contextlib.suppress(OSError):
            children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
            return [int(pid) for pid in children.split()]
        return []

    def close(self) -> None:
        """End everything."""
        self.hook.open.set()
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.kill()
        self.inbox.server.stop()
        for server in (self.site.server, self.hook.server):
            server.shutdown()
            server.server_close()

    # -- what it says

    @property
    def log(self) -> str:
        return (self.folder / "daemon.log").read_text(encoding="utf-8", errors="replace")

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Look into its database."""
        with contextlib.suppress(sqlite3.OperationalError):
            connection = sqlite3.connect(f"file:{self.folder / self.state}/yuqing.db?mode=ro", uri=True)
            try:
                return connection.execute(query).fetchall()
            finally:
                connection.close()
        return []

    def get(self, path: str, *, method: str = "GET") -> tuple[int, str]:
        """A page of its web server; status 0 if nobody answers."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=10)
        try:
            connection.request(method, path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except OSError:
            return 0, ""
        finally:
            connection.close()

    def control(self, line: bytes) -> dict[str, Any]:
        """One line over the control socket, and the answer."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as way:
            way.settimeout(20)
            way.connect(str(self.folder / self.state / "control.sock"))
            way.sendall(line)
            way.shutdown(socket.SHUT_WR)
            answer = way.makefile("rb").readline()
        return dict(json.loads(answer))

    def request(self, what: str, **given: object) -> dict[str, Any]:
        return self.control(json.dumps({"do": what, "by": "tester", **given}).encode() + b"\n")

    def cli(self, *words: str) -> subprocess.CompletedProcess[str]:
        """The command line, as an operator uses it."""
        command = [*self.command, "--config", str(self.folder), *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    def alert(self, number: int) -> EmailMessage:
        """Publish a story and wait for its mail to the monitor."""
        self.site.publish(number)
        return until(lambda: self.mail_about(number), f"the mail about story {number}")  # type: ignore[no-any-return]

    def mail_about(self, number: int, to: str = "duty@") -> EmailMessage | None:
        about = (mail for mail in self.inbox.mails if f"第{number}号投诉" in str(mail["Subject"]))
        return next((mail for mail in about if to in str(mail["To"])), None)

    def link_in(self, mail: EmailMessage) -> str:
        """The path of the acknowledgement link in a mail."""
        found = re.search(r"/ack/[\w.~-]+", self.inbox.text(mail))
        assert found is not None
        return found[0]


@contextlib.contextmanager
def house(folder: Path, **given: Any) -> Iterator[House]:
    """A house that is left in good order."""
    home = House(folder, **given)
    try:
        yield home
    finally:
        home.close()
