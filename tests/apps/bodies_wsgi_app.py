"""What bodies pass through without any framework, under OpenTelemetry's WSGI middleware."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from opentelemetry.instrumentation.wsgi import OpenTelemetryMiddleware
from streamed import chunks, pieces, release


def plain(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    path = environ["PATH_INFO"]
    if path == "/stream":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return chunks()
    if path == "/download":
        start_response("200 OK", [("Content-Type", "application/octet-stream")])
        return pieces(environ["QUERY_STRING"])
    if path == "/upload":
        return answered({"size": sum(map(len, iter(lambda: environ["wsgi.input"].read(65536), b"")))}, start_response)
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    if path == "/release":
        release()
    return answered({"got": json.loads(body)} if path == "/echo" else {}, start_response)


def answered(answer: Any, start_response: Callable[..., Any]) -> list[bytes]:
    content = json.dumps(answer).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(content)))])
    return [content]


app = OpenTelemetryMiddleware(plain)
