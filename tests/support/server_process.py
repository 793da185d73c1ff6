"""Starts an application under a real server and `opentelemetry-instrument`, and stops it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

APPS = Path(__file__).parents[1] / "apps"
SCRIPTS = Path(sys.executable).parent
#: A server that is slow to start on a loaded machine is not a broken one.
START_SECONDS = 60.0
#: How long a process whose work is done may take to write down what coverage saw of it, before it is killed: half a file
#: cannot be read, and one that SIGTERM ends writes nothing.
WRITING_SECONDS = 10.0 if "COVERAGE_PROCESS_CONFIG" in os.environ else 0.0
_POLL_SECONDS = 0.02
# Below Linux's range for outgoing connections (32768 to 60999).
_PORTS = range(12_000, 32_000)
_LOCKS = Path(tempfile.gettempdir()) / f"opentelemetry-exporter-moesif-test-ports-{os.getuid()}"
#: A lock ends when its file is closed: with this process, or long after the server that it was for.
_locked: deque[IO[str]] = deque(maxlen=100)
_ADDRESS_IN_USE = ("already in use", "in use by another program", "Errno 98")


def free_port() -> int:
    """Returns: a port of the loopback interface that nobody listens on, and no other test gets for some time.

    It is none that the system gives to connections, and locked against all tests that run on this machine: a server
    that is slow to start would find its port taken, and its callers would reach another test's server.
    """
    _LOCKS.mkdir(exist_ok=True)
    while True:
        port = random.choice(_PORTS)
        lock = (_LOCKS / str(port)).open("w")
        with socket.socket() as listener, contextlib.suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            listener.bind(("127.0.0.1", port))
            _locked.append(lock)
            return port
        lock.close()


def clean_environment(**settings: str) -> dict[str, str]:
    """Returns: the environment of a service: nothing of OpenTelemetry or of proxies but what is given."""
    environment = {name: value for name, value in os.environ.items() if _is_harmless(name)}
    environment["PATH"] = f"{SCRIPTS}{os.pathsep}{environment.get('PATH', '')}"
    environment["PYTHONPATH"] = str(APPS)
    environment["PYTHONUNBUFFERED"] = "1"
    return environment | settings


def _is_harmless(name: str) -> bool:
    upper = name.upper()
    return not (upper.startswith(("OTEL_", "MOESIF_", "PYTHON", "PYTEST_", "COV_")) or upper.endswith("_PROXY"))


def instrumented(command: Sequence[str]) -> list[str]:
    """Returns: the command line as the README has its users write it."""
    return ["opentelemetry-instrument", *command]


@dataclass
class ServerProcess:
    """A server that accepts connections.

    Attributes:
        port: Where it listens on the loopback interface.
        process: The started process; it leads a process group of its own.
    """

    port: int
    process: subprocess.Popen[bytes]
    _output: IO[bytes]

    def output(self) -> str:
        """Returns: everything written so far to standard output and standard error."""
        self._output.seek(0)
        return self._output.read().decode(errors="replace")

    def wait_until(self, is_ready: Callable[[str], bool]) -> None:
        """Waits until what the server has written says that it is ready.

        Raises:
            TimeoutError: If it does not within a minute; the message holds its output.
        """
        deadline = time.monotonic() + START_SECONDS
        while not is_ready(self.output()):
            if time.monotonic() > deadline:
                message = f"the server has not become ready:\n{self.output()}"
                raise TimeoutError(message)
            time.sleep(_POLL_SECONDS)

    def terminate(self, timeout: float = 30.0) -> int:
        """Sends SIGTERM to the server, as an orchestrator does, and waits for its end.

        Returns: the exit status; negative where a signal ended it.

        Raises:
            TimeoutError: If it had to be killed; the message holds its output.
        """
        return self._end_by(signal.SIGTERM, timeout)

    def interrupt(self) -> int:
        """Sends SIGINT, as Ctrl-C does: every server then ends as Python does, and what coverage saw is written down.

        Returns, raises: As `terminate`.
        """
        return self._end_by(signal.SIGINT, 30.0)

    def _end_by(self, number: signal.Signals, timeout: float) -> int:
        self.process.send_signal(number)
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            message = f"the server did not end within {timeout} s of {number.name}:\n{self.output()}"
            raise TimeoutError(message) from None

    def end(self) -> None:
        """Ends the server and all its workers: at once, or when they have written down what coverage saw of them."""
        deadline = time.monotonic() + WRITING_SECONDS
        with contextlib.suppress(ProcessLookupError):
            if WRITING_SECONDS:
                os.killpg(self.process.pid, signal.SIGINT)
            while time.monotonic() < deadline:
                self.process.poll()
                os.killpg(self.process.pid, 0)
                time.sleep(_POLL_SECONDS)
        self.kill()

    def kill(self) -> None:
        """Ends the server and all its workers at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextlib.contextmanager
def serving(command: Callable[[int], Sequence[str]], environment: Mapping[str, str]) -> Iterator[ServerProcess]:
    """Runs a server on a free port until the block ends; the block is entered once the port accepts connections.

    Args:
        command: Makes the command line for a port.
        environment: All variables of the process (see `clean_environment`).

    Raises:
        RuntimeError: If it ended before; the message holds its output.
        TimeoutError: If it neither ended nor accepted within a minute; likewise.
    """
    with contextlib.ExitStack() as stack:
        for attempts_left in reversed(range(3)):
            server = _started(stack, command, environment)
            if _accepts(server):
                break
            message = f"{command(server.port)} ended with {server.process.returncode}:\n{server.output()}"
            # Another process took the port between the look for a free one and the start.
            if not attempts_left or not any(text in message for text in _ADDRESS_IN_USE):
                raise RuntimeError(message)
        yield server


def _started(
    stack: contextlib.ExitStack, command: Callable[[int], Sequence[str]], environment: Mapping[str, str]
) -> ServerProcess:
    output = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack closes it
    port = free_port()
    # gunicorn keeps a control socket there, by default one for all of a user's gunicorns.
    own = {"XDG_RUNTIME_DIR": stack.enter_context(tempfile.TemporaryDirectory())}
    process = subprocess.Popen(
        command(port), env={**environment, **own}, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
    )
    server = ServerProcess(port, process, output)
    stack.callback(server.end)
    return server


def _accepts(server: ServerProcess) -> bool:
    """Waits for the server to accept connections; False where it ended instead."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            return False
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", server.port), timeout=1):
            return True
        time.sleep(_POLL_SECONDS)
    message = f"nothing accepts connections on port {server.port}:\n{server.output()}"
    raise TimeoutError(message)
