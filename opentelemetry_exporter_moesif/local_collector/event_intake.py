"""Takes events in: parsed, judged by the schema, stored."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.json_codec import ENCODING_ERRORS, dumps, loads

from .call import call_of
from .request_body import RefusedError
from .schema import judge

if TYPE_CHECKING:
    from .schema import Verdict
    from .store import Store

MAX_EVENT_BYTES = 1_000_000
_MAX_PROBLEMS_ANSWERED = 20
_NANOSECONDS = 1_000_000  # of a millisecond


def parse(body: bytes, kind: type) -> list[Any]:
    """The items of a body: one object, or a list of anything.

    Args:
        body: JSON text.
        kind: `dict` or `list`: which of the two it must be.

    Raises:
        RefusedError: 400 for anything else.
    """
    try:
        content = loads(body)
    except (ValueError, RecursionError) as error:
        raise RefusedError(400, f"the body is not JSON: {str(error)[:200]}") from error
    items = content if kind is list else [content]
    if isinstance(content, kind) and isinstance(items, list):
        return items
    raise RefusedError(400, f"the body must be {'a JSON array' if kind is list else 'one JSON object'}")


def keep_events(store: Store, events: list[Any]) -> None:
    """Keep a batch: all of it, or, where an event is refused, only what shows why.

    Raises:
        RefusedError: 400 for a batch with an event that the schema refuses, 413 for one with too large an event.
    """
    received = time.time_ns() // _NANOSECONDS
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
    if len(encoded) > MAX_EVENT_BYTES:
        raise RefusedError(413, f"an event is over the limit of {MAX_EVENT_BYTES:,} bytes")
    return encoded


def _why(count: int, refused: dict[int, Verdict]) -> str:
    lines = [f"event {index}: {'; '.join(verdict.problems)}" for index, verdict in refused.items()]
    return f"{len(refused)} of {count} events refused. " + " | ".join(lines[:_MAX_PROBLEMS_ANSWERED])
