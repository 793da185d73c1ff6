"""One event as an entry of a HAR 1.2 file (the HTTP Archive format), which browsers and proxies open."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from opentelemetry_exporter_moesif.json_codec import dumps

from .call import milliseconds

_UNKNOWN = -1  # HAR's word for a size that is not known


def entry(event: dict[str, Any]) -> dict[str, Any]:
    """The entry of an event that the schema took. What the event does not know is -1 or empty, as HAR has it."""
    request, response = event["request"], event.get("response") or {}
    started, ended = milliseconds(request.get("time")), milliseconds(response.get("time"))
    took = _UNKNOWN if started is None or ended is None else max(0, round(ended - started, 3))
    known = {"serverIPAddress": response.get("ip_address"), "comment": event.get("action_name")}
    return {
        "startedDateTime": request["time"],
        "time": max(took, 0),
        "request": _request(request),
        "response": _response(response),
        "cache": {},
        "timings": {"send": 0, "wait": took, "receive": 0},
        **{name: value for name, value in known.items() if isinstance(value, str)},
    }


def _request(request: dict[str, Any]) -> dict[str, Any]:
    content = _content(request)
    posted = {"postData": {"mimeType": content["mimeType"], "text": content["text"]}} if "text" in content else {}
    return {
        "method": request["verb"],
        "url": request["uri"],
        "queryString": _query(request["uri"]),
        **_common(request),
        "bodySize": content["size"],
        **posted,
    }


def _response(response: dict[str, Any]) -> dict[str, Any]:
    status = response.get("status", 0)
    content = _content(response)
    return {
        "status": status,
        "statusText": HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "",
        "redirectURL": _header(response, "location"),
        "content": content,
        **_common(response),
        "bodySize": content["size"],
    }


def _common(part: dict[str, Any]) -> dict[str, Any]:
    headers = part.get("headers")
    pairs = headers.items() if isinstance(headers, dict) else ()
    return {
        "httpVersion": "",
        "cookies": [],
        "headers": [{"name": name, "value": str(value)} for name, value in pairs],
        "headersSize": _UNKNOWN,
    }


def _content(part: dict[str, Any]) -> dict[str, Any]:
    body = part.get("body")
    content: dict[str, Any] = {"size": _UNKNOWN, "mimeType": _header(part, "content-type")}
    if body is None:
        return content
    if not isinstance(body, str):
        text = dumps(body).decode()
        return {**content, "size": len(text.encode()), "text": text}
    encoding = {"encoding": "base64"} if part.get("transfer_encoding") == "base64" else {}
    return {**content, "size": len(body), "text": body, **encoding}


def _header(part: dict[str, Any], wanted: str) -> str:
    headers = part.get("headers")
    pairs = headers.items() if isinstance(headers, dict) else ()
    return next((str(value) for name, value in pairs if name.lower() == wanted), "")


def _query(uri: str) -> list[dict[str, str]]:
    try:
        query = urlsplit(uri).query
    except ValueError:
        return []
    return [{"name": name, "value": value} for name, value in parse_qsl(query, keep_blank_values=True)]
