"""A collector of raw sockets that can fail in every way a network can."""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import struct
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from functools import partial

_CREATED = b"HTTP/1.1 201 Created\r\nX-Moesif-Config-ETag: etag-1\r\nContent-Length: 20\r\n\r\n" + b"." * 20

#: Far more than whoever is not held up by a hang may take, on the slowest machine.
HANG_SECONDS = 600.0


class FaultyServer:
    """Takes batches on a loopback port and answers each as its script says; past the script's end, with 201.

    Past the script, `judge` answers where there is one: it is called with the path and the events. `read` makes events
    of a request's headers and plain body, each with a `transaction_id`; JSON is the rule.

    A script is a list of entries: a status, a status with headers `(429, {"Retry-After": "1"})`, or the name of a
    fault of `FAULTS`. Entries are used one a request, over all connections.
    """

    def __init__(
        self,
        script: Iterable = (),
        *,
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        judge: Callable[[str, list], object] | None = None,
        read: Callable[[dict[str, str], bytes], list] | None = None,
    ) -> None:
        self.script = deque(script)
        self.judge = judge
        self.read = read or _read_json
        #: Ends a hang before its time is over.
        self.released = threading.Event()
        self.arrived: Counter[str] = Counter()
        self.posts: list[tuple[str, int | str, int]] = []
        self.headers: list[dict[str, str]] = []
        self.connections = 0
        self._port = port
        self._tls = tls
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self.ending = threading.Event()

    def __enter__(self) -> FaultyServer:  # noqa: PYI034 - Self is younger than Python 3.10
        self._listener = socket.create_server(("127.0.0.1", self._port), backlog=64)
        self.port = self._listener.getsockname()[1]
        self.url = f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_exception) -> None:
        self.ending.set()
        self.released.set()
        # shutdown wakes the thread in accept(), which close alone does not.
        with _BrokenConnection():
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self._open):
            with _BrokenConnection():
                connection.shutdown(socket.SHUT_RDWR)

    def wait_for(self, count: int, seconds: float = 200.0) -> Counter:
        """Blocks until `count` different events arrived; returns how often each did."""
        end = time.monotonic() + seconds
        while len(self.arrived) < count:
            if time.monotonic() > end:
                message = f"{len(self.arrived)} of {count} events in {seconds} s; posts: {self.posts[-20:]}"
                raise TimeoutError(message)
            time.sleep(0.01)
        return self.arrived

    def _accept(self) -> None:
        while not self.ending.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        self._open.add(connection)
        with _BrokenConnection():
            try:
                if self._tls:
                    connection = self._tls.wrap_socket(connection, server_side=True)
                while self._answer(connection):
                    pass
            finally:
                self._open.discard(connection)
                connection.close()

    def _answer(self, connection: socket.socket) -> bool:
        connection.settimeout(HANG_SECONDS)
        with self._lock:
            fault = self.script[0] if self.script else None
            if fault == "hang before reading":
                self.script.popleft()
        if fault == "hang before reading":
            self.released.wait(HANG_SECONDS)
            return False
        request = _read_request(connection)
        if request is None:
            return False
        path, headers, body = request
        events = self.read(headers, gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body)
        with self._lock:
            answer = self.script.popleft() if self.script else self.judge(path, events) if self.judge else 201
            self.posts.append((path, answer if isinstance(answer, int | str) else answer[0], len(events)))
            self.headers.append(headers)
            if answer == 201 or (isinstance(answer, str) and answer not in NOT_TAKEN):
                self.arrived.update(event["transaction_id"] for event in events)
        if isinstance(answer, str):
            return FAULTS[answer](self, connection)
        status, extra = answer if isinstance(answer, tuple) else (answer, {})
        lines = "".join(f"{name}: {value}\r\n" for name, value in extra.items())
        connection.sendall(
            _CREATED if status == 201 else f"HTTP/1.1 {status} X\r\n{lines}Content-Length: 0\r\n\r\n".encode()
        )
        return True


def _read_json(_headers: dict[str, str], body: bytes) -> list:
    return json.loads(body or b"[]")


def _byte_by_byte(pause: float, server: FaultyServer, connection: socket.socket) -> bool:
    for byte in _CREATED:
        connection.sendall(bytes([byte]))
        if server.ending.wait(pause):
            return False
    return True


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def _reset_in_headers(_server: FaultyServer, connection: socket.socket) -> bool:
    connection.sendall(_CREATED[:40])
    time.sleep(0.02)
    _reset(connection)
    return False


def _reset_in_body(_server: FaultyServer, connection: socket.socket) -> bool:
    connection.sendall(_CREATED[:-10])
    time.sleep(0.02)
    _reset(connection)
    return False


def _close_in_body(_server: FaultyServer, connection: socket.socket) -> bool:
    connection.sendall(_CREATED[:-10])
    return False


def _garbage(_server: FaultyServer, connection: socket.socket) -> bool:
    connection.sendall(b"\x00\xfe\xffnot http at all\r\n\r\n")
    return False


def _close_silently(_server: FaultyServer, connection: socket.socket) -> bool:
    connection.sendall(_CREATED)
    return False


def _close_without_answer(_server: FaultyServer, _connection: socket.socket) -> bool:
    return False


def _hang(server: FaultyServer, _connection: socket.socket) -> bool:
    server.released.wait(HANG_SECONDS)
    return False


def _close_in_headers(_server: FaultyServer, connection: socket.socket) -> bool:
    connection.sendall(b"HTTP/1.1 201 Created\r\nX-Moesif-Config-ETag: etag-1\r\nContent-Le")
    return False


def _close_after_a_header(_server: FaultyServer, connection: socket.socket) -> bool:
    connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n")
    return False


def _interim_answers_first(_server: FaultyServer, connection: socket.socket) -> bool:
    connection.sendall(
        b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n" + _CREATED
    )
    return True


FAULTS: dict[str, Callable[[FaultyServer, socket.socket], bool]] = {
    "answer byte by byte": partial(_byte_by_byte, 0.2),
    "answer a byte each ten seconds": partial(_byte_by_byte, 10),
    "reset in the headers": _reset_in_headers,
    "reset in the body": _reset_in_body,
    "close in the body": _close_in_body,
    "garbage": _garbage,
    "close the kept connection silently": _close_silently,
    "close without an answer": _close_without_answer,
    "close in the headers": _close_in_headers,
    "close after a header": _close_after_a_header,
    "interim answers first": _interim_answers_first,
    "hang before reading": _hang,
    "hang after reading": _hang,
    "hang without taking": _hang,
}

#: The rest of the faults happen after the events were taken in.
NOT_TAKEN = {"hang before reading", "hang without taking", "garbage", "close without an answer"}


def _read_request(connection: socket.socket) -> tuple[str, dict[str, str], bytes] | None:
    head = b""
    while b"\r\n\r\n" not in head:
        chunk = connection.recv(65536)
        if not chunk:
            return None
        head += chunk
    head, _, body = head.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        chunk = connection.recv(65536)
        if not chunk:
            return None
        body += chunk
    return first.split(" ")[1], headers, body


class _BrokenConnection:
    """A connection that breaks is what these tests are about."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind, _error, _traceback) -> bool:
        return kind is not None and issubclass(kind, OSError | ValueError)
