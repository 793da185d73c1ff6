"""Authenticates in dependencies, an async one and one in a thread, inside spans of their own."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import jwt
from fastapi import Depends, FastAPI, Header
from opentelemetry import trace

from opentelemetry_exporter_moesif import identify

KEY = "only-for-tests, and thirty-two bytes long"
app = FastAPI()
tracer = trace.get_tracer(__name__)


async def claims(x_token: Annotated[str, Header()] = "") -> dict[str, Any]:
    with tracer.start_as_current_span("authenticate") as span:
        await asyncio.sleep(0)
        _, _, token = x_token.partition(" ")
        found = jwt.decode(token, KEY, algorithms=["HS256"]) if token else {}
        if token:
            span.set_attributes({"user.id": found["sub"], "session.id": "s-1"})
        return found


def in_a_thread(company: str = "") -> None:
    if company:
        with tracer.start_as_current_span("look up"):
            identify(company_id=company, metadata={"plan": "gold"})


@app.get("/whoami", dependencies=[Depends(in_a_thread)])
async def whoami(found: Annotated[dict[str, Any], Depends(claims)]) -> dict[str, Any]:
    return {"user": found.get("sub")}
