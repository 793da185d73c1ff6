"""The routes as bare WSGI, with OpenTelemetry's middleware: `python wsgi_app.py PORT` serves them with wsgiref."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.simple_server import make_server

import answers
from opentelemetry.instrumentation.wsgi import OpenTelemetryMiddleware


def routes(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    path = environ["PATH_INFO"]
    if path == "/boom":
        answers.boom()
    if path == "/stream":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return iter(answers.CHUNKS)
    if not path.startswith("/items/"):
        start_response("404 Not Found", [("Content-Type", "text/plain"), ("Content-Length", "9")])
        return [b"not found"]
    return item(environ, start_response, int(path.removeprefix("/items/")))


def item(environ: dict[str, Any], start_response: Callable[..., Any], item_id: int) -> Iterable[bytes]:
    posted = environ["REQUEST_METHOD"] == "POST"
    body = (
        environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])) if posted else json.dumps({"item": item_id}).encode()
    )
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body))), *answers.HEADERS.items()]
    start_response("201 Created" if posted else "200 OK", headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


app = OpenTelemetryMiddleware(routes)

if __name__ == "__main__":
    with make_server("127.0.0.1", int(sys.argv[1]), app) as server:
        server.serve_forever()
