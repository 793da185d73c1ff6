"""The endpoints that clients of Moesif speak to."""

from __future__ import annotations

import asyncio
import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .event_intake import MAX_EVENT_BYTES, keep_events, parse
from .faults import HANG, Faults
from .live_feed import LiveFeed
from .post_log import Post, PostLog
from .request_body import RefusedError, read_body
from .sampling_rates import SamplingRates

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from starlette.requests import Request

    from .store import Store

FAMILIES = ("/moesifapi", "/v1", "/collector/v1")
# The API of the seed has events only; its clients ask /v1/config.
_EVENTS_ONLY = "/moesifapi"
_OTHER_RECORDS = ("users", "companies", "subscriptions", "actions")
_APPLICATION_ID = "x-moesif-application-id"
_ETAG = "X-Moesif-Config-ETag"
_MAX_BATCH_BYTES = 50_000_000
_MAX_SHOWN = 1_000
_MAX_HEADERS = 4_000  # characters of one post's headers, names and values
_LATER = {429: {"Retry-After": "1"}, 503: {"Retry-After": "1"}}


class _HangError(Exception):
    """No answer is to be given."""


@dataclass
class Ingestion:
    """Takes events and other records, answers as Moesif does.

    Attributes:
        store: Where events go; None only counts them, unread.
        application_id: The only id that is taken; None takes any, but one there must be.
        families: The paths that are spoken, of FAMILIES.
        faults: What goes wrong on demand.
        rates: The answer to `GET …/config`.
        log: What was posted.
        feed: Tells the open pages of new calls.
    """

    store: Store | None
    application_id: str | None = field(default=None, repr=False)
    families: Collection[str] = FAMILIES
    faults: Faults = field(default_factory=Faults)
    rates: SamplingRates = field(default_factory=SamplingRates)
    log: PostLog = field(default_factory=PostLog)
    feed: LiveFeed = field(default_factory=LiveFeed)

    def routes(self) -> list[Route]:
        """The routes of every family of paths."""
        return [route for family in self.families for route in self._family(family)]

    def _family(self, family: str) -> Iterable[Route]:
        yield Route(f"{family}/events", self._one_event, methods=["POST"])
        yield Route(f"{family}/events/batch", self._batch, methods=["POST"])
        if family == _EVENTS_ONLY:
            return
        yield Route(f"{family}/config", self._config, methods=["GET"])
        yield Route(f"{family}/rules", self._rules, methods=["GET"])
        for name in _OTHER_RECORDS:
            yield Route(f"{family}/{name}", self._record, methods=["POST"])
            yield Route(f"{family}/{name}/batch", self._record, methods=["POST"])

    async def _one_event(self, request: Request) -> Response:
        return await self._post(request, dict)

    async def _batch(self, request: Request) -> Response:
        return await self._post(request, list)

    async def _record(self, request: Request) -> Response:
        kind = list if request.url.path.endswith("/batch") else dict
        return await self._post(request, kind, are_events=False)

    async def _post(self, request: Request, kind: type, *, are_events: bool = True) -> Response:
        """Answers a POST, and notes it with its answer."""
        events: list[Any] = []
        try:
            self._check_id(request)
            body = await read_body(request, _MAX_BATCH_BYTES if kind is list else MAX_EVENT_BYTES)
            await self._misbehave()
            items = await run_in_threadpool(parse, body, kind)
            if are_events:
                events = items
                await self._keep(events)
            answer = JSONResponse({}, status_code=201, headers={_ETAG: self.rates.etag})
        except RefusedError as refusal:
            answer = answer_refusal(request, refusal)
        except _HangError:
            self._note(request, 0, events)
            await self.feed.hang(request)
            return Response(status_code=503)  # the client is gone, or the server stops
        self._note(request, answer.status_code, events)
        return answer

    def _note(self, request: Request, status: int, events: list[Any]) -> None:
        self.log.add(Post(request.url.path, status, len(events), _headers_of(request)))
        self.feed.publish()

    async def _keep(self, events: list[Any]) -> None:
        if self.store is not None:
            await run_in_threadpool(keep_events, self.store, events)

    async def _misbehave(self) -> None:
        await asyncio.sleep(self.faults.wait())
        fault = self.faults.draw()
        if fault == HANG:
            raise _HangError
        if fault is not None:
            raise RefusedError(int(fault), "misbehaving on demand")

    def _check_id(self, request: Request) -> None:
        sent = request.headers.get(_APPLICATION_ID, "")
        if not sent:
            raise RefusedError(401, "the header X-Moesif-Application-Id is missing")
        if self.application_id is not None and not hmac.compare_digest(sent.encode(), self.application_id.encode()):
            raise RefusedError(401, "not the application id of this collector")

    async def _config(self, request: Request) -> Response:
        self._check_id(request)
        headers = {"ETag": self.rates.etag, _ETAG: self.rates.etag}
        if self.rates.is_known(request.headers.get("if-none-match")):
            return Response(status_code=304, headers=headers)
        return Response(self.rates.body, media_type="application/json", headers=headers)

    async def _rules(self, request: Request) -> Response:
        self._check_id(request)
        return JSONResponse([])


def _headers_of(request: Request) -> dict[str, str]:
    """The headers of a request without the application id, as many as there is room for."""
    room = _MAX_HEADERS
    kept = {}
    for name, value in request.headers.items():
        room -= len(name) + len(value[:_MAX_SHOWN])
        if room < 0:
            break
        if name != _APPLICATION_ID:
            kept[name] = value[:_MAX_SHOWN]
    return kept


def answer_refusal(_request: Request, refusal: RefusedError) -> JSONResponse:
    """The answer to a request that was refused."""
    return JSONResponse({"error": refusal.reason}, status_code=refusal.status, headers=_LATER.get(refusal.status))
