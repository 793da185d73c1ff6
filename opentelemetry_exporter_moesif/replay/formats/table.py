"""The formats in the order in which they are tried, and the reader that asks them one after the other."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.json_codec import loads
from opentelemetry_exporter_moesif.replay.formats import (
    access_json,
    aws_elb,
    har,
    jaeger,
    moesif,
    otlp_json,
    otlp_logs,
    w3c,
    zipkin,
)
from opentelemetry_exporter_moesif.replay.formats.containers import ContainerLines, is_cri, is_docker
from opentelemetry_exporter_moesif.replay.formats.log_format import COMBINED, COMMON, VHOST_COMBINED, LogFormat
from opentelemetry_exporter_moesif.replay.streams import MissingExtraError

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.replay.call import Call, Findings
    from opentelemetry_exporter_moesif.replay.formats.otlp_lines import OTLPLines
    from opentelemetry_exporter_moesif.replay.options import Options

_OTHER_SIGNALS = ("resourceMetrics", "resourceProfiles")
_ID_NAMES = (b'user.id"', b'company.id"', b'session.id"', b"\\u00")
# The most values that one record may hold. Decoded they take 50 to 300 bytes each, however few they took in the file.
_MOST_VALUES = 2_000_000
_SMALL = 1024 * 1024
_JSON_STARTS = (b"{", b"[")
_BLANKS_BEFORE = 4_096

UNKNOWN = "of no known format"

Names = dict[str, str]
FORMATS: Names = {
    "otlp-json": otlp_json.LABEL,
    "otlp-proto": "OTLP protobuf",
    "otlp-logs": otlp_logs.LABEL,
    "moesif": moesif.LABEL,
    "har": har.LABEL,
    "zipkin": zipkin.LABEL,
    "jaeger": jaeger.LABEL,
    "access-json": access_json.LABEL,
    "common": "Common and Combined logs",
    "aws-elb": aws_elb.LABEL,
    "w3c": w3c.LABEL,
}
"""The names that `--format` takes, and how messages call them."""


class TooManyValuesError(ValueError):
    """A record that would take far more memory than the file does."""


@dataclass(frozen=True, slots=True)
class _JSONFormat:
    """One of the formats whose records are JSON values."""

    name: str
    recognizes: Callable[[Any], bool]
    read: Callable[[Any], None]


class FormatReader:
    """Reads records of whatever format they are, and tells what is in them.

    Args:
        findings: Takes what is found.
        options: Which formats to try.

    Raises:
        LogFormatError: `log_format` cannot be read.
    """

    def __init__(self, findings: Findings, options: Options) -> None:
        self._findings = findings
        self._ids = True
        self._containers = ContainerLines()
        self._w3c = w3c.W3CReader()
        self._json_formats = self._wanted(
            (
                _JSONFormat("otlp-json", otlp_json.recognizes, self._read_spans),
                _JSONFormat(
                    "otlp-logs", otlp_logs.recognizes, lambda value: otlp_logs.read(value, findings, self._log)
                ),
                _JSONFormat("moesif", moesif.recognizes, findings.event),
                _JSONFormat("har", har.recognizes, lambda value: har.read(value, findings)),
                _JSONFormat("jaeger", jaeger.recognizes, lambda value: jaeger.read(value, findings)),
                _JSONFormat("zipkin", zipkin.recognizes, lambda value: zipkin.read(value, findings)),
            ),
            options.format,
        )
        self._otlp_lines = _otlp_lines(findings) if options.format in {None, "otlp-json"} else None
        self._reads_access_json = options.format in {None, "access-json"}
        self._is_proto_wanted = options.format in {None, "otlp-proto"}
        self._line_formats = _line_formats(options)

    def line(self, line: bytes) -> bool:
        """Reads a line of text that is no JSON. Returns whether it is read."""
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        if text.startswith("#"):
            self._w3c.directive(text)
            return True
        call = self._call_of(text)
        if call is None:
            return False
        self._findings.call(call)
        return True

    def unwrapped(self, line: bytes) -> bytes | None:
        """The line without a container runtime's prefix; None where the rest of it is still to come."""
        return self._containers.from_cri(line)

    def decoded(self, content: bytes) -> None:
        """Reads a line that is JSON.

        Raises:
            ValueError: It is none.
            RecursionError: It is nested too deeply.
        """
        check_size(content)
        if self._otlp_lines is not None and self._otlp_lines.read(content):
            return
        value = loads(content)
        self._ids = any(name in content for name in _ID_NAMES)
        self.value(value)
        self._ids = True

    def value(self, value: Any) -> None:
        """Reads a JSON value; of an array its elements."""
        if isinstance(value, list):
            for item in value:
                self._item(item)
        else:
            self._item(value)

    def message(self, message: bytes) -> None:
        """Reads a message of protobuf.

        Raises:
            MissingExtraError: What decodes it is not installed.
        """
        if not self._is_proto_wanted:
            self._findings.bad(UNKNOWN)
            return
        try:
            from opentelemetry_exporter_moesif.replay.formats import otlp_proto  # noqa: PLC0415 - the extra `replay`
        except ImportError:
            raise MissingExtraError(FORMATS["otlp-proto"]) from None

        otlp_proto.read(message, self._findings, self._log)

    def end(self) -> None:
        """At the end of a file: what was begun and is not whole."""
        rest = self._containers.rest()
        if rest is not None:
            self._findings.bad("the line is cut off")

    def _item(self, value: Any) -> None:
        for form in self._json_formats:
            if form.recognizes(value):
                form.read(value)
                return
        if is_docker(value):
            self._contained(self._containers.from_docker(value))
        elif isinstance(value, dict) and any(name in value for name in _OTHER_SIGNALS):
            self._findings.other_signal()
        elif not (self._reads_access_json and isinstance(value, dict) and self._is_access_log(value)):
            self._findings.bad(UNKNOWN)

    def _is_access_log(self, value: dict[str, Any]) -> bool:
        call = access_json.call_of(value)
        if call is None:
            return False
        self._findings.call(call)
        return True

    def _contained(self, line: bytes | None) -> None:
        if line is not None and line.strip() and not self._log(line.decode("utf-8", "replace")):
            # What else a container prints is no call.
            self._findings.other_signal()

    def _log(self, text: str) -> bool:
        """A line in another record; whether it was read."""
        if not text.lstrip().startswith(("{", "[")):
            return self.line(text.encode("utf-8", "replace"))
        try:
            value = loads(text.encode("utf-8", "replace"))
        except (ValueError, RecursionError):
            return False
        if not isinstance(value, dict) or is_docker(value):
            return False
        for form in self._json_formats:
            if form.recognizes(value):
                form.read(value)
                return True
        return self._reads_access_json and self._is_access_log(value)

    def _read_spans(self, value: Any) -> None:
        otlp_json.read(value, self._findings, ids=self._ids)

    def _call_of(self, text: str) -> Call | None:
        """The call of a line, by the format that read the one before, or else by another one."""
        if self._w3c.knows_fields and (call := self._w3c.call_of(text)) is not None:
            return call
        for index, call_of in enumerate(self._line_formats):
            call = call_of(text)
            if call is not None:
                if index:
                    self._line_formats.insert(0, self._line_formats.pop(index))
                return call
        return None

    @staticmethod
    def _wanted(formats: tuple[_JSONFormat, ...], name: str | None) -> tuple[_JSONFormat, ...]:
        return tuple(form for form in formats if name in {None, form.name})


def _otlp_lines(findings: Findings) -> OTLPLines | None:
    """What reads the usual lines of OTLP JSON faster. Without the extra `replay` they are read all the same."""
    try:
        from opentelemetry_exporter_moesif.replay.formats import otlp_lines  # noqa: PLC0415 - the extra `replay`
    except ImportError:
        return None
    return otlp_lines.OTLPLines(findings)


def check_size(content: bytes) -> None:
    """Raises `TooManyValuesError` where a text of JSON holds more values than fit into memory."""
    if len(content) > _SMALL and sum(map(content.count, (b",", b"[", b"{"))) > _MOST_VALUES:
        message = "more than 2 million values in one record"
        raise TooManyValuesError(message)


def is_json(line: bytes) -> bool:
    """Whether a line begins as an object or an array does."""
    return line.startswith(_JSON_STARTS) or line[:_BLANKS_BEFORE].lstrip().startswith(_JSON_STARTS)


def splits(first_line: bytes) -> bool:
    """Whether a file with this first line is one record a line, and each line tells all of itself."""
    if first_line.startswith(b"#") or is_cri(first_line) or not first_line.endswith(b"\n"):
        return False
    if not is_json(first_line):
        return True
    try:
        return not is_docker(json.loads(first_line)) and not first_line.lstrip().startswith(b"[")
    except (ValueError, RecursionError):
        return False


def tried(options: Options) -> str:
    """The formats that a replay tries, for messages."""
    if options.log_format is not None:
        return "--log-format"
    return ", ".join(FORMATS.values()) if options.format is None else FORMATS[options.format]


def _line_formats(options: Options) -> list[Callable[[str], Call | None]]:
    if options.log_format is not None:
        return [LogFormat(options.log_format).call_of]
    common: list[Callable[[str], Call | None]] = [
        LogFormat(notation, rest=True).call_of for notation in (COMBINED, COMMON, VHOST_COMBINED)
    ]
    by_name: dict[str, list[Callable[[str], Call | None]]] = {"common": common, "aws-elb": [aws_elb.call_of]}
    if options.format is not None:
        return by_name.get(options.format, [])
    return [*common, aws_elb.call_of]
