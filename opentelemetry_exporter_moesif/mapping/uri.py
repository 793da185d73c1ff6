"""The absolute URI that a client asked for, put together again from what the instrumentations kept of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.json_codec import text_of
from opentelemetry_exporter_moesif.mapping.dialect import CONVENTIONS
from opentelemetry_exporter_moesif.mapping.escapes import USUAL_PATH, quoted_path
from opentelemetry_exporter_moesif.mapping.forwarded import UNTOLD, first_part
from opentelemetry_exporter_moesif.mapping.headers import header_value
from opentelemetry_exporter_moesif.mapping.origin import origin_of
from opentelemetry_exporter_moesif.mapping.span_url import NO_URL, text, url_of, without_fragment
from opentelemetry_exporter_moesif.mapping.target import target_of, with_query

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.mapping.headers import Headers
    from opentelemetry_exporter_moesif.mapping.shape import Shape
    from opentelemetry_exporter_moesif.redaction import Redaction


def request_uri(attributes: Mapping[str, Any], shape: Shape, span_name: str, redaction: Redaction) -> str:
    """The URI of a call that was answered (a SERVER span), its secrets in it.

    Args:
        attributes: The span's attributes.
        shape: What is known of spans with such attributes.
        span_name: The span's name, which is all that some servers leave of the path.
        redaction: Takes the secrets out of a query of which nobody knows where a value in it ends.
    """
    if shape.has_lossy_query:  # before its "%" is encoded, which would hide the names in it
        attributes = {**attributes, "http.url": redaction.uri(text_of(attributes["http.url"]), lossy=True)}
    url = NO_URL
    target = shape.usual_target(attributes) if shape.usual_target else None
    if target is None:
        if shape.has_url:
            url = url_of(attributes, shape.dialect)
        target = target_of(attributes, shape.dialect, url, span_name)
    if shape.prefix:
        target = _prefix(attributes[shape.prefix]) + target
    return shape.origin.of(attributes, url) + target


def _prefix(header: Any) -> str:
    """What a proxy cut off before the path; "" where that is no path."""
    prefix = first_part(header_value(header)).rstrip("/")
    return prefix if USUAL_PATH.fullmatch(prefix) else ""


def outgoing_uri(attributes: Mapping[str, Any], headers: Headers, *, span_name: str) -> str:
    """The URI of a call that was made (a CLIENT span): `url.full`, or the legacy `http.url`, says it whole."""
    url = without_fragment(url_of(attributes, CONVENTIONS))
    if url.authority:
        origin = origin_of({}, {}, UNTOLD, url, CONVENTIONS)
    else:
        origin = origin_of(attributes, headers, UNTOLD, url, CONVENTIONS)
    if url.path:
        return origin + with_query(quoted_path(url.path), url.query or text(attributes, "url.query"))
    return origin + target_of(attributes, CONVENTIONS, url, span_name)
