"""The formats: a row each. A new one is a file beside this one, and its row.

The module of a format whose records are JSON values has a `LABEL`, `recognizes(value)` and `read(value, findings)`;
what reads a line of text returns its call, or None.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from opentelemetry_exporter_moesif.replay.call import Call
from opentelemetry_exporter_moesif.replay.formats import (
    access_json,
    aws_elb,
    har,
    jaeger,
    labelled,
    moesif,
    otlp_json,
    otlp_logs,
    w3c,
    zipkin,
)
from opentelemetry_exporter_moesif.replay.formats.log_format import LogFormat
from opentelemetry_exporter_moesif.replay.formats.notations import log_formats

if TYPE_CHECKING:
    from types import ModuleType

    from opentelemetry_exporter_moesif.replay.options import Options

LineReader = Callable[[str, Any], Call | None]
"""Reads a line. The second argument is when it was written down, for one that tells no time; or None."""

JSON_FORMATS: dict[str, ModuleType] = {
    "otlp-json": otlp_json,
    "otlp-logs": otlp_logs,
    "moesif": moesif,
    "har": har,
    "jaeger": jaeger,
    "zipkin": zipkin,
}
"""The formats of JSON by the names that `--format` takes, in the order in which they are asked."""


class LineFormat(NamedTuple):
    """A format of lines of text: how messages call it, and what reads its lines."""

    label: str
    readers: Callable[[], list[LineReader]]


LINE_FORMATS = {
    "common": LineFormat(
        "text access logs (Common, Combined, Envoy, Traefik, HAProxy)",
        lambda: [log_format.call_of for log_format in log_formats()],
    ),
    "aws-elb": LineFormat(aws_elb.LABEL, lambda: [aws_elb.call_of]),
    "logfmt": LineFormat(labelled.LABEL, lambda: [labelled.call_of]),
}
"""The formats of lines of text by the names that `--format` takes, in the order in which they are asked first."""

FORMATS: dict[str, str] = {
    **{name: module.LABEL for name, module in JSON_FORMATS.items()},
    "otlp-proto": "OTLP protobuf",
    "access-json": access_json.LABEL,
    **{name: line_format.label for name, line_format in LINE_FORMATS.items()},
    "w3c": w3c.LABEL,
}
"""The names that `--format` takes, and how messages call them."""


def line_formats(options: Options) -> list[LineReader]:
    """What reads lines of text, in the order in which they are asked."""
    if options.log_format is not None:
        return [LogFormat(options.log_format).call_of]
    return [
        call_of
        for name, line_format in LINE_FORMATS.items()
        if options.format in {None, name}
        for call_of in line_format.readers()
    ]
