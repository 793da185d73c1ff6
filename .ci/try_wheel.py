"""Installs a built wheel, and nothing of the tree, in an environment of its own, and sends one call through it.

Usage: python .ci/try_wheel.py DIRECTORY_WITH_WHEELS

Each wheel is tried, of which there may be two: one for any interpreter, and one with the compiled renderer.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

SMOKE_TEST = """
import gzip, http.server, json, threading

import opentelemetry_exporter_moesif as package
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import SpanKind

received = []

class Collector(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        received.extend(json.loads(gzip.decompress(body)))
        self.send_response(201)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass

server = http.server.HTTPServer(("127.0.0.1", 0), Collector)
threading.Thread(target=server.serve_forever, daemon=True).start()
exporter = package.MoesifSpanExporter(application_id="id", endpoint=f"http://127.0.0.1:{server.server_port}")
provider = TracerProvider(resource=Resource({"service.name": "smoke"}))
provider.add_span_processor(SimpleSpanProcessor(exporter))
attributes = {
    "http.request.method": "GET", "url.path": "/", "server.address": "a.example", "http.response.status_code": 200,
}
with provider.get_tracer("smoke").start_as_current_span("GET /", kind=SpanKind.SERVER, attributes=attributes):
    pass
assert exporter.force_flush(10_000)
provider.shutdown()
assert [event["response"]["status"] for event in received] == [200], received
print("one call sent by version", package.__version__)
"""


RENDERER_TEST = """
import sys

from opentelemetry_exporter_moesif import rendering

assert (rendering.compiled() is not None) is (sys.argv[1] == "compiled"), rendering.compiled()
"""


def main(directory: Path) -> None:
    """Tries each wheel of a directory: plain, then with what its command needs."""
    wheels = sorted(directory.resolve().glob("*.whl"))
    if not wheels:
        sys.exit(f"no wheel in {directory}")
    for wheel in wheels:
        try_wheel(wheel)


def try_wheel(wheel: Path) -> None:
    """Tries one."""
    kind = "plain" if wheel.name.endswith("-none-any.whl") else "compiled"
    print(f"== {wheel.name}", flush=True)  # noqa: T201 - a script
    with tempfile.TemporaryDirectory() as place:
        environment = Path(place, "environment")
        venv.create(environment, with_pip=True)
        run = environment / "bin"

        def call(*command: str | Path) -> None:
            subprocess.run([*map(str, command)], cwd=place, check=True)  # noqa: S603 - commands of this file

        call(run / "pip", "install", "--quiet", wheel)
        call(run / "python", "-W", "error", "-c", "import opentelemetry_exporter_moesif")
        call(run / "python", "-c", RENDERER_TEST, kind)
        call(run / "python", "-c", SMOKE_TEST)
        call(run / "moesif-otel", "--help")
        call(run / "pip", "install", "--quiet", f"{wheel}[demo]")
        call(run / "pip", "check")
        call(run / "moesif-otel", "demo")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
