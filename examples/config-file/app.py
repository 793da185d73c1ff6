"""A small shop in Flask. Nothing here knows of OpenTelemetry or of Moesif: `otel.yaml` does."""

from flask import Flask, jsonify, request

app = Flask(__name__)
items = {7: {"id": 7, "name": "chair"}}


@app.get("/items/<int:item_id>")
def read_item(item_id: int):
    if item_id not in items:
        return jsonify(error="no such item"), 404
    return jsonify(items[item_id])


@app.post("/items")
def add_item():
    item = {"id": max(items) + 1, **request.get_json()}
    items[item["id"]] = item
    return jsonify(item), 201
