"""A small shop with Flask. It knows nothing of Moesif, nor of OpenTelemetry."""

from __future__ import annotations

import random
import time

from flask import Flask, Response, jsonify, request

app = Flask(__name__)

TEAS = {1: "Darjeeling", 2: "Sencha", 3: "Earl Grey", 4: "Rooibos", 5: "Oolong"}


def _work(typical_milliseconds: float) -> None:
    time.sleep(random.lognormvariate(0, 0.5) * typical_milliseconds / 1000)


@app.get("/teas")
def teas() -> Response:
    """The teas whose name holds `search`."""
    _work(12)
    search = request.args.get("search", "").lower()
    return jsonify([{"id": number, "name": name} for number, name in TEAS.items() if search in name.lower()])


@app.get("/teas/<int:tea>")
def tea(tea: int) -> tuple[Response, int]:
    """One tea, or 404."""
    _work(6)
    if tea not in TEAS:
        return jsonify({"error": f"there is no tea {tea}"}), 404
    return jsonify({"id": tea, "name": TEAS[tea], "price": 4.5 + tea}), 200


@app.post("/orders")
def order() -> tuple[Response, int]:
    """Takes an order."""
    _work(30)
    wanted = request.get_json()
    return jsonify({"order": 4711, "teas": wanted["teas"]}), 201


@app.get("/reports/sales")
def report() -> Response:
    """Fails: a handler that raises."""
    _work(40)
    return jsonify({"average": 0 / len([])})
