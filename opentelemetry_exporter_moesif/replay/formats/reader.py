"""Reads a record by whichever format recognizes it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.replay.formats import access_json, otlp_json, otlp_logs, w3c
from opentelemetry_exporter_moesif.replay.formats.containers import ContainerLines, is_cri, is_docker
from opentelemetry_exporter_moesif.replay.formats.documents import (
    TooManyValuesError,
    check_message,
    check_size,
    is_json,
    loads,
)
from opentelemetry_exporter_moesif.replay.formats.otlp_values import UNREADABLE, why
from opentelemetry_exporter_moesif.replay.formats.prefixes import behind, without_logger
from opentelemetry_exporter_moesif.replay.formats.table import FORMATS, JSON_FORMATS, line_formats
from opentelemetry_exporter_moesif.replay.streams import MissingExtraError

if TYPE_CHECKING:
    from types import ModuleType

    from opentelemetry_exporter_moesif.replay.call import Call, Findings
    from opentelemetry_exporter_moesif.replay.formats.otlp_lines import OTLPLines
    from opentelemetry_exporter_moesif.replay.options import Options


_REQUEST_LINE = re.compile(rb"\b(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) \S+ HTTP/\d")
_CLOCK = re.compile(rb"\d\d:\d\d:\d\d|\d{10}")
_OTHER_SIGNALS = ("resourceMetrics", "resourceProfiles")
_ID_NAMES = (b'user.id"', b'company.id"', b'session.id"', b"\\u00")

UNKNOWN = "of no known format"
UNKNOWN_TIME = f"{UNKNOWN}: no time in it"
UNKNOWN_ENTRY = f"{UNKNOWN}: no time, method and path of a call in it"


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
        self._halves = access_json.Halves()
        # Formats that need more than the findings.
        own_ways: dict[str, Callable[[Any], None]] = {
            "otlp-json": self._read_spans,
            "otlp-logs": lambda value: otlp_logs.read(value, findings, self._log),
        }
        self._json_formats = [
            (module.recognizes, own_ways.get(name) or _reads_with(module, findings))
            for name, module in JSON_FORMATS.items()
            if options.format in {None, name}
        ]
        self._otlp_lines = _otlp_lines(findings) if options.format in {None, "otlp-json"} else None
        self._reads_access_json = options.format in {None, "access-json"}
        self._is_proto_wanted = options.format in {None, "otlp-proto"}
        self._line_formats = line_formats(options)

    def line(self, line: bytes) -> bool:
        """Reads a line of text that is no JSON. Returns whether it is read."""
        return self._log(line.decode("utf-8", "replace").rstrip("\r\n"), self._containers.time)

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
        """Reads a JSON value; of an array its elements, also of arrays in it: Zipkin answers one a trace."""
        if isinstance(value, list):
            for item in value:
                for inner in item if isinstance(item, list) else (item,):
                    self._item(inner)
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

        try:
            check_message(message)
        except TooManyValuesError as error:
            self._findings.bad(str(error))
            return
        otlp_proto.read(message, self._findings, self._log)

    def end(self) -> None:
        """At the end of a file: what was begun and is not whole."""
        rest = self._containers.rest()
        if rest is not None:
            self._findings.bad("the line is cut off")

    def _item(self, value: Any) -> None:
        for recognizes, read in self._json_formats:
            if recognizes(value):
                read(value)
                return
        if is_docker(value):
            self._contained(self._containers.from_docker(value))
        elif isinstance(value, dict) and any(name in value for name in _OTHER_SIGNALS):
            self._findings.other_signal()
        elif not (self._reads_access_json and isinstance(value, dict)):
            self._findings.bad(UNKNOWN)
        elif not self._is_access_log(value, self._containers.time):
            self._read_message(value)

    def _is_access_log(self, value: dict[str, Any], recorded: Any) -> bool:
        return self._is_call(
            lambda: access_json.call_of(self._halves.whole(value) if "reqId" in value else value, recorded)
        )

    def _read_message(self, value: dict[str, Any]) -> None:
        """A record of a log collector may have a server's line in it."""
        message = access_json.message_in(value)
        if message is None:
            self._findings.bad(UNKNOWN_ENTRY)
        elif not self._log(*message):
            self._findings.other_signal()

    def _contained(self, line: bytes | None) -> None:
        if line is not None and line.strip() and not self._log(line.decode("utf-8", "replace"), self._containers.time):
            # What else a container prints is no call.
            self._findings.other_signal()

    def _log(self, text: str, recorded: Any) -> bool:
        """A line as it was written or kept; whether it was read."""
        text = without_logger(text)
        return self._text(text, recorded) or any(self._text(rest, time or recorded) for rest, time in behind(text))

    def _text(self, text: str, recorded: Any) -> bool:
        if text.startswith("#"):
            self._w3c.directive(text)
            return True
        if not text.lstrip().startswith(("{", "[")):
            return self._is_line(text, recorded)
        try:
            value = loads(text.encode("utf-8", "replace"))
        except (ValueError, RecursionError):
            return self._is_line(text, recorded)  # it may begin with a time in brackets
        if not isinstance(value, dict) or is_docker(value):
            return False
        for recognizes, read in self._json_formats:
            if recognizes(value):
                read(value)
                return True
        return self._reads_access_json and self._is_access_log(value, recorded)

    def _is_line(self, text: str, recorded: Any) -> bool:
        return self._is_call(lambda: self._call_of(text, recorded))

    def _is_call(self, read: Callable[[], Call | None]) -> bool:
        """Whether there was a call to read, be it that what is odd about it costs it."""
        try:
            call = read()
        except UNREADABLE as error:
            self._findings.bad(why(error))
            return True
        if call is not None:
            self._findings.call(call)
        return call is not None

    def _read_spans(self, value: Any) -> None:
        otlp_json.read(value, self._findings, ids=self._ids)

    def _call_of(self, text: str, recorded: Any) -> Call | None:
        """The call of a line, by the format that read the one before, or else by another one."""
        if self._w3c.knows_fields and (call := self._w3c.call_of(text)) is not None:
            return call
        for index, call_of in enumerate(self._line_formats):
            call = call_of(text, recorded)
            if call is not None:
                if index:
                    self._line_formats.insert(0, self._line_formats.pop(index))
                return call
        return None


def why_unknown(line: bytes) -> str:
    """Why a line of text is of no known format."""
    return UNKNOWN_TIME if _REQUEST_LINE.search(line) and not _CLOCK.search(line) else UNKNOWN


def _reads_with(module: ModuleType, findings: Findings) -> Callable[[Any], None]:
    return lambda value: module.read(value, findings)


def _otlp_lines(findings: Findings) -> OTLPLines | None:
    """What reads the usual lines of OTLP JSON faster. Without the extra `replay` they are read all the same."""
    try:
        from opentelemetry_exporter_moesif.replay.formats import otlp_lines  # noqa: PLC0415 - the extra `replay`
    except ImportError:
        return None
    return otlp_lines.OTLPLines(findings)


def splits(first_line: bytes) -> bool:
    """Whether a file with this first line is one record a line, and each line tells all of itself: pino's may not."""
    if first_line.startswith(b"#") or is_cri(first_line) or not first_line.endswith(b"\n"):
        return False
    if not is_json(first_line):
        return True
    try:
        first = json.loads(first_line)
        return isinstance(first, dict) and not is_docker(first) and not {"level", "pid", "hostname"} <= first.keys()
    except (ValueError, RecursionError):
        return False
