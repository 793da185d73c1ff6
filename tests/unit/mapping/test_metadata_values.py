"""What has no field of its own is in the metadata, each value of one plain JSON type."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event
from support.spans import GET, captured, event_with

from opentelemetry_exporter_moesif.json_codec import encode, loads

CYCLE: list[Any] = []
CYCLE.append(CYCLE)


def metadata(attributes: dict[str, Any], **fields: Any) -> Any:
    return event_with(attributes, resource=Resource({}), **fields)["metadata"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("text", "text"),
        ("", ""),
        (True, True),
        (False, False),
        (7, 7),
        (0, 0),
        (2**63 - 1, 2**63 - 1),
        (-(2**63), -(2**63)),
        (2**63, "9223372036854775808"),
        (-(2**63) - 1, "-9223372036854775809"),
        (10**5000, hex(10**5000)),
        (0.5, 0.5),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
        (math.nan, "nan"),
        (b"\x00\xff", "AP8="),
        (b"", ""),
        (bytearray(b"\x00"), "AA=="),
        (("a", "b"), '["a","b"]'),
        ((), "[]"),
        ((1, 2.5, True, None), "[1,2.5,true,null]"),
        ([1], "[1]"),
        ({"b": 1, "a": (2,)}, '{"b":1,"a":[2]}'),
        ({"a": {"b": [b"\xff", math.nan, 2**70]}}, '{"a":{"b":["/w==","nan","1180591620717411303424"]}}'),
        (("é", "\ud800"), '["é","\ufffd"]'),
        ({"\udc80": "\udc80"}, '{"\ufffd":"\ufffd"}'),
        ({5: 6}, '{"5":6}'),
        ({1}, "[1]"),
        ((10**5000,), json.dumps([hex(10**5000)], separators=(",", ":"))),
    ],
    ids=range(29),
)
def test_a_value_is_of_one_plain_json_type(value: Any, expected: Any) -> None:
    found = metadata({"app.key": value})["app.key"]

    assert (expected, type(expected)) == (found, type(found))


def test_a_value_that_holds_itself_is_told_as_python_tells_it() -> None:
    assert metadata({"app.key": CYCLE})["app.key"] == "[[...]]"


def test_none_is_left_out() -> None:
    assert metadata({"app.key": None}) == {}


def test_text_with_a_lone_surrogate_is_repaired_when_it_is_encoded() -> None:
    event = event_with({"app.\ud800": "a\udfffb \ud83d\ude00"})

    assert loads(encode(event))["metadata"]["app.\ufffd"] == "a\ufffdb \U0001f600"


@pytest.mark.parametrize(
    "name",
    [
        "app.key",
        "http.route",
        "error.type",
        "db.statement",
        "useragent",
        "urls",
        "hostname",
        "server",
        "exception.type",
        "resource.x",
        "é",
    ],
)
def test_an_attribute_without_a_field_of_its_own_is_told_under_its_own_name(name: str) -> None:
    assert {name: "value"} == metadata({name: "value"})


@pytest.mark.parametrize(
    "name",
    [
        *(
            "http.request.method",
            "http.request.method_original",
            "http.method",
            "http.response.status_code",
            "http.status_code",
        ),
        *("url.full", "url.scheme", "url.path", "url.query", "http.url", "http.scheme", "http.target", "http.host"),
        *(
            "server.address",
            "server.port",
            "net.host.name",
            "net.host.port",
            "net.host.ip",
            "net.peer.ip",
            "http.client_ip",
        ),
        *("client.address", "client.port", "network.peer.address", "network.peer.port", "network.protocol.version"),
        *("network.local.address", "net.sock.peer.addr", "net.sock.host.addr", "http.flavor", "http.server_name"),
        *("user_agent.original", "http.user_agent", "user_agent.synthetic.type", "http.anything", "url.anything"),
        *("user.id", "enduser.id", "company.id", "subscription.id", "session.id"),
        *("moesif.tags", "moesif.api_version", "moesif.weight", "moesif.anything", "resource", "exception"),
        *("http.request.header.x_a", "http.response.header.x_a", "http.request.header.", "http.request.body.size"),
    ],
)
def test_an_attribute_with_a_field_of_its_own_is_not_in_the_metadata(name: str) -> None:
    """Used or not: in http/dup the unused twin still holds the secret."""
    assert name not in metadata({name: "value"})


@pytest.mark.parametrize(("route", "told"), [("/items/{id}", True), ("items/{id}", True), ("", False)])
def test_quirk_9_the_route_is_told_as_it_is_and_left_out_where_none_matched(route: str, told: bool) -> None:
    """Django's has no slash; aiohttp's is empty on a 404."""
    assert ({"http.route": route} if told else {}) == metadata({"http.route": route})


def test_quirk_9_the_version_of_the_protocol_may_be_odd_and_is_not_told() -> None:
    assert metadata({"network.protocol.version": "HTTP/1.1", "http.flavor": "HTTP/1.1"}) == {}


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (
            {
                "service.name": "shop",
                "service.namespace": "eu",
                "service.version": "1",
                "service.instance.id": "a",
                "host.name": "h",
            },
            {"service.name": "shop", "service.namespace": "eu", "service.version": "1", "service.instance.id": "a"},
        ),
        (
            {"deployment.environment.name": "prod", "deployment.environment": "old"},
            {"deployment.environment.name": "prod"},
        ),
        ({"deployment.environment": "prod"}, {"deployment.environment.name": "prod"}),
        ({"service.name": ""}, None),
        ({"telemetry.sdk.name": "opentelemetry"}, None),
        ({"service.version": 0}, {"service.version": 0}),
        ({"service.version": ("1", "2")}, {"service.version": '["1","2"]'}),
        ({"service.version": math.nan}, {"service.version": "nan"}),
    ],
)
def test_the_resource_tells_which_service_it_was(resource: dict[str, Any], expected: dict[str, Any] | None) -> None:
    assert expected == event_with({}, resource=Resource(resource))["metadata"].get("resource")


def test_another_resource_is_another_service() -> None:
    """The last one is remembered, and no longer."""
    for name in ("one", "two", "one"):
        assert {"service.name": name} == event_with({}, resource=Resource({"service.name": name}))["metadata"][
            "resource"
        ]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        (
            [Event("exception", {"exception.type": "KeyError", "exception.message": "'x'"})],
            {"type": "KeyError", "message": "'x'"},
        ),
        ([Event("exception", {"exception.type": "KeyError", "exception.message": ""})], {"type": "KeyError"}),
        ([Event("exception", {"exception.message": 5})], {"message": "5"}),
        ([Event("exception", {"exception.message": 10**5000})], {"message": hex(10**5000)[:4095] + "…"}),
        ([Event("exception", {"exception.type": "A"}), Event("exception", {"exception.type": "B"})], {"type": "B"}),
        ([Event("exception", {"exception.type": "A"}), Event("log", {"exception.type": "B"})], {"type": "A"}),
        ([Event("exception", {"exception.stacktrace": "Traceback"})], None),
        ([Event("exception", {})], None),
        ([], None),
    ],
    ids=range(9),
)
def test_the_last_exception_is_told_by_its_type_and_message(
    events: list[Event], expected: dict[str, str] | None
) -> None:
    assert expected == metadata({}, events=events).get("exception")


def test_a_captured_header_is_no_metadata() -> None:
    assert metadata({**GET, **captured(x_a="1")}) == {}
