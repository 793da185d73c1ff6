"""From the records of a file to encoded events, by the exporter's own mapping and redaction."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, cast

from opentelemetry_exporter_moesif.cli.output import note
from opentelemetry_exporter_moesif.encoding.encoder import Encoded, Encoder
from opentelemetry_exporter_moesif.encoding.hooks import MaskFailedError
from opentelemetry_exporter_moesif.mapping import mapping_rules
from opentelemetry_exporter_moesif.replay.otlp_json import OTHER_SIGNALS, REQUEST_KEY, NotOTLPError, spans_of
from opentelemetry_exporter_moesif.replay.recorded_events import NotAnEventError, redact, whole_event
from opentelemetry_exporter_moesif.replay.records import BadRecord, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from opentelemetry_exporter_moesif.config import Config
    from opentelemetry_exporter_moesif.mapping.event import Event

_NAMED = 100
_UNKNOWN = "neither OTLP traces (resourceSpans) nor a Moesif event (request)"


@dataclass
class Tally:
    """What was found in the files.

    Attributes:
        events: calls that are events now.
        passed_over: spans that are no call answered here, and calls that are excluded.
        other_signals: OTLP records of metrics or logs.
        bad: what could not be read or mapped.
        bad_records: the first of those by file, line and reason.
    """

    events: int = 0
    passed_over: int = 0
    other_signals: int = 0
    bad: int = 0
    bad_records: list[str] = field(default_factory=list)

    def count_bad(self, bad: BadRecord) -> None:
        """Counts and names one; a file of another kind must not flood the terminal."""
        self.bad += 1
        if self.bad <= _NAMED:
            self.bad_records.append(str(bad))
            note(str(bad))
        elif self.bad == _NAMED + 1:
            note("more bad records are counted, but not named")


class EventReader:
    """Makes events of records.

    Args:
        config: the exporter's settings.
        tally: counts what comes by.
    """

    def __init__(self, config: Config, tally: Tally) -> None:
        # The bodies of these calls were captured elsewhere, or not at all.
        # And it does not matter how long a file takes: what may be a call waits for its parent by a clock that stands.
        self._encoder = Encoder(replace(config, capture_bodies=False), on_loss=self._lost, clock=lambda: 0.0)
        self._rules = mapping_rules(config)
        self._tally = tally

    def events(self, record: Record | BadRecord) -> Iterator[bytes]:
        """The encoded events of a record; what is bad in it is counted and named."""
        if isinstance(record, BadRecord):
            self._tally.count_bad(record)
        elif not isinstance(record.value, dict):
            self._bad(record, _UNKNOWN)
        elif REQUEST_KEY in record.value:
            yield from self._of_spans(record)
        elif any(key in record.value for key in OTHER_SIGNALS):
            self._tally.other_signals += 1
        elif "request" in record.value:
            yield from self._of_event(record)
        else:
            self._bad(record, _UNKNOWN)

    def _of_spans(self, record: Record) -> Iterator[bytes]:
        for span in spans_of(record.value):
            if isinstance(span, NotOTLPError):
                self._bad(record, str(span))
                continue
            yield from self._encoded(record, f"span {span.name!r}", partial(self._encoder.encode_span, span))

        yield from self._waiting(self._encoder.encode_waiting())

    def rest(self) -> Iterator[bytes]:
        """Behind the last record: the events of spans that waited for it to be known whether they are calls."""
        yield from self._waiting(self._encoder.encode_waiting(all_of_them=True))

    def _waiting(self, encoded: Encoded) -> Iterator[bytes]:
        self._tally.events += len(encoded.events)
        self._tally.passed_over -= len(encoded.events)
        yield from encoded.events

    def _lost(self, _reason: str, detail: str) -> None:
        self._tally.count_bad(BadRecord("", 0, detail.removeprefix(": ")))

    def _of_event(self, record: Record) -> Iterator[bytes]:
        try:
            event = whole_event(record.value)
        except NotAnEventError as error:
            self._bad(record, str(error))
            return
        excluded = self._rules.excluded
        if excluded is not None and excluded(event["request"]["uri"], event.get("metadata", {}).get("http.route")):
            self._tally.passed_over += 1
            return
        redact(event, self._rules)
        yield from self._encoded(record, "the event", partial(self._encoder.finish, cast("Event", event)))

    def _encoded(self, record: Record, what: str, encode: Callable[[], bytes | None]) -> Iterator[bytes]:
        try:
            encoded = encode()
        except MaskFailedError as error:
            self._bad(record, f"{what} is not sent: mask_event failed with {error}")
        except Exception as error:  # noqa: BLE001 - what cannot be mapped or encoded costs itself
            self._bad(record, f"{what} cannot be mapped ({type(error).__name__})")
        else:
            if encoded is None:
                self._tally.passed_over += 1
            else:
                self._tally.events += 1
                yield encoded

    def _bad(self, record: Record, reason: str) -> None:
        self._tally.count_bad(BadRecord(record.file, record.line, reason))
