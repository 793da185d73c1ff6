"""What bodies pass through under Flask."""

from __future__ import annotations

import io
from collections.abc import Iterator

from flask import Flask, Response, jsonify, request, send_file
from streamed import pieces, wait_for_the_caller

app = Flask(__name__)


@app.before_request
def reject() -> tuple[Response, int] | None:
    return (jsonify(error="rejected"), 401) if request.headers.get("X-Reject") else None


@app.post("/echo")
def echo() -> Response:
    return jsonify(got=request.get_json())


@app.post("/form")
def form() -> Response:
    return jsonify(names=sorted(request.form))


@app.post("/upload")
def upload() -> Response:
    size = 0
    while chunk := request.stream.read(65536):
        size += len(chunk)
    return jsonify(size=size)


@app.get("/stream")
def stream() -> Response:
    def chunks() -> Iterator[str]:
        yield "one\n"
        yield "two\n"

    return Response(chunks(), mimetype="text/plain")


@app.get("/download")
def download() -> Response:
    return Response(pieces(request.query_string.decode()), mimetype="application/octet-stream")


@app.get("/slow")
def slow() -> Response:
    def chunks() -> Iterator[str]:
        yield "first\n"
        wait_for_the_caller()
        yield "last\n"

    return Response(chunks(), mimetype="text/plain")


@app.get("/file")
def file() -> Response:
    return send_file(io.BytesIO(b"file" * 10), mimetype="text/plain")


@app.get("/boom")
def boom() -> None:
    message = "boom"
    raise RuntimeError(message)
