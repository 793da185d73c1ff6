"""The URI of a call: each part from the best source that can be believed, percent-encoded once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from opentelemetry.trace import SpanKind
from support.spans import CONTRIB, GET, LEGACY_GET, captured, event_of, http_span

HOST = {"server.address": "api.test", "url.scheme": "https"}
WSGI_SCOPES = [CONTRIB + name for name in ("wsgi", "flask", "falcon", "pyramid.callbacks")]
HOST_SCOPES = [*WSGI_SCOPES, CONTRIB + "django"]


def uri(attributes: Mapping[str, Any], *, base: Mapping[str, Any] = GET, settings: Any = None, **fields: Any) -> str:
    return event_of(http_span({**base, **attributes}, **fields), **(settings or {}))["request"]["uri"]


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
    assert expected == uri(attributes).partition(":")[0]


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
    assert f"http://{expected}" == uri(attributes).removesuffix("/x").removesuffix("/items").removesuffix("/")


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
    assert uri({**HOST, **captured(**{header: hostile})}) == "https://api.test/items"


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
    assert f"https://{authority}/items" == uri({**HOST, **captured(x_forwarded_host=authority)})


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

    assert f"{scheme}://{expected}/items" == uri(attributes)


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

    assert f"http://{expected}/items" == uri(attributes, scope=scope)
    assert f"http://{expected}/items" == uri(legacy, base=LEGACY_GET, scope=scope)


@pytest.mark.parametrize("scope", ["", CONTRIB + "aiohttp-server", "fastapi", "@opentelemetry/instrumentation-http"])
def test_quirk_1_elsewhere_address_and_port_belong_together(scope: str) -> None:
    attributes = {"server.address": "api.example.com", "server.port": 9105}

    assert uri(attributes, scope=scope) == "http://api.example.com:9105/items"


def test_quirk_2_a_captured_host_wins_over_the_socket_of_an_asgi_server() -> None:
    bound = {"server.address": "127.0.0.1:8000", "http.host": "127.0.0.1:8000"}

    assert uri({**bound, **captured(host="api.test")}) == "http://api.test/items"


def test_quirk_2_the_legacy_url_wins_over_the_socket_of_an_asgi_server() -> None:
    attributes = {"http.host": "127.0.0.1:8000", "http.target": "/items", "http.url": "http://api.test/items"}

    assert uri(attributes, base=LEGACY_GET) == "http://api.test/items"


@pytest.mark.parametrize("name", ["url.full", "http.url"])
def test_quirk_3_a_url_may_be_a_bare_path(name: str) -> None:
    assert uri({**HOST, name: "/a?b=c"}) == "https://api.test/a?b=c"


def test_quirk_3_a_raw_query_wins_over_the_decoded_one_of_http_url() -> None:
    url = {"http.url": "http://api.test/items?q=a+b"}

    assert uri({**url, "url.query": "q=a%20b%26c"}) == "http://api.test/items?q=a%20b%26c"
    assert uri({**url, "http.target": "/items?q=a%20b%26c"}, base=LEGACY_GET) == "http://api.test/items?q=a%20b%26c"
    assert uri(url, base=LEGACY_GET) == "http://api.test/items?q=a+b"


@pytest.mark.parametrize("scope", WSGI_SCOPES)
def test_quirk_4_a_wsgi_path_is_utf_8_read_as_latin_1(scope: str) -> None:
    assert uri({**HOST, "url.path": "/Ã©"}, scope=scope) == "https://api.test/%C3%A9"


@pytest.mark.parametrize("scope", [CONTRIB + "django", CONTRIB + "asgi", CONTRIB + "fastapi", "fastapi", ""])
def test_quirk_4_elsewhere_a_path_is_text_and_that_repair_would_corrupt_it(scope: str) -> None:
    assert uri({**HOST, "url.path": "/é"}, scope=scope) == "https://api.test/%C3%A9"
    assert uri({**HOST, "url.path": "/Ã©"}, scope=scope) == "https://api.test/%C3%83%C2%A9"


def test_quirk_4_a_decoded_path_below_wsgi_is_still_read_as_text() -> None:
    assert uri({**HOST, "url.path": "/€"}, scope=CONTRIB + "wsgi") == "https://api.test/%E2%82%AC"


def test_quirk_4_the_raw_target_comes_first_and_keeps_escapes_and_a_mount_prefix() -> None:
    attributes = {**HOST, "http.target": "/v1/missing%2Fx/%C3%A9?q=1", "url.path": "/missing/x/Ã©"}

    assert uri(attributes, scope=CONTRIB + "flask") == "https://api.test/v1/missing%2Fx/%C3%A9?q=1"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/a b", "/a%20b"),
        ("/100%", "/100%25"),
        ("/50%zz/%41", "/50%25zz/%41"),
        ("/%c3%a9", "/%c3%a9"),
        ("/%C3%A9 x", "/%25C3%25A9%20x"),
        ("/a;v=1/b,c/(d)/e'f!*$&+=:@~-._", "/a;v=1/b,c/(d)/e'f!*$&+=:@~-._"),
        ('/"<>\\^`{|}[]', "/%22%3C%3E%5C%5E%60%7B%7C%7D%5B%5D"),
        ("/a?b#c", "/a%3Fb%23c"),
        ("/a\r\nb\0", "/a%0D%0Ab%00"),
        ("/\ud800", "/%3F"),
        ("//x//y", "//x//y"),
        ("items", "/items"),
        ("*", "/"),
        ("/" * 9000, "/" * 9000),
    ],
    ids=lambda path: ascii(path[:20]),
)
def test_a_path_is_percent_encoded_once(path: str, expected: str) -> None:
    assert f"https://api.test{expected}" == uri({**HOST, "url.path": path})


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        pytest.param({"http.target": "/t?x", "url.path": "/p", "url.full": "/f"}, "/t?x", id="http.target first"),
        pytest.param({"http.target": "t?x=1", "url.path": "/p"}, "/p?x=1", id="where it starts with a slash"),
        pytest.param({"http.target": "http://h.test/t?x=1", "url.path": "/p"}, "/t?x=1", id="or is a whole URL"),
        pytest.param({"url.path": "/p", "url.full": "http://api.test/f"}, "/p", id="then url.path"),
        pytest.param({"url.full": "http://api.test/f", "http.url": "http://api.test/u"}, "/f", id="then url.full"),
        pytest.param({"url.full": "/f", "http.url": "http://api.test/u"}, "/u", id="the whole URL of the two"),
        pytest.param({"http.url": "http://api.test/u#x"}, "/u%23x", id="then http.url, in which # was sent as %23"),
        pytest.param({"http.url": "http://api.test"}, "/items", id="then the span's name"),
        pytest.param({"url.path": "", "http.target": ""}, "/items", id="where the others are empty"),
        pytest.param({"url.path": 5, "http.target": ("/x",), "url.query": b"q"}, "/items", id="or no text"),
    ],
)
def test_the_path_is_of_the_first_source_that_has_one(attributes: dict[str, Any], expected: str) -> None:
    assert f"http://api.test{expected}" == uri({"server.address": "api.test", **attributes})


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("GET /items/7", "/items/7"),
        ("GET /items/Ã©", "/items/%C3%A9"),
        ("HTTP", "/"),
        ("GET", "/"),
        ("GET items", "/"),
        ("view of /items", "/"),
        ("GET /a b", "/a%20b"),
        ("", "/"),
    ],
)
def test_quirk_6_the_name_of_the_span_is_what_is_left_of_a_wsgiref_path(name: str, expected: str) -> None:
    assert f"https://api.test{expected}" == uri(HOST, name=name, scope=CONTRIB + "wsgi")


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        pytest.param({"url.query": "a=1", "http.target": "/t?a=2"}, "a=1", id="url.query first"),
        pytest.param({"http.target": "/t?a=2", "http.url": "http://api.test/t?a=3"}, "a=2", id="then http.target"),
        pytest.param({"http.target": "/t", "http.url": "http://api.test/t?a=3"}, "a=3", id="then http.url"),
        pytest.param({"url.query": "?a=1"}, "a=1", id="without a question mark of its own"),
        pytest.param({"url.query": "a=?b=/c:@"}, "a=?b=/c:@", id="with what a query may hold"),
        pytest.param({"url.query": "a=1&&b&=c&"}, "a=1&&b&=c&", id="to the letter"),
        pytest.param({"url.query": "q=é ü#x%"}, "q=%C3%A9%20%C3%BC%23x%25", id="percent-encoded once"),
        pytest.param({"url.query": ""}, "", id="none"),
    ],
)
def test_the_query_is_of_the_first_source_that_has_one(attributes: dict[str, Any], expected: str) -> None:
    assert expected == uri({"server.address": "api.test", **attributes}).partition("?")[2]


def test_quirk_4_a_wsgi_query_is_utf_8_read_as_latin_1_too() -> None:
    assert uri({**HOST, "url.query": "q=Ã©"}, scope=CONTRIB + "flask") == "https://api.test/items?q=%C3%A9"


@pytest.mark.parametrize(("given", "kept"), [(499, 499), (500, 500), (501, 500), (100_000, 500)])
def test_a_query_keeps_its_first_500_parameters(given: int, kept: int) -> None:
    query = "&".join(f"p{index}={index}" for index in range(given))

    parameters = uri({**HOST, "url.query": query}).partition("?")[2].split("&")

    assert [f"p{index}={index}" for index in range(kept)] == parameters


def test_forwarded_headers_that_are_not_trusted_tell_neither_scheme_nor_host() -> None:
    headers = captured(x_forwarded_proto="https", x_forwarded_host="evil.test", host="api.test")

    assert (
        uri({"url.scheme": "http", **headers}, settings={"trust_forwarded_headers": False}) == "http://api.test/items"
    )
    assert uri({"url.scheme": "http", **headers}) == "https://evil.test/items"


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
    assert expected == uri({"server.address": address, "server.port": 443, "url.scheme": "https"}, scope=scope)


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
    assert f"http://{expected}/items" == uri({"server.address": address, "server.port": 45009}, scope="starlette")


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"url.full": "https://api.test/a%20b?c=%C3%A9#f"}, "https://api.test/a%20b?c=%C3%A9"),
        ({"url.full": "https://api.test/a b/é?c=d é"}, "https://api.test/a%20b/%C3%A9?c=d%20%C3%A9"),
        ({"http.url": "http://user:pw@api.test:8080/"}, "http://api.test:8080/"),
        ({"url.full": "https://api.test"}, "https://api.test/"),
        ({"url.full": "https://api.test?q=1"}, "https://api.test/?q=1"),
        ({"http.scheme": "https", "http.host": "api.test", "http.target": "/a?b=c"}, "https://api.test/a?b=c"),
        ({"server.address": "api.test", "server.port": 8080, "url.path": "/a"}, "http://api.test:8080/a"),
        ({"url.full": "https://api.test/?" + "a&" * 600}, "https://api.test/?" + "a&" * 499 + "a"),
        ({"url.full": "https://api.test/?sig=secret&b=1"}, "https://api.test/?sig=REDACTED&b=1"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_the_uri_of_a_call_that_was_made_is_the_one_that_was_asked_for(
    attributes: dict[str, Any], expected: str
) -> None:
    sent = captured(x_forwarded_host="other.test", x_forwarded_proto="http")

    assert expected == uri(attributes | sent, kind=SpanKind.CLIENT, name="GET", settings={"capture_outgoing": True})
