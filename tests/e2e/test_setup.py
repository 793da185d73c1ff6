"""Every way to switch the exporter on from outside of an unmodified application, and what goes wrong on the way."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from support.calls import CALLS_BY_NAME, Exchange, make_call
from support.combinations import instrumenting_only
from support.exporting import APPLICATION_ID, exporting_to
from support.server_process import clean_environment, instrumented, serving
from support.versions import NEEDS_CONFIGURATION_FILES
from support.virtual_environments import copy_without

from opentelemetry_exporter_moesif import environment_variables
from opentelemetry_exporter_moesif.config import SETTINGS
from opentelemetry_exporter_moesif.local_collector import LocalCollector

CALL = CALLS_BY_NAME["query"]

CONFIG_FILE = """\
file_format: "1.0"
resource:
  attributes:
    - {name: service.name, value: from-the-file}
# Without one, the WSGI instrumentations fail on every request.
propagator:
  composite: [{tracecontext: {}}, {baggage: {}}]
tracer_provider:
  processors:
    - batch:
        schedule_delay: 100
        exporter:
          moesif:
            application_id: "${MOESIF_APPLICATION_ID}"
            endpoint: "${COLLECTOR_URL}"
            redact_headers: [x-internal]
            timeout: 5
"""


def flask(port: int) -> list[str]:
    return ["flask", "--app", "flask_app", "run", "--port", str(port)]


def call_once(environment: Mapping[str, str], flags: tuple[str, ...] = ()) -> tuple[Exchange, str]:
    """The call that was made to a Flask application with these settings, and all that the service wrote till its end."""
    with serving(lambda port: ["opentelemetry-instrument", *flags, *flask(port)], environment) as server:
        exchange = make_call(server.port, CALL)
        server.terminate()
        return exchange, server.output()


@pytest.fixture
def collector():
    with LocalCollector(APPLICATION_ID) as running:
        yield running


def uris(collector: LocalCollector) -> list[str]:
    return [event["request"]["uri"].partition("?")[0] for event in collector.events()]


@NEEDS_CONFIGURATION_FILES
def test_a_configuration_file_with_plain_values_switches_the_exporter_on(collector, tmp_path: Path) -> None:
    file = tmp_path / "otel.yaml"
    file.write_text(CONFIG_FILE)
    environment = clean_environment(
        OTEL_CONFIG_FILE=str(file), MOESIF_APPLICATION_ID=APPLICATION_ID, COLLECTOR_URL=collector.url
    )

    exchange, _ = call_once(environment)

    assert exchange.status == 200
    (event,) = collector.events()
    assert event["request"]["uri"].startswith("http://api.example.com/items/7?")
    assert event["metadata"]["resource"]["service.name"] == "from-the-file"


def test_flags_of_opentelemetry_instrument_switch_the_exporter_on(collector) -> None:
    flags = {
        "--traces_exporter": "moesif",
        "--metrics_exporter": "none",
        "--logs_exporter": "none",
        "--exporter_moesif_application_id": APPLICATION_ID,
        "--exporter_moesif_endpoint": collector.url,
    }

    call_once(clean_environment(), tuple(part for flag in flags.items() for part in flag))

    assert uris(collector) == ["http://api.example.com/items/7"]


@pytest.mark.parametrize(("application", "says_it"), [("app", True), ("wrapped", False)])
def test_a_server_whose_calls_nothing_sees_is_told_so(collector, application: str, says_it: bool) -> None:
    command = ["uvicorn", "--factory"] if application == "wrapped" else ["uvicorn"]
    environment = exporting_to(collector, **instrumenting_only())

    with serving(
        lambda port: instrumented([*command, "--port", str(port), f"bare_asgi_app:{application}"]), environment
    ) as server:
        assert make_call(server.port, CALL).status == 200
        server.terminate()
        output = server.output()

    assert ("uvicorn serves here" in output) is says_it
    assert (len(collector.events()) == 1) is not says_it, output


def test_another_exporter_beside_ours_gets_its_spans_and_ours_its_events(collector) -> None:
    environment = exporting_to(collector, OTEL_TRACES_EXPORTER="console,moesif")

    _, output = call_once(environment)

    assert uris(collector) == ["http://api.example.com/items/7"]
    assert '"name": "GET /items/<int:item_id>"' in output


def test_without_an_application_id_the_service_answers_and_one_error_names_the_variable(collector) -> None:
    environment = exporting_to(collector)
    del environment[environment_variables.OTEL_EXPORTER_MOESIF_APPLICATION_ID]

    exchange, output = call_once(environment)

    assert exchange.status == 200
    assert collector.posts() == []
    assert output.count("OTEL_EXPORTER_MOESIF_APPLICATION_ID") == 1


def test_without_the_distro_the_service_answers_and_one_error_names_it(collector, tmp_path: Path) -> None:
    commands = copy_without("opentelemetry-distro", tmp_path / "venv")
    environment = exporting_to(collector)
    environment["PATH"] = f"{commands}{os.pathsep}{environment['PATH']}"

    exchange, output = call_once(environment)

    assert exchange.status == 200
    assert collector.posts() == []
    assert output.count("opentelemetry-distro") == 1


#: A value that cannot be read, for each setting that has such values.
BAD_VALUES = {
    "endpoint": "localhost without a scheme",
    "timeout": "soon",
    "shutdown_timeout": "-1",
    "flush_on_sigterm": "perhaps",
    "compression": "brotli",
    "headers": "no-equals-sign",
    "certificate_file": "/nowhere/ca.pem",
    "client_certificate_file": "/nowhere/client.pem",
    "client_key_file": "/nowhere/client.key",
    "max_payload_bytes": "0",
    "backlog_max_bytes": "1.5",
    "spool_max_bytes": "many",
    "excluded_urls": "(unclosed",
    "capture_outgoing": "2",
    "trust_forwarded_headers": "sometimes",
    "user_id_header": "not a header",
    "company_id_header": "neither:this",
    "capture_bodies": "some",
    "capture_streams": "2",
    "spool_always": "never",
    "asgi_message_spans": "perhaps",
    "trust_forwarded_prefix": "2",
    "client_ip_header": "not a header",
    "anonymize_ip": "2",
    "redact_values": "(unclosed",
    "renderer": "fastest",
    "body_max_bytes": "-5",
    "body_store_max_bytes": "0",
    "dynamic_sampling": "2",
    "skip": "not-a-hook",
    "identify_user": "no_colon.here",
    "identify_company": ":name",
    "get_session_token": "module:",
    "get_metadata": "1:2",
}
#: Any text is a value of these.
ANY_TEXT_WILL_DO = {
    "application_id",
    "spool_directory",
    "redact_headers",
    "redact_query_parameters",
    "redact_body_fields",
    "redact_except",
    "excluded_routes",
    "authorization_user_id_field",
    "authorization_company_id_field",
    "api_version",
}


def test_with_a_bad_value_for_every_setting_the_service_answers_and_each_is_named_in_one_warning(collector) -> None:
    assert BAD_VALUES.keys() | ANY_TEXT_WILL_DO | {"mask_event"} == SETTINGS.keys()
    bad = {SETTINGS[name].variable: value for name, value in BAD_VALUES.items() if name != "endpoint"}

    exchange, output = call_once(exporting_to(collector, **bad))

    assert exchange.status == 200
    assert uris(collector) == ["http://api.example.com/items/7"]
    for variable in bad:
        lines = [line for line in output.splitlines() if variable in line.replace(",", " ").split()]
        assert len(lines) == 1, f"{variable}: {output}"


def test_with_a_bad_endpoint_the_service_answers_and_one_warning_names_it(collector) -> None:
    """Without an application id too, so that nothing goes to the default endpoint, which is Moesif's own."""
    bad = {"OTEL_EXPORTER_MOESIF_ENDPOINT": BAD_VALUES["endpoint"], "OTEL_EXPORTER_MOESIF_APPLICATION_ID": ""}

    exchange, output = call_once(exporting_to(collector, **bad))

    assert exchange.status == 200
    assert output.count("OTEL_EXPORTER_MOESIF_ENDPOINT") == 1


def test_with_a_masking_hook_that_cannot_be_read_the_service_answers_and_nothing_is_sent(collector) -> None:
    exchange, output = call_once(exporting_to(collector, OTEL_EXPORTER_MOESIF_MASK_EVENT="neither fish nor fowl"))

    assert exchange.status == 200
    assert collector.posts() == []
    assert output.count("OTEL_EXPORTER_MOESIF_MASK_EVENT") == 1


def test_the_help_of_opentelemetry_instrument_lists_every_setting_as_a_flag() -> None:
    answer = subprocess.run(
        instrumented(["--help"]), env=clean_environment(), capture_output=True, text=True, timeout=60, check=False
    )

    assert answer.returncode == 0, answer.stderr
    for setting in SETTINGS.values():
        assert setting.variable.removeprefix("OTEL_").lower() in answer.stdout
