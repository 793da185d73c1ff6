"""Takes events in: parsed, judged by the schema, stored."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.json_codec import ENCODING_ERRORS, dumps, loads

from .call import call_of
from .request_body import RefusedError
from .schema import judge

if TYPE_CHECKING:
    from .schema import Judgement
    from .store import Store

MAX_EVENT_BYTES = 1_000_000
_MOST_REFUSED = 20
_MOST_OBJECTS = (
    2_000_000  # of one body, five for each of the smallest events: an empty one takes 3 bytes, and 64 of memory
)
_NANOSECONDS = 1_000_000  # of a millisecond


def parse(body: bytes, kind: type) -> list[Any]:
    """The items of a body: one object, or a list of anything.

    Args:
        body: JSON text.
        kind: `dict` or `list`: which of the two it must be.

    Raises:
        RefusedError: 400 for anything else, 413 for a body that is small until it is parsed.
    """
    if body.count(b"{") + body.count(b"[") > _MOST_OBJECTS:
        raise RefusedError(413, f"over the limit of {_MOST_OBJECTS:,} objects and lists")
    try:
        content = loads(body)
    except (ValueError, RecursionError) as error:
        raise RefusedError(400, f"the body is not JSON: {str(error)[:200]}") from error
    items = content if kind is list else [content]
    if isinstance(content, kind) and isinstance(items, list):
        return items
    raise RefusedError(400, f"the body must be {'a JSON array' if kind is list else 'one JSON object'}")


def keep_events(store: Store, events: list[Any]) -> None:
    """Keeps a batch: all of it, or, where an event is refused, only the first ones that show why.

    Raises:
        RefusedError: 400 for a batch with an event that the schema refuses, 413 for one with too large an event.
    """
    received = time.time_ns() // _NANOSECONDS
    judged = _judged(events)
    refused = {index: judgement for index, judgement in enumerate(judged) if judgement.refused}
    kept = [(event, _encoded(event), judgement) for event, judgement in zip(events, judged, strict=False)]
    if refused:
        kept = [kept[index] for index in refused]
    store.add([(call_of(event, encoded, judgement, received), encoded) for event, encoded, judgement in kept])
    if refused:
        raise RefusedError(400, _why(len(events), refused))


def _judged(events: list[Any]) -> list[Judgement]:
    """The judgements on the events, up to the twentieth that is refused: no more of them are told or kept."""
    judgements: list[Judgement] = []
    refused = 0
    for event in events:
        try:
            judgement = judge(event)
        except ValueError as error:  # nested beyond what the validator follows
            raise RefusedError(400, f"an event cannot be judged: {error}") from error
        judgements.append(judgement)
        refused += judgement.refused
        if refused == _MOST_REFUSED:
            break
    return judgements


def _encoded(event: Any) -> bytes:
    try:
        encoded = dumps(event)
    except (*ENCODING_ERRORS, RecursionError) as error:
        raise RefusedError(400, f"an event cannot be kept: {error}") from error
    if len(encoded) > MAX_EVENT_BYTES:
        raise RefusedError(413, f"an event is over the limit of {MAX_EVENT_BYTES:,} bytes")
    return encoded


def _why(count: int, refused: dict[int, Judgement]) -> str:
    lines = [
        f"event {index}: {'; '.join(problem.words for problem in judgement.problems)}"
        for index, judgement in refused.items()
    ]
    least = "at least " if len(refused) == _MOST_REFUSED else ""
    return f"{least}{len(refused)} of {count:,} events refused. " + " | ".join(lines)
