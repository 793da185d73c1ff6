"""Scheme, host, port and prefix as proxies tell them: believed where they can be, and nothing hostile gets through."""

from __future__ import annotations

from typing import Any

import pytest
from support.spans import GET, captured, event_of, http_span

SEEN = {"url.scheme": "http", "server.address": "10.0.0.5", "server.port": 8000, "url.path": "/items"}


def uri(headers: dict[str, str], settings: dict[str, Any] | None = None, **attributes: Any) -> str:
    named = {name.replace("_", "."): value for name, value in attributes.items()}
    span = http_span({**GET, **SEEN, **named, **captured(**headers)})
    return event_of(span, **(settings or {}))["request"]["uri"].removesuffix("/items")


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        pytest.param({"forwarded": "proto=https;host=a.test"}, "https://a.test", id="Forwarded tells both"),
        pytest.param({"forwarded": 'for=1.2.3.4;Host="a.test:81";PROTO=HTTPS'}, "https://a.test:81", id="in any case"),
        pytest.param({"forwarded": "host=a.test, host=b.test;proto=https"}, "http://a.test", id="its first element"),
        pytest.param({"forwarded": 'for="_x,;";host=a.test'}, "http://a.test", id="with separators between quotes"),
        pytest.param(
            {"forwarded": "proto=http;host=b.test", "x_forwarded_proto": "https", "x_forwarded_host": "a.test"},
            "https://a.test",
            id="after X-Forwarded-*",
        ),
        pytest.param({"forwarded": "host=a.test", "host": "b.test"}, "http://a.test", id="before Host"),
        pytest.param({"forwarded": f"a{' ' * 1_000_000}b", "host": "b.test"}, "http://b.test", id="long, without any"),
        pytest.param({"forwarded": "proto=wss;host=a/b"}, "http://10.0.0.5:8000", id="and is hostile input"),
        pytest.param({"x_forwarded_host": "a.test", "x_forwarded_port": "8443"}, "http://a.test:8443", id="a port"),
        pytest.param({"x_forwarded_host": "a.test:81", "x_forwarded_port": "82"}, "http://a.test:81", id="none beside"),
        pytest.param({"host": "a.test", "x_forwarded_port": "8443, 80"}, "http://a.test:8443", id="its first part"),
        pytest.param({"host": "a.test", "x_forwarded_port": "443"}, "https://a.test", id="443 is TLS"),
        pytest.param(
            {"host": "a.test", "x_forwarded_port": "80", "x_forwarded_proto": "https"}, "https://a.test", id="80 unsaid"
        ),
        pytest.param({"host": "a.test", "x_forwarded_port": "x"}, "http://a.test", id="a port that is none"),
        pytest.param({"host": "a.test", "x_forwarded_port": "70000"}, "http://a.test", id="one that is too large"),
        pytest.param({"x_forwarded_port": "8443"}, "http://10.0.0.5:8443", id="before the port of the socket"),
    ],
)
def test_what_a_proxy_tells_comes_first(headers: dict[str, str], expected: str) -> None:
    assert expected == uri(headers)


def test_none_of_it_counts_where_it_is_not_trusted() -> None:
    told = {"forwarded": "proto=https;host=a.test", "x_forwarded_port": "8443"}

    assert uri(told, {"trust_forwarded_headers": False}) == "http://10.0.0.5:8000"


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("/api", "/api/items"),
        ("/api/", "/api/items"),
        ("/api/v1, /other", "/api/v1/items"),
        ("/", "/items"),
        ("", "/items"),
        ("api", "/items"),
        ("/a?b", "/items"),
        ("/a#b", "/items"),
        ("/a\r\nb", "/items"),
        ("https://evil.test", "/items"),
    ],
)
def test_a_prefix_stands_before_the_path_where_the_user_says_so(prefix: str, expected: str) -> None:
    span = http_span({**GET, **SEEN, **captured(x_forwarded_prefix=prefix)})

    def path(**settings: Any) -> str:
        return event_of(span, **settings)["request"]["uri"].removeprefix("http://10.0.0.5:8000")

    assert expected == path(trust_forwarded_prefix=True)
    assert path() == "/items"
