"""Tasks that call an API: `celery --app celery_app worker` takes them from a directory, `call.delay(url)` leaves them there."""

from __future__ import annotations

import os
from pathlib import Path

import requests
from celery import Celery

_FILES = Path(os.environ["CELERY_FILES"])

app = Celery("celery_app", broker="filesystem://")
app.conf.broker_transport_options = {
    "data_folder_in": str(_FILES / "queue"),
    "data_folder_out": str(_FILES / "queue"),
    "control_folder": str(_FILES / "control"),
}


@app.task
def call(url: str) -> None:
    requests.get(url, timeout=10)
    (_FILES / "done" / url.rpartition("/")[2]).touch()
