"""Scheme and authority of a URI: each from the best source that can be believed."""

from __future__ import annotations

from typing import Any

import pytest
from support.spans import CONTRIB, LEGACY_GET, captured, uri_of

HOST = {"server.address": "api.test", "url.scheme": "https"}
WSGI_SCOPES = [CONTRIB + name for name in ("wsgi", "flask", "falcon", "pyramid.callbacks")]
HOST_SCOPES = [*WSGI_SCOPES, CONTRIB + "django"]


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        pytest.param(
            captured(x_forwarded_proto="https") | {"url.scheme": "http"}, "https", id="a captured header first"
        ),
        pytest.param(captured(x_forwarded_proto="HTTPS"), "https", id="in any case"),
        pytest.param(captured(x_forwarded_proto="https, http"), "https", id="the first comma part only"),
        pytest.param(captured(x_forwarded_proto="wss,https") | {"url.scheme": "http"}, "http", id="no other scheme"),
        pytest.param(captured(x_forwarded_proto="javascript:"), "http", id="nothing hostile"),
        pytest.param({"url.scheme": "https", "http.scheme": "http"}, "https", id="the stable attribute"),
        pytest.param({"http.scheme": "https"}, "https", id="the legacy attribute"),
        pytest.param({"url.scheme": "HTTPS"}, "https", id="an upper-case attribute"),
        pytest.param({"url.full": "https://api.test/"}, "https", id="of an absolute url.full"),
        pytest.param({"http.url": "https://api.test/"}, "https", id="of an absolute http.url"),
        pytest.param({"url.scheme": "ftp", "http.url": "https://api.test/"}, "https", id="one that is not of HTTP"),
        pytest.param({"url.scheme": 5}, "http", id="one that is no text"),
        pytest.param({}, "http", id="http where nothing tells"),
    ],
)
def test_the_scheme_is_of_the_first_source_that_names_one(attributes: dict[str, Any], expected: str) -> None:
    assert expected == uri_of(attributes).partition(":")[0]


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        pytest.param(captured(x_forwarded_host="a.test", host="b.test"), "a.test", id="X-Forwarded-Host first"),
        pytest.param(captured(x_forwarded_host="a.test, c.test", host="b.test"), "a.test", id="its first comma part"),
        pytest.param(captured(host="b.test:81") | {"url.full": "http://c.test/"}, "b.test:81", id="then Host"),
        pytest.param(
            {"url.full": "http://c.test:8080/x", "server.address": "d.test"}, "c.test:8080", id="then url.full"
        ),
        pytest.param({"http.url": "http://c.test/x", "server.address": "d.test"}, "c.test", id="or http.url"),
        pytest.param(
            {"server.address": "d.test", "server.port": 81, "http.host": "e.test"}, "d.test:81", id="then server.*"
        ),
        pytest.param({"http.host": "e.test:82", "net.host.name": "f.test"}, "e.test:82", id="then http.host"),
        pytest.param({"net.host.name": "f.test", "net.host.port": 83}, "f.test:83", id="then net.host.*"),
        pytest.param({"http.host": {"a": 1}, "net.host.name": "f.test"}, "f.test", id="a mapping is none"),
        pytest.param({"server.address": ["d.test"], "http.host": "e.test"}, "e.test", id="a list is none"),
        pytest.param({}, "localhost", id="localhost where nothing tells"),
        pytest.param({"url.full": "http://user:pass@c.test/"}, "c.test", id="without user information"),
        pytest.param({"url.full": "http://user:p@ss@c.test/"}, "c.test", id="without any user information"),
    ],
)
def test_the_authority_is_of_the_first_source_that_names_one(attributes: dict[str, Any], expected: str) -> None:
    assert f"http://{expected}" == uri_of(attributes).removesuffix("/x").removesuffix("/items").removesuffix("/")


@pytest.mark.parametrize(
    "hostile",
    [
        "user@evil.test",
        "user:pass@evil.test",
        "evil.test/path",
        "evil.test?q",
        "evil.test#f",
        "evil.test:port",
        "evil.test:123456",
        "evil.test:-1",
        "evil test",
        "evil.test\r\nX-Injected: 1",
        "evil.test\\",
        "<script>",
        "évil.test",
        "evil.test:١٢",
        "[evil]",
        "[::1",
        "::1",
        "[::1]evil.test",
        "[1.2.3.4]",
        "evil%zz.test",
        "evil%",
        "",
        ",evil.test",
        ":80",
        "@",
        "[REDACTED]",
    ],
)
@pytest.mark.parametrize("header", ["x_forwarded_host", "host"])
def test_what_is_no_authority_leaves_the_word_to_the_next_source(header: str, hostile: str) -> None:
    assert uri_of({**HOST, **captured(**{header: hostile})}) == "https://api.test/items"


@pytest.mark.parametrize(
    "authority",
    [
        "a.test",
        "A.test:8080",
        "a.test.",
        "192.0.2.7:81",
        "[2001:db8::1]",
        "[::ffff:192.0.2.7]:8443",
        "a_b-c~d",
        "a%C3%A9.test",
        "a.test:",
    ],
)
def test_an_authority_of_rfc_3986_is_taken_to_the_letter(authority: str) -> None:
    assert f"https://{authority}/items" == uri_of({**HOST, **captured(x_forwarded_host=authority)})


@pytest.mark.parametrize(
    ("address", "port", "scheme", "expected"),
    [
        ("api.test", 443, "https", "api.test"),
        ("api.test", 80, "http", "api.test"),
        ("api.test", 80, "https", "api.test:80"),
        ("api.test", 443, "http", "api.test:443"),
        ("api.test:443", 443, "https", "api.test"),
        ("api.test:8443", 8000, "https", "api.test:8443"),
        ("api.test", None, "https", "api.test"),
        ("2001:db8::1", 8443, "https", "[2001:db8::1]:8443"),
        ("2001:db8::1", 443, "https", "[2001:db8::1]"),
        ("[2001:db8::1]", 8443, "https", "[2001:db8::1]:8443"),
        ("[2001:db8::1]:9000", 8443, "https", "[2001:db8::1]:9000"),
        ("::1", None, "http", "[::1]"),
        ("fe80::1%eth0", 8443, "https", "[fe80::1]:8443"),
        ("192.0.2.7", 8443, "https", "192.0.2.7:8443"),
        ("api.test", 0, "https", "api.test"),
        ("api.test", -1, "https", "api.test"),
        ("api.test", 65536, "https", "api.test"),
        ("api.test", True, "https", "api.test"),
        ("api.test", "8443", "https", "api.test:8443"),
        ("api.test", 8443.0, "https", "api.test:8443"),
        ("api.test", "8443.5", "https", "api.test"),
        ("/run/server.sock", None, "http", "localhost"),
        ("unix:/run/server.sock", None, "http", "localhost"),
        (7, 8443, "http", "localhost"),
    ],
)
def test_a_port_is_joined_to_the_address_unless_it_is_the_default(
    address: Any, port: Any, scheme: str, expected: str
) -> None:
    attributes = {"server.address": address, "server.port": port, "url.scheme": scheme}

    assert f"{scheme}://{expected}/items" == uri_of(attributes)


@pytest.mark.parametrize("scope", HOST_SCOPES)
@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("api.example.com", "api.example.com"),
        ("api.example.com:8443", "api.example.com:8443"),
        ("localhost:9105", "localhost:9105"),
    ],
)
def test_quirk_1_the_port_that_a_wsgi_server_is_bound_to_is_not_the_hosts(
    scope: str, address: str, expected: str
) -> None:
    attributes = {"server.address": address, "server.port": 9105}
    legacy = {"net.host.name": address, "net.host.port": 9105}

    assert f"http://{expected}/items" == uri_of(attributes, scope=scope)
    assert f"http://{expected}/items" == uri_of(legacy, base=LEGACY_GET, scope=scope)


@pytest.mark.parametrize("scope", ["", CONTRIB + "aiohttp-server", "fastapi", "@opentelemetry/instrumentation-http"])
def test_quirk_1_elsewhere_address_and_port_belong_together(scope: str) -> None:
    attributes = {"server.address": "api.example.com", "server.port": 9105}

    assert uri_of(attributes, scope=scope) == "http://api.example.com:9105/items"


def test_quirk_2_a_captured_host_wins_over_the_socket_of_an_asgi_server() -> None:
    bound = {"server.address": "127.0.0.1:8000", "http.host": "127.0.0.1:8000"}

    assert uri_of({**bound, **captured(host="api.test")}) == "http://api.test/items"


def test_quirk_2_the_legacy_url_wins_over_the_socket_of_an_asgi_server() -> None:
    attributes = {"http.host": "127.0.0.1:8000", "http.target": "/items", "http.url": "http://api.test/items"}

    assert uri_of(attributes, base=LEGACY_GET) == "http://api.test/items"


def test_forwarded_headers_that_are_not_trusted_tell_neither_scheme_nor_host() -> None:
    headers = captured(x_forwarded_proto="https", x_forwarded_host="evil.test", host="api.test")

    assert (
        uri_of({"url.scheme": "http", **headers}, settings={"trust_forwarded_headers": False})
        == "http://api.test/items"
    )
    assert uri_of({"url.scheme": "http", **headers}) == "https://evil.test/items"


@pytest.mark.parametrize(
    ("scope", "address", "expected"),
    [
        ("fastapi", "api.test", "https://api.test/items"),
        ("starlette", "api.test", "https://api.test/items"),
    ],
)
def test_quirk_10_a_default_port_is_spelled_out_by_frameworks_of_their_own(
    scope: str, address: str, expected: str
) -> None:
    assert expected == uri_of({"server.address": address, "server.port": 443, "url.scheme": "https"}, scope=scope)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("api.example.com", "api.example.com"),
        ("localhost", "localhost:45009"),
        ("web", "web:45009"),
        ("127.0.0.1", "127.0.0.1:45009"),
        ("::1", "[::1]:45009"),
    ],
)
def test_quirk_10_starlettes_own_port_is_the_one_it_is_bound_to_behind_a_public_name(
    address: str, expected: str
) -> None:
    assert f"http://{expected}/items" == uri_of({"server.address": address, "server.port": 45009}, scope="starlette")
