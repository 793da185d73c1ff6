"""urllib3's connections over sockets under the deadline: requests in one piece, and whole answers alone."""

from __future__ import annotations

import http.client
import io
import socket
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.ssl_ import create_urllib3_context, resolve_cert_reqs

from opentelemetry_exporter_moesif.delivery.exchange.sockets import DeadlineTLSSocket, connect, open_sockets

_LINE_BYTES = 65536  # http.client's own limit for a line of a header
_MOST_INTERIM_ANSWERS = 100
_LARGEST_PIECE = 1 << 20  # what is copied once more, so that it is sent at once


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


class _InOnePiece:
    """Sends a request's head together with its body: each on its own wakes whoever reads it, and is a TLS record."""

    _pieces: list[bytes] | None = None

    def request(self, *args: Any, **options: Any) -> None:
        """See `HTTPConnection`."""
        pieces: list[bytes] = []
        self._pieces = pieces
        try:
            super().request(*args, **options)  # type: ignore[misc]  # a mixin of connections
        finally:
            self._pieces = None
        size = sum(len(piece) for piece in pieces)
        for piece in (b"".join(pieces),) if size <= _LARGEST_PIECE else pieces:
            self.send(piece)

    def send(self, data: Any) -> None:
        """See `HTTPConnection`."""
        if self._pieces is None:
            super().send(data)  # type: ignore[misc]  # a mixin of connections
        else:
            self._pieces.append(data)


class _Connection(_InOnePiece, HTTPConnection):
    response_class = _WholeResponse

    def _new_conn(self) -> socket.socket:
        return connect(self)


class _TLSConnection(_InOnePiece, HTTPSConnection):
    response_class = _WholeResponse

    def _new_conn(self) -> socket.socket:
        return connect(self)

    def connect(self) -> None:
        if self.ssl_context is None:
            self.ssl_context = create_urllib3_context(cert_reqs=resolve_cert_reqs(self.cert_reqs))
            if not self.ca_certs and not self.ca_cert_dir:
                self.ssl_context.load_default_certs()
        self.ssl_context.sslsocket_class = DeadlineTLSSocket
        super().connect()
        if isinstance(self.sock, socket.socket):
            open_sockets.add(self.sock)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection  # pyright: ignore[reportAssignmentType]  # urllib3 means it to be replaced


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _TLSConnection  # pyright: ignore[reportAssignmentType]  # urllib3 means it to be replaced


POOLS = {"http": _Pool, "https": _TLSPool}
"""What makes connections under the deadline, by scheme."""
