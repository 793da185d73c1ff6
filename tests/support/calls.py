"""The calls that every application of `tests/apps` is sent, byte for byte, and what was answered."""

from __future__ import annotations

import http.client
import time
from dataclasses import asdict, dataclass, field
from typing import Any

#: Part of every secret that is sent or answered: where it shows up in an event, something leaked.
SECRET_MARK = "hush"


@dataclass(frozen=True)
class Call:
    """One request, as it goes over the wire.

    Attributes:
        name: What the tests call it.
        verb: The method, sent as it stands.
        target: The request target, escapes and all, sent as it stands.
        trace: Number of the trace that the caller says it belongs to; 0 sends no `traceparent`.
        headers: Sent in this order, names repeated where they are repeated. `Host` and `traceparent` are added.
        body: Sent with its `Content-Length`.
    """

    name: str
    verb: str
    target: str
    trace: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None


CALLS = (
    Call(
        "query",
        "GET",
        "/items/7?q=a%20b%26c&z=%C3%A9&sig=hush-signature",
        1,
        (
            ("Host", "api.example.com"),
            ("X-Forwarded-For", "203.0.113.9, 10.0.0.1"),
            ("X-Forwarded-Proto", "https"),
            ("User-Agent", "live-tests/1.0"),
            ("Accept-Language", "en"),
            ("Referer", "https://app.example.com/page?token=hush-referer&x=1"),
            ("Cookie", "s=hush-cookie"),
            ("Authorization", "Bearer hush-token"),
        ),
    ),
    Call(
        "post",
        "POST",
        "/items/8",
        0,
        (("Content-Type", "application/json"), ("X-Dup", "1"), ("X-Dup", "2")),
        b'{"name": "caf\\u00e9", "price": 3}',
    ),
    Call("missing", "GET", "/missing%2Fx/%C3%A9", 3),
    Call("boom", "GET", "/boom", 4),
    Call("stream", "GET", "/stream", 5),
    Call("purge", "PURGE", "/items/9", 6),
    Call("head", "HEAD", "/items/10", 7),
)
#: Targets and headers that are lost or changed more easily; those services are sent them of which recordings are all.
ODD_CALLS = (
    Call("escapes", "GET", "/items/7?q=a%26b&u=%23frag&v=1&p=100%25&pp=%2541&plus=c+d&e=%E2%9C%93&flag&empty=", 11),
    Call("accent", "GET", "/caf%C3%A9%20cr%C3%A8me?q=%C3%A9", 12),
    Call("slash", "GET", "/files/a%2Fb%3Fc%23d", 13),
    Call("percent", "GET", "/files/50%2541", 14),
    Call("doubled", "GET", "//items//x?y=//z", 15),
    Call("marks", "GET", "/items;v=1/7?a=b?c=d&u=http://x/y?z", 16),
    Call(
        "header",
        "GET",
        "/items/7",
        17,
        (("Host", "shop.example.com:8443"), ("X-Name", "j\u00fcrgen \u20ac"), ("X-Forwarded-For", "2001:db8::7")),
    ),
)
CALLS_BY_NAME = {call.name: call for call in (*CALLS, *ODD_CALLS)}


@dataclass(frozen=True)
class Exchange:
    """A call that was made, and its answer.

    Attributes:
        call: What was sent.
        trace_id: 32 hex digits where the caller sent a `traceparent`, else "".
        parent_id: The caller's span id, likewise.
        port: The port that was called; the caller's address is 127.0.0.1.
        began: Unix time in seconds just before the request was sent.
        ended: The same, just after the answer was read.
        sent: The headers that were sent, names in lower case, repeated ones joined by a comma.
        status: The answer's status.
        received: The answer's headers, names in lower case.
    """

    call: Call
    trace_id: str
    parent_id: str
    port: int
    began: float = 0.0
    ended: float = 0.0
    sent: dict[str, str] = field(default_factory=dict)
    status: int = 0
    received: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Returns: the exchange as JSON keeps it, its call by name."""
        return {**asdict(self), "call": self.call.name}

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Exchange:
        """Returns: the exchange that `to_json` kept."""
        return cls(**{**fields, "call": CALLS_BY_NAME[fields["call"]]})


def joined(headers: list[tuple[str, str]]) -> dict[str, str]:
    """Returns: the headers by lower-case name, several values of one name joined by a comma."""
    together: dict[str, list[str]] = {}
    for name, value in headers:
        together.setdefault(name.lower(), []).append(value)
    return {name: ",".join(values) for name, values in together.items()}


def make_call(port: int, call: Call) -> Exchange:
    """Sends one call on a connection of its own, and reads the whole answer.

    Nothing is added or quoted on the way: `http.client` is told each line.
    """
    trace_id, parent_id = (f"{time.time_ns():016x}{call.trace:016x}", f"{call.trace:016x}") if call.trace else ("", "")
    headers = list(call.headers)
    if "host" not in joined(headers):
        headers.insert(0, ("Host", f"127.0.0.1:{port}"))
    if trace_id:
        headers.append(("traceparent", f"00-{trace_id}-{parent_id}-01"))
    if call.body is not None:
        headers.append(("Content-Length", str(len(call.body))))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    began = time.time()
    try:
        connection.putrequest(call.verb, call.target, skip_host=True, skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value.encode())
        connection.endheaders(call.body)
        response = connection.getresponse()
        response.read()
    finally:
        connection.close()
    return Exchange(
        call,
        trace_id,
        parent_id,
        port,
        began,
        time.time(),
        joined(headers),
        response.status,
        joined(response.getheaders()),
    )
