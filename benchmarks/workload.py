"""The spans that are exported: made by the SDK's own tracer, in the shape that real instrumentations give them.

The shape is the one of Flask under gunicorn behind a proxy with the stable semantic conventions and all headers
captured, as recorded from a real server: 21 to 23 attributes. What differs from call to call in a real service differs
here: routes, ids in paths, queries, clients, users, ports, lengths, statuses, latencies, times.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.trace import SpanKind, Tracer

SPANS = 5_120
BATCH = 512
_START = 1_760_000_000_000_000_000
_BETWEEN_CALLS = 2_000_000
# A client comes, makes some calls while others make theirs, and goes.
_CLIENTS_PRESENT = 24
_CALLS_OF_A_VISIT = 10

RESOURCE = Resource(
    {
        "service.name": "shop-api",
        "service.namespace": "shop",
        "service.version": "4.12.0",
        "service.instance.id": "shop-api-6d5f7c9b8-x2x7q",
        "deployment.environment.name": "production",
        "telemetry.sdk.language": "python",
        "telemetry.sdk.name": "opentelemetry",
        "telemetry.sdk.version": "1.45.1",
    }
)

# What is left of a span that has but five attributes.
_LEAST = ("http.request.method", "url.scheme", "server.address", "url.path", "http.response.status_code")

# verb, route, path, query, status
_CALLS = (
    ("GET", "/items/<int:item_id>", "/items/{id}", None, 200),
    ("GET", "/items/<int:item_id>", "/items/{id}", "fields=name%2Cprice&lang=en", 200),
    ("GET", "/search", "/search", "q=blue%20shoes&page={small}&limit=25", 200),
    ("POST", "/users/<int:user_id>/orders", "/users/{id}/orders", None, 201),
    ("GET", "/users/<int:user_id>/orders/<int:order_id>", "/users/{id}/orders/{small}", None, 200),
    ("PATCH", "/carts/<int:cart_id>", "/carts/{id}", None, 204),
    ("DELETE", "/carts/<int:cart_id>", "/carts/{id}", None, 404),
)
_USER_AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Mobile/15E148",
    "ShopApp/7.3.1 (Android 15; Pixel 9)",
    "okhttp/4.12.0",
    "python-requests/2.32.3",
)


@dataclass(frozen=True)
class Client:
    """Who calls."""

    address: str
    user_agent: str
    user_id: str
    credential: str


class _Collected(SpanProcessor):
    """Keeps what the SDK hands to an exporter."""

    def __init__(self) -> None:
        self.spans: list[ReadableSpan] = []

    def on_end(self, span: ReadableSpan) -> None:
        self.spans.append(span)


def server_spans(count: int = SPANS, seed: int = 7, *, alike: bool = False, **changes: Any) -> list[ReadableSpan]:
    """Realistic server spans.

    Args:
        count: How many.
        seed: The same seed gives the same calls (trace and span ids differ: the SDK draws them).
        changes: `attributes` (number of attributes a span), `body_bytes` (of a response body on the span), `alike` (all
            clients are the same application of one user; paths, ids, addresses, times still differ), `secret` (the body
            has a field that must not leave).
    """
    draw = random.Random(seed)
    present = [_client(draw) for _ in range(_CLIENTS_PRESENT)]
    tracer, collected = _tracer("opentelemetry.instrumentation.flask")
    for index in range(count):
        place = draw.randrange(_CLIENTS_PRESENT)
        client = _like_the_first(present, place) if alike else present[place]
        _serve_one(tracer, draw, client, _START + index * _BETWEEN_CALLS, **changes)
        if draw.random() < 1 / _CALLS_OF_A_VISIT:
            present[place] = _client(draw)
    return collected.spans


def internal_spans(count: int = SPANS) -> list[ReadableSpan]:
    """The spans that ASGI's instrumentation makes beside each server span: passed over by the exporter."""
    tracer, collected = _tracer("opentelemetry.instrumentation.fastapi")
    for index in range(count):
        start = _START + index * _BETWEEN_CALLS
        span = tracer.start_span("GET /items/{item_id} http send", start_time=start)
        span.set_attributes({"asgi.event.type": "http.response.body", "http.response.status_code": 200})
        span.end(start + 100_000)
    return collected.spans


def batches(spans: list[ReadableSpan], size: int = BATCH) -> Iterator[list[ReadableSpan]]:
    """The spans as BatchSpanProcessor hands them over."""
    for start in range(0, len(spans), size):
        yield spans[start : start + size]


def _tracer(scope: str) -> tuple[Tracer, _Collected]:
    provider = TracerProvider(resource=RESOURCE, shutdown_on_exit=False)
    collected = _Collected()
    provider.add_span_processor(collected)
    return provider.get_tracer(scope, "0.66b1"), collected


def _client(draw: random.Random) -> Client:
    return Client(
        address=f"203.0.{draw.randrange(256)}.{draw.randrange(1, 255)}",
        user_agent=draw.choice(_USER_AGENTS),
        user_id=f"user-{draw.randrange(100_000)}",
        credential=f"Bearer {draw.randbytes(16).hex()}",
    )


def _like_the_first(present: list[Client], place: int) -> Client:
    return replace(present[0], address=present[place].address)


def _serve_one(tracer: Tracer, draw: random.Random, client: Client, start: int, **changes: Any) -> None:
    verb, route, path, query, status = draw.choice(_CALLS)
    names = {"id": draw.randrange(1, 100_000), "small": draw.randrange(1, 100)}
    attributes = _request_attributes(draw, client, verb, route, path.format(**names))
    if query:
        attributes["url.query"] = query.format(**names)
    answered = _response_attributes(draw, client, status)
    _change(attributes, answered, **changes)
    span = tracer.start_span(f"{verb} {route}", kind=SpanKind.SERVER, attributes=attributes, start_time=start)
    span.set_attributes(answered)
    span.end(start + int(draw.lognormvariate(16.8, 0.6)))


def _request_attributes(draw: random.Random, client: Client, verb: str, route: str, path: str) -> dict[str, Any]:
    return {
        "http.request.method": verb,
        "url.scheme": "https",
        "server.address": "api.shop.example",
        "server.port": 8000,
        "url.path": path,
        "client.address": "10.0.3.17",
        "client.port": draw.randrange(32_768, 61_000),
        "network.protocol.version": "1.1",
        "user_agent.original": client.user_agent,
        "http.route": route,
        "http.request.header.host": ("api.shop.example",),
        "http.request.header.user_agent": (client.user_agent,),
        "http.request.header.accept": ("application/json",),
        "http.request.header.accept_encoding": ("gzip, deflate, br",),
        "http.request.header.x_forwarded_for": (f"{client.address}, 10.0.0.1",),
        "http.request.header.x_forwarded_proto": ("https",),
        "http.request.header.authorization": (client.credential,),
    }


def _response_attributes(draw: random.Random, client: Client, status: int) -> dict[str, Any]:
    return {
        "enduser.id": client.user_id,
        "http.response.status_code": status,
        "http.response.header.content_type": ("application/json",),
        "http.response.header.content_length": (str(draw.randrange(20, 4_000)),),
    }


def _change(
    request: dict[str, Any],
    response: dict[str, Any],
    *,
    attributes: int | None = None,
    body_bytes: int = 0,
    secret: bool = False,
) -> None:
    """Takes optional attributes away or adds some, half of them captured headers; adds a body of JSON."""
    if attributes is not None:
        optional = [(side, name) for side in (response, request) for name in side if name not in _LEAST]
        for side, name in optional[: max(0, len(request) + len(response) - attributes)]:
            del side[name]
        for index in range(attributes - len(request) - len(response)):
            name = f"http.response.header.x_part_{index}" if index % 2 else f"shop.part_{index}"
            response[name] = (f"value {index}",) if index % 2 else f"value {index}"
    if body_bytes:
        response["http.response.body"] = _json_of(body_bytes, secret=secret)


def _json_of(size: int, *, secret: bool) -> str:
    """A JSON array of about as many bytes."""
    item = '{"name": "blue shoes", "price": 59.9, "tags": ["new", "sale"], "stock": 12}'
    last = ['{"token": "a secret"}'] if secret else []
    return f"[{', '.join([item] * (size // (len(item) + 2)) + last)}]"
