"""The pages. A GET only ever reads: mail scanners follow links, so a person acknowledges by pressing a button."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from jinja2 import Environment, FileSystemLoader
from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from ..domain import Level, Recipient
from ..engine import Engine
from ..engine.links import EXPIRED, NOT_YOURS, Link
from ..errors import RequestError
from ..rules.notice import highlight
from .callbacks import Callbacks, body_of

POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"
PROMETHEUS = "text/plain; version=0.0.4"
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def make_app(
    engine: Engine,
    *,
    now: Callable[[], datetime],
    health: Callable[[], dict[str, str]],
    remarks: Callable[[], dict[str, str]] = dict,
    metrics: Callable[[], bytes] = bytes,
) -> Starlette:
    """The application. ``health`` names what is wrong, by part; an empty answer is a healthy daemon.

    ``remarks`` are shown with it and are no reason to be unwell.
    """
    pages = Environment(loader=FileSystemLoader(Path(__file__).with_name("templates")), autoescape=True)
    pages.filters["highlight"] = highlight

    def page(name: str, status: int = 200, *, who: Recipient | None = None, **values: object) -> Response:
        settings = engine.settings
        english = (who.language if who else settings.language) == "en"
        text = pages.get_template(name).render(
            organisation=settings.organisation,
            zone=settings.timezone,
            language="en" if english else "zh",
            say=lambda chinese, words: words if english else chinese,
            who=who.name or who.id if who else "",
            **values,
        )
        return HTMLResponse(text, status, HEADERS)

    def show(link: Link, posts: Sequence[Mapping[str, Any]] = (), *, pressed: bool = False) -> Response:
        who, event = engine.settings.recipient(link.recipient), link.event
        if link.fault in (EXPIRED, NOT_YOURS):
            return page("wrong.html", 404, who=who, fault=link.fault, event=event)
        by = _name(engine, event.acknowledged_by) if event.is_acknowledged else ""
        if pressed and not link.fault:
            return page("done.html", who=who, event=event, by=by, is_own=event.acknowledged_by == link.recipient)
        return page("ask.html", 409 if pressed else 200, who=who, event=event, by=by, posts=posts, fault=link.fault)

    async def ask(request: Request) -> Response:
        try:
            link, posts = await run_in_threadpool(engine.read_link, request.path_params["token"], now=now())
        except RequestError:
            return page("wrong.html", 404, fault="")
        except OperationalError:
            return page("wrong.html", 503, fault="busy")
        return show(link, posts)

    async def acknowledge(request: Request) -> Response:
        token, seen = request.path_params["token"], _level(await body_of(request) or b"")
        try:
            link = await run_in_threadpool(engine.press_link, token, seen=seen, now=now())
        except RequestError:
            return page("wrong.html", 404, fault="")
        except OperationalError:
            return page("wrong.html", 503, fault="not recorded")
        return show(link, pressed=True)

    async def drill(request: Request) -> Response:
        found = await run_in_threadpool(engine.drill, request.path_params["id"])
        return page("drill.html", 200 if found else 404, drill=found)

    async def healthy(_request: Request) -> Response:
        return JSONResponse({"status": "ok"}, headers=HEADERS)

    async def ready(_request: Request) -> Response:
        wrong = await run_in_threadpool(health)
        said = {"status": "not ready" if wrong else "ok", **wrong, **await run_in_threadpool(remarks)}
        return JSONResponse(said, 503 if wrong else 200, HEADERS)

    async def figures(_request: Request) -> Response:
        return Response(await run_in_threadpool(metrics), headers=HEADERS, media_type=PROMETHEUS)

    return Starlette(
        routes=[
            Route("/ack/{token}", ask, methods=["GET"]),
            Route("/ack/{token}", acknowledge, methods=["POST"]),
            Route("/drill/{id}", drill, methods=["GET"]),
            Route("/callback/{channel}/{token}", Callbacks(engine, now).__call__, methods=["GET", "POST"]),
            Route("/-/healthy", healthy),
            Route("/-/ready", ready),
            Route("/metrics", figures),
        ]
    )


def _name(engine: Engine, id: str) -> str:
    recipient = engine.settings.recipient(id)
    return recipient.name or id if recipient else id


def _level(form: bytes) -> Level | None:
    """The level that the page showed whose button was pressed."""
    given = parse_qs(form.decode("ascii", "replace")).get("level", [""])[0].upper()
    return Level[given] if given in Level.__members__ else None
