"""The fields of an access log to a call: URI, times, headers and sizes, as an instrumentation would have told them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from opentelemetry_exporter_moesif.http_syntax import DEFAULT_PORTS
from opentelemetry_exporter_moesif.mapping.headers import REQUEST_PREFIX, header_value
from opentelemetry_exporter_moesif.replay.call import logged_call
from opentelemetry_exporter_moesif.replay.formats.access_names import (
    DURATIONS,
    fields_of,
    header_attribute,
    metadata_of,
    uses_of,
)
from opentelemetry_exporter_moesif.replay.moments import duration, moment

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.replay.call import Call

# One name, and a unit for each product: (a field that the product alone has, nanoseconds).
_DURATION_UNITS: tuple[tuple[str, float], ...] = (
    ("downstreamstatus", 1.0),
    ("response_code", 1e6),
    ("request.method", 1e9),
    ("controller", 1e6),  # Rails
)
_REQUEST_LINE = re.compile(r'(?P<method>[^\s"]+) (?P<target>\S.*?)(?: (?P<protocol>(?:HTTP/)?[123](?:\.\d)?))?')
_METHOD = re.compile(r"[A-Za-z][A-Za-z_-]{0,31}")
_HTTPS_PORT = "443"

LONGEST_LINE = 64 * 1024
"""Letters of a line that tells a call: no expression is tried on a longer one."""


@dataclass(slots=True)
class Entry:
    """A call as an access log tells it.

    Args:
        attributes: By the names of the semantic conventions.
        start: When it began, in nanoseconds since the epoch.
        end: When it was answered.
        name: What it did: its method and route, where the route is known.
        tells_time: Whether its own fields tell when it was.
    """

    attributes: dict[str, Any]
    start: int
    end: int
    name: str = ""
    tells_time: bool = True


def call_of_line(fields: Mapping[str, Any], line: str, recorded: Any = None, *, is_start: bool = False) -> Call | None:
    """The call that the fields of a line tell; None where they are of none.

    Args:
        fields: As `entry` takes them.
        line: The line, of which the id of its event is made.
        recorded: As `entry` takes it.
        is_start: Likewise.
    """
    call = entry(fields, recorded=recorded, is_start=is_start)
    if call is None:
        return None
    content = line if call.tells_time else f"{recorded} {line}"
    return logged_call(
        call.attributes, call.start, call.end, content=content.encode("utf-8", "replace"), name=call.name
    )


def entry(record: Mapping[str, Any], *, recorded: Any = None, is_start: bool = False) -> Entry | None:
    """The call that these fields tell; None where they are of none.

    Args:
        record: The fields by their names.
        recorded: When it was written down, as `moment` takes it, for fields that tell no time.
        is_start: Whether the time without a meaning of its own (`time_local`) is that of the request: Apache's is.
    """
    fields = fields_of(record)
    uses = uses_of(fields)
    _split_request_line(uses)
    _tell_sizes(fields, uses)
    method, target = uses.get("method"), uses.get("target") or uses.get("url") or _route(uses)
    # Envoy's access logs have the time of the request.
    times = _times(fields, uses, is_start=is_start or "response_flags" in fields)
    if not isinstance(method, str) or not _METHOD.fullmatch(method) or not isinstance(target, str):
        return None
    if _is_asked_alone(fields, uses):
        return None
    written = None if times else moment(recorded)
    if written:
        times = written - _duration(fields), written
    if times is None:
        return None
    attributes: dict[str, Any] = {"http.request.method": method.upper()}
    _add_uri(attributes, fields, uses, target)
    _add_headers(attributes, fields)
    _add_rest(attributes, uses)
    route = _route(uses)
    if route:
        attributes["http.route"] = route
    attributes.update(metadata_of(fields))
    name = f"{attributes['http.request.method']} {route}" if route else ""
    return Entry(attributes, *times, name=name, tells_time=not written)


def _is_asked_alone(fields: Mapping[str, Any], uses: Mapping[str, Any]) -> bool:
    """Whether a Node.js logger tells that a request has come: another entry tells what became of it."""
    return "req.method" in fields and "status" not in uses


def _tell_sizes(fields: Mapping[str, Any], uses: dict[str, Any]) -> None:
    """Names that mean another thing elsewhere."""
    if "response_code" in fields and "bytes_sent" in fields:  # Envoy's, without headers; nginx's is with them
        uses["sent"] = fields["bytes_sent"]
    if "bytes_read" in fields and "received" in uses and "sent" not in uses:  # HAProxy read it from the server
        uses["sent"] = uses.pop("received")


def _split_request_line(uses: dict[str, Any]) -> None:
    line = uses.get("line")
    match = _REQUEST_LINE.fullmatch(line) if isinstance(line, str) else None
    if match:
        uses.setdefault("method", match["method"])
        uses.setdefault("target", match["target"])


def _times(fields: Mapping[str, Any], uses: Mapping[str, Any], *, is_start: bool) -> tuple[int, int] | None:
    start, end = moment(uses.get("start")), moment(uses.get("end"))
    if end is None and "date" in fields:
        end = moment(f"{fields['date']} {uses.get('end', fields.get('time', ''))}".strip())
    if start is None and is_start:
        start, end = end, None
    took = _duration(fields)
    if start is None:
        return None if end is None else (end - took, end)
    return start, (start + took if took or end is None else max(start, end))


def _duration(fields: Mapping[str, Any]) -> int:
    for name, unit in DURATIONS.items():
        if name in fields:
            return duration(fields[name], unit) or 0
    if "time-taken" in fields:  # the W3C and CloudFront have seconds, IIS milliseconds
        text = str(fields["time-taken"])
        return duration(text, 1e9 if "." in text or "x-edge-location" in fields else 1e6) or 0
    if "duration" in fields:
        known = next((unit for marker, unit in _DURATION_UNITS if marker in fields), None)
        value = fields["duration"]
        return duration(value, known or (1e9 if isinstance(value, float) or "." in str(value) else 1e6)) or 0
    return 0


def _add_uri(attributes: dict[str, Any], fields: Mapping[str, Any], uses: Mapping[str, Any], target: str) -> None:
    scheme = str(uses.get("scheme") or _implied_scheme(fields, uses)).lower()
    if "://" in target:
        url = without_default_port(target)
        # A request that goes through a proxy, or what a load balancer saw.
        attributes["url.full"] = url
        return
    query = uses.get("query")
    if query is not None and "?" not in target:
        target = f"{target}?{str(query).removeprefix('?')}"
    # The conventions' older name says that it is the target as it came, with every escape.
    attributes["http.target"] = target if target.startswith("/") else f"/{target}"
    if scheme:
        attributes["url.scheme"] = scheme
    host = uses.get("host")
    if isinstance(host, str):
        attributes["server.address"] = _host(host, scheme)


def _implied_scheme(fields: Mapping[str, Any], uses: Mapping[str, Any]) -> str:
    is_secure = (
        str(uses.get("port")) == _HTTPS_PORT
        or any(name.startswith(("request.tls", "tlsversion", "ssl_protocol")) for name in fields)
        or "on" in (fields.get("https"), fields.get("sslenabled"))
        or fields.get("protocol") == "https"
    )
    return "https" if is_secure else ""


def _host(host: str, scheme: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdecimal() and int(port) == DEFAULT_PORTS.get(scheme) else host


def without_default_port(url: str) -> str:
    """The URL without a port that its scheme implies: load balancers write it out."""
    try:
        parts = urlsplit(url)
        implied = parts.port is not None and parts.port == DEFAULT_PORTS.get(parts.scheme.lower())
    except ValueError:
        return url
    if not implied:
        return url
    return url.replace(parts.netloc, parts.netloc.rpartition(":")[0], 1)


def _add_headers(attributes: dict[str, Any], fields: Mapping[str, Any]) -> None:
    for name, value in fields.items():
        attribute = header_attribute(name, fields)
        if attribute:
            attributes[attribute] = (header_value(value),)


def _add_rest(attributes: dict[str, Any], uses: Mapping[str, Any]) -> None:
    status = _number(uses.get("status"))
    if status:
        attributes["http.response.status_code"] = status
    for use, attribute in (("sent", "http.response.body.size"), ("received", "http.request.body.size")):
        size = _number(uses.get(use))
        if size:
            attributes[attribute] = size
    if "address" in uses:
        attributes["client.address"] = str(uses["address"])
    if "user" in uses and isinstance(uses["user"], str):
        attributes["user.id"] = uses["user"]
    if "agent" in uses:
        attributes["user_agent.original"] = str(uses["agent"])
    if "referer" in uses:
        attributes[f"{REQUEST_PREFIX}referer"] = (str(uses["referer"]),)


def _number(value: Any) -> int:
    """A whole number, as a number or as text; 0 where it is none."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return 0


def _route(uses: Mapping[str, Any]) -> str | None:
    route = uses.get("route")
    if not isinstance(route, str):
        return None
    path = route.rpartition(" ")[2]  # `GET /teas/{id}`
    return path if path.startswith("/") else None
