"""The URI of a call that was made."""

from __future__ import annotations

from typing import Any

import pytest
from opentelemetry.trace import SpanKind
from support.spans import captured, uri_of


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

    assert expected == uri_of(attributes | sent, kind=SpanKind.CLIENT, name="GET", settings={"capture_outgoing": True})
