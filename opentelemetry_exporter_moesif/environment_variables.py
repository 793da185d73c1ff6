"""The environment variables that the exporter reads.

`opentelemetry-instrument` turns every attribute of this module that starts with ``OTEL_`` into a flag of its own, so
this module imports nothing and each name equals its value. An argument of `MoesifSpanExporter` wins over its variable.
"""

OTEL_EXPORTER_MOESIF_APPLICATION_ID = "OTEL_EXPORTER_MOESIF_APPLICATION_ID"
"""The Moesif application id, from the portal under *API keys*. Without one nothing is sent."""

MOESIF_APPLICATION_ID = "MOESIF_APPLICATION_ID"
"""The same, under the name that Moesif's own packages use. The longer name wins."""

OTEL_EXPORTER_MOESIF_ENDPOINT = "OTEL_EXPORTER_MOESIF_ENDPOINT"
"""Where events go. A bare host: Moesif's known paths are tried. With a path: ``/events/batch`` is appended. Ending in
``/events/batch``: used as it is."""

OTEL_EXPORTER_MOESIF_TIMEOUT = "OTEL_EXPORTER_MOESIF_TIMEOUT"
"""Seconds that one POST may take as a whole."""

OTEL_EXPORTER_MOESIF_SHUTDOWN_TIMEOUT = "OTEL_EXPORTER_MOESIF_SHUTDOWN_TIMEOUT"
"""Seconds that an exit may wait for events held in memory while the collector does not answer."""

OTEL_EXPORTER_MOESIF_FLUSH_ON_SIGTERM = "OTEL_EXPORTER_MOESIF_FLUSH_ON_SIGTERM"
"""Whether `opentelemetry-instrument` flushes where a signal, `os._exit` or `os.exec…` ends the process at once."""

OTEL_EXPORTER_MOESIF_COMPRESSION = "OTEL_EXPORTER_MOESIF_COMPRESSION"
"""``gzip`` or ``none``."""

OTEL_EXPORTER_MOESIF_HEADERS = "OTEL_EXPORTER_MOESIF_HEADERS"
"""Further headers of each POST: ``name=value,name=value``."""

OTEL_EXPORTER_MOESIF_CERTIFICATE = "OTEL_EXPORTER_MOESIF_CERTIFICATE"
"""A PEM file of the authorities to trust instead of the system's."""

OTEL_EXPORTER_MOESIF_CLIENT_CERTIFICATE = "OTEL_EXPORTER_MOESIF_CLIENT_CERTIFICATE"
"""A PEM file of the client's certificate, for mutual TLS."""

OTEL_EXPORTER_MOESIF_CLIENT_KEY = "OTEL_EXPORTER_MOESIF_CLIENT_KEY"
"""A PEM file of the client certificate's private key, where it is not in the same file."""

OTEL_EXPORTER_MOESIF_MAX_PAYLOAD_BYTES = "OTEL_EXPORTER_MOESIF_MAX_PAYLOAD_BYTES"
"""Bytes of JSON in one POST, before compression; Moesif takes 50 MB at most."""

OTEL_EXPORTER_MOESIF_BACKLOG_MAX_BYTES = "OTEL_EXPORTER_MOESIF_BACKLOG_MAX_BYTES"
"""Compressed bytes that wait in memory while the collector does not answer; beyond it the oldest go."""

OTEL_EXPORTER_MOESIF_SPOOL_DIRECTORY = "OTEL_EXPORTER_MOESIF_SPOOL_DIRECTORY"
"""A directory where undelivered events wait instead, across crashes and restarts."""

OTEL_EXPORTER_MOESIF_SPOOL_MAX_BYTES = "OTEL_EXPORTER_MOESIF_SPOOL_MAX_BYTES"
"""Bytes that the spool directory may hold for this application; beyond it the oldest go."""

OTEL_EXPORTER_MOESIF_SPOOL_ALWAYS = "OTEL_EXPORTER_MOESIF_SPOOL_ALWAYS"
"""Whether each payload is written to the spool directory before it is sent, and removed after."""

OTEL_EXPORTER_MOESIF_EXCLUDED_URLS = "OTEL_EXPORTER_MOESIF_EXCLUDED_URLS"
"""Regular expressions, separated by commas: a call makes no event where one is found in its URI without the query, or
in its path alone."""

OTEL_EXPORTER_MOESIF_EXCLUDED_ROUTES = "OTEL_EXPORTER_MOESIF_EXCLUDED_ROUTES"
"""Routes, separated by commas, as ``/orders/{id}``: a call that one of them answered makes no event."""

OTEL_EXPORTER_MOESIF_CAPTURE_OUTGOING = "OTEL_EXPORTER_MOESIF_CAPTURE_OUTGOING"
"""Whether HTTP client spans become events of direction ``Outgoing``."""

OTEL_EXPORTER_MOESIF_ASGI_MESSAGE_SPANS = "OTEL_EXPORTER_MOESIF_ASGI_MESSAGE_SPANS"
"""Whether ASGI's ``http send`` and ``http receive`` spans are made: ``auto`` leaves them out where
`opentelemetry-instrument` exports traces to Moesif alone."""

OTEL_EXPORTER_MOESIF_TRUST_FORWARDED_HEADERS = "OTEL_EXPORTER_MOESIF_TRUST_FORWARDED_HEADERS"
"""Whether captured ``X-Forwarded-For`` and the like tell the client's address, the scheme and the host."""

OTEL_EXPORTER_MOESIF_TRUST_FORWARDED_PREFIX = "OTEL_EXPORTER_MOESIF_TRUST_FORWARDED_PREFIX"
"""Whether a captured ``X-Forwarded-Prefix`` stands before the path of the URI."""

OTEL_EXPORTER_MOESIF_CLIENT_IP_HEADER = "OTEL_EXPORTER_MOESIF_CLIENT_IP_HEADER"
"""The one captured request header that tells the client's address; the others are not asked then."""

OTEL_EXPORTER_MOESIF_ANONYMIZE_IP = "OTEL_EXPORTER_MOESIF_ANONYMIZE_IP"
"""Whether the last octet of the client's IPv4 address (the last 80 bits of an IPv6 one) is sent as zero."""

OTEL_EXPORTER_MOESIF_REDACT_HEADERS = "OTEL_EXPORTER_MOESIF_REDACT_HEADERS"
"""Further names of headers whose values never leave. ``-name`` takes one out, a first ``none`` the whole default."""

OTEL_EXPORTER_MOESIF_REDACT_QUERY_PARAMETERS = "OTEL_EXPORTER_MOESIF_REDACT_QUERY_PARAMETERS"
"""The same of query parameters."""

OTEL_EXPORTER_MOESIF_REDACT_BODY_FIELDS = "OTEL_EXPORTER_MOESIF_REDACT_BODY_FIELDS"
"""The same of body fields, at any depth, and of span attributes."""

OTEL_EXPORTER_MOESIF_REDACT_EXCEPT = "OTEL_EXPORTER_MOESIF_REDACT_EXCEPT"
"""Further names that are shown although a redacted one is a part of them."""

OTEL_EXPORTER_MOESIF_REDACT_VALUES = "OTEL_EXPORTER_MOESIF_REDACT_VALUES"
"""Regular expressions of further values that never leave, wherever they stand; ``card-number`` is one by name."""

OTEL_EXPORTER_MOESIF_USER_ID_HEADER = "OTEL_EXPORTER_MOESIF_USER_ID_HEADER"
"""The request headers that may hold the user's id, separated by commas; the first that is there counts."""

OTEL_EXPORTER_MOESIF_COMPANY_ID_HEADER = "OTEL_EXPORTER_MOESIF_COMPANY_ID_HEADER"
"""The request headers that may hold the company's id, separated by commas."""

OTEL_EXPORTER_MOESIF_AUTHORIZATION_USER_ID_FIELD = "OTEL_EXPORTER_MOESIF_AUTHORIZATION_USER_ID_FIELD"
"""The claim of a captured JWT that holds the user's id; ``none``: credentials tell nobody, Basic ones neither."""

OTEL_EXPORTER_MOESIF_AUTHORIZATION_COMPANY_ID_FIELD = "OTEL_EXPORTER_MOESIF_AUTHORIZATION_COMPANY_ID_FIELD"
"""The claim of a captured JWT that holds the company's id."""

OTEL_EXPORTER_MOESIF_API_VERSION = "OTEL_EXPORTER_MOESIF_API_VERSION"
"""The version of the API that is served, for ``request.api_version``."""

OTEL_EXPORTER_MOESIF_CAPTURE_BODIES = "OTEL_EXPORTER_MOESIF_CAPTURE_BODIES"
"""Whether request and response bodies are captured: ``true``, ``false``, or ``errors`` for those of failed calls."""

OTEL_EXPORTER_MOESIF_CAPTURE_STREAMS = "OTEL_EXPORTER_MOESIF_CAPTURE_STREAMS"
"""Whether the beginning of streamed bodies (server-sent events, NDJSON) is captured."""

OTEL_EXPORTER_MOESIF_BODY_MAX_BYTES = "OTEL_EXPORTER_MOESIF_BODY_MAX_BYTES"
"""Bytes of one body that are captured, 450,000 at most; the rest of it passes by."""

OTEL_EXPORTER_MOESIF_BODY_STORE_MAX_BYTES = "OTEL_EXPORTER_MOESIF_BODY_STORE_MAX_BYTES"
"""Bytes of captured bodies that wait for their spans; beyond it the oldest go."""

OTEL_EXPORTER_MOESIF_DYNAMIC_SAMPLING = "OTEL_EXPORTER_MOESIF_DYNAMIC_SAMPLING"
"""Whether the sampling rates set in Moesif decide which events are sent."""

OTEL_EXPORTER_MOESIF_RENDERER = "OTEL_EXPORTER_MOESIF_RENDERER"
"""``auto`` or ``python``, which turns the compiled renderer off: the same events, slower."""

OTEL_EXPORTER_MOESIF_SKIP = "OTEL_EXPORTER_MOESIF_SKIP"
"""``package.module:name`` of a function of the span: a true answer means no event. Where it raises, the
event is sent."""

OTEL_EXPORTER_MOESIF_MASK_EVENT = "OTEL_EXPORTER_MOESIF_MASK_EVENT"
"""``package.module:name`` of a function that takes the event and returns what may be sent of it, or None."""

OTEL_EXPORTER_MOESIF_IDENTIFY_USER = "OTEL_EXPORTER_MOESIF_IDENTIFY_USER"
"""``package.module:name`` of a function of the span that answers the user's id."""

OTEL_EXPORTER_MOESIF_IDENTIFY_COMPANY = "OTEL_EXPORTER_MOESIF_IDENTIFY_COMPANY"
"""``package.module:name`` of a function of the span that answers the company's id."""

OTEL_EXPORTER_MOESIF_GET_SESSION_TOKEN = "OTEL_EXPORTER_MOESIF_GET_SESSION_TOKEN"  # noqa: S105 - a variable's name
"""``package.module:name`` of a function of the span that answers the session's token."""

OTEL_EXPORTER_MOESIF_GET_METADATA = "OTEL_EXPORTER_MOESIF_GET_METADATA"
"""``package.module:name`` of a function of the span that answers a mapping to be added to the metadata."""
