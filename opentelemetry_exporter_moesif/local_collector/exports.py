"""What a page shows, as a file: events as JSON lines, which `moesif-otel replay` reads, or HAR 1.2."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse
from starlette.routing import Route

from opentelemetry_exporter_moesif._version import __version__
from opentelemetry_exporter_moesif.json_codec import dumps, loads

from .filters import Filter
from .har import entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request
    from starlette.responses import Response

    from .reports import Reports

_AT_ONCE = 200


class Exports:
    """The files of a store's calls. Events that were refused are in none.

    Args:
        reports: What is asked.
    """

    def __init__(self, reports: Reports) -> None:
        self._reports = reports

    def routes(self) -> list[Route]:
        """Where the files are; they take the filters of the pages."""
        return [Route("/calls.jsonl", self._json_lines), Route("/calls.har", self._har)]

    async def _json_lines(self, request: Request) -> Response:
        chunks = await self._chunks(request)
        return _file(("".join(f"{event}\n" for event in chunk) for chunk in chunks), "application/jsonl", "calls.jsonl")

    async def _har(self, request: Request) -> Response:
        return _file(_har(await self._chunks(request)), "application/json", "calls.har")

    async def _chunks(self, request: Request) -> Iterator[list[str]]:
        """The shown events as JSON text, some at once: a piece of an answer costs more than an event."""
        shown = Filter.from_query(request.query_params).at(time.time_ns() // 1_000_000)
        numbers = await run_in_threadpool(self._reports.numbers, shown)
        return self._read(numbers)

    def _read(self, numbers: list[int]) -> Iterator[list[str]]:
        for start in range(0, len(numbers), _AT_ONCE):
            yield self._reports.events(numbers[start : start + _AT_ONCE])


def _har(chunks: Iterator[list[str]]) -> Iterator[str]:
    creator = {"name": "opentelemetry-exporter-moesif", "version": __version__}
    yield f'{{"log":{{"version":"1.2","creator":{json.dumps(creator)},"entries":['
    separator = "\n"
    for chunk in chunks:
        if chunk:
            yield separator + ",\n".join(dumps(entry(loads(event))).decode() for event in chunk)
            separator = ",\n"
    yield "\n]}}\n"


def _file(pieces: Iterator[str], media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingResponse(pieces, media_type=media_type, headers=headers)
