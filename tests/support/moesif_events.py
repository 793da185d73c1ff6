"""Events for the local collector, as a client of Moesif's would send them."""

from __future__ import annotations

import uuid
from copy import deepcopy
from typing import Any

APPLICATION_ID = "an-application-id-of-the-tests"
HEADERS = {"X-Moesif-Application-Id": APPLICATION_ID}

_EVENT = {
    "request": {
        "time": "2016-08-16T09:21:56.998Z",
        "uri": "https://api.example.com/items/7?query=string",
        "verb": "GET",
        "ip_address": "203.0.113.9",
        "headers": {"accept": "application/json"},
    },
    "response": {
        "time": "2016-08-16T09:21:57.041Z",
        "status": 200,
        "verb": "GET",
        "headers": {"content-type": "application/json"},
    },
}


def make_event(changes: dict[str, Any] | None = None) -> dict[str, Any]:
    """A right event with a transaction id of its own.

    Args:
        changes: Values by their way, `request.verb`; None takes the field out.
    """
    event: dict[str, Any] = {**deepcopy(_EVENT), "transaction_id": str(uuid.uuid4())}
    for way, value in (changes or {}).items():
        *steps, last = way.split(".")
        part = event
        for step in steps:
            part = part.setdefault(step, {})
        if value is None:
            part.pop(last, None)
        else:
            part[last] = value
    return event
