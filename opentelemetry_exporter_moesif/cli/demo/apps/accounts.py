"""A small service for accounts with FastAPI. It knows nothing of Moesif, nor of OpenTelemetry."""

from __future__ import annotations

import asyncio
import random
from typing import Any

from fastapi import FastAPI, HTTPException, Response

app = FastAPI()

ACCOUNTS = {"ada": "Ada Lovelace", "grace": "Grace Hopper", "alan": "Alan Turing"}


async def _work(typical_milliseconds: float) -> None:
    await asyncio.sleep(random.lognormvariate(0, 0.5) * typical_milliseconds / 1000)


@app.get("/accounts/{name}")
async def account(name: str) -> dict[str, str]:
    """One account, or 404."""
    await _work(8)
    if name not in ACCOUNTS:
        raise HTTPException(404, f"nobody is called {name}")
    return {"id": name, "name": ACCOUNTS[name]}


@app.post("/sessions", status_code=201)
async def sign_in(credentials: dict[str, Any]) -> dict[str, Any]:
    """Signs somebody in."""
    await _work(60)
    return {"user": credentials["user"], "token": "a-secret-that-must-not-leave"}


@app.delete("/sessions/{session}", status_code=204)
async def sign_out(session: int) -> Response:
    """Signs somebody out."""
    await _work(4 if session else 8)
    return Response(status_code=204)
