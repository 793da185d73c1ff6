"""What is in one span is never in the event of another, of whatever type it is: also where the first span is odd."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from support.both_ways import both_ways
from support.spans import GET, http_span

ODD: dict[str, Callable[[int], Any]] = {
    "two values": lambda n: (f"v{n}", "w"),
    "several values": lambda n: (f"v{n}",) * (1 + n % 3),
    "a list": lambda n: [f"v{n}"],
    "a number in a tuple": lambda n: (n,),
    "a fraction": lambda n: n + 0.5,
    "true and false": lambda n: bool(n % 2),
    "bytes": lambda n: f"v{n}".encode(),
    "a mapping": lambda n: {"a": n},
    "nothing": lambda n: None if n % 2 else f"v{n}",
}
NAMES = (
    "http.request.header.x-a http.response.header.vary http.request.header.x-forwarded-for app.own enduser.id"
    " client.address server.address http.route user_agent.original url.path http.request.header.content-length"
).split()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ODD)
def test_an_odd_value_is_that_of_its_own_call(kind: str, name: str) -> None:
    spans = [http_span({**GET, name: ODD[kind](number)}) for number in range(20)]

    found = both_ways(spans[3:], spans[:3])

    assert found.rendered.split(b",\n") == found.mapped.split(b",\n")
