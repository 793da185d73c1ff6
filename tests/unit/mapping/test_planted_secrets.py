"""A secret is planted somewhere in a call; it must be nowhere in the event that is sent."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any
from urllib.parse import quote, urlencode

from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

from opentelemetry_exporter_moesif.config import resolve_config
from opentelemetry_exporter_moesif.encoding.known_calls import KnownCall, KnownCallEncoder
from opentelemetry_exporter_moesif.mapping.body import CapturedBodies, CapturedBody
from opentelemetry_exporter_moesif.redaction.names import DEFAULT_NAMES

SECRET = "hush-Zq7"
ENCODER = KnownCallEncoder(resolve_config({"application_id": "x"}, {}))
FORM = "application/x-www-form-urlencoded"


def names(of: frozenset[str]) -> st.SearchStrategy[str]:
    return st.sampled_from(sorted(name.strip("=") for name in of)).flatmap(
        lambda name: st.sampled_from([name, name.upper(), name.title()])
    )


def escaped(name: str) -> st.SearchStrategy[str]:
    """The name as it may stand in a URL: some of its letters percent-encoded."""
    letters = [st.sampled_from([letter, f"%{ord(letter):02x}", f"%{ord(letter):02X}"]) for letter in name]
    return st.tuples(*letters).map("".join)


word = st.text("abcxyz", min_size=1, max_size=6)
query = st.tuples(
    st.lists(st.tuples(word, word).map("=".join), max_size=3),
    names(DEFAULT_NAMES).flatmap(escaped),
    st.lists(st.tuples(word, word).map("=".join), max_size=3),
).map(lambda parts: "&".join([*parts[0], f"{parts[1]}={SECRET}", *parts[2]]))
url = st.one_of(
    query.map(lambda text: f"https://api.example.com/items?{text}"),
    query.map(lambda text: f"https://api.example.com/items#{text}"),
    word.map(lambda name: f"https://{name}:{SECRET}@api.example.com/items"),
)
secret_header = names(DEFAULT_NAMES).flatmap(lambda name: st.sampled_from([name, name.replace("-", "_")]))
header = st.one_of(
    st.tuples(secret_header, st.just(SECRET)),
    st.tuples(st.just("authorization"), st.just("Basic " + base64.b64encode(f"ann:{SECRET}".encode()).decode())),
    st.tuples(st.sampled_from(["referer", "location", "link", "content_location"]), url),
)
document = st.recursive(
    names(DEFAULT_NAMES).map(lambda name: {name: SECRET}),
    lambda inner: st.lists(inner, min_size=1, max_size=2) | st.dictionaries(word, inner, min_size=1, max_size=2),
    max_leaves=4,
)
form = names(DEFAULT_NAMES).map(lambda name: urlencode({"a": 1, name: SECRET, "b": 2}))
content = st.one_of(
    document.map(lambda value: ("application/json", json.dumps(value))),
    form.map(lambda text: (FORM, text)),
    names(DEFAULT_NAMES).map(lambda name: ("application/xml", f"<a><{name}>{SECRET}</{name}></a>")),
)
side = st.sampled_from(["request", "response"])


@st.composite
def planted(draw: Any) -> tuple[dict[str, Any], CapturedBodies | None, list[Event]]:
    """Attributes, bodies and events of a span, with the secret in one place or in several."""
    attributes: dict[str, Any] = {
        "http.request.method": "POST",
        "url.path": "/items",
        "url.scheme": "https",
        "server.address": "api.example.com",
        "http.response.status_code": 200,
    }
    bodies: dict[str, CapturedBody] = {}
    kinds = ["query", "url", "target", "header", "body", "attribute", "exception"]
    places = draw(st.sets(st.sampled_from(kinds), min_size=1))
    message = f"GET {draw(url)} failed" if "exception" in places else ""
    events = [Event("exception", {"exception.type": "X", "exception.message": message})] if message else []
    for place in places - {"exception"}:
        if place == "query":
            attributes["url.query"] = draw(query)
        elif place == "url":
            attributes[draw(st.sampled_from(["url.full", "http.url"]))] = draw(url)
        elif place == "target":
            attributes["http.target"] = f"/items?{draw(query)}"
        elif place == "header":
            name, value = draw(header)
            attributes[f"http.{draw(side)}.header.{name}"] = (value,)
        else:
            content_type, text = draw(content)
            if place == "attribute":
                attributes[f"http.{draw(side)}.body"] = text
            else:
                cut = draw(st.integers(0, 30))
                start = text.encode()[: len(text) - cut]
                compress = draw(st.booleans())
                bodies[draw(side)] = CapturedBody(
                    gzip.compress(start) if compress else start,
                    content_type,
                    "gzip" * compress,
                    cut="truncated" if cut > 0 else None,
                )
    captured = CapturedBodies(bodies.get("request"), bodies.get("response")) if bodies else None
    return attributes, captured, events


def everything_of(event: bytes) -> str:
    """Returns: what was sent, and what its base64 and percent-encoding hide."""
    parts = [event.decode()]
    parts += [
        base64.b64decode(part["body"]).decode("utf-8", "replace")
        for part in (json.loads(event)["request"], json.loads(event).get("response", {}))
        if part.get("transfer_encoding") == "base64"
    ]
    return "".join(parts)


@settings(max_examples=200, deadline=None)
@given(planted())
def test_a_planted_secret_never_appears_in_the_payload_wherever_it_was(
    call: tuple[dict[str, Any], CapturedBodies | None, list[Event]],
) -> None:
    attributes, bodies, events = call
    span = ReadableSpan(
        name="POST /items",
        context=SpanContext(1, 2, False, TraceFlags(1)),
        kind=SpanKind.SERVER,
        attributes=attributes,
        events=events,
        status=Status(StatusCode.ERROR, "failed"),
        start_time=1,
        end_time=2,
    )

    event = ENCODER.encode_call(KnownCall(span, {}, bodies))

    assert event is not None
    sent = everything_of(event)
    assert SECRET not in sent
    assert quote(SECRET) not in sent
    assert base64.b64encode(f"ann:{SECRET}".encode()).decode() not in sent
