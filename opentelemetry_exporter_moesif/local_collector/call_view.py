"""One call in full, as its page shows it: whatever shape the event has."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .body_view import BodyView, Node, body_view, tree
from .curl import CurlCommand, curl_command
from .filters import Filter

if TYPE_CHECKING:
    from .reports import ListedCall, StoredCall

_MAX_INDENTED = 4_000_000  # characters: four times the largest event
# name on the page, the way to it in the event
_FACTS = (
    ("User", ("user_id",)),
    ("Company", ("company_id",)),
    ("Subscription", ("subscription_id",)),
    ("Session", ("session_token",)),
    ("Service", ("metadata", "resource", "service.name")),
    ("Route", ()),
    ("Action", ("action_name",)),
    ("Direction", ("direction",)),
    ("Client address", ("request", "ip_address")),
    ("Server address", ("response", "ip_address")),
    ("API version", ("request", "api_version")),
    ("Weight", ("weight",)),
    ("Tags", ("tags",)),
    ("Transaction id", ("transaction_id",)),
    ("Trace id", ("trace_id",)),
    ("Span id", ("span", "id")),
    ("Parent span id", ("span", "parent_id")),
    ("Span status", ("span", "status")),
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One line about a call; `link` leads to the calls that share it."""

    name: str
    value: str
    link: str | None


@dataclass(frozen=True, slots=True)
class Half:
    """The request or the response of a call."""

    name: str
    is_there: bool
    headers: list[tuple[str, str]]
    body: BodyView | None


@dataclass(frozen=True, slots=True)
class CallView:
    """What the page of a call shows."""

    line: ListedCall
    facts: list[Fact]
    halves: list[Half]
    metadata: Node | None
    curl: CurlCommand | None
    raw: str


def call_view(call: StoredCall) -> CallView:
    """Everything about a call that is to be shown."""
    metadata = _at(call.event, ("metadata",))
    return CallView(
        line=call.line,
        facts=_facts(call),
        halves=[_half(call.event, name) for name in ("request", "response")],
        metadata=None if metadata in (None, {}) else tree(metadata),
        curl=curl_command(call.event),
        raw=_raw(call.event),
    )


def _facts(call: StoredCall) -> list[Fact]:
    links = {
        "User": Filter(user=call.line.user_id or "", sort="time"),
        "Company": Filter(company=call.line.company_id or "", sort="time"),
        "Service": Filter(service=call.line.service or ""),
        "Route": Filter(route=call.route, verb=call.line.verb),
        "Trace id": Filter(trace=_plain(_at(call.event, ("trace_id",))), sort="time"),
    }
    values = {name: call.route if name == "Route" else _plain(_at(call.event, steps)) for name, steps in _FACTS}
    return [
        Fact(name, value, f"/{links[name].query()}" if name in links else None)
        for name, value in values.items()
        if value
    ]


def _half(event: Any, name: str) -> Half:
    part = _at(event, (name,))
    headers = _at(part, ("headers",))
    shown = [(key, _plain(value)) for key, value in headers.items()] if isinstance(headers, dict) else []
    return Half(name, bool(part), shown, body_view(part))


def _raw(event: Any) -> str:
    """The event's JSON, indented; on one line where indentation would blow it up, as it does deep nesting."""
    pieces, length = [], 0
    for piece in json.JSONEncoder(indent=2, ensure_ascii=False).iterencode(event):
        length += len(piece)
        if length > _MAX_INDENTED:
            return json.dumps(event, ensure_ascii=False)
        pieces.append(piece)
    return "".join(pieces)


def _at(value: Any, steps: tuple[str, ...]) -> Any:
    for step in steps:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _plain(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
