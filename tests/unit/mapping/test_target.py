"""Path and query of a URI: each from the most exact source, percent-encoded once."""

from __future__ import annotations

from typing import Any

import pytest
from support.spans import CONTRIB, LEGACY_GET, uri_of

HOST = {"server.address": "api.test", "url.scheme": "https"}
WSGI_SCOPES = [CONTRIB + name for name in ("wsgi", "flask", "falcon", "pyramid.callbacks")]


def target_of(scope: str, name: str = "GET", **attributes: str) -> str:
    """Path and query of the URI for a span of an instrumentation; an attribute's underscore stands for a dot."""
    named = {attribute.replace("_", "."): value for attribute, value in attributes.items()}
    told = uri_of({"http.method": "GET", "http.host": "api.test", **named}, base={}, scope=scope, name=name)
    return told.removeprefix("http://api.test")


@pytest.mark.parametrize("name", ["url.full", "http.url"])
def test_quirk_3_a_url_may_be_a_bare_path(name: str) -> None:
    assert uri_of({**HOST, name: "/a?b=c"}) == "https://api.test/a?b=c"


def test_quirk_3_a_raw_query_wins_over_the_decoded_one_of_http_url() -> None:
    url = {"http.url": "http://api.test/items?q=a+b"}

    assert uri_of({**url, "url.query": "q=a%20b%26c"}) == "http://api.test/items?q=a%20b%26c"
    assert uri_of({**url, "http.target": "/items?q=a%20b%26c"}, base=LEGACY_GET) == "http://api.test/items?q=a%20b%26c"
    assert uri_of(url, base=LEGACY_GET) == "http://api.test/items?q=a+b"


@pytest.mark.parametrize("scope", WSGI_SCOPES)
def test_quirk_4_a_wsgi_path_is_utf_8_read_as_latin_1(scope: str) -> None:
    assert uri_of({**HOST, "url.path": "/Ã©"}, scope=scope) == "https://api.test/%C3%A9"


@pytest.mark.parametrize("scope", [CONTRIB + "django", CONTRIB + "asgi", CONTRIB + "fastapi", "fastapi", ""])
def test_quirk_4_elsewhere_a_path_is_text_and_that_repair_would_corrupt_it(scope: str) -> None:
    assert uri_of({**HOST, "url.path": "/é"}, scope=scope) == "https://api.test/%C3%A9"
    assert uri_of({**HOST, "url.path": "/Ã©"}, scope=scope) == "https://api.test/%C3%83%C2%A9"


def test_quirk_4_a_decoded_path_below_wsgi_is_still_read_as_text() -> None:
    assert uri_of({**HOST, "url.path": "/€"}, scope=CONTRIB + "wsgi") == "https://api.test/%E2%82%AC"


def test_quirk_4_the_raw_target_comes_first_and_keeps_escapes_and_a_mount_prefix() -> None:
    attributes = {**HOST, "http.target": "/v1/missing%2Fx/%C3%A9?q=1", "url.path": "/missing/x/Ã©"}

    assert uri_of(attributes, scope=CONTRIB + "flask") == "https://api.test/v1/missing%2Fx/%C3%A9?q=1"


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
    assert f"https://api.test{expected}" == uri_of({**HOST, "url.path": path})


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
    assert f"http://api.test{expected}" == uri_of({"server.address": "api.test", **attributes})


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
    assert f"https://api.test{expected}" == uri_of(HOST, name=name, scope=CONTRIB + "wsgi")


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
    assert expected == uri_of({"server.address": "api.test", **attributes}).partition("?")[2]


def test_quirk_4_a_wsgi_query_is_utf_8_read_as_latin_1_too() -> None:
    assert uri_of({**HOST, "url.query": "q=Ã©"}, scope=CONTRIB + "flask") == "https://api.test/items?q=%C3%A9"


@pytest.mark.parametrize(("given", "kept"), [(499, 499), (500, 500), (501, 500), (100_000, 500)])
def test_a_query_keeps_its_first_500_parameters(given: int, kept: int) -> None:
    query = "&".join(f"p{index}={index}" for index in range(given))

    parameters = uri_of({**HOST, "url.query": query}).partition("?")[2].split("&")

    assert [f"p{index}={index}" for index in range(kept)] == parameters


@pytest.mark.parametrize("framework", ["wsgi", "flask", "django", "falcon", "pyramid.callbacks", "aiohttp_server"])
def test_a_target_in_absolute_form_gives_its_path_and_query(framework: str) -> None:
    """As a client of a proxy sends it (RFC 9112, section 3.2.2)."""
    target = "http://api.test/items%2F7?z=1"

    assert target_of(CONTRIB + framework, "GET /items/<int:item_id>", http_target=target) == "/items%2F7?z=1"


@pytest.mark.parametrize("framework", ["asgi", "fastapi", "starlette"])
def test_a_question_mark_or_an_escape_in_an_asgi_path_is_part_of_the_path(framework: str) -> None:
    """`/why%3F/%252F` was asked for; ASGI's legacy target is the decoded path, and never holds a query."""
    assert target_of(CONTRIB + framework, http_target="/why?/%2F") == "/why%3F/%252F"


@pytest.mark.parametrize(
    "scope", [CONTRIB + "fastapi", CONTRIB + "asgi", CONTRIB + "aiohttp_server", "fastapi", "starlette"]
)
def test_a_percent_sign_in_a_decoded_path_stands_for_itself(scope: str) -> None:
    """`/per%25cent` was asked for, and `%ce` is no escape."""
    assert target_of(scope, url_path="/per%cent") == "/per%25cent"


def test_a_percent_sign_beside_what_only_decoded_text_holds_stands_for_itself() -> None:
    assert target_of(CONTRIB + "django", url_path="/per%cent/é") == "/per%25cent/%C3%A9"
    assert target_of(CONTRIB + "flask", url_path="/per%cent/Ã©") == "/per%25cent/%C3%A9"


@pytest.mark.parametrize("scope", [CONTRIB + "flask", CONTRIB + "tornado", "some.other.instrumentation"])
def test_the_escapes_of_a_path_that_may_be_raw_stay(scope: str) -> None:
    """The semantic conventions have it raw, and so had WSGI's instrumentation up to 0.57b0."""
    assert target_of(scope, url_path="/missing%2Fx/%C3%A9") == "/missing%2Fx/%C3%A9"


def test_a_path_with_a_space_is_taken_from_the_spans_name_where_that_is_all_there_is() -> None:
    """wsgiref keeps no raw target; the name is the decoded path."""
    assert target_of(CONTRIB + "wsgi", "GET /a b/per%cent") == "/a%20b/per%25cent"
