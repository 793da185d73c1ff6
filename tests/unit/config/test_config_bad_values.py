"""A value that cannot be read warns once, names its setting, never shows the value, and means the default."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from opentelemetry_exporter_moesif import MoesifSpanExporter
from opentelemetry_exporter_moesif.config import SETTINGS, Config, resolve_config, unreadable_mask

MARK = "hunter2"

# Bad as a text of the environment; each holds the mark, which no warning may repeat.
REDACTED = ("redact_headers", "redact_query_parameters", "redact_body_fields", "redact_except")

BAD_TEXTS: dict[str, list[str]] = {
    "application_id": [f"{MARK}\nX-Injected: 1", f"{MARK}\u20ac", f"{MARK}\x7f"],
    "endpoint": [
        f"{MARK}.test",
        f"ftp://{MARK}.test",
        f"https://user:{MARK}@api.test",
        f"https://user:{MARK}\u2100@api.test",
        f"https://api.test/?key={MARK}",
        f"https://api.test/{MARK}?",
        f"https://api.test/#{MARK}",
        f"https://api.test:{MARK}",
        "https://api.test:65536",
        "https://api.test:0",
        f"https://[{MARK}",
        f"https://[{MARK}]/",
        f"https://api.test/a b{MARK}",
        f"https:///{MARK}",
        "://",
    ],
    "timeout": [MARK, "0", "-1", "nan", "inf", "1e999", "86401", "10s"],
    "shutdown_timeout": [MARK, "-0.1", "nan", "-inf"],
    "flush_on_sigterm": [MARK, "2", "y", "enabled"],
    "compression": [MARK, "deflate", "gzip,none"],
    "headers": [MARK, f"x-a=1,{MARK}", f"bad name={MARK}", f"={MARK}", f"x-a={MARK}\r\nx-b: 1", f"x-a={MARK}\u20ac"],
    "certificate_file": [f"/nowhere/{MARK}.pem", "/", f"{MARK}\0", MARK + "x" * 5000],
    "client_certificate_file": [f"/nowhere/{MARK}.pem"],
    "client_key_file": [f"/nowhere/{MARK}.pem"],
    "max_payload_bytes": [MARK, "0", "-5", "1.5", "50000001", "nan", "inf", "1MB"],
    "backlog_max_bytes": [MARK, "0", "0.5", "inf"],
    "spool_max_bytes": [MARK, "0"],
    "excluded_urls": [f"({MARK}", f"{MARK}[", f"a{{99999999999999999999}}{MARK}", "(" * 20_000],
    "capture_outgoing": [MARK, "2"],
    "trust_forwarded_headers": [MARK, "nope"],
    "trust_forwarded_prefix": [MARK],
    "anonymize_ip": [MARK],
    "asgi_message_spans": [MARK, "automatic"],
    "spool_always": [MARK],
    "client_ip_header": [f"x {MARK}"],
    "redact_values": [f"({MARK}"],
    "capture_streams": [MARK],
    "renderer": [MARK, "c"],
    **{name: [f"{MARK}\udcff"] for name in REDACTED},
    "user_id_header": [f"x {MARK}", f"x:{MARK}", f"\u00e9{MARK}"],
    "company_id_header": [f"x {MARK}", f"{MARK}\n"[:-1] + "\x01"],
    "capture_bodies": [MARK],
    "body_max_bytes": [MARK, "-1", "450001"],
    "body_store_max_bytes": [MARK],
    "dynamic_sampling": [MARK],
    "spool_directory": [f"~{MARK}/spool"],
    **{
        hook: [MARK, f"{MARK}:", f":{MARK}", f"a b:{MARK}", f"a:b:{MARK}", f"a..b:{MARK}", f"1a:{MARK}", f"a:{MARK}()"]
        for hook in ("skip", "mask_event", "identify_user", "identify_company", "get_session_token", "get_metadata")
    },
}

# No text at all, as YAML or a mistaken argument may give it. Most of these settings take any text.
BAD_OBJECTS: dict[str, list[Any]] = {
    **{
        name: [True, {"a": MARK}, [MARK], MARK.encode()]
        for name in (
            *("application_id", "spool_directory", "api_version"),
            *("authorization_user_id_field", "authorization_company_id_field", "endpoint", "certificate_file"),
        )
    },
    **{
        name: [{"a": MARK}, [{"a": MARK}], [None], [True], True]
        for name in (*REDACTED, "excluded_urls", "excluded_routes")
    },
    "headers": [[MARK], {"x-a": None}, {"x-a": [MARK]}, {MARK + " ": {}}, {None: MARK}, True, 5],
    "timeout": [True, [1], {"seconds": 1}, 10**400, float("nan"), -1],
    "max_payload_bytes": [True, 1.5, 10**5000, -(10**5000)],
    "capture_bodies": [2, [], {"a": 1}],
}


def rows(table: dict[str, list[Any]]) -> list[Any]:
    return [
        pytest.param(name, value, id=f"{name}-{index}")
        for name, values in table.items()
        for index, value in enumerate(values)
    ]


def default_of(name: str) -> Any:
    """`mask_event` has none that would be safe: nothing leaves without it."""
    return unreadable_mask if name == "mask_event" else getattr(Config(), name)


def the_one_warning(caplog: pytest.LogCaptureFixture) -> str:
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    return record.getMessage()


def test_every_setting_that_can_be_given_badly_is_given_badly_here() -> None:
    assert SETTINGS.keys() == BAD_TEXTS.keys() | BAD_OBJECTS.keys()


@pytest.mark.parametrize(("name", "value"), rows(BAD_TEXTS))
def test_a_bad_variable_warns_by_its_name_and_means_the_default(
    name: str, value: str, caplog: pytest.LogCaptureFixture
) -> None:
    variable = SETTINGS[name].variable

    config = resolve_config({}, {variable: value})

    assert default_of(name) == getattr(config, name)
    warning = the_one_warning(caplog)
    assert variable in warning.split()
    assert MARK not in warning


@pytest.mark.parametrize(("name", "value"), [*rows(BAD_TEXTS), *rows(BAD_OBJECTS)])
def test_a_bad_argument_warns_by_its_name_and_means_the_default(
    name: str, value: Any, caplog: pytest.LogCaptureFixture
) -> None:
    config = resolve_config({name: value}, {})

    assert default_of(name) == getattr(config, name)
    warning = the_one_warning(caplog)
    assert name in warning.split()
    assert MARK not in warning


def test_a_bad_argument_does_not_fall_back_to_the_variable(caplog: pytest.LogCaptureFixture) -> None:
    """It was meant to win: what stands in the environment is a third opinion, not the default."""
    config = resolve_config({"timeout": "soon"}, {"OTEL_EXPORTER_MOESIF_TIMEOUT": "7"})

    assert Config().timeout == config.timeout
    assert "timeout" in the_one_warning(caplog)


def test_a_file_that_may_not_be_looked_at_is_a_file_that_is_not_there(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A service that runs as nobody is often told of a file below a directory of root's."""
    tmp_path.chmod(0)
    try:
        config = resolve_config({"certificate_file": str(tmp_path / "ca.pem")}, {})
    finally:
        tmp_path.chmod(0o700)

    assert config.certificate_file is None
    assert "certificate_file" in the_one_warning(caplog)


def test_bad_values_everywhere_still_make_an_exporter(monkeypatch: pytest.MonkeyPatch) -> None:
    """A raising constructor would take every other exporter of the process along."""
    for name, values in BAD_TEXTS.items():
        if "\0" not in values[0]:
            monkeypatch.setenv(SETTINGS[name].variable, values[0])

    MoesifSpanExporter().shutdown()


@pytest.mark.parametrize(
    "argument",
    [
        {"session": object()},
        {"session": "text"},
        {"meter_provider": 5},
        {"skip": 5},
        {"mask_event": [print]},
        {"get_metadata": {}},
    ],
    ids=lambda argument: next(iter(argument)),
)
def test_what_only_code_can_pass_raises_a_type_error_that_names_it(argument: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match=next(iter(argument))):
        MoesifSpanExporter(application_id="test-id", **argument)


def test_an_unknown_argument_raises_a_type_error() -> None:
    with pytest.raises(TypeError, match="aplication_id"):
        MoesifSpanExporter(aplication_id="test-id")  # type: ignore[call-arg]


def test_a_positional_argument_raises_a_type_error() -> None:
    with pytest.raises(TypeError):
        MoesifSpanExporter("test-id")  # type: ignore[misc]


def test_secrets_are_in_no_repr() -> None:
    config = resolve_config({"application_id": MARK, "headers": {"x-key": MARK}}, {})

    assert MARK not in repr(config)
    assert MARK not in repr(MoesifSpanExporter(application_id=MARK))


def test_a_misspelt_variable_is_one_warning_with_the_nearest_name(caplog: pytest.LogCaptureFixture) -> None:
    environ = {"OTEL_EXPORTER_MOESIF_APLICATION_ID": MARK, "OTEL_EXPORTER_MOESIF_TIMEOUT": "3"}

    for _ in range(3):
        resolve_config({}, environ)

    warning = the_one_warning(caplog)
    assert "OTEL_EXPORTER_MOESIF_APLICATION_ID" in warning
    assert "Did you mean OTEL_EXPORTER_MOESIF_APPLICATION_ID?" in warning
    assert MARK not in warning
