"""What a newcomer is told where a file lacks something: what to add, and how."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.replay.formats.reader import UNKNOWN_ENTRY, UNKNOWN_TIME
from opentelemetry_exporter_moesif.replay.formats.table import FORMATS

if TYPE_CHECKING:
    from collections.abc import Collection

    from opentelemetry_exporter_moesif.replay.options import Options

WITHOUT_HOST = (
    "calls in it do not know which host was called, so their events say http://localhost;"
    " --base-url https://api.example.com tells the right one"
)


CHANGED = "it was cut off, replaced or removed while it was read; run it again, nothing counts twice"

NO_CALL = (
    "no call in it, only metrics or logs of none. An access log in JSON tells a time, a method and a path in each entry"
)


def tried(options: Options) -> str:
    """The formats that a replay tries, for messages."""
    if options.log_format is not None:
        return "--log-format"
    return ", ".join(FORMATS.values()) if options.format is None else FORMATS[options.format]


def advice(options: Options, kinds: Collection[str]) -> str:
    """What to do about a file of which nothing could be read.

    Args:
        options: What was asked for.
        kinds: In which ways its records were bad.
    """
    if options.log_format is not None:
        return "No line of it is written as --log-format says."
    if UNKNOWN_TIME in kinds:
        return (
            "Its lines tell no time. Whoever keeps them may: `docker logs --timestamps` and `kubectl logs --timestamps`"
            " write it before each, and so does syslog."
        )
    if set(kinds) == {UNKNOWN_ENTRY}:
        return "Is it an access log in JSON? Each entry needs a time, a method and a path, under these names or others."
    return (
        "Is it an access log of another format? --log-format '$remote_addr [$time_local] \"$request\" $status' says how"
        " its lines are written, in nginx's notation. Logs of IIS and CloudFront need their line #Fields:"
    )
