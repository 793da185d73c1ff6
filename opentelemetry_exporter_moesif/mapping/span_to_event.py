"""The one function of this folder that the exporter calls: a span goes in, an event comes out.

No room of `mapping/` does I/O, asks a clock, or keeps a state other than bounded caches.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from opentelemetry.trace import SpanKind, StatusCode

from opentelemetry_exporter_moesif.json_codec import text_of
from opentelemetry_exporter_moesif.mapping.body import add_bodies
from opentelemetry_exporter_moesif.mapping.client_address import (
    LOCAL_ATTRIBUTES,
    PEER_ATTRIBUTES,
    UNKNOWN,
    anonymize_headers,
    anonymized,
    client_address,
    first_address,
)
from opentelemetry_exporter_moesif.mapping.headers import TAGS, header_value
from opentelemetry_exporter_moesif.mapping.identity import identified_metadata, identity
from opentelemetry_exporter_moesif.mapping.metadata import attribute_metadata, exception_metadata
from opentelemetry_exporter_moesif.mapping.span_reader import attributes_of, headers_of, status, verb
from opentelemetry_exporter_moesif.mapping.target import ROUTE_ATTRIBUTE, route_for_path
from opentelemetry_exporter_moesif.mapping.times import iso_time
from opentelemetry_exporter_moesif.mapping.uri import outgoing_uri, request_uri

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

    from opentelemetry_exporter_moesif.mapping.body import CapturedBodies
    from opentelemetry_exporter_moesif.mapping.event import Event, EventRequest, EventResponse, EventSpan
    from opentelemetry_exporter_moesif.mapping.headers import Headers
    from opentelemetry_exporter_moesif.mapping.rules import MappingRules
    from opentelemetry_exporter_moesif.mapping.shape import Shape

# Bound once: in Python 3.11, each look-up of a member in its Enum takes 0.08 µs.
_SERVER, _CLIENT = SpanKind.SERVER, SpanKind.CLIENT
_ERROR, _UNSET = StatusCode.ERROR, StatusCode.UNSET

# The status of a call that failed before one was recorded.
_FAILED = 500

_NO_CHILD_IDS: Mapping[str, Any] = {}


def span_to_event(
    span: ReadableSpan,
    rules: MappingRules,
    child_ids: Mapping[str, Any] = _NO_CHILD_IDS,
    bodies: CapturedBodies | None = None,
    attributes: Mapping[str, Any] | None = None,
) -> Event | None:
    """Maps an HTTP span to the event of its call.

    Args:
        span: Any ended span.
        rules: What to go by.
        child_ids: What child spans (by their attributes' names) and `identify()` (by the event's own) left for it.
        bodies: What was captured of the call's bodies.
        attributes: A copy of the span's attributes, where the caller has one already.

    Returns:
        None where the span is of no HTTP call of a wanted direction, or of a call that is excluded by its URL.

    Raises:
        ValueError: The span's times are out of any calendar.
    """
    kind = span.kind
    outgoing = kind is _CLIENT
    if not (rules.capture_outgoing if outgoing else kind is _SERVER):
        return None
    if attributes is None:
        attributes = attributes_of(span)
    name = span.name
    if name.__class__ is not str:  # nothing checks that
        name = "" if name is None else text_of(name)
    method = verb(attributes, name)
    if method is None:
        return None
    shape = rules.shapes.of(span.instrumentation_scope, attributes)
    request_headers = headers_of(attributes, shape.request)
    request = _request(span, name, attributes, shape, request_headers, method, rules, kind)
    if rules.excluded is not None and rules.excluded(request["uri"], attributes.get(ROUTE_ATTRIBUTE)):
        return None
    response = _response(span, attributes, shape, method, kind)
    # In an order that compresses well: 98 bytes a call, and 106 or more in that of Moesif's own documentation. What
    # follows a value that is new each time had better not look like what follows another one.
    event: Event = {"response": response} if response else {}  # type: ignore[typeddict-item]  # its request comes last
    _add_ids_of_the_span(event, span)
    if name:
        event["action_name"] = name
    event["metadata"] = _metadata(span, name, attributes, shape, child_ids, rules)
    event["direction"] = "Outgoing" if outgoing else "Incoming"
    event["request"] = request
    event.update(identity(attributes, shape.ids, request_headers, child_ids, rules.identity_readers))  # type: ignore[typeddict-item]
    if bodies or shape.has_body:
        add_bodies(event, attributes, bodies, rules.redaction, rules.bodies)
    rules.redaction.envelope(event, shape.secret_headers)  # last of all: everything before may have read a secret
    if shape.anonymous:
        anonymize_headers(request_headers, shape.anonymous)
    return event


def _request(  # noqa: PLR0913, PLR0917 - one argument a source
    span: ReadableSpan,
    name: str,
    attributes: Mapping[str, Any],
    shape: Shape,
    headers: Headers,
    method: str,
    rules: MappingRules,
    kind: SpanKind,
) -> EventRequest:
    if kind is _CLIENT:
        uri = outgoing_uri(attributes, headers, span_name=name)
        address = first_address(attributes, LOCAL_ATTRIBUTES) or UNKNOWN
    else:
        uri = request_uri(attributes, shape, name, rules.redaction)
        address = client_address(headers, attributes, shape, rules.proxies)
    if shape.has_own_attributes:
        _add_tags(headers, attributes.get("moesif.tags"))
    request: EventRequest = {  # in this order for the compression, see `span_to_event`
        "verb": method,
        "uri": uri,
        "time": iso_time(span.start_time or span.end_time or 0),
        "headers": headers,
        "ip_address": anonymized(address) if rules.anonymize_ip else address,
    }
    api_version = (shape.has_own_attributes and attributes.get("moesif.api_version")) or rules.api_version
    if api_version:
        request["api_version"] = text_of(api_version)
    return request


def _response(
    span: ReadableSpan, attributes: Mapping[str, Any], shape: Shape, method: str, kind: SpanKind
) -> EventResponse | None:
    code = status(attributes)
    if not code:
        if span.status.status_code is not _ERROR or (code is not None and shape.dialect.tells_unanswered):
            return None
        code = _FAILED
    response: EventResponse = {  # the order, too
        "status": code,
        "verb": method,
        "time": iso_time(span.end_time or span.start_time or 0),
        "headers": headers_of(attributes, shape.response),
    }
    address_attributes = PEER_ATTRIBUTES if kind is _CLIENT else shape.local_addresses
    if address_attributes and (address := first_address(attributes, address_attributes)):
        response["ip_address"] = address
    return response


def _add_tags(headers: Headers, tags: Any) -> None:
    if tags and TAGS not in headers:
        headers[TAGS] = header_value(tags)


def _add_ids_of_the_span(event: Event, span: ReadableSpan) -> None:
    context = span.context
    if context is None:
        return
    trace, own, _, _, _, is_valid = context  # as its properties have it, three calls less
    if not is_valid:
        return
    trace_id, span_id = trace.to_bytes(16, "big").hex(), own.to_bytes(8, "big").hex()
    event["transaction_id"] = transaction_id(trace_id, span_id)
    event["trace_id"] = trace_id
    ids: EventSpan = {"id": span_id}
    event["span"] = ids
    parent = span.parent
    if parent is not None and parent.span_id:
        ids["parent_id"] = format(parent.span_id, "016x")
    code = span.status.status_code
    if code is not _UNSET:
        ids["status"] = code.name


def transaction_id(trace_id: str, span_id: str) -> str:
    """The id by which Moesif knows a re-sent event: a UUID of version 8 (RFC 9562), always the same for one span.

    Frozen: the last 16 hex digits of the trace id, then the span id, with the version and variant digits set to 8.
    Another formula would count twice every event that one version of this package sent and the next one sends again.
    """
    return f"{trace_id[16:24]}-{trace_id[24:28]}-8{trace_id[29:]}-8{span_id[1:4]}-{span_id[4:]}"


def _metadata(  # noqa: PLR0913, PLR0917 - one argument a source
    span: ReadableSpan,
    name: str,
    attributes: Mapping[str, Any],
    shape: Shape,
    child_ids: Mapping[str, Any],
    rules: MappingRules,
) -> dict[str, Any]:
    metadata = attribute_metadata(attributes, shape.metadata)
    if shape.has_route:
        route = attributes[ROUTE_ATTRIBUTE]
        if not route or (shape.dialect.no_route and not shape.dialect.is_route(route)):  # aiohttp's may be empty
            metadata.pop(ROUTE_ATTRIBUTE, None)
    if not shape.has_path and route_for_path(attributes, shape.dialect, name):
        metadata["uri"] = "route"
    resource = rules.resource_metadata(span.resource)
    if resource:
        metadata["resource"] = resource
    # `span.events` makes a list under a lock and of it a tuple, to say that it is empty: 0.4 µs for most spans.
    if getattr(span, "_events", True) and (exception := exception_metadata(span)):
        metadata["exception"] = exception
    if child_ids:
        metadata.update(identified_metadata(child_ids))
    return metadata
