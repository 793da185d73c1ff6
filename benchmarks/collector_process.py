"""A collector that costs as little as one can: it reads a whole request, throws it away, and answers at once.

It runs in a process of its own, so that none of its work is paid under the interpreter lock of what is measured.
``python -m benchmarks.collector_process`` prints the port that it listens on; it ends when its standard input does.
"""

from __future__ import annotations

import json
import selectors
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.request import ProxyHandler, build_opener

CREATED = b"HTTP/1.1 201 Created\r\nX-Moesif-Config-ETag: 1\r\nContent-Length: 0\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
_HEAD_ENDS = b"\r\n\r\n"


@dataclass
class Counters:
    """What arrived since the last look."""

    posts: int = 0
    head_bytes: int = 0
    body_bytes: int = 0


@dataclass
class Connection:
    """One client: what it sent so far and what of the present request is still to come."""

    socket: socket.socket
    received: bytearray = field(default_factory=bytearray)
    target: str = ""
    body_to_come: int | None = None


class Collector:
    """Serves every connection from one thread."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(sys.stdin, selectors.EVENT_READ)
        self._counters = Counters()

    @property
    def port(self) -> int:
        return self._listener.getsockname()[1]

    def serve(self) -> None:
        """Serves until standard input closes: no collector outlives its benchmark."""
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is sys.stdin:
                    return
                if key.fileobj is self._listener:
                    self._accept()
                elif not self._read(key.data):
                    self._selector.unregister(key.fileobj)
                    key.data.socket.close()

    def _accept(self) -> None:
        client, _ = self._listener.accept()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._selector.register(client, selectors.EVENT_READ, Connection(client))

    def _read(self, connection: Connection) -> bool:
        try:
            chunk = connection.socket.recv(1 << 20)
        except OSError:
            return False
        connection.received += chunk
        with suppress(OSError):
            while self._take_a_request(connection):
                pass
        return bool(chunk)

    def _take_a_request(self, connection: Connection) -> bool:
        received = connection.received
        if connection.body_to_come is None:
            end = received.find(_HEAD_ENDS)
            if end < 0:
                return False
            head = bytes(received[:end]).decode("latin-1")
            del received[: end + len(_HEAD_ENDS)]
            connection.target, connection.body_to_come = _read_head(head)
            self._counters.head_bytes += end + len(_HEAD_ENDS)
        if len(received) < connection.body_to_come:
            return False
        if connection.body_to_come:
            self._counters.body_bytes += connection.body_to_come
            self._counters.posts += 1
        del received[: connection.body_to_come]
        connection.body_to_come = None
        connection.socket.sendall(self._answer(connection.target))
        return True

    def _answer(self, target: str) -> bytes:
        if target.endswith("/counters"):
            counters, self._counters = self._counters, Counters()
            return _json_answer(vars(counters))
        if target.endswith(("/config", "/rules")):
            return _json_answer({} if target.endswith("/config") else [])
        return CREATED if target.endswith("/events/batch") else OK


def _read_head(head: str) -> tuple[str, int]:
    request_line, *lines = head.split("\r\n")
    fields = dict(line.lower().split(":", 1) for line in lines)
    return request_line.split()[1], int(fields.get("content-length", 0))


def _json_answer(content: object) -> bytes:
    body = json.dumps(content).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


@dataclass(frozen=True)
class CollectorProcess:
    """A collector that runs in another process."""

    url: str

    def counters(self) -> dict[str, int]:
        """What arrived since the last call: posts, bytes of heads and of bodies."""
        with build_opener(ProxyHandler({})).open(f"{self.url}/counters") as answer:
            return json.load(answer)


@contextmanager
def collector_process() -> Iterator[CollectorProcess]:
    """Starts a collector, and ends it."""
    command = [sys.executable, "-m", "benchmarks.collector_process"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield CollectorProcess(f"http://127.0.0.1:{int(process.stdout.readline())}")
        process.stdin.close()


def main() -> None:
    collector = Collector()
    print(collector.port, flush=True)
    collector.serve()


if __name__ == "__main__":
    main()
