"""Spans that other people's servers made, with what was really sent to them: the files of `tests/foreign`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan

from support.calls import joined
from support.recorded_spans import span_from_json

FOREIGN = Path(__file__).parents[1] / "foreign"
#: What RFC 3986 allows in a path or a query; all else is percent-encoded.
_ALLOWED = "/?:@!$&'()*+,;=~%"
#: Those that were sent.
_SECRET_PARAMETERS = ("token", "api_key", "sig", "password", "X-Amz-Signature")


@dataclass(frozen=True)
class ForeignCall:
    """One request, as it went over the wire, and what was answered.

    Attributes:
        name: What the tests call it.
        verb: The method.
        target: The request target, as it stood in the request line.
        port: The port that was called; the caller's address is 127.0.0.1, or ::1.
        trace_id: The trace that the caller said it belongs to.
        parent_id: The caller's span.
        sent: The headers that were sent, in order.
        status: The answer's status; None where the caller hung up before there was one.
        received: The answer's headers, in order.
        ipv6: Whether it was sent to ::1.
        tls: Whether over TLS.
    """

    name: str
    verb: str
    target: str
    port: int
    trace_id: str
    parent_id: str
    sent: Sequence[Sequence[str]]
    status: int | None
    received: Sequence[Sequence[str]]
    ipv6: bool = False
    tls: bool = False

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers that were sent, names in lower case."""
        return joined([(name, value) for name, value in self.sent])

    @property
    def answered(self) -> Mapping[str, str]:
        """The headers that were answered, names in lower case."""
        return joined([(name, value) for name, value in self.received])

    def parts(self) -> dict[str, Any]:
        """Returns: what an event is to say of the call, part by part, where nothing is lost on the way."""
        url = urlsplit(self.target if "://" in self.target.partition("?")[0] else "")
        target = self.target.removeprefix(f"{url.scheme}://{url.netloc}")
        path, _, query = target.partition("?")
        headers = self.headers
        forwarded = dict(pair.split("=", 1) for pair in headers.get("forwarded", "").split(";") if pair)
        told = forwarded.get("for", "").strip('"').rpartition(":")[0].strip("[]")
        return {
            "verb": self.verb,
            "scheme": headers.get("x-forwarded-proto") or forwarded.get("proto") or ("https" if self.tls else "http"),
            "authority": headers.get("x-forwarded-host") or forwarded.get("host") or headers.get("host", ""),
            "path": "/" if path == "*" else quote(path, safe=_ALLOWED),
            "query": _masked(quote(query, safe=_ALLOWED)),
            "ip_address": headers.get("x-forwarded-for", told).split(",")[0] or ("::1" if self.ipv6 else "127.0.0.1"),
            "status": self.status,
        }


@dataclass(frozen=True)
class ForeignRecording:
    """One file.

    Attributes:
        name: Server, version and set-up.
        calls: What was sent.
        spans: The SERVER span of each call, by its trace, where the server made one.
    """

    name: str
    calls: Sequence[ForeignCall]
    spans: Mapping[str, ReadableSpan]


def _masked(query: str) -> str:
    return re.sub(rf"(^|&)({'|'.join(_SECRET_PARAMETERS)})=[^&]*", r"\1\2=REDACTED", query)


@cache
def foreign_recordings() -> Sequence[ForeignRecording]:
    """Returns: all files."""
    return [_read(path) for path in sorted(FOREIGN.glob("*.jsonl"))]


def _read(path: Path) -> ForeignRecording:
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    spans = [span_from_json(line["span"], Resource({"service.name": "shop"})) for line in lines if "span" in line]
    return ForeignRecording(
        path.stem,
        [ForeignCall(**line["call"]) for line in lines if "call" in line],
        {f"{span.context.trace_id:032x}": span for span in reversed(spans)},
    )
