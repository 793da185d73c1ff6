"""JSON access logs: nginx's, Envoy's, Caddy's, Traefik's, API Gateway's, and others by the same names of fields."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.replay.call import logged_call
from opentelemetry_exporter_moesif.replay.formats import access_fields

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.replay.call import Call

LABEL = "JSON access logs"


def call_of(fields: dict[str, Any]) -> Call | None:
    """The call of one entry; None where it is of none."""
    entry = access_fields.entry(fields)
    if entry is None:
        return None
    content = json.dumps(fields, sort_keys=True).encode()
    return logged_call(entry.attributes, entry.start, entry.end, content=content, name=entry.name)
