"""Events that were written down elsewhere, made fit to be sent: whole, redacted, and with an id."""

from __future__ import annotations

import base64
import json
import uuid
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.mapping.body import CapturedBody, EventBody, event_body
from opentelemetry_exporter_moesif.mapping.headers import header_name, header_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opentelemetry_exporter_moesif.mapping.rules import MappingRules
    from opentelemetry_exporter_moesif.replay.call import Findings

_REQUIRED = ("time", "uri", "verb")
_UNKNOWN_ADDRESS = "0.0.0.0"  # noqa: S104 - an address that is not known, not one to listen on


LABEL = "Moesif events"


def recognizes(value: Any) -> bool:
    """Whether a decoded value is meant to be an event of Moesif's. Caddy's logs have a `request` as well."""
    if not isinstance(value, dict) or "request" not in value or "startedDateTime" in value:
        return False
    request = value["request"]
    return not isinstance(request, str) and not (isinstance(request, dict) and "method" in request)


def read(value: Mapping[str, Any], findings: Findings) -> None:
    """Tells an event."""
    findings.event(value)


class NotAnEventError(ValueError):
    """A value that is no event; its text says what is missing."""


def whole_event(original: Mapping[str, Any]) -> dict[str, Any]:
    """The event with what Moesif requires, and with an id.

    Raises:
        NotAnEventError: the request, its time, its URI or its verb is missing.
    """
    request = original.get("request")
    if not isinstance(request, dict):
        message = "request is not an object"
        raise NotAnEventError(message)
    for name in _REQUIRED:
        if not isinstance(request.get(name), str) or not request[name]:
            message = f"request.{name} is missing"
            raise NotAnEventError(message)
    event = {"metadata": {}, **{name: value for name, value in original.items() if value is not None}}
    event["request"] = {"ip_address": _UNKNOWN_ADDRESS, **request, "headers": request.get("headers") or {}}
    response = event.get("response")
    if isinstance(response, dict):
        event["response"] = {"verb": request["verb"], **response, "headers": response.get("headers") or {}}
    if not event.get("transaction_id"):
        event["transaction_id"] = content_id(original)
    return event


def content_id(event: Mapping[str, Any]) -> str:
    """The UUIDv5 of an event's canonical JSON, as it was given: the same one at every replay.

    Frozen: the namespace is RFC 9562's for URLs; the JSON has sorted keys, no white space and only ASCII.
    """
    return str(uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(event, sort_keys=True, separators=(",", ":"))))


def redact(event: dict[str, Any], rules: MappingRules) -> None:
    """Takes out of a `whole_event`, in place, what must never leave."""
    for part in (event["request"], event.get("response")):
        if isinstance(part, dict) and isinstance(part["headers"], dict):
            part["headers"] = {header_name(name): header_value(value) for name, value in part["headers"].items()}
    _redact_bodies(event, rules)
    rules.redaction.foreign_event(event)


def _redact_bodies(event: dict[str, Any], rules: MappingRules) -> None:
    for side in ("request", "response"):
        part = event.get(side)
        if not isinstance(part, dict) or part.get("body") is None:
            continue
        body = _body(part, rules)
        del part["body"]
        part.pop("transfer_encoding", None)
        if body.value is not None:
            part |= {"body": body.value, "transfer_encoding": body.transfer_encoding}
        if body.note:
            metadata = event.get("metadata")
            event["metadata"] = {**(metadata if isinstance(metadata, dict) else {}), f"{side}_body": body.note}


def _body(part: dict[str, Any], rules: MappingRules) -> EventBody:
    """The body as the exporter would send it: objects and arrays as they are, any text as what its bytes are."""
    body = part["body"]
    if isinstance(body, (dict, list)):
        content, content_type = json.dumps(body).encode(), "application/json"
    else:
        content, content_type = str(body).encode("utf-8", "replace"), str(_header(part, "Content-Type"))
        if part.get("transfer_encoding") == "base64":
            content = _unquoted(content)
    # Whoever wrote the event down has decided on its size; the collector's limits still hold.
    return event_body(CapturedBody(content, content_type), rules.redaction, len(content))


def _header(part: dict[str, Any], name: str) -> Any:
    return part["headers"].get(name, "") if isinstance(part["headers"], dict) else ""


def _unquoted(content: bytes) -> bytes:
    try:
        return base64.b64decode(content, validate=True)
    except ValueError:
        return content
