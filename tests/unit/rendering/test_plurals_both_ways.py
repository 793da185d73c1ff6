"""What only the values of a call tell is looked at by them: the compiled renderer lets none of it pass."""

from __future__ import annotations

from typing import Any

import pytest
from support.both_ways import both_ways
from support.spans import GET, http_span

MARK = "hunter2x9"
NAMES = "tokens llm.tokens Auth http.request.header.x-tokens http.response.header.x_tokens".split()


def told(attributes: dict[str, Any], ordinary: dict[str, Any]) -> tuple[bytes, bytes]:
    """What leaves where a call like this one, with nothing to hide, was seen before."""
    result = both_ways([http_span(GET | attributes)], learned=[http_span(GET | ordinary)] * 3)
    return result.rendered, result.mapped


@pytest.mark.parametrize("name", NAMES)
def test_an_attribute_or_a_header(name: str) -> None:
    is_header = "header" in name
    value, usual = (f"bob:{MARK}", "required") if name == "Auth" else (MARK, "abc")
    rendered, mapped = told({name: (value,) if is_header else value}, {name: (usual,) if is_header else usual})

    assert MARK.encode() not in rendered
    assert rendered == mapped


@pytest.mark.parametrize("name", ["tokens", "tokens[]", "access_tokens"])
def test_a_parameter(name: str) -> None:
    url = {"url.scheme": "https", "server.address": "h.test", "url.path": "/a"}
    rendered, mapped = told(url | {"url.query": f"{name}={MARK}"}, url | {"url.query": f"{name}=abc"})

    assert MARK.encode() not in rendered
    assert rendered == mapped


@pytest.mark.parametrize(
    "query", [f"type=otp&code={MARK}", f"code={MARK}&a=b&type=verify_otp", f"subject=Your%20OTP&text={MARK}"]
)
def test_a_parameter_that_another_one_names(query: str) -> None:
    url = {"url.scheme": "https", "server.address": "h.test", "url.path": "/a"}
    usual = "&".join(f"{part.partition('=')[0]}=abc" for part in query.split("&"))
    rendered, mapped = told(url | {"url.query": query}, url | {"url.query": usual})

    assert MARK.encode() not in rendered
    assert rendered == mapped


@pytest.mark.parametrize("count", [2, 15, 20])
def test_a_query_of_many_words(count: int) -> None:
    url = {"url.scheme": "https", "server.address": "h.test", "url.path": "/a"}
    query = "&".join(f"a{number}=word" for number in range(count))
    rendered, mapped = told(url | {"url.query": query}, url | {"url.query": query.replace("word", "other")})

    assert query.encode() in rendered
    assert rendered == mapped


def test_an_attribute_that_another_one_names() -> None:
    rendered, mapped = told({"event.name": "otp", "event.code": MARK}, {"event.name": "sale", "event.code": "abc"})

    assert MARK.encode() not in rendered
    assert rendered == mapped
