"""Where OpenTelemetry's handler is the only one of a service, its log tells of losses all the same, and once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.calls import CALLS_BY_NAME, make_call
from support.combinations import instrumenting_only
from support.faulty_server import FaultyServer
from support.server_process import clean_environment, instrumented, serving

_TO_THE_CONSOLE = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"level": "INFO", "handlers": ["console"]},
}
_WAITS = "Moesif exporter: 1 event waits (400 from"


@pytest.mark.parametrize("opentelemetry_listens", [True, False])
@pytest.mark.parametrize("logging_is_configured", [True, False])
def test_a_loss_is_one_line_whoever_listens(
    tmp_path: Path, opentelemetry_listens: bool, logging_is_configured: bool
) -> None:
    """uvicorn configures logging when it starts, which is after the instrumentation; by default for itself only."""
    own = tmp_path / "logging.json"
    own.write_text(json.dumps(_TO_THE_CONSOLE))
    command = ["uvicorn", *(["--log-config", str(own)] if logging_is_configured else ()), "fastapi_app:app"]
    with FaultyServer(judge=lambda _path, _events: 400) as collector:
        environment = clean_environment(
            OTEL_TRACES_EXPORTER="moesif",
            OTEL_METRICS_EXPORTER="none",
            OTEL_LOGS_EXPORTER="none",
            OTEL_EXPORTER_MOESIF_APPLICATION_ID="an-id",
            OTEL_EXPORTER_MOESIF_ENDPOINT=collector.url,
            OTEL_EXPORTER_MOESIF_SHUTDOWN_TIMEOUT="1",
            OTEL_BSP_SCHEDULE_DELAY="100",
            # The handler that `opentelemetry-instrumentation-logging` has, with any version of the SDK.
            OTEL_PYTHON_LOGGING_AUTO_INSTRUMENTATION_ENABLED=str(opentelemetry_listens).lower(),
            **instrumenting_only("fastapi"),
        )
        with serving(lambda port: instrumented([*command, "--port", str(port)]), environment) as server:
            assert make_call(server.port, CALLS_BY_NAME["query"]).status == 200
            server.wait_until(lambda output: _WAITS in output)
            server.interrupt()
            output = server.output()

    for line in (_WAITS, "Moesif exporter: 1 event lost (shutdown)"):
        assert output.count(line) == 1, output
