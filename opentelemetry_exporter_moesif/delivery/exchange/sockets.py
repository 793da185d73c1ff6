"""Sockets under one deadline for a whole HTTP exchange.

The timeouts of `requests` are for each socket operation: a server that sends a byte a second keeps a 10 s timeout
waiting for ever. Here every operation of an exchange gets what is left of the exchange's own time. Name resolution is
outside it: the operating system's resolver cannot be interrupted.
"""

from __future__ import annotations

import _socket
import os
import socket
import ssl
import threading
import weakref
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from opentelemetry.instrumentation.utils import suppress_instrumentation
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from opentelemetry_exporter_moesif.delivery.deadline import Deadline

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from urllib3.connection import HTTPConnection

CONNECT_SECONDS = 3.0
"""The most that connecting takes, over all the addresses of a name."""


class Exchange:
    """The time that one exchange has, and whether it had to open a connection."""

    def __init__(self, deadline: Deadline) -> None:
        self.deadline = deadline
        self.connected = False

    def remaining(self) -> float:
        """Seconds left.

        Raises:
            TimeoutError: None are.
        """
        left = self.deadline.remaining
        if left <= 0:
            message = "the exchange's time is up"
            raise TimeoutError(message)
        return left


_current = threading.local()


@contextmanager
def exchange(deadline: Deadline) -> Iterator[Exchange]:
    """Everything that this thread does on our sockets inside the block shares one deadline, and makes no span."""
    outer = getattr(_current, "exchange", None)  # garbage collection may export within an export
    _current.exchange = this = Exchange(deadline)
    try:
        with suppress_instrumentation():
            yield this
    finally:
        _current.exchange = outer


class _Deadline:
    """Socket operations that never wait longer than the exchange of their thread has left.

    Each passes on whatever it is called with: gevent's sockets call each other with arguments of their own.
    """

    def _arm(self) -> None:
        this: Exchange | None = getattr(_current, "exchange", None)
        if this is not None:
            self.settimeout(this.remaining())  # type: ignore[attr-defined]  # a mixin of sockets

    def recv(self, *args: Any, **options: Any) -> Any:
        self._arm()
        return super().recv(*args, **options)  # type: ignore[misc]  # a mixin of sockets

    def recv_into(self, *args: Any, **options: Any) -> Any:
        self._arm()
        return super().recv_into(*args, **options)  # type: ignore[misc]  # a mixin of sockets

    def send(self, *args: Any, **options: Any) -> Any:
        self._arm()
        return super().send(*args, **options)  # type: ignore[misc]  # a mixin of sockets

    def sendall(self, *args: Any, **options: Any) -> Any:
        self._arm()
        return super().sendall(*args, **options)  # type: ignore[misc]  # a mixin of sockets


class _DeadlineSocket(_Deadline, socket.socket):
    """A TCP socket under the deadline."""


class DeadlineTLSSocket(_Deadline, ssl.SSLSocket):
    """A TLS socket under the deadline, its handshake too."""

    def do_handshake(self, *args: Any, **options: Any) -> None:
        """See `ssl.SSLSocket`."""
        self._arm()
        super().do_handshake(*args, **options)


open_sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()


def forget_inherited_sockets() -> None:
    """In a forked child: closes the child's copies. The parent's connections stay as they are."""
    for sock in list(open_sockets):
        with suppress(OSError):
            os.close(sock.detach())
    open_sockets.clear()


def _resolved(host: str, port: int) -> list[tuple[Any, ...]]:
    try:
        return socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)
    except RuntimeError:
        # gevent's starts a thread, which Python 3.12 refuses while it shuts down. Blocking does no harm any more then.
        return _socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)


def connect(connection: HTTPConnection) -> socket.socket:
    """A connected socket; the addresses of a name share the time, so a dead first one leaves some to the next."""
    host, port = connection._dns_host, connection.port  # noqa: SLF001 - the name as given, with its final dot
    try:
        addresses = _resolved(host, port)
    except OSError as error:
        raise NewConnectionError(connection, f"cannot resolve the name: {error}") from error
    this: Exchange | None = getattr(_current, "exchange", None)
    deadline = this.deadline.within(CONNECT_SECONDS) if this else Deadline.after(CONNECT_SECONDS)
    failure: OSError = OSError("the name has no address")
    for position, address in enumerate(addresses):
        share = deadline.remaining / (len(addresses) - position)
        if share <= 0:
            break
        try:
            sock = _connected(address, connection.socket_options or (), share)
        except OSError as error:
            failure = error
            continue
        if this:
            this.connected = True
        return sock
    if isinstance(failure, TimeoutError):
        raise ConnectTimeoutError(connection, "connecting took too long") from failure
    raise NewConnectionError(connection, f"cannot connect: {failure}") from failure


def _connected(address: tuple[Any, ...], options: Iterable[tuple[Any, ...]], seconds: float) -> socket.socket:
    """A socket connected to one of `getaddrinfo`'s addresses; OSError too where its family does not exist here."""
    family, kind, protocol, _, where = address
    sock = _DeadlineSocket(family, kind, protocol)
    open_sockets.add(sock)
    try:
        for option in options:
            sock.setsockopt(*option)
        sock.settimeout(seconds)
        sock.connect(where)
    except OSError:
        sock.close()
        raise
    return sock
