"""A queue in memory: what Flower shows of it is empty, and its pages and its API answer all the same."""

from __future__ import annotations

from celery import Celery

app = Celery("shop", broker="memory://", backend="cache+memory://")


@app.task
def add(a: int, b: int) -> int:
    return a + b
