"""The routes under Flask."""

from __future__ import annotations

import answers
from flask import Flask, Response, jsonify, request

app = Flask(__name__)


@app.route("/items/<int:item_id>", methods=["GET", "POST", "PURGE"])
def item(item_id: int) -> tuple[Response, int, dict[str, str]]:
    if request.method == "POST":
        return jsonify(request.get_json()), 201, answers.HEADERS
    return jsonify(item=item_id), 200, answers.HEADERS


@app.route("/boom")
def boom() -> None:
    answers.boom()


@app.route("/stream")
def stream() -> Response:
    return Response(iter(answers.CHUNKS), mimetype="text/plain")


@app.route("/handshake")
def handshake() -> Response:
    return Response(answers.handshake(), mimetype="text/plain")
