"""What others put before a line that a server wrote: syslog and the journal, Docker Compose, loggers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opentelemetry_exporter_moesif.replay.formats.access_fields import LONGEST_LINE

_PROGRAM = r"[\w./-]+(?:\[\w+\])?: "
_ISO = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?: ?[+-]\d\d:?\d\d|Z)?"
_PREFIXES = tuple(
    map(
        re.compile,
        (
            # RFC 3164, which knows no year.
            rf"(?:<\d{{1,3}}>)?[A-Z][a-z]{{2}} [ \d]\d \d\d:\d\d:\d\d (?:[\w.:-]+ )?{_PROGRAM}",
            # RFC 5424: host, program, process, message's id, structured data.
            rf"(?:<\d{{1,3}}>)?1 (?P<time>{_ISO}) (?:\S+ ){{4}}(?:-|(?:\[[^\]]*\])+) (?:\ufeff)?",
            # rsyslog's own, Heroku's, and the bare time of CloudWatch and of `docker logs --timestamps`.
            rf"(?:<\d{{1,3}}>)?(?:\d+ )?(?P<time>{_ISO}) (?:[\w.:-]+ {_PROGRAM}|[\w./-]+\[\w+\]: )?",
            r"[\w.-]+ +\| ",  # Docker Compose
            r"\[pod/\S+\] ",  # kubectl logs --prefix
            rf"\[(?P<time>{_ISO})\] (?:\[[^\]]*\] )*",  # Gunicorn's and Hypercorn's loggers
            r"(?P<time>\d{4}/\d\d/\d\d \d\d:\d\d:\d\d(?:\.\d+)?)\t[^{]*(?={)",  # Caddy's console
        ),
    )
)
# The standard library's, which an address may follow at once.
_LOGGER = re.compile(r"(?:DEBUG|INFO|WARNING|ERROR|CRITICAL):[\w.]+:")
_MOST = 3


def without_logger(line: str) -> str:
    """The line without the names that the standard library's logging puts before it."""
    match = _LOGGER.match(line)
    return line[match.end() :] if match else line


def behind(line: str) -> Iterator[tuple[str, str | None]]:
    """What stands behind the prefixes of a line, the longest text first, and the time that the last prefix tells."""
    if len(line) > LONGEST_LINE:
        return
    time = None
    for _ in range(_MOST):
        match = next((matching for prefix in _PREFIXES if (matching := prefix.match(line))), None)
        if match is None:
            return
        line, time = line[match.end() :], match.groupdict().get("time") or time
        yield line, time
