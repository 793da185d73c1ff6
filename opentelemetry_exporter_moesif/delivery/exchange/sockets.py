"""Connections under one deadline for a whole HTTP exchange, which believe whole answers alone.

The timeouts of `requests` are for each socket operation: a server that sends a byte a second keeps a 10 s timeout
waiting for ever. Here every operation of an exchange gets what is left of the exchange's own time. Name resolution is
outside it: the operating system's resolver cannot be interrupted.
"""

from __future__ import annotations

import _socket
import http.client
import io
import os
import socket
import ssl
import threading
import weakref
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from opentelemetry.instrumentation.utils import suppress_instrumentation
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
from urllib3.util.ssl_ import create_urllib3_context, resolve_cert_reqs

from opentelemetry_exporter_moesif.delivery.deadline import Deadline

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

CONNECT_SECONDS = 3.0
"""The most that connecting takes, over all the addresses of a name."""

_LINE_BYTES = 65536  # http.client's own limit for a line of a header
_MOST_INTERIM_ANSWERS = 100


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


class _WholeLines(io.BufferedReader):
    """Reads an answer, and takes no line that broke off for one that ended."""

    begun = False

    def readline(self, size: int | None = -1, /) -> bytes:
        """See `io.BufferedReader`. An answer that ends before its first byte is for http.client to notice.

        Raises:
            http.client.IncompleteRead: The connection ended within the answer's head.
        """
        line = super().readline(size)
        if not line.endswith(b"\n") and self.begun | bool(line) and len(line) != size:
            raise http.client.IncompleteRead(line)
        self.begun = True
        return line


class _WholeResponse(http.client.HTTPResponse):
    """An answer whose head is whole. Interim answers (RFC 9110, 15.2) are passed over."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fp: io.BufferedReader = _WholeLines(self.fp.detach())

    def _read_status(self) -> tuple[str, int, str]:
        for _ in range(_MOST_INTERIM_ANSWERS):
            version, status, reason = super()._read_status()  # type: ignore[misc]  # typeshed leaves it out
            if not http.client.CONTINUE <= status < http.client.OK or status == http.client.SWITCHING_PROTOCOLS:
                return version, status, reason
            while self.fp.readline(_LINE_BYTES + 1).strip():
                pass
        message = "too many interim answers"
        raise http.client.HTTPException(message)


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


class _DeadlineTLSSocket(_Deadline, ssl.SSLSocket):
    """A TLS socket under the deadline, its handshake too."""

    def do_handshake(self, *args: Any, **options: Any) -> None:
        self._arm()
        super().do_handshake(*args, **options)


_open_sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()


def forget_inherited_sockets() -> None:
    """In a forked child: closes the child's copies. The parent's connections stay as they are."""
    for sock in list(_open_sockets):
        with suppress(OSError):
            os.close(sock.detach())
    _open_sockets.clear()


def _resolved(host: str, port: int) -> list[tuple[Any, ...]]:
    try:
        return socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)
    except RuntimeError:
        # gevent's starts a thread, which Python 3.12 refuses while it shuts down. Blocking does no harm any more then.
        return _socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)


def _connect(connection: HTTPConnection) -> socket.socket:
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
    _open_sockets.add(sock)
    try:
        for option in options:
            sock.setsockopt(*option)
        sock.settimeout(seconds)
        sock.connect(where)
    except OSError:
        sock.close()
        raise
    return sock


class _Connection(HTTPConnection):
    response_class = _WholeResponse

    def _new_conn(self) -> socket.socket:
        return _connect(self)


class _TLSConnection(HTTPSConnection):
    response_class = _WholeResponse

    def _new_conn(self) -> socket.socket:
        return _connect(self)

    def connect(self) -> None:
        if self.ssl_context is None:
            self.ssl_context = create_urllib3_context(cert_reqs=resolve_cert_reqs(self.cert_reqs))
            if not self.ca_certs and not self.ca_cert_dir:
                self.ssl_context.load_default_certs()
        self.ssl_context.sslsocket_class = _DeadlineTLSSocket
        super().connect()
        if isinstance(self.sock, socket.socket):
            _open_sockets.add(self.sock)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection  # pyright: ignore[reportAssignmentType]  # urllib3 means it to be replaced


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _TLSConnection  # pyright: ignore[reportAssignmentType]  # urllib3 means it to be replaced


POOLS = {"http": _Pool, "https": _TLSPool}
"""What makes connections under the deadline, by scheme."""
