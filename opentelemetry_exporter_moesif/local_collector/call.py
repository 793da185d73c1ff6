"""One call as the page lists it: the columns that an event is filtered and counted by."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from .schema import Judgement

_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:[.,](\d{1,9})\d*)?(Z|[+-]\d\d:?\d\d)?")
_NUMBER_OR_ID = re.compile(r"\d+|[0-9a-fA-F]{16,}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_MAX_STATUS = 999
_MAX_TEXT = 2_000


class CallRow(NamedTuple):
    """A row of the store. Times are milliseconds, since 1970 where they are points in time."""

    key: str | None
    received: int
    time: int
    duration: float | None
    verb: str
    status: int | None
    uri: str
    path: str
    route: str
    user_id: str | None
    company_id: str | None
    service: str | None
    trace_id: str | None
    direction: str | None
    problems: str | None
    level: int
    size: int


def call_of(event: Any, encoded: bytes, judgement: Judgement, received: int) -> CallRow:
    """Reads a call's columns from an event of any shape: what is missing or of another type is None or empty.

    Args:
        event: The event, parsed from JSON.
        encoded: The same as JSON text.
        judgement: What the schema says of it.
        received: When it came, in milliseconds since 1970.
    """
    request, response = _part(event, "request"), _part(event, "response")
    started, ended = milliseconds(request.get("time")), milliseconds(response.get("time"))
    uri = _text(request, "uri") or ""
    path = _path(uri)
    metadata = _part(event, "metadata")
    return CallRow(
        key=_key(event, encoded, judgement),
        received=received,
        time=round(received if started is None else started),
        duration=None if started is None or ended is None else max(0.0, round(ended - started, 3)),
        verb=_text(request, "verb") or "",
        status=_status(response.get("status")),
        uri=uri,
        path=path,
        route=_text(metadata, "http.route") or _templated(path),
        user_id=_text(event, "user_id"),
        company_id=_text(event, "company_id"),
        service=_text(_part(metadata, "resource"), "service.name"),
        trace_id=_text(event, "trace_id"),
        direction=_text(event, "direction"),
        problems=json.dumps(judgement.problems) if judgement.problems else None,
        level=judgement.level,
        size=len(encoded),
    )


def _key(event: Any, encoded: bytes, judgement: Judgement) -> str | None:
    """What makes a second copy of an event the same event; None where nothing does."""
    if judgement.refused:
        return f"refused:{hashlib.blake2b(encoded, digest_size=16).hexdigest()}"
    return _text(event, "transaction_id")


def _part(value: Any, name: str) -> dict[str, Any]:
    part = value.get(name) if isinstance(value, dict) else None
    return part if isinstance(part, dict) else {}


def _text(value: Any, name: str) -> str | None:
    text = value.get(name) if isinstance(value, dict) else None
    return text[:_MAX_TEXT] if isinstance(text, str) and text else None


def _status(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MAX_STATUS else None


def milliseconds(value: Any) -> float | None:
    """A time in ISO 8601 in milliseconds since 1970, None where it is none."""
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    seconds, fraction, zone = match.groups()
    offset = "+00:00" if zone in (None, "Z") else f"{zone[:3]}:{zone[-2:]}"
    try:
        whole = datetime.fromisoformat(seconds + offset).astimezone(timezone.utc).timestamp()
    except (ValueError, OverflowError):
        return None
    return whole * 1_000 + float(f"0.{fraction or 0}") * 1_000


def _path(uri: str) -> str:
    try:
        return urlsplit(uri).path or ("/" if uri else "")
    except ValueError:
        return uri.partition("?")[0]


def _templated(path: str) -> str:
    """The route that a path probably has, where the event names none: numbers and ids become `{id}`."""
    return "/".join("{id}" if _NUMBER_OR_ID.fullmatch(segment) else segment for segment in path.split("/"))
