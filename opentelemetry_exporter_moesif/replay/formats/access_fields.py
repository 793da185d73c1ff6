"""The fields of an access log, by whatever name a server gives them, to a call.

nginx's variables, Envoy's operators, Caddy's, Traefik's and API Gateway's names, the W3C's: one table. What has no row
in it goes into the event's metadata under its own name, as a span's own attributes do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from opentelemetry_exporter_moesif.mapping.headers import REQUEST_PREFIX, RESPONSE_PREFIX, header_value
from opentelemetry_exporter_moesif.mapping.origin import DEFAULT_PORTS
from opentelemetry_exporter_moesif.replay.moments import duration, moment

# What a field is for, and its names in lower case, the most telling one first.
_NAMES = {
    "method": (
        "request_method requestmethod httpmethod http_method method cs-method request.method req_method verb"
        " httprequest.requestmethod http.request.method"
    ),
    "line": "request request_line requestline",
    "target": (
        "request_uri request.uri x_envoy_original_path original_path requestpath path uri cs-uri-stem cs-uri"
        " request_path url_path url.path"
    ),
    "url": "request_url requesturl url httprequest.requesturl url.original url.full",
    "query": "query_string querystring query args cs-uri-query url.query",
    "host": (
        "http_host requestaddr request.host x-host-header cs(host) cs-host authority :authority host requesthost"
        " domainname vhost server_name"
    ),
    "scheme": "scheme requestscheme x_forwarded_proto http_x_forwarded_proto x-forwarded-proto cs-protocol url.scheme",
    "port": "server_port requestport s-port",
    "address": (
        "request.client_ip client_ip remote_addr request.remote_ip clienthost ip c-ip remote_ip clientip client_address"
        " client downstream_remote_address httprequest.remoteip remote_address source.ip client.ip"
        " http.client_ip client.address"
    ),
    "forwarded": "x_forwarded_for x-forwarded-for http_x_forwarded_for",
    "status": (
        "status response_code downstreamstatus sc-status status_code elb_status_code response.status statuscode"
        " httprequest.status http.response.status_code response_status"
    ),
    "user": "remote_user user_id clientusername cs-username username user",
    "agent": (
        "http_user_agent user_agent useragent request_user-agent cs(user-agent) user-agent httprequest.useragent"
        " user_agent.original agent"
    ),
    "referer": "http_referer referer referrer request_referer cs(referer) httprequest.referer",
    "sent": "body_bytes_sent downstreamcontentsize responselength size response_body_size",
    "received": "bytes_received bytes_read requestcontentsize request_body_size",
    "start": (
        "start_time startutc starttime requesttimeepoch request_creation_time startlocal requesttime time_received"
    ),
    "end": "msec time_iso8601 ts time_local end_time @timestamp timestamp time datetime",
    "route": "resourcepath routekey",
}
_FIELDS = {name: tuple(names.split()) for name, names in _NAMES.items()}
_KNOWN = {name for names in _FIELDS.values() for name in names}
# Told by another field, or nobody's business: cookies are credentials, and the query is in the URI already.
_DROPPED = frozenset("protocol server_protocol request.proto httpversion cs-version date logger level msg".split())
_DROPPED_PREFIXES = ("cookie_", "arg_", "request.tls", "request.headers", "resp_headers")
_DURATIONS = {
    "request_time": 1e9,  # nginx: seconds
    "responselatency": 1e6,  # API Gateway: milliseconds
    "integrationlatency": 1e6,
    "duration_ms": 1e6,
    "latency_ms": 1e6,
}
# One name, and a unit for each product: (a field that the product alone has, nanoseconds).
_DURATION_UNITS: tuple[tuple[str, float], ...] = (
    ("downstreamstatus", 1.0),
    ("response_code", 1e6),
    ("request.method", 1e9),
)
_NGINX_HEADER = ("http_", "sent_http_")
_TRAEFIK_HEADER = ("request_", "downstream_")
_NOTHING = ("", "-", None)
_REQUEST_LINE = re.compile(r'(?P<method>[^\s"]+) (?P<target>\S.*?)(?: (?P<protocol>HTTP/\d(?:\.\d)?))?')
_METHOD = re.compile(r"[A-Za-z][A-Za-z_-]{0,31}")
_HTTPS_PORT = "443"
_MOST_DEPTH = 2


@dataclass(slots=True)
class Entry:
    """A call as an access log tells it.

    Args:
        attributes: By the names of the semantic conventions.
        start: When it began, in nanoseconds since the epoch.
        end: When it was answered.
        name: What it did: its method and route, where the route is known.
    """

    attributes: dict[str, Any]
    start: int
    end: int
    name: str = ""


def entry(given: Mapping[str, Any], *, recorded: int = 0, is_start: bool = False) -> Entry | None:
    """The call that these fields tell; None where they are of none.

    Args:
        given: The fields by their names.
        recorded: When it was written down, in nanoseconds since the epoch, for fields that tell no time.
        is_start: Whether the time without a meaning of its own (`time_local`) is that of the request: Apache's is.
    """
    fields = {name.lower(): value for name, value in _flat(given) if value not in _NOTHING}
    told = {use: value for use, names in _FIELDS.items() if (value := _first(fields, names)) is not None}
    _split_request_line(told)
    if "response_code" in fields and "bytes_sent" in fields:  # Envoy's, without headers; nginx's is with them
        told["sent"] = fields["bytes_sent"]
    method, target = told.get("method"), told.get("target") or told.get("url")
    times = _times(fields, told, recorded, is_start=is_start)
    if not isinstance(method, str) or not _METHOD.fullmatch(method) or not isinstance(target, str) or times is None:
        return None
    attributes: dict[str, Any] = {"http.request.method": method.upper()}
    _add_uri(attributes, fields, told, target)
    _add_headers(attributes, fields, given)
    _add_rest(attributes, told)
    route = _route(told)
    if route:
        attributes["http.route"] = route
    attributes.update(_metadata(fields))
    return Entry(attributes, *times, name=f"{attributes['http.request.method']} {route}" if route else "")


def _flat(given: Mapping[str, Any], prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    for name, value in given.items():
        if isinstance(value, Mapping) and depth < _MOST_DEPTH:
            yield from _flat(value, f"{prefix}{name}.", depth + 1)
        else:
            yield f"{prefix}{name}", value


def _first(fields: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    for name in names:
        value = fields.get(name)
        if isinstance(value, (str, int, float)) and not isinstance(value, bool) and value != "_":
            return value
    return None


def _split_request_line(told: dict[str, Any]) -> None:
    line = told.get("line")
    match = _REQUEST_LINE.fullmatch(line) if isinstance(line, str) else None
    if match:
        told.setdefault("method", match["method"])
        told.setdefault("target", match["target"])


def _times(
    fields: Mapping[str, Any], told: Mapping[str, Any], recorded: int, *, is_start: bool
) -> tuple[int, int] | None:
    start, end = moment(told.get("start")), moment(told.get("end"))
    if end is None and "date" in fields:
        end = moment(f"{fields['date']} {told.get('end', fields.get('time', ''))}".strip())
    if start is None and is_start:
        start, end = end, None
    took = _duration(fields)
    if start is None:
        end = end or recorded or None
        return None if end is None else (end - took, end)
    return start, (start + took if took or end is None else max(start, end))


def _duration(fields: Mapping[str, Any]) -> int:
    for name, unit in _DURATIONS.items():
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


def _add_uri(attributes: dict[str, Any], fields: Mapping[str, Any], told: Mapping[str, Any], target: str) -> None:
    scheme = str(told.get("scheme") or _implied_scheme(fields, told)).lower()
    if "://" in target:
        url = without_default_port(target)
        # A request that goes through a proxy, or what a load balancer saw.
        attributes["url.full"] = url
        return
    query = told.get("query")
    if query is not None and "?" not in target:
        target = f"{target}?{str(query).removeprefix('?')}"
    # The conventions' older name says that it is the target as it came, with every escape.
    attributes["http.target"] = target if target.startswith("/") else f"/{target}"
    host = told.get("host")
    if isinstance(host, str):
        if scheme:
            attributes["url.scheme"] = scheme
        attributes["server.address"] = _host(host, scheme)


def _implied_scheme(fields: Mapping[str, Any], told: Mapping[str, Any]) -> str:
    is_secure = (
        str(told.get("port")) == _HTTPS_PORT
        or any(name.startswith(("request.tls", "tlsversion", "ssl_protocol")) for name in fields)
        or fields.get("https") == "on"
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


def _add_headers(attributes: dict[str, Any], fields: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    request = given.get("request")
    sides = (
        (REQUEST_PREFIX, request.get("headers") if isinstance(request, Mapping) else None),
        (RESPONSE_PREFIX, given.get("resp_headers")),
    )
    for prefix, headers in sides:  # Caddy's
        if isinstance(headers, Mapping):
            for name, value in headers.items():
                attributes[f"{prefix}{name.lower().replace('-', '_')}"] = (header_value(value),)
    for name, value in fields.items():
        attribute = _header_attribute(name, fields)
        if attribute:
            attributes[attribute] = (str(value),)


def _header_attribute(name: str, fields: Mapping[str, Any]) -> str | None:
    """The attribute of a header whose name is part of the field's: nginx's variables and Traefik's fields."""
    if name in _KNOWN and name not in _FIELDS["forwarded"]:
        return None
    to, back = _TRAEFIK_HEADER if "downstreamstatus" in fields else _NGINX_HEADER
    if name in _FIELDS["forwarded"]:
        return f"{REQUEST_PREFIX}x_forwarded_for"
    for start, prefix in ((back, RESPONSE_PREFIX), (to, REQUEST_PREFIX)):
        if name.startswith(start) and len(name) > len(start):
            return prefix + name[len(start) :].replace("-", "_")
    return None


def _add_rest(attributes: dict[str, Any], told: Mapping[str, Any]) -> None:
    status = _number(told.get("status"))
    if status:
        attributes["http.response.status_code"] = status
    for use, attribute in (("sent", "http.response.body.size"), ("received", "http.request.body.size")):
        size = _number(told.get(use))
        if size:
            attributes[attribute] = size
    if "address" in told:
        attributes["client.address"] = str(told["address"])
    if "user" in told and isinstance(told["user"], str):
        attributes["user.id"] = told["user"]
    if "agent" in told:
        attributes["user_agent.original"] = str(told["agent"])
    if "referer" in told:
        attributes[f"{REQUEST_PREFIX}referer"] = (str(told["referer"]),)


def _number(value: Any) -> int:
    """A whole number, as a number or as text; 0 where it is none."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return 0


def _route(told: Mapping[str, Any]) -> str | None:
    route = told.get("route")
    if not isinstance(route, str):
        return None
    path = route.rpartition(" ")[2]  # `GET /teas/{id}`
    return path if path.startswith("/") else None


def _metadata(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in fields.items()
        if isinstance(value, (str, int, float))
        and name not in _KNOWN
        and name not in _DROPPED
        and name not in _DURATIONS
        and name not in {"duration", "time-taken"}
        and not name.startswith(_DROPPED_PREFIXES)
        and _header_attribute(name, fields) is None
    }


def unescaped(text: str) -> str:
    """A field that a W3C log has escaped: spaces as ``+`` or ``%20``."""
    return unquote(text.replace("+", " "))
