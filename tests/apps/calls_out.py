"""Calls a server with every client library that OpenTelemetry instruments here, then ends.

Usage: calls_out.py URL
"""

from __future__ import annotations

import asyncio
import sys

import aiohttp
import httpx
import requests
import urllib3
from opentelemetry import trace


def call(url: str) -> None:
    requests.get(f"{url}/requests?token=hush", timeout=10)
    urllib3.PoolManager().request("GET", f"{url}/urllib3?token=hush")
    httpx.get(f"{url}/httpx?token=hush")


async def call_async(url: str) -> None:
    async with httpx.AsyncClient() as client:
        await client.get(f"{url}/httpx-async?token=hush")
    async with aiohttp.ClientSession() as session, session.get(f"{url}/aiohttp?token=hush") as answer:
        await answer.read()


if __name__ == "__main__":
    with trace.get_tracer(__name__).start_as_current_span("job"):
        call(sys.argv[1])
        asyncio.run(call_async(sys.argv[1]))
