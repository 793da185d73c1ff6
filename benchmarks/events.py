"""The events that this exporter makes of a batch, as the collector gets them: what the peers are given ready-made."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan

from benchmarks import peers


def ready_events(batch: Sequence[ReadableSpan], **settings: Any) -> bytes:
    """The JSON of one POST: whatever lies between span and socket has had its say."""
    with _keeping() as (url, bodies):
        exporter = peers.this_exporter(url, max_payload_bytes=50_000_000, **settings)
        exporter.export(batch)
        exporter.shutdown()
    (body,) = bodies
    return body


@contextmanager
def _keeping() -> Iterator[tuple[str, list[bytes]]]:
    """A server that keeps what it gets: its URL, and the bodies."""
    bodies: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(gzip.decompress(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(201)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *message: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", bodies
        server.shutdown()
