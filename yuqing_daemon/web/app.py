"""The pages. A GET only ever reads: mail scanners follow links, so a person acknowledges by pressing a button."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from ..engine import Engine
from ..errors import RequestError
from ..rules.notice import highlight
from .callbacks import Callbacks

POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"
NOT_RECORDED = (
    "签收未能记录（磁盘已满或数据库忙），请稍后再按一次。It could not be recorded; press the button again later."
)
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
    metrics: Callable[[], bytes] = bytes,
) -> Starlette:
    """The application. ``health`` names what is wrong, by part; an empty answer is a healthy daemon."""
    pages = Environment(loader=FileSystemLoader(Path(__file__).with_name("templates")), autoescape=True)
    pages.filters["highlight"] = highlight

    def page(name: str, status: int = 200, **values: object) -> Response:
        settings = engine.settings
        text = pages.get_template(name).render(organisation=settings.organisation, zone=settings.timezone, **values)
        return HTMLResponse(text, status, HEADERS)

    async def ask(request: Request) -> Response:
        token = request.path_params["token"]
        try:
            event, who, posts = await run_in_threadpool(engine.read_link, token, now=now())
        except RequestError as error:
            return page("wrong.html", 404, error=str(error))
        return page("ask.html", event=event, who=_name(engine, who), posts=posts)

    async def acknowledge(request: Request) -> Response:
        token = request.path_params["token"]
        try:
            event = await run_in_threadpool(engine.acknowledge_by_link, token, now=now())
        except RequestError as error:
            return page("wrong.html", 404, error=str(error))
        except OperationalError:
            return page("wrong.html", 503, error=NOT_RECORDED)
        return page("done.html", event=event, who=_name(engine, event.acknowledged_by))

    async def drill(request: Request) -> Response:
        found = await run_in_threadpool(engine.drill, request.path_params["id"])
        return page("drill.html", 200 if found else 404, drill=found)

    async def healthy(_request: Request) -> Response:
        return JSONResponse({"status": "ok"}, headers=HEADERS)

    async def ready(_request: Request) -> Response:
        wrong = await run_in_threadpool(health)
        return JSONResponse({"status": "not ready" if wrong else "ok", **wrong}, 503 if wrong else 200, HEADERS)

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
