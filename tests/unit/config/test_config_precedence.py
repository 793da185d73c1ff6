"""An argument wins over the environment, and that over the default; what is empty was not given."""

from __future__ import annotations

import re
from typing import Any

import pytest
import requests
from opentelemetry.sdk.metrics import MeterProvider

from opentelemetry_exporter_moesif.config import (
    SETTINGS,
    Config,
    read_setting,
    resolve_config,
)
from opentelemetry_exporter_moesif.redaction.names import DEFAULT_HARMLESS_NAMES, DEFAULT_HEADERS, DEFAULT_NAMES
from opentelemetry_exporter_moesif.redaction.values import DEFAULT_SHAPES

# Each setting: the text of its variable and what that means, then another argument and what that means.
GIVEN: dict[str, tuple[str, Any, Any, Any]] = {
    "application_id": (" from-environment ", "from-environment", "from-argument", "from-argument"),
    "endpoint": (
        "http://localhost:9500/collector/v1/",
        "http://localhost:9500/collector/v1",
        "https://a.test",
        "https://a.test",
    ),
    "timeout": ("2.5", 2.5, 3, 3.0),
    "shutdown_timeout": ("0", 0.0, 1, 1.0),
    "flush_on_sigterm": ("FALSE", False, True, True),
    "compression": ("None", "none", "GZIP", "gzip"),
    "headers": ("X-One=1, X-Two=a=b", {"x-one": "1", "x-two": "a=b"}, {"X-Three": 3}, {"x-three": "3"}),
    "certificate_file": (__file__, __file__, requests.__file__, requests.__file__),
    "client_certificate_file": (__file__, __file__, requests.__file__, requests.__file__),
    "client_key_file": (__file__, __file__, requests.__file__, requests.__file__),
    "max_payload_bytes": ("1000", 1000, 50_000_000, 50_000_000),
    "backlog_max_bytes": ("1000", 1000, 2000.0, 2000),
    "spool_directory": ("/var/spool/one", "/var/spool/one", "two", "two"),
    "spool_max_bytes": ("1", 1, 2, 2),
    "spool_always": ("Yes", True, False, False),
    "excluded_urls": (
        "/health, /ready$",
        (re.compile("/health"), re.compile("/ready$")),
        ["a,b"],
        (re.compile("a,b"),),
    ),
    "excluded_routes": ("/health, /orders/{id}", ("/health", "/orders/{id}"), ["a,b"], ("a,b",)),
    "capture_outgoing": ("True", True, False, False),
    "asgi_message_spans": ("AUTO", "auto", "off", False),
    "trust_forwarded_headers": ("false", False, "TRUE", True),
    "trust_forwarded_prefix": ("1", True, "0", False),
    "client_ip_header": ("X-Real-IP", "x-real-ip", "X-Client-IP", "x-client-ip"),
    "anonymize_ip": ("on", True, False, False),
    "redact_headers": (
        "X-One,,x-two",
        {"x-one", "x-two"} | DEFAULT_HEADERS,
        ["+X-Three", "x-four"],
        {"x-three", "x-four"} | DEFAULT_HEADERS,
    ),
    "redact_query_parameters": ("Sig", DEFAULT_NAMES, ["none"], frozenset()),
    "redact_body_fields": ("none,pin", {"pin"}, ("NONE", "iban", 7), {"iban", "7"}),
    "redact_except": ("Token_Name", DEFAULT_HARMLESS_NAMES | {"token_name"}, ["none", "a"], {"a"}),
    "redact_values": (
        "acme_[0-9]+",
        (*DEFAULT_SHAPES, re.compile("acme_[0-9]+")),
        ["none", "card-number", "a"],
        ("card-number", re.compile("a")),
    ),
    "user_id_header": ("X-User, X-Uid", ("x-user", "x-uid"), "X-Other", ("x-other",)),
    "company_id_header": ("X-Company", ("x-company",), ["X-Other", "X-Org"], ("x-other", "x-org")),
    "authorization_user_id_field": ("email", "email", "uid", "uid"),
    "authorization_company_id_field": ("org", "org", "tenant", "tenant"),
    "api_version": ("1.0", "1.0", 2.5, "2.5"),
    "capture_bodies": ("Errors", "errors", False, False),
    "capture_streams": ("true", True, False, False),
    "body_max_bytes": ("10", 10, 20, 20),
    "body_store_max_bytes": ("10", 10, 20, 20),
    "dynamic_sampling": ("true", True, False, False),
    "renderer": ("Python", "python", "auto", "auto"),
    "skip": ("app.hooks:skip", "app.hooks:skip", print, print),
    "mask_event": ("app:Masks.all", "app:Masks.all", print, print),
    "identify_user": ("app:user", "app:user", "app:other", "app:other"),
    "identify_company": ("app:company", "app:company", "app:other", "app:other"),
    "get_session_token": ("app:token", "app:token", "app:other", "app:other"),
    "get_metadata": ("app:metadata", "app:metadata", "app:other", "app:other"),
}


def variable_of(name: str) -> str:
    return SETTINGS[name].variable


def test_every_setting_has_its_row_here() -> None:
    assert SETTINGS.keys() == GIVEN.keys()


@pytest.mark.parametrize("name", GIVEN)
def test_a_variable_wins_over_the_default(name: str, caplog: pytest.LogCaptureFixture) -> None:
    text, meaning, _, _ = GIVEN[name]

    config = resolve_config({}, {variable_of(name): text})

    assert meaning == getattr(config, name)
    assert not caplog.records


@pytest.mark.parametrize("name", GIVEN)
def test_an_argument_wins_over_its_variable(name: str, caplog: pytest.LogCaptureFixture) -> None:
    text, _, argument, meaning = GIVEN[name]

    config = resolve_config({name: argument}, {variable_of(name): text})

    assert meaning == getattr(config, name)
    assert not caplog.records


@pytest.mark.parametrize("nothing", [None, "", " \t"], ids=["None", "empty", "blank"])
@pytest.mark.parametrize("name", GIVEN)
def test_an_argument_without_a_value_leaves_the_word_to_the_variable(name: str, nothing: str | None) -> None:
    text, meaning, _, _ = GIVEN[name]

    assert meaning == getattr(resolve_config({name: nothing}, {variable_of(name): text}), name)


@pytest.mark.parametrize("nothing", ["", "  "], ids=["empty", "blank"])
@pytest.mark.parametrize("name", GIVEN)
def test_an_empty_variable_means_the_default(name: str, nothing: str, caplog: pytest.LogCaptureFixture) -> None:
    assert getattr(Config(), name) == getattr(resolve_config({}, {variable_of(name): nothing}), name)
    assert not caplog.records


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"MOESIF_APPLICATION_ID": "short"}, "short"),
        ({"MOESIF_APPLICATION_ID": "short", "OTEL_EXPORTER_MOESIF_APPLICATION_ID": "long"}, "long"),
        ({"MOESIF_APPLICATION_ID": "short", "OTEL_EXPORTER_MOESIF_APPLICATION_ID": " "}, "short"),
        ({}, None),
    ],
    ids=["the short name alone", "both", "the long one empty", "neither"],
)
def test_the_application_id_is_also_read_under_the_name_of_moesifs_own_packages(
    environ: dict[str, str], expected: str | None
) -> None:
    assert expected == resolve_config({}, environ).application_id


@pytest.mark.parametrize("name", ["application_id", "api_version", "authorization_user_id_field", "spool_directory"])
def test_a_number_given_as_text_is_its_digits(name: str) -> None:
    """YAML reads an unquoted id of digits as a number."""
    assert getattr(resolve_config({name: 12345678901234567890}, {}), name) == "12345678901234567890"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("x-internal", DEFAULT_HEADERS | {"x-internal"}),
        ("+x-internal", DEFAULT_HEADERS | {"x-internal"}),
        ("+ x-internal , X-Other", DEFAULT_HEADERS | {"x-internal", "x-other"}),
        ("+", DEFAULT_HEADERS),
        ([], DEFAULT_HEADERS),
        ({"+x-internal"}, DEFAULT_HEADERS | {"x-internal"}),
        ("=x-internal", DEFAULT_HEADERS | {"=x-internal"}),
        ("None", set()),
        ("none,x-internal", {"x-internal"}),
        ("x-internal,none", DEFAULT_HEADERS | {"x-internal", "none"}),
        ("-COOKIE", DEFAULT_HEADERS - {"=cookie"} | {"-cookie"}),
        ("-x-api-key, x-internal", DEFAULT_HEADERS | {"-x-api-key", "x-internal"}),
        ("x-one,-x-one", DEFAULT_HEADERS | {"-x-one"}),
    ],
)
def test_names_add_to_the_default_and_only_a_minus_or_none_takes_out(given: Any, expected: set[str]) -> None:
    assert expected == resolve_config({"redact_headers": given}, {}).redact_headers


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*b", "tok_(x+x+)+y", "^(\\w+\\s?)*$", ".*.*.*.*.*=x"])
def test_a_pattern_of_values_that_takes_long_on_some_texts_is_refused(
    pattern: str, caplog: pytest.LogCaptureFixture
) -> None:
    config = resolve_config({"redact_values": [pattern]}, {})

    assert config.redact_values == DEFAULT_SHAPES
    assert "takes too long" in caplog.text


def test_an_unusual_timeout_is_kept_and_said_to_be_in_seconds(caplog: pytest.LogCaptureFixture) -> None:
    """OTLP's YAML has its timeouts in milliseconds."""
    config = resolve_config({"timeout": 10_000}, {})

    assert config.timeout == 10_000.0
    assert ["seconds" in record.getMessage() for record in caplog.records] == [True]


def test_five_minutes_of_timeout_need_no_word(caplog: pytest.LogCaptureFixture) -> None:
    assert resolve_config({"timeout": 300}, {}).timeout == 300.0
    assert not caplog.records


def test_live_objects_are_used_as_they_are() -> None:
    session, provider = requests.Session(), MeterProvider()

    config = resolve_config({"session": session, "meter_provider": provider}, {})

    assert session is config.session
    assert provider is config.meter_provider


def test_one_setting_can_be_read_without_the_others() -> None:
    environ = {"OTEL_EXPORTER_MOESIF_CAPTURE_BODIES": "true", "OTEL_EXPORTER_MOESIF_TIMEOUT": "bad"}

    assert read_setting("capture_bodies", environ=environ) is True


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://api.moesif.net",
        "http://127.0.0.1:8080",
        "http://[::1]:9500/v1",
        "HTTPS://api.moesif.net",
        "https://x.test/events/batch",
    ],
)
def test_an_endpoint_is_an_address_with_or_without_a_path(endpoint: str, caplog: pytest.LogCaptureFixture) -> None:
    assert endpoint == resolve_config({"endpoint": endpoint + "/"}, {}).endpoint
    assert not caplog.records


def test_a_spool_directory_may_start_with_the_home_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/service")
    assert resolve_config({"spool_directory": "~/spool"}, {}).spool_directory == "/home/service/spool"
