"""Whatever a span holds, its event is JSON that Moesif takes, and no secret is in it."""

from __future__ import annotations

import json
from typing import Any, NoReturn
from urllib.parse import quote

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from opentelemetry.attributes import BoundedAttributes
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode
from support.spans import CONTRIB, http_span

from opentelemetry_exporter_moesif.config import resolve_config
from opentelemetry_exporter_moesif.encoding.encoder import Encoder
from opentelemetry_exporter_moesif.local_collector.schema import problems
from opentelemetry_exporter_moesif.mapping.dialects import DIALECTS
from opentelemetry_exporter_moesif.redaction.names import DEFAULT_NAMES

SECRET = "hunter2"
# A smaller example would take minutes to find: the first one says enough.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
ENCODER = Encoder(resolve_config({"capture_outgoing": True}, {}))

READ_NAMES = [
    *(
        "http.request.method",
        "http.request.method_original",
        "http.method",
        "http.response.status_code",
        "http.status_code",
    ),
    *(
        "url.full",
        "url.scheme",
        "url.path",
        "url.query",
        "http.url",
        "http.scheme",
        "http.target",
        "http.host",
        "http.route",
    ),
    *(
        "server.address",
        "server.port",
        "net.host.name",
        "net.host.port",
        "net.host.ip",
        "net.peer.ip",
        "http.client_ip",
    ),
    *("client.address", "network.peer.address", "network.local.address", "net.sock.peer.addr", "net.sock.host.addr"),
    *("user_agent.original", "http.user_agent", "http.request.body.size", "http.response_content_length"),
    *(
        "user.id",
        "enduser.id",
        "company.id",
        "subscription.id",
        "session.id",
        "http.request.body",
        "http.response.body",
    ),
    *("moesif.tags", "moesif.api_version", "moesif.weight", "moesif.other", "resource", "exception", "service.name"),
    *("http.request.header.", "http.response.header.", "http.request.header", "error.type", "exception.message"),
]
HEADER_NAMES = [
    *(
        "host",
        "x_forwarded_host",
        "x_forwarded_proto",
        "x_forwarded_for",
        "x-client-ip",
        "forwarded",
        "authorization",
        "cookie",
    ),
    *(
        "referer",
        "location",
        "link",
        "user_agent",
        "content_length",
        "x_moesif_tags",
        "content_type",
        "content_encoding",
    ),
]

# Lone surrogates, controls and astral characters among them.
texts = st.text(st.characters(), max_size=20) | st.sampled_from(
    [
        *(
            "",
            "GET",
            "_OTHER",
            "https",
            "/",
            "/a?b=c",
            "api.test:81",
            "https://u:p@api.test/é?token=x",
            "1.2.3.4",
            "for=[::1]:5",
        ),
        "9" * 400,
    ]
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=-(10**6), max_value=10**6)
    | st.floats()
    | texts
    | st.binary(max_size=20)
    | st.sampled_from([10**400, 200, 404, 2**63, 2**64, -(2**63) - 1])
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3), max_leaves=6
)
names = (
    st.sampled_from(READ_NAMES)
    | st.builds(
        "http.{}.header.{}".format, st.sampled_from(["request", "response"]), st.sampled_from(HEADER_NAMES) | texts
    )
    | texts.filter(bool)
)
attributes = st.dictionaries(names, values, max_size=12)
methods = st.sampled_from([{"http.request.method": "GET"}, {"http.method": "POST"}, {"http.method": "_OTHER"}, {}])
contexts = st.builds(
    SpanContext,
    st.integers(min_value=0, max_value=2**128 - 1),
    st.integers(min_value=0, max_value=2**64 - 1),
    st.booleans(),
)
# Moments that a calendar has: a span beyond the year 9999 costs itself.
moments = st.none() | st.integers(min_value=-(10**18), max_value=10**20)
events = st.builds(
    Event,
    st.sampled_from(["exception", "log"]),
    st.dictionaries(st.sampled_from(["exception.type", "exception.message", "other"]), values).map(
        lambda given: BoundedAttributes(attributes=given)
    ),
)
scopes = st.sampled_from(["", "anybody.else", *sorted({scope.rstrip("*") for row in DIALECTS for scope in row.scopes})])


@st.composite
def spans(draw: st.DrawFn) -> ReadableSpan:
    """As the SDK would hand them over: its own container cleans what an application sets."""
    return http_span(
        BoundedAttributes(attributes=draw(attributes) | draw(methods)).copy(),
        instrumentation_scope=InstrumentationScope(draw(scopes), draw(st.sampled_from([None, "0.30.0", "0.66b1"]))),
        name=draw(texts),
        kind=draw(st.sampled_from([SpanKind.SERVER, SpanKind.SERVER, SpanKind.CLIENT, SpanKind.INTERNAL])),
        context=draw(contexts),
        parent=draw(st.none() | contexts),
        start_time=draw(moments),
        end_time=draw(moments),
        resource=Resource(
            draw(st.dictionaries(st.sampled_from(["service.name", "service.version", "other"]), scalars))
        ),
        events=draw(st.lists(events, max_size=2)),
        status=Status(draw(st.sampled_from(list(StatusCode)))),
    )


def refuse_constant(name: str) -> NoReturn:
    raise AssertionError(name)


def parsed(encoded: bytes) -> Any:
    return json.loads(encoded.decode("utf-8"), parse_constant=refuse_constant)


def is_call(span: ReadableSpan) -> bool:
    methods = [span.attributes.get(name) for name in ("http.request.method", "http.method")]
    return span.kind is not SpanKind.INTERNAL and any(isinstance(method, str) and method for method in methods)


@given(span=spans())
@settings(max_examples=200, deadline=None, phases=PHASES, suppress_health_check=[HealthCheck.too_slow])
def test_any_span_of_a_call_becomes_an_event_that_moesif_takes(span: ReadableSpan) -> None:
    encoded = ENCODER.encode_span(span)

    assert is_call(span) is (encoded is not None)
    if encoded is not None:
        found = problems(parsed(encoded))
        # What a server answered is told, even where HTTP has no such status.
        assert [problem for problem in found if not problem.startswith("response.status must be an HTTP status")] == []


# ASGI's target is a decoded path, in which a question mark starts no query; so is Django's where it tells a URL, too.
scopes_with_raw_targets = st.sampled_from(["", *(CONTRIB + name for name in ("wsgi", "flask", "falcon", "tornado"))])
secret_headers = st.sampled_from(sorted(name.strip("=") for name in DEFAULT_NAMES))
secret_parameters = st.sampled_from(sorted(name.strip("=") for name in DEFAULT_NAMES))


@st.composite
def spelled(draw: st.DrawFn, chosen: st.SearchStrategy[str]) -> str:
    """A parameter's name with some letters in upper case and some percent-encoded, as an application reads them."""
    ways = (str, str.upper, lambda letter: f"%{ord(letter):02x}", lambda letter: f"%{ord(letter.upper()):02X}")
    return "".join(draw(st.sampled_from(ways))(letter) for letter in draw(chosen))


@st.composite
def queries(draw: st.DrawFn) -> str:
    """A query with secrets in it, between parameters of any other kind."""
    plain = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters='&;#"<>'), max_size=8)
    secret = st.builds("{}={}{}{}".format, spelled(secret_parameters), plain, st.just(SECRET), plain)
    nested = secret.map(lambda parameter: "next=" + quote(f"https://api.test/?a=1&{parameter}", safe=""))
    parts = draw(st.lists(secret | nested | plain, min_size=1, max_size=5))
    separators = [draw(st.sampled_from("&;")) for _ in parts]
    return "".join(separator + part for separator, part in zip(separators, parts, strict=True))[1:]


@st.composite
def urls(draw: st.DrawFn) -> str:
    """A URL with secrets in its user information, query and fragment."""
    user = draw(st.sampled_from(["", f"user:{SECRET}@", f"{SECRET}@", f"a:{SECRET}@b@"]))
    query, fragment = draw(queries()), draw(st.none() | queries())
    return f"https://{user}api.test/a?{query}" + ("" if fragment is None else f"#{fragment}")


@given(data=st.data(), others=attributes, scope=scopes_with_raw_targets)
@settings(max_examples=150, deadline=None, phases=PHASES, suppress_health_check=[HealthCheck.too_slow])
def test_a_planted_secret_is_in_no_event(data: st.DataObject, others: dict[str, Any], scope: str) -> None:
    url = data.draw(urls())
    target, query = url.removeprefix("https://").partition("/")[2].partition("#")[0], data.draw(queries())
    underscored = data.draw(secret_headers).replace("-", "_")
    planted = {
        "url.full": url,
        "http.url": url,
        "http.target": "/" + target,
        "url.query": query,
        f"http.request.header.{underscored}": (SECRET, SECRET),
        f"http.response.header.{data.draw(secret_headers)}": SECRET,
        "http.request.header.referer": (url,),
        "http.response.header.location": ("/" + target,),
        "http.response.header.link": (f'<{url}>; rel="next"',),
    }
    chosen = data.draw(st.sets(st.sampled_from(sorted(planted)), min_size=1))
    span = http_span(
        BoundedAttributes(
            attributes={**others, **{name: planted[name] for name in chosen}, "http.request.method": "GET"}
        ).copy(),
        scope=scope,
        name=data.draw(st.sampled_from(["GET", f"GET /{target}"])),
        kind=data.draw(st.sampled_from([SpanKind.SERVER, SpanKind.CLIENT])),
        events=[Event("exception", {"exception.type": "E", "exception.message": f"at {url} and more"})],
        status=Status(StatusCode.ERROR, url),
    )

    encoded = ENCODER.encode_span(span)

    assert encoded is not None
    assert SECRET.encode() not in encoded
