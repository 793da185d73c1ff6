"""The event that a call must become, derived from what was sent and answered, never from what the exporter made of it.

What is lost before an exporter sees it stands in `support.losses`; all else must be exact.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from support.called_server import ServedExchange
from support.calls import Exchange
from support.combinations import Combination
from support.exporting import RESOURCE
from support.losses import CHANGED_HEADERS, FALLBACKS, ITEMS, LOST_HEADERS, Fallback, captures_headers
from support.versions import IS_RECENT

#: Events have milliseconds, the clock of a test more than that.
CLOCK_SECONDS = 0.002
REDACTED = dict.fromkeys(("authorization", "cookie", "set-cookie"), "[REDACTED]")
# FastAPI's own instrumentation is the one that notes no user agent either.
_NO_USER_AGENT = ("fastapi_own-uvicorn",)


def expected_uri(combination: Combination, exchange: Exchange) -> str:
    """Returns: the URI that was called, as far as the span knows it."""
    known = parts(combination, exchange)
    query = f"?{known['query']}" if known["query"] else ""
    return f"{known['scheme']}://{known['authority']}{known['path']}{query}"


def expected_request(combination: Combination, exchange: Exchange) -> dict[str, Any]:
    """Returns: the event's `request` but for its time, header names in lower case."""
    known = parts(combination, exchange)
    return {
        "uri": expected_uri(combination, exchange),
        "verb": known["verb"],
        "ip_address": known["ip_address"],
        "headers": _request_headers(combination, exchange),
    }


def expected_response(combination: Combination, exchange: Exchange) -> dict[str, Any]:
    """Returns: the event's `response` but for its time and the server's address, header names in lower case."""
    return {
        "status": exchange.status,
        "verb": parts(combination, exchange)["verb"],
        "headers": _known_headers(combination, exchange, "response", exchange.received),
    }


@dataclass(frozen=True)
class SpanFacts:
    """What only the span can say of a call, not the caller: its ids, its times, its name and its service.

    Times are as the event has them.
    """

    trace_id: str
    span_id: str
    name: str
    started: str
    ended: str
    resource: Mapping[str, str]


def facts_of(event: Mapping[str, Any], name: str, *, forked: bool) -> SpanFacts:
    """Returns: what the caller cannot know, taken from the event; what the span was named, from elsewhere."""
    ended = event.get("response", event["request"])["time"]
    resource = dict(RESOURCE)
    if forked:  # the SDK gives each forked worker an instance id of its own
        resource["service.instance.id"] = event["metadata"]["resource"]["service.instance.id"]
    return SpanFacts(event["trace_id"], event["span"]["id"], name, event["request"]["time"], ended, resource)


def moment(time: str) -> float:
    """Returns: the Unix time, in seconds, that an event has as text."""
    return datetime.fromisoformat(time.replace("Z", "+00:00")).timestamp()


def assert_was_timed(event: Mapping[str, Any], exchange: Exchange) -> None:
    """The call began while it was being made, and ended after that."""
    started, ended = (
        moment(event[side]["time"]) for side in ("request", "response" if "response" in event else "request")
    )
    assert exchange.began - CLOCK_SECONDS <= started <= exchange.ended + CLOCK_SECONDS
    assert started <= ended


@dataclass(frozen=True)
class Bodies:
    """What an event shows of a call's bodies: text comes as base64, None is no body, anything else is JSON.

    Attributes:
        request: The request's body.
        response: The response's.
        notes: What the metadata say of the two.
    """

    request: Any = None
    response: Any = None
    notes: Mapping[str, Any] = field(default_factory=dict)


def with_bodies(event: Mapping[str, Any], bodies: Bodies) -> dict[str, Any]:
    """Returns: an expected event, and the bodies in it."""
    whole = {**event, "metadata": {**event["metadata"], **bodies.notes}}
    for side, body in (("request", bodies.request), ("response", bodies.response)):
        if isinstance(body, str):
            whole[side] = {
                **event[side],
                "body": base64.b64encode(body.encode()).decode(),
                "transfer_encoding": "base64",
            }
        elif body is not None:
            whole[side] = {**event[side], "body": body, "transfer_encoding": "json"}
    return whole


def assert_is_whole(
    event: Mapping[str, Any], combination: Combination, exchange: Exchange, name: str, bodies: Bodies
) -> None:
    """The event of a call with bodies is what it must be, all of it; with old instrumentations, what is the same there.

    Args:
        event: What arrived.
        combination: Who served the call.
        exchange: The call.
        name: What the instrumentation named its span.
        bodies: What must be there of the bodies.
    """
    assert_was_timed(event, exchange)
    facts = facts_of(event, name, forked=combination.service.server == "gunicorn")
    arrived = with_lower_case_headers(event)
    expected = with_bodies(expected_event(combination, exchange, facts), bodies)
    if IS_RECENT:
        assert arrived == expected
    else:
        assert sides(arrived) == sides(expected)


def sides(event: Mapping[str, Any]) -> dict[str, Any]:
    """All of an event that every version of the instrumentations makes alike."""
    names = ("verb", "status", "body", "transfer_encoding")
    sides = {side: {name: event[side].get(name) for name in names} for side in ("request", "response")}
    return {**sides, **{name: event[name] for name in ("transaction_id", "trace_id", "direction")}}


#: The headers of a request that a client's library adds after the instrumentation saw it.
_ADDED_LATER = {
    "requests": ("host", "traceparent"),
    "urllib3": ("host", "accept-encoding", "user-agent", "content-length", "transfer-encoding", "traceparent"),
    "httpx": ("traceparent",),
    "httpx-async": ("traceparent",),
    "aiohttp": (
        "host",
        "accept",
        "accept-encoding",
        "user-agent",
        "content-length",
        "transfer-encoding",
        "traceparent",
    ),
}


def expected_outgoing_event(
    client: str, url: str, exchange: ServedExchange, event: Mapping[str, Any]
) -> dict[str, Any]:
    """Returns: the whole event of a call that a program makes, header names in lower case.

    Args:
        client: The library that makes it.
        url: The server that is called.
        exchange: What that saw and answered.
        event: What arrived: only the ids and times are taken from it.
    """
    asked = {name: value for name, value in exchange.received.items() if name not in _ADDED_LATER[client]}
    given = exchange.sent
    if client.startswith("httpx"):  # its instrumentation takes a comma for the end of a value
        asked, given = ({name: value.replace(", ", ",") for name, value in each.items()} for each in (asked, given))
    facts = facts_of(event, exchange.verb, forked=False)
    return {
        "request": {
            "time": facts.started,
            "uri": url + exchange.target,
            "verb": exchange.verb,
            "ip_address": "0.0.0.0",  # of a call that is made, nobody asks
            "headers": asked,
        },
        "response": {"time": facts.ended, "status": exchange.status, "verb": exchange.verb, "headers": given},
        "transaction_id": transaction_id(facts.trace_id, facts.span_id),
        "trace_id": facts.trace_id,
        "span": {"id": facts.span_id, **({"status": "ERROR"} if exchange.status >= 400 else {})},
        "action_name": facts.name,
        "direction": "Outgoing",
        "metadata": {"resource": dict(facts.resource)},
    }


def expected_event(combination: Combination, exchange: Exchange, facts: SpanFacts) -> dict[str, Any]:
    """Returns: the whole event, header names in lower case."""
    failed = exchange.call.name == "boom"
    event: dict[str, Any] = {
        "request": {"time": facts.started, **expected_request(combination, exchange)},
        "response": {"time": facts.ended, **expected_response(combination, exchange)},
        "transaction_id": transaction_id(facts.trace_id, facts.span_id),
        "trace_id": facts.trace_id,
        "span": {"id": facts.span_id, **({"status": "ERROR"} if failed else {})},
        "action_name": facts.name,
        "direction": "Incoming",
        "metadata": {**_call_metadata(combination, exchange.call.name), "resource": dict(facts.resource)},
    }
    if exchange.trace_id:
        event["trace_id"] = exchange.trace_id
        event["span"]["parent_id"] = exchange.parent_id
    if _has_no_answer(combination, exchange):
        del event["response"]
    return event


def with_lower_case_headers(event: Mapping[str, Any]) -> dict[str, Any]:
    """Returns: an event with its header names in lower case: HTTP compares them that way."""
    lowered = dict(event)
    for side in {"request", "response"} & event.keys():
        headers = {name.lower(): value for name, value in event[side]["headers"].items()}
        lowered[side] = {**event[side], "headers": headers}
    return lowered


def transaction_id(trace_id: str, span_id: str) -> str:
    """Returns: the id by the formula of the wire format, which is frozen."""
    digits = list(trace_id[16:] + span_id)
    digits[12] = digits[16] = "8"
    return str(UUID("".join(digits)))


def _has_no_answer(combination: Combination, exchange: Exchange) -> bool:
    # Falcon's instrumentation fails on a status that is a number, which Falcon allows: the span says nothing of it.
    return combination.service.framework == "falcon" and exchange.call.name == "post"


_ITEM_ROUTES = {
    "flask": "/items/<int:item_id>",
    "django": "items/<int:item_id>",
    "fastapi": "/items/{item_id}",
    "fastapi_own": "/items/{item_id}",
    "starlette": "/items/{item_id:int}",
    "starlette_own": "/items/{item_id}",
    "aiohttp": "/items/{item_id}",
    "falcon": "/items/{item_id:int}",
    "pyramid": r"/items/{item_id:\d+}",
}
_ERROR_TYPES = {
    **dict.fromkeys(("flask", "django", "fastapi", "tornado", "falcon"), "500"),
    **dict.fromkeys(("aiohttp", "pyramid", "wsgiref", "fastapi_own", "starlette_own"), "RuntimeError"),
}
_KEEPS_EXCEPTION_TO_ITSELF = ("falcon", "fastapi_own")
_ALWAYS_STABLE = ("fastapi_own", "starlette_own")
_HANDLERS = {name.lower(): name for name in ("Boom", "Stream", "Echo", "Upload", "Release")}


def _call_metadata(combination: Combination, call: str) -> dict[str, Any]:
    framework = combination.service.framework
    metadata: dict[str, Any] = {}
    if framework in _ITEM_ROUTES and call != "missing" and (framework, call) != ("falcon", "post"):
        item = _ITEM_ROUTES[framework]
        metadata["http.route"] = item if call in ITEMS else item.partition("items")[0] + call
    if framework == "tornado":
        handler = "tornado.web.ErrorHandler" if call == "missing" else f"__main__.{_HANDLERS.get(call, 'Item')}"
        metadata["tornado.handler"] = handler
    if framework == "falcon" and call != "missing":
        metadata["falcon.resource"] = _HANDLERS.get(call, "Item")
    if call == "boom":
        if framework in _ERROR_TYPES and (combination.mode != "old" or framework in _ALWAYS_STABLE):
            metadata["error.type"] = _ERROR_TYPES[framework]
        if framework not in _KEEPS_EXCEPTION_TO_ITSELF:
            message = "boom at https://pay.example.com/charge?amount=1&sig=REDACTED"
            metadata["exception"] = {"type": "RuntimeError", "message": message}
    return metadata


def parts(combination: Combination, exchange: Exchange, fallbacks: Iterable[Fallback] = FALLBACKS) -> dict[str, str]:
    """Returns: what the event says of the request, part by part: what was sent, then every fallback that applies."""
    path, _, query = exchange.call.target.partition("?")
    known = {
        "scheme": exchange.sent.get("x-forwarded-proto", "http"),
        "authority": exchange.sent["host"],
        "path": path,
        "query": query.replace("hush-signature", "REDACTED"),
        "verb": exchange.call.verb,
        "ip_address": exchange.sent.get("x-forwarded-for", "127.0.0.1").split(",")[0],
    }
    for row in fallbacks:
        if row.applies(combination, exchange) and _is_news(row, exchange):
            known[row.part] = row.instead.format(port=exchange.port)
    return known


def _is_news(row: Fallback, exchange: Exchange) -> bool:
    # Only the call behind a proxy says https; the others were http to begin with.
    return row.part != "scheme" or "x-forwarded-proto" in exchange.sent


def _request_headers(combination: Combination, exchange: Exchange) -> dict[str, str]:
    if captures_headers(combination):
        return _known_headers(combination, exchange, "request", exchange.sent)
    if "user-agent" not in exchange.sent or combination.service.name in _NO_USER_AGENT:
        return {}
    return {"user-agent": exchange.sent["user-agent"]}


def _known_headers(
    combination: Combination, exchange: Exchange, side: str, headers: Mapping[str, str]
) -> dict[str, str]:
    known = {name: value.replace("hush-referer", "REDACTED") for name, value in headers.items()}
    known.update({name: value for name, value in REDACTED.items() if name in known})
    for row in LOST_HEADERS:
        if row.side == side and row.applies(combination, exchange):
            for name in row.names or tuple(known):
                known.pop(name, None)
    for change in CHANGED_HEADERS:
        if change.side == side and change.name in known and change.applies(combination, exchange):
            known[change.name] = change.instead
    return known
