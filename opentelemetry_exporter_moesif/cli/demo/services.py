"""The demonstration's web applications: real servers under `opentelemetry-instrument`, and their end."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from opentelemetry_exporter_moesif.cli.demo.signals import signals_held_back
from opentelemetry_exporter_moesif.cli.demo.traffic import ACCOUNTS, SHOP
from opentelemetry_exporter_moesif.terminal.installation import requirement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_APPS = Path(__file__).parent / "apps"
_END_SECONDS = 5.0
_SHOWN_LINES = 30

# The socket is made here and inherited: so the port is free for certain, and requests that wait until the server is up.
COMMANDS = {
    SHOP: "gunicorn --bind fd://{fd} shop:app",
    ACCOUNTS: "uvicorn --fd {fd} --log-level warning accounts:app",
}
FRAMEWORKS = {SHOP: "Flask under gunicorn", ACCOUNTS: "FastAPI under uvicorn"}

SETTINGS = {
    "OTEL_TRACES_EXPORTER": "moesif",
    "OTEL_METRICS_EXPORTER": "none",
    "OTEL_LOGS_EXPORTER": "none",
    "OTEL_SEMCONV_STABILITY_OPT_IN": "http/dup",
    # Where it is installed, it makes one span around all that a server does, and then no header is captured.
    "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": "click",
    "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST": ".*",
    "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE": ".*",
    "OTEL_EXPORTER_MOESIF_USER_ID_HEADER": "X-User-Id",
    "OTEL_EXPORTER_MOESIF_COMPANY_ID_HEADER": "X-Company-Id",
    "OTEL_EXPORTER_MOESIF_CAPTURE_BODIES": "true",
}
"""What a service of the user's would be given too, beside the application id."""

_QUICK = {"OTEL_BSP_SCHEDULE_DELAY": "200", "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}


@dataclass(frozen=True)
class Service:
    """A running application.

    Attributes:
        name: Its `service.name`.
        port: Where it listens, on 127.0.0.1.
        process: Leads a process group of its own.
    """

    name: str
    port: int
    process: subprocess.Popen[bytes]
    log: IO[bytes]

    def wrote(self) -> str:
        """The end of what it wrote, for an error message."""
        self.log.seek(0)
        lines = self.log.read().decode(errors="replace").splitlines()
        return "\n".join(("", f"{self.name} wrote:", *lines[-_SHOWN_LINES:]))


@contextlib.contextmanager
def services(endpoint: str, application_id: str) -> Iterator[dict[str, Service]]:
    """The applications by name, exporting to `endpoint`; all their processes have ended afterwards."""
    with contextlib.ExitStack() as stack:
        environment = _environment(endpoint, application_id)
        running: list[Service] = []
        # Twice: a signal at the very start of the first leaves the second, and no other signal counts any more.
        stack.callback(_end, running)
        stack.callback(_end, running)
        for name, command in COMMANDS.items():
            log = stack.enter_context(tempfile.TemporaryFile())
            with signals_held_back():
                running.append(_start(name, command, environment, log))
        yield {service.name: service for service in running}


def script(name: str) -> str:
    """The path of a script that was installed with this interpreter: PATH may not hold it.

    Raises:
        FileNotFoundError: It is not there.
    """
    folders = (str(Path(sys.executable).parent), sysconfig.get_path("scripts"), os.environ.get("PATH", ""))
    path = shutil.which(name, path=os.pathsep.join(folders))
    if path is None:
        message = f"the command {name} is not there: pip install {requirement('demo')}"
        raise FileNotFoundError(message)
    return path


def _environment(endpoint: str, application_id: str) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if not _would_interfere(name.upper())},
        **SETTINGS,
        **_QUICK,
        "OTEL_EXPORTER_MOESIF_APPLICATION_ID": application_id,
        "OTEL_EXPORTER_MOESIF_ENDPOINT": endpoint,
    }


def _would_interfere(name: str) -> bool:
    return name.startswith(("OTEL_", "MOESIF_", "GUNICORN_", "UVICORN_", "FLASK_")) or name.endswith("_PROXY")


def _start(name: str, command: str, environment: Mapping[str, str], log: IO[bytes]) -> Service:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        words = command.format(fd=listener.fileno()).split()
        process = subprocess.Popen(  # noqa: S603 - the words are ours
            [script("opentelemetry-instrument"), sys.executable, "-m", *words],
            cwd=_APPS,
            env={**environment, "OTEL_SERVICE_NAME": name},
            pass_fds=[listener.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            # Ctrl-C is for this process, which then ends that group.
            start_new_session=True,
        )
        return Service(name, listener.getsockname()[1], process, log)


def _end(running: list[Service]) -> None:
    with signals_held_back():
        for service in running:
            service.process.terminate()
        for service in running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                service.process.wait(_END_SECONDS)
            # Its workers, should it have left any.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(service.process.pid, signal.SIGKILL)
            service.process.wait()
        running.clear()
