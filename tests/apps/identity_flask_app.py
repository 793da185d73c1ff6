"""Authenticates in a `before_request`, inside a span of its own, and identifies the caller further in the view."""

from __future__ import annotations

import jwt
from flask import Flask, Response, g, jsonify, request
from opentelemetry import trace

from opentelemetry_exporter_moesif import identify

KEY = "only-for-tests, and thirty-two bytes long"
app = Flask(__name__)
tracer = trace.get_tracer(__name__)


@app.before_request
def authenticate() -> None:
    with tracer.start_as_current_span("authenticate") as span:
        _, _, token = request.headers.get("X-Token", "").partition(" ")
        if token:
            g.claims = jwt.decode(token, KEY, algorithms=["HS256"])
            span.set_attributes({"user.id": g.claims["sub"], "session.id": "s-1"})


@app.get("/whoami")
def whoami() -> Response:
    if "company" in request.args:
        with tracer.start_as_current_span("look up"):
            identify(company_id=request.args["company"], metadata={"plan": "gold"})
    return jsonify(user=g.get("claims", {}).get("sub"))
