"""HAR 1.2: whole calls with headers, bodies and times, as browsers, proxies and API clients save them."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.mapping.body import CapturedBodies, CapturedBody
from opentelemetry_exporter_moesif.mapping.headers import REQUEST_PREFIX, RESPONSE_PREFIX
from opentelemetry_exporter_moesif.replay.call import logged_call
from opentelemetry_exporter_moesif.replay.formats.access_fields import without_default_port
from opentelemetry_exporter_moesif.replay.moments import duration, moment

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.replay.call import Call, Findings

LABEL = "HAR"

_MILLISECOND = 1_000_000
# data:, blob:, about:, ws:, chrome-extension: and others.
_NO_CALL = re.compile(r"(?!https?:)[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def recognizes(value: Any) -> bool:
    """Whether a decoded document is a HAR file, or one entry of it."""
    if not isinstance(value, dict):
        return False
    log = value.get("log")
    return (isinstance(log, dict) and "entries" in log) or ("startedDateTime" in value and "request" in value)


def read(document: dict[str, Any], findings: Findings) -> None:
    """Tells the calls of a document that this format `recognizes`."""
    entries = document["log"]["entries"] if isinstance(document.get("log"), dict) else [document]
    if not isinstance(entries, list):
        findings.bad("log.entries is not an array")
        return
    for entry in entries:
        try:
            call = _call(entry)
        except (AttributeError, LookupError, TypeError, ValueError):
            findings.bad("an entry of the HAR is not of its form")
            continue
        if call is None:
            findings.passed_over()
        else:
            findings.call(call)


def _call(entry: dict[str, Any]) -> Call | None:
    request, response = entry["request"], entry.get("response") or {}
    if _NO_CALL.match(request["url"]):
        return None
    start = moment(entry["startedDateTime"])
    if start is None:
        raise ValueError
    attributes: dict[str, Any] = {
        "http.request.method": request["method"],
        "url.full": without_default_port(request["url"].partition("#")[0]),
    }
    status = response.get("status")
    if isinstance(status, int) and status > 0:  # 0: it was cut off
        attributes["http.response.status_code"] = status
    for prefix, part in ((REQUEST_PREFIX, request), (RESPONSE_PREFIX, response)):
        _add_headers(attributes, prefix, part)
    server = entry.get("serverIPAddress")
    if isinstance(server, str) and server:
        attributes["network.local.address"] = server.strip("[]")
    return logged_call(
        attributes,
        start,
        start + (duration(entry.get("time"), _MILLISECOND) or 0),
        content=json.dumps(entry, sort_keys=True).encode(),
        bodies=CapturedBodies(_request_body(request), _response_body(response)),
    )


def _add_headers(attributes: dict[str, Any], prefix: str, part: dict[str, Any]) -> None:
    for name, value in _headers(part):
        if not name.startswith(":"):  # HTTP/2's own
            attribute = prefix + name.lower().replace("-", "_")
            attributes[attribute] = (*attributes.get(attribute, ()), value)


def _headers(part: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for header in part.get("headers") or ():
        yield str(header["name"]), str(header["value"])


def _request_body(request: dict[str, Any]) -> CapturedBody | None:
    data = request.get("postData")
    if not isinstance(data, dict):
        return None
    text = data.get("text")
    if not text and isinstance(data.get("params"), list):
        return None  # files and fields, of which nobody can tell how they were sent
    return _body(text, data.get("mimeType"), data.get("encoding"))


def _response_body(response: dict[str, Any]) -> CapturedBody | None:
    content = response.get("content")
    if not isinstance(content, dict):
        return None
    return _body(content.get("text"), content.get("mimeType"), content.get("encoding"))


def _body(text: Any, media_type: Any, encoding: Any) -> CapturedBody | None:
    """A body as text, or in base64; whatever compression it came in was undone before it was saved."""
    if not isinstance(text, str) or not text:
        return None
    content = base64.b64decode(text) if encoding == "base64" else text.encode("utf-8", "replace")
    return CapturedBody(content, str(media_type or ""))
