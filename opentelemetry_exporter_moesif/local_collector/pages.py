"""The web page: which template shows what."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from opentelemetry_exporter_moesif.terminal.installation import requirement

from .call_view import call_view
from .exports import Exports
from .filters import STATUS_CLASSES, Filter
from .live_stream import live_stream
from .rendering import render
from .reports import PAGE_SIZE, Reports
from .settings_page import SettingsPage

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from .ingestion import Ingestion
    from .reports import ListedCall
    from .store import Store

_STATIC = Path(__file__).parent / "static"
_RANGES = (("", "All"), ("15m", "Last 15 minutes"), ("1h", "Last hour"), ("1d", "Last day"))
_NO_STORE = {"Cache-Control": "no-store"}


class Pages:
    """The pages of a store.

    Args:
        store: The calls to show.
        ingestion: Takes the events; the settings page changes its rates and faults.
    """

    def __init__(self, store: Store, ingestion: Ingestion) -> None:
        self._store = store
        self._ingestion = ingestion
        self._reports = Reports(store)

    def routes(self) -> list[BaseRoute]:
        """The routes of the pages, and of what they load."""
        return [
            Route("/", self._calls),
            Route("/routes", self._routes),
            Route("/calls/{identifier:int}", self._call),
            Route("/calls/{identifier:int}/event.json", self._event),
            *Exports(self._reports).routes(),
            Route("/clear", self._clear, methods=["POST"]),
            Route("/live", self._live),
            *SettingsPage(self._ingestion).routes(),
            Mount("/static", StaticFiles(directory=_STATIC)),
        ]

    async def _calls(self, request: Request) -> Response:
        return await _page(self._calls_page, request)

    async def _routes(self, request: Request) -> Response:
        return await _page(self._routes_page, request)

    async def _call(self, request: Request) -> Response:
        return await _page(self._call_page, request)

    async def _event(self, request: Request) -> Response:
        call = await run_in_threadpool(self._reports.call, _number(request))
        if call is None:
            return JSONResponse({"error": "not kept"}, status_code=404)
        return JSONResponse(call.event, headers=_NO_STORE)

    async def _clear(self, _request: Request) -> Response:
        await run_in_threadpool(self._store.clear)
        self._ingestion.feed.publish()
        return RedirectResponse("/", status_code=303)

    async def _live(self, _request: Request) -> Response:
        return live_stream(self._store, self._ingestion.feed)

    def _calls_page(self, request: Request) -> Response:
        shown, asked = _filters(request)
        calls = self._reports.calls(asked, PAGE_SIZE + 1)
        return _html(
            "calls.html",
            **self._common(request, shown, asked),
            calls=calls[:PAGE_SIZE],
            more=_next_page(shown, calls[PAGE_SIZE - 1]) if len(calls) > PAGE_SIZE else None,
            series=self._reports.series(asked),
        )

    def _routes_page(self, request: Request) -> Response:
        shown, asked = _filters(request)
        return _html("routes.html", **self._common(request, shown, asked), routes=self._reports.routes(asked))

    def _call_page(self, request: Request) -> Response:
        shown = Filter.from_query(request.query_params)
        call = self._reports.call(_number(request))
        if call is None:
            return _html("gone.html", status=404, shown=shown)
        return _html("call.html", shown=shown, call=call_view(call))

    def _common(self, request: Request, shown: Filter, asked: Filter) -> dict[str, Any]:
        verbs, routes, services = self._reports.choices()
        return {
            "shown": shown,
            "is_empty": not self._reports.calls(Filter(), 1),
            "summary": self._reports.summary(asked),
            "statuses": STATUS_CLASSES,
            "verbs": _with(shown.verb, verbs),
            "routes_to_choose": _with(shown.route, routes),
            "services": _with(shown.service, services),
            "ranges": _RANGES,
            "zero_code": requirement("zero-code"),
            "endpoint": f"{request.url.scheme}://{request.url.netloc}",
            "insists": self._ingestion.application_id is not None,
        }


def _filters(request: Request) -> tuple[Filter, Filter]:
    """The filters of the address, and the same with a range that ends now as points in time."""
    shown = Filter.from_query(request.query_params)
    return shown, shown.at(time.time_ns() // 1_000_000)


def _next_page(shown: Filter, last: ListedCall) -> str:
    """By number in the order of arrival, where new calls would move a count; by count in any other order."""
    return shown.query(offset=shown.offset + PAGE_SIZE) if shown.sort else shown.query(before=last.id)


async def _page(work_out: Callable[[Request], Response], request: Request) -> Response:
    return await run_in_threadpool(work_out, request)


def _html(template: str, status: int = 200, **values: Any) -> Response:
    return HTMLResponse(render(template, **values), status_code=status, headers=_NO_STORE)


def _number(request: Request) -> int:
    return min(int(request.path_params["identifier"]), 2**63 - 1)


def _with(chosen: str, choices: list[str]) -> list[str]:
    return choices if not chosen or chosen in choices else [chosen, *choices]
