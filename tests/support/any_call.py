"""Spans of calls as Hypothesis thinks of them: most values are usual, and any may be odd."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from opentelemetry.attributes import BoundedAttributes
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceState

from support.spans import CONTRIB, ENDED, SPAN_ID, STARTED, TRACE_ID

ODD_TEXTS = [
    *("", " ", "/", "-", "*", "0", "[REDACTED]", "REDACTED", '"quoted"', "back\\slash", "line\nbreak", "\x00", "\x7f"),
    *(
        "é",
        "Ã©",
        "名",
        "\U0001f600",
        "\ud800",
        "a b",
        " padded ",
        "token",
        "password=x",
        "Bearer abcdef123456",
        "eyJhbGciOi.e30.x",
    ),
    *(
        "sk_live_0123456789abcdef",
        "AKIAABCDEFGHIJKLMNOP",
        "1//0abcdefabcdefabcdef",
        "550e8400-e29b-41d4-a716-446655440000",
    ),
    *("user@example.com", "https://u:p@a.example/x?token=y#z", "x" * 300, "9" * 400, "a" * 5000),
]
USUAL: dict[str, list[Any]] = {
    "http.request.method": ["GET", "POST", "_OTHER", "PURGE"],
    "http.request.method_original": ["purge", "GET"],
    "http.method": ["GET", "PUT", "_OTHER"],
    "http.response.status_code": [200, 404, 500, 0, 99, 1000, "200", 200.0, True],
    "http.status_code": [200, 301, "204"],
    "url.scheme": ["https", "http", "HTTPS", "ftp"],
    "http.scheme": ["https", "http"],
    "url.path": [
        "/",
        "/items/17",
        "/a%20b",
        "/é",
        "items",
        "/v1//x",
        "/a;b=c",
        "/api/token/abcdefghijkl",
        "/p?q=1",
        "/x@y:z",
    ],
    "url.query": [
        "",
        "a=1",
        "page=2&limit=25",
        "q=a%20b",
        "q=%zz",
        "token=x",
        "a=b=c",
        "a",
        "a[b]=c",
        "x=https://u:p@h/",
        "?a=1",
        "é=1",
    ],
    "http.target": [
        "/",
        "/items/17?a=1",
        "/a%2Fb?q=a%20b&c",
        "/é",
        "*",
        "//x",
        "/a?b=c#d",
        "/a?x=sk_live_0123456789abcdef",
    ],
    "http.url": [
        "http://a.example/items/17?a=1",
        "http://a.example:8000/é?q=a b&token=x",
        "https://u:p@a.example/",
        "/bare",
        "http://a",
    ],
    "url.full": ["https://a.example/items?a=1"],
    "server.address": ["a.example", "127.0.0.1:8000", "::1", "bad host"],
    "server.port": [80, 8000, "443", 0, True, 80.0],
    "http.host": ["a.example:81", "a.example"],
    "net.host.name": ["a.example"],
    "net.host.port": [443, "8000"],
    "net.host.ip": ["10.0.0.1"],
    "network.local.address": ["10.0.0.9", "x"],
    "client.address": ["203.0.113.9", "10.0.0.1", "x", "1.2.3.4, 5.6.7.8"],
    "net.peer.ip": ["203.0.113.8"],
    "user_agent.original": ["curl/8", "-", "Mozilla/5.0 (X11; Linux)", 7],
    "http.user_agent": ["curl/7"],
    "http.request.body.size": [0, 20, "20", -1, 2**70],
    "http.response_content_length": [0, 300],
    "http.route": ["/items/{id}", "", "/<int:i>", "GET /items/3"],
    "user.id": ["user-7", "", "  ", 17, "u@example.com", "sk_live_0123456789abcdef"],
    "enduser.id": ["user-8", 2**80, True],
    "company.id": ["acme"],
    "session.id": ["s-1"],
    "shop.part": ["x", 7, True, None, 1.5, float("nan"), ["a", "b"], 2**70, b"bytes"],
    "shop.password": ["hunter2", 7, None],
    "moesif.tags": ["me"],
    "moesif.weight": [3],
    "http.response.body": ["{}"],
}
HEADERS = {
    "host": ["a.example", "a.example:8443", "evil host", "u:p@h"],
    "x_forwarded_for": ["203.0.113.9", "10.0.0.1, 203.0.113.9", "x", ""],
    "x_forwarded_proto": ["https", "HTTP,https", "x"],
    "x_forwarded_host": ["b.example", ""],
    "forwarded": ["for=1.2.3.4;proto=https;host=c.example"],
    "x_forwarded_prefix": ["/api", "bad prefix"],
    "authorization": ["Basic dXNlcjpwYXNz", "Bearer opaque", "Bearer e30.eyJzdWIiOiJ1LTkifQ.x", "[REDACTED]"],
    "cookie": ["a=b"],
    "accept": ["application/json", "text/html;q=0.9, */*"],
    "user_agent": ["curl/8", "ü"],
    "referer": ["https://a.example/?token=x", "/"],
    "content_length": ["20", "0", ""],
    "content-type": ["application/json; charset=utf-8"],
    "x-user": ["user-9", ""],
    "x_api_key": ["k"],
    "traceparent": ["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"],
}

_odd = (
    st.sampled_from(ODD_TEXTS)
    | st.text(max_size=24)
    | st.integers()
    | st.floats()
    | st.booleans()
    | st.none()
    | st.binary(max_size=8)
    | st.lists(st.text(max_size=8), max_size=3)
)
_plain = st.text("abcdefghijklmnopqrstuvwxyzABCDEF0123456789-_./,:=&?%+@ ", max_size=40)


def _value(usual: list[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(*[st.sampled_from(usual)] * 5, _plain, _odd)


def _header(usual: list[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(*[st.sampled_from(usual).map(lambda value: [value])] * 5, _plain.map(lambda value: [value]), _odd)


_attributes = {name: _value(usual) for name, usual in USUAL.items()}
_FIRST: dict[str, Any] = {name: usual[0] for name, usual in USUAL.items()}
_SOME: dict[str, st.SearchStrategy[Any]] = {name: st.sampled_from(usual[:2]) for name, usual in USUAL.items()}
for _side in ("request", "response"):
    for _name, _usual in HEADERS.items():
        _full = f"http.{_side}.header.{_name}"
        _attributes[_full] = _header(_usual)
        _FIRST[_full] = [_usual[0]]
        _SOME[_full] = st.sampled_from([[value] for value in _usual[:2]])

SCOPES = [
    InstrumentationScope(name, "0.66b1")
    for name in (
        *(CONTRIB + name for name in ("flask", "fastapi", "django", "wsgi", "aiohttp_server", "tornado")),
        "fastapi",
        "starlette",
        "mine",
    )
]
RESOURCES = [Resource({}), Resource({"service.name": "shop", "service.version": "1"})]
STATES = [TraceState(), TraceState([("ot", "th:c")]), None]

_contexts = st.builds(
    SpanContext,
    st.integers(min_value=0, max_value=2**128 - 1),
    st.integers(min_value=0, max_value=2**64 - 1),
    st.booleans(),
    trace_state=st.sampled_from(STATES),
)
_usual_moments = st.integers(min_value=10**18, max_value=2 * 10**18)
_moments = st.integers(min_value=10**18, max_value=2 * 10**18) | st.none() | st.integers(-(10**18), 10**20)
# Of these there is no program.
_NEVER = {"moesif.tags", "moesif.weight", "http.response.body"}
_names = st.sampled_from(sorted(_attributes.keys() - _NEVER))
names_of_a_shape = st.lists(st.one_of(*[_names] * 30, st.sampled_from(sorted(_NEVER))), unique=True, max_size=14)


@st.composite
def calls_of_a_shape(draw: st.DrawFn, most: int = 8) -> tuple[ReadableSpan, list[ReadableSpan]]:
    """A usual span, and others with the same scope and attribute names, in which any value may be odd."""
    method = draw(st.sampled_from(["http.request.method", "http.request.method", "http.method"]))
    code = {"http.request.method": "http.response.status_code", "http.method": "http.status_code"}[method]
    names = list(dict.fromkeys([method, *draw(names_of_a_shape), code]))
    scope = draw(st.sampled_from(SCOPES))
    usual = _span({name: _FIRST[name] for name in names}, scope)
    return usual, [draw(_calls(names, scope)) for _ in range(draw(st.integers(1, most)))]


@st.composite
def _calls(draw: st.DrawFn, names: list[str], scope: InstrumentationScope) -> ReadableSpan:
    odd = draw(st.sets(st.sampled_from(names), max_size=2))
    attributes = {name: draw(_attributes[name] if name in odd else _SOME[name]) for name in names}
    if draw(st.integers(0, 9)) > 0:
        parent = draw(st.none() | st.just(SpanContext(1, 2, is_remote=True)))
        return _span(attributes, scope, parent=parent, start_time=draw(_usual_moments), end_time=draw(_usual_moments))
    return _span(
        attributes,
        scope,
        name=draw(st.text(max_size=12)),
        context=draw(_contexts),
        parent=draw(st.none() | _contexts),
        resource=draw(st.sampled_from(RESOURCES)),
        events=draw(st.sampled_from([[], [Event("exception", {"exception.type": "E", "exception.message": "m"})]])),
        kind=draw(st.sampled_from([SpanKind.SERVER] * 8 + [SpanKind.INTERNAL, SpanKind.CLIENT])),
        status=Status(draw(st.sampled_from([StatusCode.UNSET, StatusCode.ERROR, StatusCode.OK]))),
        start_time=draw(_moments),
        end_time=draw(_moments),
    )


def _span(attributes: dict[str, Any], scope: InstrumentationScope, **fields: Any) -> ReadableSpan:
    usual = {
        "name": "GET /items/{id}",
        "context": SpanContext(TRACE_ID, SPAN_ID, is_remote=False),
        "resource": RESOURCES[1],
        "kind": SpanKind.SERVER,
        "start_time": STARTED,
        "end_time": ENDED,
        "instrumentation_scope": scope,
        "attributes": BoundedAttributes(attributes=attributes, immutable=False),
    }
    return ReadableSpan(**(usual | fields))
