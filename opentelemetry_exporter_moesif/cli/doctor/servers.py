"""What each server needs, and what docs/running-it.md says of it: a row a server."""

from __future__ import annotations

import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.cli.doctor.finding import Finding
from opentelemetry_exporter_moesif.cli.doctor.surroundings import INSTRUMENT, instrument_flags

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from opentelemetry_exporter_moesif.cli.doctor.surroundings import Surroundings

_GEVENT = "OTEL_PYTHON_AUTO_INSTRUMENTATION_EXPERIMENTAL_GEVENT_PATCH"


@dataclass(frozen=True)
class Server:
    """One server.

    Attributes:
        name: As people write it.
        program: The name of its command, or of its module after `python -m`.
        check: What may be wrong with the rest of the command.
    """

    name: str
    program: str
    check: Callable[[Surroundings], Iterator[Finding]] | None = None


def _uwsgi(around: Surroundings) -> Iterator[Finding]:
    """Options of uWSGI stand in files as well as on the command line."""
    words = " ".join(around.command)
    files = [Path(around.directory, word) for word in around.command[1:] if re.search(r"\.(ini|ya?ml|xml|json)$", word)]
    words += "".join(file.read_text("utf-8", "replace") for file in files if file.is_file())
    needed = {
        "enable-threads": "before uWSGI 2.0.27 no thread runs between two calls, so they leave at the end at best",
        "die-on-term": "SIGTERM means a restart, not an end",
    }
    for option, why in needed.items():
        if option not in words and not (option == "enable-threads" and re.search(r"\bthreads\b", words)):
            yield Finding(f"uwsgi-{option}", "warning", f"uWSGI without --{option}: {why}.", f"add --{option}")


def _gunicorn(around: Surroundings) -> Iterator[Finding]:
    worker = _option(around.command, "-k", "--worker-class")
    if "gevent" in worker and around.variable(_GEVENT) != "patch_all":
        yield Finding(
            "gunicorn-gevent",
            "error",
            "gunicorn's gevent worker replaces Python's threads too late under opentelemetry-instrument: no exporter"
            " works then.",
            f"export {_GEVENT}=patch_all",
        )


def _manage(around: Surroundings) -> Iterator[Finding]:
    if "runserver" in around.command and "--noreload" not in around.command:
        yield Finding(
            "runserver-reloader",
            "note",
            "runserver's reloader ends its child at once: the last five seconds of calls are lost at each reload and at"
            " the end.",
            "add --noreload",
        )


SERVERS = (
    Server("gunicorn", "gunicorn", _gunicorn),
    Server("uvicorn", "uvicorn"),
    Server("hypercorn", "hypercorn"),
    Server("granian", "granian"),
    Server("daphne", "daphne"),
    Server("waitress", "waitress-serve"),
    Server("cheroot", "cheroot"),
    Server("uWSGI", "uwsgi", _uwsgi),
    Server("Flask's own server", "flask"),
    Server("FastAPI's command", "fastapi"),
    Server("Litestar's command", "litestar"),
    Server("Celery", "celery"),
    Server("Django's runserver", "manage.py", _manage),
)


def server_of(around: Surroundings) -> Server | None:
    """The server that the command starts, None where it is none that is known."""
    names = {around.program, *(Path(word).name for word in around.command[1:2])}
    return next((server for server in SERVERS if server.program in names), None)


def check_command(around: Surroundings) -> Iterator[Finding]:
    """What the command that was given needs."""
    if not around.command:
        return
    if not _is_there(around):
        yield Finding(
            "no-such-command", "error", f"There is no command {around.command[0]}.", "install it, or correct it"
        )
    if not around.is_instrumented:
        yield Finding(
            "not-instrumented",
            "warning",
            f"The command does not begin with {INSTRUMENT}: unless your code sets OpenTelemetry up, no span is made.",
            " ".join([INSTRUMENT, *around.command]),
        )
    yield from _ambiguous_options(around)
    server = server_of(around)
    if server is not None and server.check is not None:
        yield from server.check(around)


def _is_there(around: Surroundings) -> bool:
    """Whether the program is found: on the path, or beside this interpreter, whose environment may not be active."""
    places = (around.variables.get("PATH"), str(Path(sys.executable).parent))
    return any(shutil.which(around.command[0], path=place) for place in places)


def _ambiguous_options(around: Surroundings) -> Iterator[Finding]:
    """Options that `opentelemetry-instrument` (argparse) takes for abbreviations of its own flags, and ends."""
    if not around.is_instrumented or around.has_separator:
        return
    flags = instrument_flags()
    for word in around.command[1:]:
        name = word.partition("=")[0]
        meant = [flag for flag in flags if flag.startswith(name)]
        if name.startswith("--") and name not in flags and len(meant) > 1:
            yield Finding(
                "ambiguous-option",
                "error",
                f"{INSTRUMENT} takes {name} for an abbreviation of its own {meant[0]} and others, and ends.",
                f"{INSTRUMENT} -- {' '.join(around.command)}",
            )


def _option(words: tuple[str, ...], *names: str) -> str:
    """The value of an option, empty where it is not given."""
    for index, word in enumerate(words):
        name, separator, value = word.partition("=")
        if name in names:
            return value if separator else "".join(words[index + 1 : index + 2])
    return ""
