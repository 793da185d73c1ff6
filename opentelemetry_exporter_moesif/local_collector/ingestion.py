"""The endpoints that clients of Moesif speak to."""

from __future__ import annotations

import asyncio
import hmac
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from opentelemetry_exporter_moesif.json_codec import ENCODING_ERRORS, dumps, loads

from .call import call_of
from .faults import HANG, Faults
from .live_feed import LiveFeed
from .post_log import Post, PostLog
from .request_body import RefusedError, read_body
from .sampling_rates import SamplingRates
from .schema import judge

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterable

    from starlette.requests import Request

    from .schema import Verdict
    from .store import Store

FAMILIES = ("/moesifapi", "/v1", "/collector/v1")
# The API of the seed has events only; its clients ask /v1/config.
_EVENTS_ONLY = "/moesifapi"
_OTHER_RECORDS = ("users", "companies", "subscriptions", "actions")
_APPLICATION_ID = "x-moesif-application-id"
_MAX_EVENT_BYTES = 1_000_000
_MAX_BATCH_BYTES = 50_000_000
_MAX_PROBLEMS_ANSWERED = 20
_MAX_SHOWN = 1_000
_SOON = {429: {"Retry-After": "1"}, 503: {"Retry-After": "1"}}


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
        return await self._post(request, _MAX_EVENT_BYTES, dict, self._keep)

    async def _batch(self, request: Request) -> Response:
        return await self._post(request, _MAX_BATCH_BYTES, list, self._keep)

    async def _record(self, request: Request) -> Response:
        kind = list if request.url.path.endswith("/batch") else dict
        return await self._post(request, _MAX_BATCH_BYTES if kind is list else _MAX_EVENT_BYTES, kind, None)

    async def _post(
        self, request: Request, limit: int, kind: type, keep: Callable[[list[Any]], Awaitable[None]] | None
    ) -> Response:
        """Answer a POST, and note it with its answer; `keep` takes the events that it holds."""
        items: list[Any] = []
        fault = None
        try:
            self._check_id(request)
            body = await read_body(request, limit)
            fault = await self._misbehave()
            if fault is None:
                items = await run_in_threadpool(_parsed, body, kind)
                if keep is not None:
                    await keep(items)
            answer = self._taken() if fault is None else _fault_answer(fault)
        except RefusedError as refusal:
            answer = JSONResponse({"error": refusal.reason}, status_code=refusal.status)
        status = 0 if fault == HANG else answer.status_code
        self.log.add(Post(request.url.path, status, len(items) if keep is not None else 0, _shown(request)))
        if fault == HANG:
            await self.feed.hang(request)
        else:
            self.feed.publish()
        return answer

    async def _keep(self, events: list[Any]) -> None:
        if self.store is not None:
            await run_in_threadpool(_store, self.store, events)

    async def _misbehave(self) -> str | None:
        wait = self.faults.wait()
        if wait:
            await asyncio.sleep(wait)
        return self.faults.draw()

    def _check_id(self, request: Request) -> None:
        given = request.headers.get(_APPLICATION_ID, "")
        if not given:
            raise RefusedError(401, "the header X-Moesif-Application-Id is missing")
        if self.application_id is not None and not hmac.compare_digest(given.encode(), self.application_id.encode()):
            raise RefusedError(401, "not the application id of this collector")

    def _taken(self) -> Response:
        return JSONResponse({}, status_code=201, headers={"X-Moesif-Config-ETag": self.rates.etag})

    async def _config(self, request: Request) -> Response:
        headers = {"ETag": self.rates.etag, "X-Moesif-Config-ETag": self.rates.etag}
        try:
            self._check_id(request)
        except RefusedError as refusal:
            return JSONResponse({"error": refusal.reason}, status_code=refusal.status)
        if self.rates.is_known(request.headers.get("if-none-match")):
            return Response(status_code=304, headers=headers)
        return Response(self.rates.body, media_type="application/json", headers=headers)

    async def _rules(self, request: Request) -> Response:
        try:
            self._check_id(request)
        except RefusedError as refusal:
            return JSONResponse({"error": refusal.reason}, status_code=refusal.status)
        return JSONResponse([])


def _shown(request: Request) -> dict[str, str]:
    return {name: value[:_MAX_SHOWN] for name, value in request.headers.items() if name != _APPLICATION_ID}


def _fault_answer(fault: str) -> Response:
    status = 503 if fault == HANG else int(fault)  # a hanging answer is let go when the server stops
    return JSONResponse({"error": "misbehaving on demand"}, status_code=status, headers=_SOON.get(status))


def _parsed(body: bytes, kind: type) -> list[Any]:
    try:
        content = loads(body)
    except (ValueError, RecursionError) as error:
        raise RefusedError(400, f"the body is not JSON: {str(error)[:200]}") from error
    items = content if kind is list else [content]
    if isinstance(content, kind) and isinstance(items, list):
        return items
    raise RefusedError(400, f"the body must be {'a JSON array' if kind is list else 'one JSON object'}")


def _store(store: Store, events: list[Any]) -> None:
    """Keep a batch: all of it, or, where an event is refused, only what shows why."""
    received = time.time_ns() // 1_000_000
    judged = [(event, _encoded(event), judge(event)) for event in events]
    refused = {index: item for index, item in enumerate(judged) if item[2].refused}
    store.add(
        (call_of(event, encoded, verdict, received), encoded)
        for event, encoded, verdict in (refused.values() or judged)
    )
    if refused:
        raise RefusedError(400, _why(len(events), {index: verdict for index, (_, _, verdict) in refused.items()}))


def _encoded(event: Any) -> bytes:
    try:
        encoded = dumps(event)
    except (*ENCODING_ERRORS, RecursionError) as error:
        raise RefusedError(400, f"an event cannot be kept: {error}") from error
    if len(encoded) > _MAX_EVENT_BYTES:
        raise RefusedError(413, f"an event is over the limit of {_MAX_EVENT_BYTES:,} bytes")
    return encoded


def _why(count: int, refused: dict[int, Verdict]) -> str:
    lines = [f"event {index}: {'; '.join(verdict.problems)}" for index, verdict in refused.items()]
    return f"{len(refused)} of {count} events refused. " + " | ".join(lines[:_MAX_PROBLEMS_ANSWERED])
