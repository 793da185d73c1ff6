"""What the demonstration shows: the events as a table, one of them in full, and what to do next."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rich.console import Console
from rich.json import JSON
from rich.table import Table
from rich.text import Text

from opentelemetry_exporter_moesif.terminal.installation import requirement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opentelemetry_exporter_moesif.cli.demo.traffic import DemoCall

Event = dict[str, Any]

_WIDTH_IN_A_PIPE = 120
_COLOURS = {2: "green", 3: "cyan", 4: "yellow", 5: "red"}

NEXT = f"""Next: your own service, with no change to its code. In its environment:

  pip install {requirement("zero-code")} opentelemetry-instrumentation-flask  # or your framework's
  export OTEL_EXPORTER_MOESIF_APPLICATION_ID='your Moesif application id'
  export OTEL_TRACES_EXPORTER=moesif OTEL_METRICS_EXPORTER=none OTEL_LOGS_EXPORTER=none
  export OTEL_SEMCONV_STABILITY_OPT_IN=http/dup
  export OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST='.*'
  export OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE='.*'
  opentelemetry-instrument gunicorn app:app  # your own command, with opentelemetry-instrument in front

`moesif-otel doctor` says what is still in the way; `moesif-otel demo --serve` shows a page of live calls."""


def console() -> Console:
    """Standard output, wide enough for the table where it is no terminal."""
    return Console(width=None if sys.stdout.isatty() else _WIDTH_IN_A_PIPE, highlight=False, soft_wrap=False)


def table(events: Sequence[Event]) -> Table:
    """One row an event, in the order of the calls."""
    in_order = sorted(events, key=lambda event: event["request"]["time"])
    rows = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("service", "verb", "uri", "status", "ms", "user", "company", "address"):
        # Where there is little room, only URIs give way, and lose nothing.
        rows.add_column(
            name,
            justify="right" if name in ("status", "ms") else "left",
            no_wrap=name != "uri",
            overflow="fold",
        )
    for event in in_order:
        rows.add_row(*(Text(cell, style) for cell, style in _row(event)))
    return rows


def _row(event: Event) -> list[tuple[str, str]]:
    request, response = event["request"], event.get("response", {})
    status = response.get("status", 0)
    return [
        (event.get("metadata", {}).get("resource", {}).get("service.name", ""), ""),
        (request["verb"], "bold"),
        (request["uri"], ""),
        (str(status or "-"), _COLOURS.get(status // 100, "")),
        (_milliseconds(request, response), ""),
        (event.get("user_id", "-"), ""),
        (event.get("company_id", "-"), ""),
        (request["ip_address"], ""),
    ]


def _milliseconds(request: Event, response: Event) -> str:
    if "time" not in response:
        return "-"
    began, ended = (datetime.fromisoformat(part["time"].replace("Z", "+00:00")) for part in (request, response))
    return f"{(ended - began).total_seconds() * 1000:.0f}"


def in_full(event: Event) -> JSON:
    """An event as it was sent, but in an order for readers: its own is for the compression."""
    in_order = {name: event[name] for name in ("request", "response") if name in event}
    return JSON(json.dumps({**in_order, **event}), indent=2)


def find(events: Sequence[Event], call: DemoCall) -> Event | None:
    """The event of a call: by verb, path and status."""
    path = urlsplit(call.target).path
    for event in events:
        request = event["request"]
        same = (request["verb"], urlsplit(request["uri"]).path) == (call.verb, path)
        if same and event.get("response", {}).get("status") == call.status:
            return event
    return None
