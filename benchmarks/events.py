"""The events that this exporter makes of a batch, as the collector gets them: what the peers are given ready-made."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan

from benchmarks import peers


def ready_events(batch: Sequence[ReadableSpan], **settings: Any) -> bytes:
    """The JSON of one POST: whatever lies between span and socket has had its say."""
    with _Keeping() as keeping:
        exporter = peers.this_exporter(keeping.url, max_payload_bytes=50_000_000, **settings)
        exporter.export(batch)
        exporter.shutdown()
    (body,) = keeping.bodies
    return body


class _Keeping:
    """A server that keeps what it gets."""

    def __enter__(self) -> _Keeping:
        bodies = self.bodies = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                bodies.append(gzip.decompress(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(201)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *message: object) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()
