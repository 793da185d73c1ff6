"""Files of calls, written by the OpenTelemetry SDK itself or as the Collector writes them."""

from __future__ import annotations

import json
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

# An hour ago: what is older than 30 days is left out.
_START = (time.time_ns() // 10**9 - 3600) * 10**9 + 678_000_000


def otlp_span(number: int, **changes: Any) -> dict[str, Any]:
    """Returns: a server span as the Collector's file exporter writes it."""
    return {
        "traceId": f"{number + 1:032x}",
        "spanId": f"{number + 1:016x}",
        "parentSpanId": "",
        "flags": 257,
        "name": "GET /items/{id}",
        "kind": 2,
        "startTimeUnixNano": str(_START + number * 1_000_000),
        "endTimeUnixNano": str(_START + number * 1_000_000 + 5_000_000),
        "attributes": [
            {"key": "http.request.method", "value": {"stringValue": "GET"}},
            {"key": "url.scheme", "value": {"stringValue": "https"}},
            {"key": "server.address", "value": {"stringValue": "api.example.com"}},
            {"key": "url.path", "value": {"stringValue": f"/items/{number}"}},
            {"key": "url.query", "value": {"stringValue": "q=1&token=the-secret"}},
            {"key": "client.address", "value": {"stringValue": "203.0.113.9"}},
            {"key": "http.response.status_code", "value": {"intValue": "200"}},
            {
                "key": "http.request.header.authorization",
                "value": {"arrayValue": {"values": [{"stringValue": "Bearer the-secret"}]}},
            },
        ],
        "status": {},
        **changes,
    }


def otlp_line(*spans: dict[str, Any]) -> str:
    """Returns: one line of the Collector's file exporter."""
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]}
    scope_spans = [{"scope": {"name": "io.opentelemetry.tomcat"}, "spans": list(spans)}]
    return json.dumps({"resourceSpans": [{"resource": resource, "scopeSpans": scope_spans}]}, separators=(",", ":"))


def write_otlp(path: Path, lines: int, spans_a_line: int = 50, first: int = 0) -> int:
    """Writes a file of OTLP lines and returns the number of spans in it."""
    with path.open("w") as file:
        for line in range(lines):
            numbers = range(first + line * spans_a_line, first + (line + 1) * spans_a_line)
            file.write(otlp_line(*map(otlp_span, numbers)) + "\n")
    return lines * spans_a_line


def moesif_event(number: int, **changes: Any) -> dict[str, Any]:
    """Returns: an event as other clients of Moesif send it, without an id."""
    return {
        "request": {
            "time": _iso(_START),
            "uri": f"https://api.example.com/items/{number}?q=1&token=the-secret",
            "verb": "GET",
            "ip_address": "203.0.113.9",
            "headers": {"authorization": "Bearer the-secret", "accept": "text/plain"},
        },
        "response": {"time": _iso(_START + 22_000_000), "status": 200, "headers": {"set-cookie": "s=the-secret"}},
        **changes,
    }


def _iso(nanoseconds: int) -> str:
    moment = datetime.fromtimestamp(nanoseconds // 10**9, timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{nanoseconds // 10**6 % 1000:03}Z"
