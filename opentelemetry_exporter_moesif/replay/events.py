"""From what was found in a record to encoded events, by the exporter's own mapping and redaction."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Hashable, Mapping
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from opentelemetry.trace import SpanKind

from opentelemetry_exporter_moesif.encoding.hooks import MaskFailedError
from opentelemetry_exporter_moesif.encoding.known_calls import KnownCall
from opentelemetry_exporter_moesif.mapping import mapping_rules
from opentelemetry_exporter_moesif.mapping.headers import REQUEST_PREFIX
from opentelemetry_exporter_moesif.replay.call import with_attributes
from opentelemetry_exporter_moesif.replay.formats import moesif
from opentelemetry_exporter_moesif.replay.one_call import OneCall
from opentelemetry_exporter_moesif.replay.selection import Selection

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

    from opentelemetry_exporter_moesif.config import Config
    from opentelemetry_exporter_moesif.encoding.known_calls import KnownCallEncoder
    from opentelemetry_exporter_moesif.mapping.event import Event
    from opentelemetry_exporter_moesif.replay.call import Call, Key
    from opentelemetry_exporter_moesif.replay.options import Options
    from opentelemetry_exporter_moesif.replay.report import Report

_HOSTS = ("server.address", "http.host", "net.host.name", "url.full", "http.url")
_HOST_HEADERS = ("host", "x_forwarded_host", "x-forwarded-host", "forwarded")
_TARGETS = ("http.target", "url.path")
_LOG_IDS = uuid.UUID("6f3f0c2e-4b0b-5d0e-9a55-2f1d7f7f4c11")
_MOST_EQUAL = 20_000
# The calls of traces are encoded together: so many, or those of a record of so many bytes and of what came before.
_TOGETHER = 256
_LARGE_RECORD_BYTES = 256 * 1024


class EventMaker:
    """Makes events of what readers find: the `Findings` of all formats.

    Args:
        config: The exporter's settings.
        encoder: Makes the events.
        options: Which events are wanted.
        report: Counts what comes by.
        put: Takes each event as JSON.
        name_bad: Told what is bad, and whether it is to be named.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - one argument a source
        self,
        config: Config,
        encoder: KnownCallEncoder,
        options: Options,
        report: Report,
        put: Callable[[bytes], None],
        name_bad: Callable[[str, str], None],
    ) -> None:
        self.kinds: Collection[SpanKind] = (
            (SpanKind.SERVER, SpanKind.CLIENT) if config.capture_outgoing else (SpanKind.SERVER,)
        )
        self._report = report
        self._put = put
        self._name_bad = name_bad
        self._encoder = encoder
        self._rules = mapping_rules(config)
        self._one_call = OneCall(options.spans, self._encode_call)
        self._base = None if options.base_url is None else urlsplit(options.base_url)
        self._selection = Selection(options)
        self._equal: dict[bytes, int] = {}
        self._together: list[KnownCall] = []

    def call(self, call: Call) -> None:
        """See `Findings`."""
        if self._is_wanted(self._selection.against_span(call.span)):
            self._one_call.call(call)

    def inner(self, trace: Hashable, key: Key, parent: Key, *, passes: bool) -> None:  # noqa: ARG002 - see `Findings`
        """See `Findings`."""
        self._report.passed_over += 1
        self._one_call.inner(key, parent, passes=passes)

    def ids(self, trace: Hashable, key: Key, ids: Mapping[str, Any], end: int) -> None:
        """See `Findings`."""
        self._one_call.ids(trace, key, ids, end)

    def passed_over(self) -> None:
        """See `Findings`."""
        self._report.passed_over += 1

    def other_signal(self) -> None:
        """See `Findings`."""
        self._report.other_signals += 1

    def bad(self, reason: str, subject: str = "") -> None:
        """See `Findings`."""
        # A span's name may hold a secret, and messages go to logs.
        self._name_bad(reason, f"{self._rules.redaction.text(subject)}: {reason}" if subject else reason)

    def event(self, event: Mapping[str, Any]) -> None:
        """See `Findings`."""
        try:
            whole = moesif.whole_event(event)
        except moesif.NotAnEventError as error:
            self.bad(str(error))
            return
        if not self._is_wanted(self._selection.against_event(whole)):
            return
        if self._is_excluded(whole):
            self._report.passed_over += 1
            return
        self._encoded("the event", lambda: self._encoder.finish(self._redacted(whole)))

    def end_record(self, size: int) -> None:
        """Behind each record: what has waited long enough is sent."""
        self._one_call.end_record(size)
        if len(self._together) >= _TOGETHER or size >= _LARGE_RECORD_BYTES:
            self._encode_together()

    def flush(self) -> None:
        """At the end: all that waits is sent."""
        self._one_call.flush()
        self._encode_together()
        self._report.joined += self._one_call.joined
        self._report.passed_over += self._one_call.nested
        self._one_call.joined = self._one_call.nested = 0

    def _is_excluded(self, event: Mapping[str, Any]) -> bool:
        excluded, metadata = self._rules.excluded, event.get("metadata")
        route = metadata.get("http.route") if isinstance(metadata, dict) else None
        return excluded is not None and excluded(event["request"]["uri"], route)

    def _redacted(self, whole: dict[str, Any]) -> Event:
        moesif.redact(whole, self._rules)
        return cast("Event", whole)

    def _is_wanted(self, against: str | None) -> bool:
        if against is not None:
            self._report.left_out[against] += 1
        return against is None

    def _encode_call(self, call: Call, ids: Mapping[str, Any]) -> None:
        if not _knows_host(call):
            self._tell_host(call)
        known = KnownCall(call.span, ids, call.bodies)
        if call.key is not None and not call.content:
            self._together.append(known)
            return
        subject = _subject(call.span) if call.key is not None else "the call"
        self._encoded(subject, lambda: self._encoder.encode_call(known), call.content)

    def _encode_together(self) -> None:
        """Encodes the calls that were given since the last time."""
        calls, self._together = self._together, []
        if not calls:
            return
        lost = 0

        def lose(span: ReadableSpan, error: Exception) -> None:
            nonlocal lost
            lost += 1
            self._lose(_subject(span), error)

        encoded = self._encoder.encode_calls(calls, lose)
        events = encoded if isinstance(encoded, list) else encoded.events()
        self._report.passed_over += len(calls) - len(events) - lost
        for event in events:
            self._report.events += 1
            self._put(event)

    def _tell_host(self, call: Call) -> None:
        """What a record does not know of where the call went: `--base-url` tells it."""
        attributes = cast("dict[str, Any]", dict(call.span.attributes or {}))
        if self._base is None:
            self._report.without_host += 1
            return
        attributes.setdefault("url.scheme", self._base.scheme)
        attributes["server.address"] = self._base.netloc
        prefix = self._base.path.rstrip("/")
        for name in _TARGETS:
            if prefix and isinstance(attributes.get(name), str):
                attributes[name] = prefix + attributes[name]
        call.span = with_attributes(call.span, attributes)

    def _encoded(self, subject: str, encode: Callable[[], bytes | None], content: bytes = b"") -> None:
        self._encode_together()  # which were given before
        try:
            encoded = encode()
        except Exception as error:  # noqa: BLE001 - what cannot be mapped or encoded costs itself
            self._lose(subject, error)
        else:
            if encoded is None:
                self._report.passed_over += 1
                return
            self._report.events += 1
            self._put(self._with_id(encoded, content) if content else encoded)

    def _lose(self, subject: str, error: Exception) -> None:
        if isinstance(error, MaskFailedError):
            self.bad(f"not sent, mask_event failed with {error}", subject)
        else:
            self.bad(f"cannot be mapped ({type(error).__name__})", subject)

    def _with_id(self, encoded: bytes, content: bytes) -> bytes:
        """The event with an id that it has at every replay; a line that stands in a log twice is two calls.

        Frozen: the UUIDv5 of what was read, and of its number among equal ones where it is not the first.
        """
        key = blake2b(content, digest_size=16).digest()
        seen = self._equal.pop(key, 0)
        self._equal[key] = seen + 1
        if len(self._equal) > _MOST_EQUAL:
            del self._equal[next(iter(self._equal))]
        text = content.decode("utf-8", "replace")
        own = uuid.uuid5(_LOG_IDS, f"{text}\n{seen}" if seen else text)
        return b'{"transaction_id":"' + str(own).encode() + b'",' + encoded[1:]


def _subject(span: ReadableSpan) -> str:
    return f"span {span.name!r}"


def _knows_host(call: Call) -> bool:
    attributes = call.span.attributes or {}
    for name in _HOSTS:
        value = attributes.get(name)
        if isinstance(value, str) and value and (not name.endswith(("url", "full")) or "://" in value):
            return True
    return any(f"{REQUEST_PREFIX}{name}" in attributes for name in _HOST_HEADERS)
