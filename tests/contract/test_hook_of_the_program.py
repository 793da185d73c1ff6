"""A hook in the very program that was started, as small applications have it: `python app.py`, and the hook `app:user`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from support.server_process import clean_environment

from opentelemetry_exporter_moesif.local_collector import LocalCollector

PROGRAM = """
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind
from opentelemetry_exporter_moesif import MoesifSpanExporter

print("run as", __name__)
provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(MoesifSpanExporter(identify_user="app:user")))
state = "of the running program"

def user(span):
    return state

provider.get_tracer("app").start_span("GET", kind=SpanKind.SERVER, attributes={"http.request.method": "GET"}).end()
provider.shutdown()
"""


def test_a_hook_of_the_program_itself_is_found_without_running_it_again(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(PROGRAM, encoding="utf-8")

    with LocalCollector("test-id") as collector:
        environment = clean_environment(
            OTEL_EXPORTER_MOESIF_APPLICATION_ID="test-id", OTEL_EXPORTER_MOESIF_ENDPOINT=collector.url
        )
        ran = subprocess.run(
            [sys.executable, "app.py"],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        events = collector.events()

    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "run as __main__\n", "")
    assert [event["user_id"] for event in events] == ["of the running program"]
