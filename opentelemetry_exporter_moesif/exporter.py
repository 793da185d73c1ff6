"""The span exporter: the only room that knows both the mapping of spans and the delivery of events."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from opentelemetry_exporter_moesif.config import resolve_config
from opentelemetry_exporter_moesif.delivery.payload import Batch
from opentelemetry_exporter_moesif.delivery.sender import Sender
from opentelemetry_exporter_moesif.encoding.alarm import Alarm
from opentelemetry_exporter_moesif.encoding.encoder import Encoded, Encoder
from opentelemetry_exporter_moesif.encoding.notices import UnseenServerWarning
from opentelemetry_exporter_moesif.fork_safety import notice_fork
from opentelemetry_exporter_moesif.forking_libraries import flush_children_of_multiprocessing
from opentelemetry_exporter_moesif.telemetry import Telemetry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    import requests
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.sdk.trace import ReadableSpan

    from opentelemetry_exporter_moesif.mapping.event import Event
    from opentelemetry_exporter_moesif.sampling import DynamicSampling

    Names = str | Sequence[str]
    SpanHook = Callable[[ReadableSpan], Any] | str
    EventHook = Callable[[Event], Event | None] | str

_logger = logging.getLogger(__name__)

_NO_APPLICATION_ID = (
    "Moesif exporter: no application id, so nothing will be sent. Set OTEL_EXPORTER_MOESIF_APPLICATION_ID (or"
    " MOESIF_APPLICATION_ID) to the id that Moesif shows under API keys."
)


class MoesifSpanExporter(SpanExporter):
    """Sends the HTTP server spans that it is given to Moesif, each as one API call.

    Every argument wins over its environment variable ``OTEL_EXPORTER_MOESIF_<NAME>``, and that over the default. A
    value that cannot be read warns and falls back to the default; without an application id the exporter is inert.

    Args:
        application_id: The Moesif application id.
        endpoint: Where events go: a host, whose known paths are tried, or an address with a path of its own.
        timeout: Seconds for one POST as a whole.
        shutdown_timeout: Seconds that an exit may wait for events in memory while the collector does not answer.
        compression: ``gzip`` or ``none``.
        headers: Further headers of each POST, as a mapping or ``name=value,name=value``.
        certificate_file: PEM file of the authorities to trust instead of the system's.
        client_certificate_file: PEM file of the client's certificate, for mutual TLS.
        client_key_file: PEM file of its private key, where that is not in the same file.
        session: A `requests.Session` to send with. It is used and never changed.
        meter_provider: Where the exporter's own metrics go; the global one where None.
        max_payload_bytes: Bytes of JSON in one POST before compression, 50,000,000 at most.
        backlog_max_bytes: Compressed bytes that may wait in memory.
        spool_directory: A directory where events wait instead, across crashes and restarts.
        spool_max_bytes: Bytes that may wait there.
        spool_always: Whether each payload is in the spool before it is sent, so that a kill does not cost it.
        excluded_urls: Regular expressions; one found in a call's URI without the query, or in its path, means no event.
        excluded_routes: Routes whose calls make no event.
        capture_outgoing: Whether HTTP client spans become events too.
        asgi_message_spans: Whether ASGI's `http send` and `receive` spans are made; ``auto``: not for Moesif alone.
        trust_forwarded_headers: Whether captured forwarding headers tell address, scheme and host.
        trust_forwarded_prefix: Whether a captured `X-Forwarded-Prefix` stands before the path.
        client_ip_header: The one request header that tells the client's address.
        anonymize_ip: Whether the last octet (IPv6: the last 80 bits) of the client's address is zero.
        redact_headers: Further names of headers to mask. ``-name`` takes one out of the default, a first ``none`` all.
        redact_query_parameters: The same of query parameters.
        redact_body_fields: The same of body fields, at any depth, and of span attributes.
        redact_except: Further names that are shown although a redacted one is a part of them.
        redact_values: Regular expressions of further values to mask wherever they stand.
        user_id_header: The request headers that may hold the user's id; the first that is there counts.
        company_id_header: The same of the company's id.
        authorization_user_id_field: The claim of a JWT that holds the user's id; ``none``: credentials tell nobody.
        authorization_company_id_field: The claim of a JWT that holds the company's id.
        api_version: The version of the API that is served.
        capture_bodies: Whether bodies are captured (by `MoesifBodyCapture`); ``errors``: those of failed calls alone.
        capture_streams: Whether the beginning of streamed bodies is captured.
        body_max_bytes: Bytes of one body that are captured, 450,000 at most.
        body_store_max_bytes: Bytes of captured bodies that may wait for their spans.
        dynamic_sampling: Whether the sampling rates set in Moesif decide which events are sent.
        skip: Called with a span; a true answer means no event.
        mask_event: Called last with each event; what it returns is sent, None drops it. Where it raises, nothing is.
        identify_user: Called with a span; answers the user's id.
        identify_company: Called with a span; answers the company's id.
        get_session_token: Called with a span; answers the session's token.
        get_metadata: Called with a span; answers a mapping that is added to the metadata.

    Raises:
        TypeError: `session`, `meter_provider` or a hook is of a wrong type, or an argument is unknown.
    """

    def __init__(  # noqa: PLR0913 - each is a setting of its own
        self,
        *,
        application_id: str | None = None,
        endpoint: str | None = None,
        timeout: float | str | None = None,
        shutdown_timeout: float | str | None = None,
        compression: str | None = None,
        headers: Mapping[str, str] | str | None = None,
        certificate_file: str | None = None,
        client_certificate_file: str | None = None,
        client_key_file: str | None = None,
        session: requests.Session | None = None,
        meter_provider: MeterProvider | None = None,
        max_payload_bytes: int | str | None = None,
        backlog_max_bytes: int | str | None = None,
        spool_directory: str | None = None,
        spool_max_bytes: int | str | None = None,
        spool_always: bool | str | None = None,
        excluded_urls: Names | None = None,
        excluded_routes: Names | None = None,
        capture_outgoing: bool | str | None = None,
        asgi_message_spans: bool | str | None = None,
        trust_forwarded_headers: bool | str | None = None,
        trust_forwarded_prefix: bool | str | None = None,
        client_ip_header: str | None = None,
        anonymize_ip: bool | str | None = None,
        redact_headers: Names | None = None,
        redact_query_parameters: Names | None = None,
        redact_body_fields: Names | None = None,
        redact_except: Names | None = None,
        redact_values: Names | None = None,
        user_id_header: Names | None = None,
        company_id_header: Names | None = None,
        authorization_user_id_field: str | None = None,
        authorization_company_id_field: str | None = None,
        api_version: str | None = None,
        capture_bodies: bool | str | None = None,
        capture_streams: bool | str | None = None,
        body_max_bytes: int | str | None = None,
        body_store_max_bytes: int | str | None = None,
        dynamic_sampling: bool | str | None = None,
        skip: SpanHook | None = None,
        mask_event: EventHook | None = None,
        identify_user: SpanHook | None = None,
        identify_company: SpanHook | None = None,
        get_session_token: SpanHook | None = None,
        get_metadata: SpanHook | None = None,
    ) -> None:
        arguments = {name: value for name, value in locals().items() if name not in {"self", "__class__"}}
        self._config = resolve_config(arguments)
        self._telemetry = Telemetry(self._config)
        self._sender: Sender | None = None
        if not self._config.application_id:
            _logger.error(_NO_APPLICATION_ID)
            return
        self._sender = Sender(self._config, self._telemetry)
        flush_children_of_multiprocessing()
        self._sampling = _dynamic_sampling(self._sender) if self._config.dynamic_sampling else None
        self._encoder = Encoder(self._config, self._sampling, self._lost)
        self._alarm = Alarm(self._send_waiting)
        self._unseen_server_warning = UnseenServerWarning()

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Sends the calls among these spans, or takes charge of them. Never raises, never sleeps, takes 2 s at most.

        With `dynamic_sampling`, asking for the rates may take a second more, once a minute.

        Returns:
            FAILURE where events were lost (as they all are after `shutdown`), and without an application id; SUCCESS
            otherwise, also where the events wait for the collector to answer again.
        """
        if self._sender is None:
            return SpanExportResult.FAILURE
        notice_fork()
        is_whole = self._send(self._encoder.encode(spans))
        if not self._encoder.has_seen_calls:
            self._unseen_server_warning.count(len(spans))
        self._alarm.set(self._encoder.seconds_left)
        return SpanExportResult.SUCCESS if is_whole else SpanExportResult.FAILURE

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Waits until no event waits, within `timeout_millis` milliseconds; True only then."""
        if self._sender is None:
            return True
        end = time.monotonic() + timeout_millis / 1000
        self._send(self._encoder.encode_waiting(all_of_them=True))
        return self._sender.force_flush(max(0.0, end - time.monotonic()) * 1000)

    def shutdown(self, timeout_millis: int = 30_000) -> None:
        """Sends what can be sent within `timeout_millis` milliseconds, and says what could not. May be called twice."""
        if self._sender is None:
            return
        end = time.monotonic() + timeout_millis / 1000
        self._alarm.cancel()
        self._send(self._encoder.encode_waiting(all_of_them=True))
        if not self._encoder.has_seen_calls:
            self._unseen_server_warning.look()
        self._encoder.close()
        self._sender.shutdown(max(0.0, end - time.monotonic()) * 1000)

    def _send(self, encoded: Encoded) -> bool:
        """Sends events, or takes charge of them; False where one was lost."""
        events, lost = encoded
        if not events or self._sender is None:
            return not lost
        self._telemetry.started(len(events))
        is_sent = self._sender.send(events if isinstance(events, list) else Batch(events.inside, events.starts))
        if self._sampling is not None and self._sender.answers:
            self._sampling.refresh()
        return is_sent and not lost

    def _send_waiting(self) -> None:
        self._send(self._encoder.encode_waiting())
        self._alarm.set(self._encoder.seconds_left)

    def _lost(self, reason: str, detail: str) -> None:
        self._telemetry.started(1)
        self._telemetry.lost(1, reason, detail)


def _dynamic_sampling(sender: Sender) -> DynamicSampling:
    from opentelemetry_exporter_moesif.sampling import DynamicSampling  # noqa: PLC0415 - optional: no import when off

    return DynamicSampling(sender)
