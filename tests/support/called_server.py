"""A server for the calls that a program makes: it answers in all the ways that matter to a client, and keeps a log."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

#: How long whoever waits for a client waits at most; a client that is slow on a busy machine is not a broken one.
HANG_SECONDS = 100.0


@dataclass
class ServedExchange:
    """One request as the server saw it, and its answer; names of headers in lower case."""

    verb: str
    target: str
    received: dict[str, str]
    began: float
    status: int = 0
    sent: dict[str, str] = field(default_factory=dict)


@dataclass
class CalledServer:
    """A running server. The first part of a path is the client's name, the second the kind of answer.

    Attributes:
        url: Where it listens.
        log: Of each request method, path, content headers, body, and whether it came on a connection of an earlier one.
        exchanges: Of the request of each path, `GET /path`, what the server saw and answered.
    """

    url: str = ""
    log: list[dict[str, Any]] = field(default_factory=list)
    exchanges: dict[str, ServedExchange] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)
    released: threading.Event = field(default_factory=threading.Event)
    hanging: set[str] = field(default_factory=set)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body in one piece: whether a client finds an answer at its end already must not depend on luck.
    wbufsize = 65_536
    called: CalledServer

    def setup(self) -> None:
        super().setup()
        self.is_reused = False

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:
            self.close_connection = True  # the client went away in the middle, as some are meant to

    def _answer(self) -> None:
        _, self.client, name = self.path.partition("?")[0].split("/")
        body = self._body()
        received = {name.lower(): value for name, value in self.headers.items()}
        self.exchange = ServedExchange(self.command, self.path, received, time.time())
        self.called.exchanges[f"{self.command} {self.path}"] = self.exchange
        names = ("content-type", "content-length", "transfer-encoding", "content-encoding")
        self.called.log.append(
            {
                "reused": self.is_reused,
                "call": f"{self.command} {self.path}",
                "headers": {name: self.headers[name] for name in names if self.headers[name]},
                "body": body.decode("latin-1"),
            }
        )
        self.is_reused = True
        getattr(self, f"_answer_{name}")(body)

    def send_response(self, code: int, message: str | None = None) -> None:
        self.exchange.status = code
        super().send_response(code, message)

    def send_header(self, keyword: str, value: str) -> None:
        self.exchange.sent[keyword.lower()] = value
        super().send_header(keyword, value)

    do_GET = do_POST = do_PUT = do_HEAD = _answer  # noqa: N815 - the standard library's names

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            length = int(self.headers.get("Content-Length", 0))
            return self.rfile.read(length)
        body = b""
        while size := int(self.rfile.readline() or b"0", 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _send(self, content: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        headers = {"Content-Type": "application/json", "Content-Length": str(len(content))} | headers
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _answer_echo(self, body: bytes) -> None:
        self._send(json.dumps({"size": len(body)}).encode())

    def _answer_json(self, _: bytes) -> None:
        self._send(b'{"answer": 42, "password": "hush-Zq7"}')

    def _answer_gzip(self, _: bytes) -> None:
        self._send(gzip.compress(b'{"packed": true}'), Content_Encoding="gzip")

    def _answer_nothing(self, _: bytes) -> None:
        self.send_response(204)
        self.end_headers()

    def _answer_kept(self, _: bytes) -> None:
        self._send(b"", 307, Location=f"/{self.client}/echo?again{self.path.partition('?')[2]}")

    def _answer_changed(self, _: bytes) -> None:
        self._send(b'{"moved": 1}', 303, Location=f"/{self.client}/json?changed")

    def _answer_flaky(self, _: bytes) -> None:
        self.called.asked[self.path] = self.called.asked.get(self.path, 0) + 1
        status = 503 if self.called.asked[self.path] < 2 else 200
        self._send(json.dumps({"status": status}).encode(), status)

    def _answer_missing(self, _: bytes) -> None:
        self._send(b'{"error": "missing"}', 404)

    def _answer_text(self, _: bytes) -> None:
        self._send(b"0123456789" * 3000, Content_Type="text/plain")

    def _answer_stream(self, _: bytes) -> None:
        """The second chunk is sent once the client has called `release`: it has the first one by then."""
        self.called.released.clear()
        self._start_chunks()
        self._chunk(b"first\n")
        self.wfile.flush()
        self.called.hanging.add(self.path)
        if self.called.released.wait(HANG_SECONDS):
            self._chunk(b"second\n")
        self.wfile.write(b"0\r\n\r\n")  # in one piece with the second chunk

    def _answer_release(self, _: bytes) -> None:
        self.called.released.set()
        self._send(b"{}")

    def _answer_hanging(self, _: bytes) -> None:
        """Once the answer of the path behind the question mark hangs."""
        while f"/{self.client}/{self.path.partition('?')[2]}" not in self.called.hanging:
            time.sleep(0.01)
        self._send(b"{}")

    def _answer_cut(self, _: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", "10")
        self.end_headers()
        self.wfile.write(b"half")
        self.close_connection = True

    def _answer_hang(self, _: bytes) -> None:
        self.close_connection = True
        self.called.hanging.add(self.path)
        self.connection.settimeout(HANG_SECONDS)
        self.connection.recv(1)

    def _start_chunks(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def _chunk(self, content: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(content), content))

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def called_server() -> Iterator[CalledServer]:
    """Runs a server until the block ends; the log is whole after that, when each connection has ended."""
    called = CalledServer()
    handler = type("Handler", (_Handler,), {"called": called})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = False
        called.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield called
        finally:
            server.shutdown()
            thread.join()
