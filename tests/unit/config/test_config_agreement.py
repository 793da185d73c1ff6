"""The settings are told in five places, and all of them say the same."""

from __future__ import annotations

import ast
import dataclasses
import inspect
from pathlib import Path

import pytest

import opentelemetry_exporter_moesif
from opentelemetry_exporter_moesif import MoesifSpanExporter, environment_variables
from opentelemetry_exporter_moesif.config import SETTINGS, Config
from opentelemetry_exporter_moesif.redaction.names import DEFAULT_HARMLESS_NAMES, DEFAULT_HEADERS, DEFAULT_NAMES

LIVE = {"session", "meter_provider"}
VARIABLE_ONLY = {"flush_on_sigterm", "renderer"}

# The public contract: each argument, its variable after OTEL_EXPORTER_MOESIF_, its default.
CONTRACT = {
    "application_id": ("APPLICATION_ID", None),
    "endpoint": ("ENDPOINT", "https://api.moesif.net"),
    "timeout": ("TIMEOUT", 10),
    "shutdown_timeout": ("SHUTDOWN_TIMEOUT", 5),
    "flush_on_sigterm": ("FLUSH_ON_SIGTERM", True),
    "compression": ("COMPRESSION", "gzip"),
    "headers": ("HEADERS", {}),
    "certificate_file": ("CERTIFICATE", None),
    "client_certificate_file": ("CLIENT_CERTIFICATE", None),
    "client_key_file": ("CLIENT_KEY", None),
    "max_payload_bytes": ("MAX_PAYLOAD_BYTES", 1048576),
    "backlog_max_bytes": ("BACKLOG_MAX_BYTES", 16777216),
    "spool_directory": ("SPOOL_DIRECTORY", None),
    "spool_max_bytes": ("SPOOL_MAX_BYTES", 2**30),
    "spool_always": ("SPOOL_ALWAYS", False),
    "excluded_urls": ("EXCLUDED_URLS", ()),
    "excluded_routes": ("EXCLUDED_ROUTES", ()),
    "capture_outgoing": ("CAPTURE_OUTGOING", False),
    "asgi_message_spans": ("ASGI_MESSAGE_SPANS", "auto"),
    "trust_forwarded_headers": ("TRUST_FORWARDED_HEADERS", True),
    "trust_forwarded_prefix": ("TRUST_FORWARDED_PREFIX", False),
    "client_ip_header": ("CLIENT_IP_HEADER", None),
    "anonymize_ip": ("ANONYMIZE_IP", False),
    "redact_headers": ("REDACT_HEADERS", DEFAULT_HEADERS),
    "redact_query_parameters": ("REDACT_QUERY_PARAMETERS", DEFAULT_NAMES),
    "redact_body_fields": ("REDACT_BODY_FIELDS", DEFAULT_NAMES),
    "redact_except": ("REDACT_EXCEPT", DEFAULT_HARMLESS_NAMES),
    "redact_values": ("REDACT_VALUES", ("private-key", "jwt", "scheme", "key")),
    "user_id_header": ("USER_ID_HEADER", ()),
    "company_id_header": ("COMPANY_ID_HEADER", ()),
    "authorization_user_id_field": ("AUTHORIZATION_USER_ID_FIELD", "sub"),
    "authorization_company_id_field": ("AUTHORIZATION_COMPANY_ID_FIELD", None),
    "api_version": ("API_VERSION", None),
    "capture_bodies": ("CAPTURE_BODIES", False),
    "capture_streams": ("CAPTURE_STREAMS", False),
    "body_max_bytes": ("BODY_MAX_BYTES", 100000),
    "body_store_max_bytes": ("BODY_STORE_MAX_BYTES", 32 * 1024 * 1024),
    "dynamic_sampling": ("DYNAMIC_SAMPLING", False),
    "renderer": ("RENDERER", "auto"),
    "skip": ("SKIP", None),
    "mask_event": ("MASK_EVENT", None),
    "identify_user": ("IDENTIFY_USER", None),
    "identify_company": ("IDENTIFY_COMPANY", None),
    "get_session_token": ("GET_SESSION_TOKEN", None),
    "get_metadata": ("GET_METADATA", None),
}

VARIABLES = {name: value for name, value in vars(environment_variables).items() if not name.startswith("_")}


@pytest.mark.parametrize("name", CONTRACT)
def test_each_setting_has_its_promised_variable_and_default(name: str) -> None:
    suffix, default = CONTRACT[name]

    assert f"OTEL_EXPORTER_MOESIF_{suffix}" == SETTINGS[name].variable
    assert default == getattr(Config(), name)


def test_the_table_of_readers_names_the_settings_of_the_contract() -> None:
    assert CONTRACT.keys() == SETTINGS.keys()


def test_the_configuration_has_the_settings_and_the_live_objects() -> None:
    assert SETTINGS.keys() | LIVE == {field.name for field in dataclasses.fields(Config)}


def test_the_constructor_takes_them_all_by_name_and_none_is_required() -> None:
    parameters = inspect.signature(MoesifSpanExporter).parameters

    assert (SETTINGS.keys() | LIVE) - VARIABLE_ONLY == parameters.keys()
    assert {inspect.Parameter.KEYWORD_ONLY} == {parameter.kind for parameter in parameters.values()}
    assert {None} == {parameter.default for parameter in parameters.values()}


def test_the_constructor_describes_each_argument() -> None:
    described = inspect.cleandoc(MoesifSpanExporter.__doc__ or "").partition("Args:")[2].partition("Raises:")[0]

    assert list(inspect.signature(MoesifSpanExporter).parameters) == [
        line.partition(":")[0].strip() for line in described.splitlines() if line.startswith("    ") and line[4] != " "
    ]


def test_the_variables_are_those_of_the_settings() -> None:
    assert {"MOESIF_APPLICATION_ID", *(setting.variable for setting in SETTINGS.values())} == VARIABLES.keys()


def test_each_variable_is_named_as_it_reads() -> None:
    """`opentelemetry-instrument` makes a flag of the name and sets the variable of the value."""
    assert {name: name for name in VARIABLES} == VARIABLES


def test_the_module_of_the_variables_imports_nothing_and_describes_each() -> None:
    body = ast.parse(Path(environment_variables.__file__).read_text(encoding="utf-8")).body

    assert {ast.Assign, ast.Expr} == {type(statement) for statement in body}
    assert all(isinstance(statement, ast.Expr) for statement in body[::2])  # the module's docstring, then one for each
    assert len(VARIABLES) == len(body) // 2


def test_the_package_exports_every_variable() -> None:
    assert VARIABLES.keys() <= set(opentelemetry_exporter_moesif.__all__)
