"""The fields of an access log by name: what each of them is for, whatever a server calls it.

nginx's variables, Envoy's operators, Caddy's, Traefik's and API Gateway's names, the W3C's: one table. What has no row
in it goes into the event's metadata under its own name, as a span's own attributes do.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from opentelemetry_exporter_moesif.mapping.headers import REQUEST_PREFIX, RESPONSE_PREFIX

# What a field is for, and its names in lower case, the most telling one first.
_NAMES = {
    "method": (
        "request_method requestmethod httpmethod http_method method cs-method request.method req_method verb"
        " httprequest.requestmethod http.request.method req.method clientrequestmethod"
    ),
    "line": "request request_line requestline",
    "target": (
        "originalrequesturiwithargs request_uri request.uri x_envoy_original_path original_path requestpath"
        " req.originalurl originalurl clientrequesturi path uri cs-uri-stem cs-uri request_path url_path url.path"
        " req.url requesturi"
    ),
    "url": "request_url requesturl url httprequest.requesturl url.original url.full request.url",
    "query": "query_string querystring query args cs-uri-query url.query request_query requestquery",
    "host": (
        "http_host requestaddr request.host x-host-header cs(host) cs-host authority :authority originalhost host"
        " requesthost domainname url.domain req.host clientrequesthost vhost server_name"
    ),
    "scheme": (
        "scheme requestscheme x_forwarded_proto http_x_forwarded_proto x-forwarded-proto cs-protocol url.scheme"
        " clientrequestscheme"
    ),
    "port": "server_port requestport s-port url.port",
    "address": (
        "request.client_ip client_ip remote_addr request.remote_ip clienthost ip c-ip remote_ip clientip client_address"
        " client downstream_remote_address httprequest.remoteip remote_address source.ip client.ip"
        " http.client_ip client.address source.address sourceip source_ip identity.sourceip req.ip req.remoteaddress"
        " remote-address remoteaddr remoteip remote_host calleripaddress"
    ),
    "forwarded": "x_forwarded_for x-forwarded-for http_x_forwarded_for fwd",
    "status": (
        "status response_code downstreamstatus sc-status status_code elb_status_code response.status statuscode"
        " httprequest.status http.response.status_code response_status res.statuscode status-code httpstatus"
        " httpstatuscode responsecode edgeresponsestatus"
    ),
    "user": "remote_user user_id clientusername cs-username username user user.name remoteuser",
    "agent": (
        "http_user_agent user_agent useragent request_user-agent cs(user-agent) user-agent httprequest.useragent"
        " user_agent.original agent request_user_agent clientrequestuseragent"
    ),
    "referer": (
        "http_referer http_referrer referer referrer request_referer cs(referer) httprequest.referer"
        " http.request.referrer clientrequestreferer"
    ),
    "sent": (
        "body_bytes_sent downstreamcontentsize responselength size response_body_size http.response.body.bytes"
        " httprequest.responsesize response.size bytes_out bytes sentbytes"
    ),
    "received": (
        "bytes_received bytes_read requestcontentsize request_body_size http.request.body.bytes"
        " httprequest.requestsize request.size bytes_in receivedbytes"
    ),
    "start": (
        "start_time startutc starttime requesttimeepoch request_creation_time startlocal requesttime time_received"
        " started_at event.start edgestarttimestamp"
    ),
    "end": (
        "msec time_iso8601 ts time_local end_time event.end edgeendtimestamp @timestamp @t timestamp time datetime"
    ),
    "route": "resourcepath routekey",
}
_FIELDS = {name: tuple(names.split()) for name, names in _NAMES.items()}
_KNOWN = {name for names in _FIELDS.values() for name in names}
# Told by another field, or nobody's business: cookies are credentials, and the query is in the URI already.
_DROPPED = frozenset("protocol server_protocol request.proto httpversion cs-version date logger level msg".split())
_DROPPED_PREFIXES = ("arg_", "request.tls", "req.query.")
# What some put around all of an entry: winston, Azure, Google Cloud.
_AROUND = ("meta.", "properties.", "jsonpayload.")
# The headers of one call, as an object: Caddy's and Kong's, pino's, winston's, bunyan's.
_HEADER_OBJECTS = {
    REQUEST_PREFIX: ("request.headers.", "req.headers.", "req-headers.", "request_headers."),
    RESPONSE_PREFIX: ("resp_headers.", "response.headers.", "res.headers.", "res-headers.", "response_headers."),
}
DURATIONS = {
    "request_time": 1e9,  # nginx: seconds
    "responselatency": 1e6,  # API Gateway: milliseconds
    "integrationlatency": 1e6,
    "duration_ms": 1e6,
    "latency_ms": 1e6,
    "latency_human": 1e6,  # Echo, with its unit
    "responsetime": 1e6,  # pino, winston
    "response-time": 1e6,
    "elapsed": 1e6,  # Serilog
    "latencies.request": 1e6,  # Kong
    "event.duration": 1.0,  # the Elastic Common Schema
    "httprequest.latency": 1e9,
    "timetaken": 1e9,  # Azure
    "time_active": 1e6,  # HAProxy's name for it
    "service": 1e6,  # Heroku, with its unit
}
"""The fields that tell how long it took, each in its unit: nanoseconds."""
_NGINX_HEADER = ("http_", "sent_http_")
_TRAEFIK_HEADER = ("request_", "downstream_")
_NOTHING = ("", "-", None)
_MOST_DEPTH = 3


def fields_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that tell something, by their names in lower case; of nested objects, with dots between names."""
    return {_bare(name.lower()): value for name, value in _flat(record) if value not in _NOTHING}


def uses_of(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What the fields tell, by what it is for."""
    return {use: value for use, names in _FIELDS.items() if (value := _first(fields, names)) is not None}


def _bare(name: str) -> str:
    around = next((prefix for prefix in _AROUND if name.startswith(prefix)), "")
    return name.removeprefix(around)


def tells_call(names: Collection[str]) -> bool:
    """Whether fields of these names can tell what was called."""
    uses = {use for use, known in _FIELDS.items() if not set(known).isdisjoint(name.lower() for name in names)}
    return "line" in uses or ("method" in uses and not uses.isdisjoint(("target", "url", "route")))


def _flat(record: Mapping[str, Any], prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    for name, value in record.items():
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


def header_attribute(name: str, fields: Mapping[str, Any]) -> str | None:
    """The attribute of a header whose name is part of the field's: nginx's variables, Traefik's, headers as objects."""
    for prefix, objects in _HEADER_OBJECTS.items():
        for start in objects:
            if name.startswith(start):
                return prefix + name[len(start) :].replace("-", "_")
    if name in _KNOWN and name not in _FIELDS["forwarded"]:
        return None
    to, back = _TRAEFIK_HEADER if "downstreamstatus" in fields else _NGINX_HEADER
    if name in _FIELDS["forwarded"]:
        return f"{REQUEST_PREFIX}x_forwarded_for"
    for start, prefix in ((back, RESPONSE_PREFIX), (to, REQUEST_PREFIX)):
        if name.startswith(start) and len(name) > len(start):
            return prefix + name[len(start) :].replace("-", "_")
    return None


def metadata_of(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that have no other use."""
    return {
        name: value
        for name, value in fields.items()
        if isinstance(value, (str, int, float))
        and name not in _KNOWN
        and name not in _DROPPED
        and name not in DURATIONS
        and name not in {"duration", "time-taken"}
        and not name.startswith(_DROPPED_PREFIXES)
        and "cookie" not in name
        and header_attribute(name, fields) is None
    }
