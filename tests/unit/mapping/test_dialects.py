"""Each instrumentation is read as it writes: the row of its scope says how, and no other room knows its name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from support.spans import CONTRIB, RESOURCE, captured, event_of, http_span

import opentelemetry_exporter_moesif
from opentelemetry_exporter_moesif.config import resolve_config
from opentelemetry_exporter_moesif.encoding.encoder import Encoder
from opentelemetry_exporter_moesif.mapping.dialect import CONVENTIONS
from opentelemetry_exporter_moesif.mapping.dialects import DIALECTS, dialect_of, serves

NODE = "@opentelemetry/instrumentation-http"
GO = "go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
GIN = "go.opentelemetry.io/contrib/instrumentation/github.com/gin-gonic/gin/otelgin"
TRAEFIK = "github.com/traefik/traefik"
LARAVEL = "io.opentelemetry.contrib.php.laravel.http.kernel"
RACK = "OpenTelemetry::Instrumentation::Rack"

HOST = {"server.address": "api.test", "url.scheme": "https"}
OLD = {"http.method": "GET", "http.scheme": "https", "http.host": "api.test"}
ASGI = {"http.scheme": "https", "http.host": "127.0.0.1:8000"}


def call(scope: str, attributes: dict[str, Any], version: str = "", name: str = "GET") -> Any:
    method = {} if "http.method" in attributes else {"http.request.method": "GET"}
    span = http_span(
        {**method, **attributes}, name=name, instrumentation_scope=InstrumentationScope(scope, version or None)
    )
    return event_of(span)


@pytest.mark.parametrize(
    ("scope", "version", "attributes", "expected"),
    [
        pytest.param(GO, "0.60.0", {**HOST, "url.path": "/50%25/é"}, "/50%2525/%C3%A9", id="Go decodes the path"),
        pytest.param(GIN, "0.60.0", {**HOST, "url.path": "/a?b#c"}, "/a%3Fb%23c", id="so do all of Go's"),
        pytest.param(GO, "0.49.0", {**OLD, "http.target": "/a?b#c%25"}, "/a%3Fb%23c%2525", id="the older ones, too"),
        pytest.param(GO, "0.37.0", {**OLD, "http.target": "/a%2Fb?c=d"}, "/a%2Fb?c=d", id="but not the first ones"),
        pytest.param(TRAEFIK, "", {**HOST, "url.path": "/50%25"}, "/50%2525", id="Traefik is in Go"),
        pytest.param(NODE, "0.223.0", {**HOST, "url.path": "/50%25"}, "/50%25", id="Node.js leaves the path as it was"),
        pytest.param(NODE, "0.223.0", {**HOST, "url.path": "/*"}, "/", id="but for the * of OPTIONS"),
        pytest.param(
            LARAVEL,
            "",
            {**HOST, "url.path": "items/7?b=1&a=%20", "url.full": "https://api.test/items/7?a=%20&b=1"},
            "/items/7?a=%20&b=1",
            id="Laravel's path has the query behind it",
        ),
        pytest.param(
            "Microsoft.AspNetCore", "", {**HOST, "url.path": "/a%2Fb", "url.query": "?q=Redacted"}, "/a%2Fb?q=Redacted",
            id=".NET's query has its question mark",
        ),
        pytest.param("io.opentelemetry.tomcat-10.0", "", {**HOST, "url.path": "/a%2Fb"}, "/a%2Fb", id="Java"),
        pytest.param(CONTRIB + "wsgi", "0.66b1", {**HOST, "url.path": "/%41/Ã©"}, "/%2541/%C3%A9", id="WSGI decodes"),
        pytest.param(CONTRIB + "wsgi", "0.57b0", {**HOST, "url.path": "/%41"}, "/%41", id="and once did not"),
        pytest.param(CONTRIB + "wsgi", "0.66b1", {**HOST, "url.path": "/\xe9"}, "/%E9", id="what is no UTF-8 was sent so"),
        pytest.param(
            CONTRIB + "django", "0.66b1", {"http.url": "https://api.test/caf%E9/x"}, "/caf%C3%A9/x",
            id="Django's escapes are of Latin-1 where a server has no raw target",
        ),
        pytest.param(
            CONTRIB + "aiohttp_server", "0.60b0", {**OLD, "http.target": "/a?b%25"}, "/a%3Fb%2525", id="aiohttp's once"
        ),
        pytest.param(
            CONTRIB + "aiohttp_server", "0.66b1", {**OLD, "http.target": "/a?b=%25"}, "/a?b=%25", id="and today"
        ),
        pytest.param(
            CONTRIB + "aiohttp_server", "0.60b1",
            {**OLD, "http.target": "/a", "http.url": "https://api.test/a?b=%25&c=d?e?b=%&c=d?e"}, "/a?b=%25&c=d?e",
            id="aiohttp's query stood there twice, once decoded",
        ),
        pytest.param(
            CONTRIB + "asgi", "0.66b1",
            {**ASGI, "http.target": "/a?b", "http.url": "https://api.test/a?b?q=a&b&u=#frag&v=100%&pp=%41&s= x"},
            "/a%3Fb?q=a&b&u=%23frag&v=100%25&pp=%2541&s=%20x",
            id="ASGI's query is decoded, and nothing of it is cut off",
        ),
        pytest.param(
            CONTRIB + "fastapi", "0.66b1",
            {**ASGI, "http.target": "/a?b", "http.url": "https://api.test/a?b"}, "/a%3Fb", id="without a query as well"
        ),
        pytest.param(
            CONTRIB + "django", "0.66b1",
            {**ASGI, "http.target": "/a%b", "http.url": "https://api.test/a%b?q=#"}, "/a%25b?q=%23",
            id="Django's too, where it is ASGI's",
        ),
        pytest.param(
            CONTRIB + "asgi", "0.66b1",
            {**ASGI, "http.target": "/a", "http.url": "https://api.test/a?q=100%25&sig=REDACTED"},
            "/a?q=100%25&sig=REDACTED", id="unless the instrumentation encoded it anew",
        ),
        pytest.param(
            CONTRIB + "asgi", "0.66b1",
            {**ASGI, "url.query": "q=a%26b", "http.target": "/a", "http.url": "https://api.test/a?q=a&b"},
            "/a?q=a%26b", id="and the raw one wins",
        ),
    ],
)  # fmt: skip
def test_path_and_query_are_what_was_sent(scope: str, version: str, attributes: dict[str, Any], expected: str) -> None:
    assert call(scope, attributes, version)["request"]["uri"] == f"https://api.test{expected}"


@pytest.mark.parametrize(
    ("scope", "attributes", "expected"),
    [
        pytest.param(
            NODE, {"http.url": "http://items//x", "http.host": "api.test:81", "http.target": "//x"},
            "http://api.test:81//x", id="Node.js takes a piece of the path for the host",
        ),
        pytest.param(
            NODE, {"url.scheme": "http", "server.address": "api.test", "server.port": 443, "url.path": "/"},
            "https://api.test/", id="and reads scheme and port from different headers",
        ),
        pytest.param(
            NODE, {"url.scheme": "https", "server.address": "api.test", "server.port": 80, "url.path": "/"},
            "https://api.test/", id="in both directions",
        ),
        pytest.param(
            "", {"url.scheme": "http", "server.address": "api.test", "server.port": 443, "url.path": "/"},
            "http://api.test:443/", id="which nobody else does",
        ),
        pytest.param(
            "nginx", {"http.scheme": "https", "net.host.name": "_", "http.target": "/"}, "https://localhost/",
            id="nginx without a name",
        ),
        pytest.param(
            "nginx", {"http.scheme": "https", "net.host.name": "*.api.test", "http.target": "/"}, "https://localhost/",
            id="or with a wildcard",
        ),
        pytest.param(
            "nginx", {"net.host.name": "api.test", "net.host.port": 8443, "http.target": "/a%2Fb?c"},
            "http://api.test:8443/a%2Fb?c", id="nginx with one",
        ),
        pytest.param(
            "nginx", {"net.host.name": "_", "net.host.port": 8443, "http.target": "/", **captured(host="b.test:8443")},
            "http://b.test:8443/", id="nginx with a captured host",
        ),
        pytest.param(
            RACK, {"http.host": "unknown", "http.target": "/a"}, "http://localhost/a", id="Rack without a host"
        ),
        pytest.param(
            RACK, {"http.host": "api.test:3000", "http.scheme": "https", "http.target": "/a%2Fb?c=d"},
            "https://api.test:3000/a%2Fb?c=d", id="Rack with one",
        ),
        pytest.param(
            "deno", {"url.full": "http://api.test:81/a?b=c", "url.path": "/a", "url.query": "b=c"},
            "http://api.test:81/a?b=c", id="Deno",
        ),
        pytest.param(
            "", {"url.scheme": "https:", "server.address": "api.test", "url.path": "/"}, "https://api.test/",
            id="a scheme with its colon",
        ),
    ],
)  # fmt: skip
def test_scheme_and_host_are_what_was_called(scope: str, attributes: dict[str, Any], expected: str) -> None:
    assert call(scope, attributes)["request"]["uri"] == expected


def test_envoys_own_names_are_read_and_what_has_no_field_is_metadata() -> None:
    attributes = {
        "http.method": "GET",
        "http.url": "http://api.test/",
        "http.status_code": "200",
        "http.protocol": "HTTP/1.1",
        "peer.address": "203.0.113.9",
        "user_agent": "curl/8",
        "request_size": "0",
        "response_size": "17",
        "node_id": "n1",
        "zone": "",
        "component": "proxy",
        "upstream_cluster": "back",
        "response_flags": "-",
    }

    event = call("envoy", attributes)

    assert event["request"]["ip_address"] == "203.0.113.9"
    assert event["request"]["headers"] == {"User-Agent": "curl/8"}
    assert event["response"]["status"] == 200
    assert event["response"]["headers"] == {"Content-Length": "17"}
    assert event["metadata"] == {
        "node_id": "n1",
        "zone": "",
        "component": "proxy",
        "upstream_cluster": "back",
        "response_flags": "-",
        "resource": dict(RESOURCE.attributes),
    }
    assert call("", attributes) == event, "older ones name no scope"
    assert "User-Agent" not in call("envoy", {**attributes, "user_agent": "-"})["request"]["headers"]
    assert "response" not in call("envoy", {**attributes, "http.status_code": "0"})


@pytest.mark.parametrize(("scope", "told"), [("nginx", False), (TRAEFIK, False), ("envoy", False), ("", True)])
def test_a_size_of_zero_is_no_header_where_it_says_that_there_was_no_body(scope: str, told: bool) -> None:
    headers = call(scope, {"http.request.body.size": 0, **HOST})["request"]["headers"]

    assert ({"Content-Length": "0"} if told else {}) == headers


@pytest.mark.parametrize(
    ("size", "header"), [(17, "17"), ("17", "17"), (17.0, "17"), (17.5, None), (-1, None), ("", None), (True, None)]
)
def test_a_size_may_be_a_text_or_a_double(size: Any, header: str | None) -> None:
    assert call("", {"http.request.body.size": size, **HOST})["request"]["headers"].get("Content-Length") == header


def test_an_old_traefik_has_the_forwarded_addresses_under_a_name_of_its_own() -> None:
    attributes = {**HOST, "client.address": "10.0.0.1", "client.socket.address": "203.0.113.9, 10.0.0.1"}

    assert call(TRAEFIK, attributes)["request"]["ip_address"] == "203.0.113.9"
    assert "client.socket.address" not in call(TRAEFIK, attributes)["metadata"]


@pytest.mark.parametrize("scope", [CONTRIB + "wsgi", CONTRIB + "flask", CONTRIB + "django"])
def test_header_values_below_wsgi_are_read_as_utf_8_where_they_are_that(scope: str) -> None:
    headers = captured(x_name="jÃ¼rgen", x_other="\xe9t\xe9", x_mended="€")

    assert call(scope, headers)["request"]["headers"] == {"X-Name": "jürgen", "X-Other": "été", "X-Mended": "€"}
    assert call(CONTRIB + "asgi", headers)["request"]["headers"]["X-Name"] == "jÃ¼rgen"


@pytest.mark.parametrize(
    ("scope", "name", "route", "path"),
    [
        pytest.param(CONTRIB + "flask", "GET /items/<int:i>", "/items/<int:i>", "/items/<int:i>", id="Flask"),
        pytest.param(CONTRIB + "django", "GET items/<int:i>", "items/<int:i>", "/items/<int:i>", id="Django"),
        pytest.param(CONTRIB + "falcon", "GET /items/{i:int}", "/items/{i:int}", "/items/{i:int}", id="Falcon"),
        pytest.param(
            CONTRIB + "django", "GET", r"^a b/(?P<x>\d+)#é$", "/^a%20b/(%3FP<x>\\d+)%23%C3%A9$", id="a pattern"
        ),
    ],
)
def test_a_route_stands_for_a_path_that_nothing_tells_and_the_metadata_say_so(
    scope: str, name: str, route: str, path: str
) -> None:
    event = call(scope, {**HOST, "http.route": route}, "0.66b1", name)

    assert event["request"]["uri"] == f"https://api.test{path}"
    assert event["metadata"]["uri"] == "route"
    assert event["metadata"]["http.route"] == route


def test_a_path_in_the_name_is_one_where_the_route_is_another_text() -> None:
    event = call(CONTRIB + "wsgi", {**HOST, "http.route": "/items/<int:i>"}, "0.66b1", "GET /items/cafÃ©")

    assert event["request"]["uri"] == "https://api.test/items/caf%C3%A9"
    assert "uri" not in event["metadata"]


def test_litestars_route_is_the_path_and_so_is_told_nowhere() -> None:
    event = call(CONTRIB + "asgi", {**HOST, "url.path": "/items/3", "http.route": "GET /items/3"}, "0.66b1")

    assert "http.route" not in event["metadata"]


@pytest.mark.parametrize(
    ("scope", "answers"),
    [
        *(
            (CONTRIB + name, True)
            for name in ("asgi", "wsgi", "flask", "django", "fastapi", "tornado", "aiohttp_server")
        ),
        *((name, True) for name in ("fastapi", "starlette", NODE, GO, "envoy")),
        *((CONTRIB + name, False) for name in ("httpx", "requests", "aiohttp_client", "click", "sqlalchemy")),
        *((name, False) for name in ("", "my.service", "httptools")),
    ],
)
def test_a_row_says_which_scopes_are_of_http_servers(scope: str, answers: bool) -> None:
    assert serves(scope) is answers


@pytest.mark.parametrize(
    ("scope", "last_before", "first_since"),
    [
        (f"{CONTRIB}wsgi", "0.62b1", "0.63b0"),
        (f"{CONTRIB}django", "0.62b1", "0.63b0"),
        (f"{CONTRIB}aiohttp_server", "0.60b1", "0.61b0"),
        (GO, "0.37.0", "0.38.0"),
    ],
)
def test_a_dialect_that_changed_did_so_with_one_release(scope: str, last_before: str, first_since: str) -> None:
    assert dialect_of(scope, last_before) is dialect_of(scope, "0.1.0")
    assert dialect_of(scope, first_since) is dialect_of(scope, "1.0.0")
    assert dialect_of(scope, last_before) is not dialect_of(scope, first_since)


def test_everybody_else_is_read_by_the_conventions() -> None:
    assert dialect_of("my.service", "1.0", ["url.path"]) is CONVENTIONS
    assert dialect_of("") is CONVENTIONS


def test_a_scope_that_only_begins_alike_is_somebody_else() -> None:
    assert dialect_of("io.opentelemetry.tomcat-10.0") is not CONVENTIONS
    assert dialect_of("io.opentelemetryish.tomcat") is CONVENTIONS


@pytest.mark.parametrize(("scope", "opens"), [("tornado", True), ("aiohttp_server", True), ("wsgi", False)])
def test_a_span_of_a_websocket_makes_no_event_where_the_instrumentation_makes_one(scope: str, opens: bool) -> None:
    span = http_span({**OLD, "http.target": "/live", "http.status_code": 101}, scope=CONTRIB + scope)
    encoder = Encoder(resolve_config({}, {}))
    assert (encoder.encode_span(span) is None) is opens


def test_no_other_room_of_the_mapping_knows_a_scopes_name() -> None:
    mapping = Path(opentelemetry_exporter_moesif.__file__).parent / "mapping"
    names = {scope.rstrip("*") for row in DIALECTS for scope in row.scopes if len(scope) > len("starlette")}
    named = re.compile("|".join(map(re.escape, sorted(names))))

    elsewhere = [path.name for path in mapping.glob("*.py") if named.search(path.read_text(encoding="utf-8"))]

    assert elsewhere == ["dialects.py"]
