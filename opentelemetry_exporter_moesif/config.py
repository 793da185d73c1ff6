"""What the exporter was told: one frozen `Config`, made of arguments, the environment and defaults, in that order.

A bad plain value warns with the setting's name and falls back to the default: a typing error in a deployment must not
take the service down, nor its other exporters.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from opentelemetry_exporter_moesif import setting_values as read
from opentelemetry_exporter_moesif.environment_variables import (
    MOESIF_APPLICATION_ID,
    OTEL_EXPORTER_MOESIF_APPLICATION_ID,
)

if TYPE_CHECKING:
    import re

    import requests
    from opentelemetry.metrics import MeterProvider

_logger = logging.getLogger(__name__)

Hook = Callable[..., Any] | str

DEFAULT_ENDPOINT = "https://api.moesif.net"
MAX_BATCH_BYTES = 50_000_000
"""What Moesif takes in one batch before compression (its API reference, *Limits*)."""
MAX_BODY_BYTES = 450_000
"""What Moesif takes of one body (the same)."""

DEFAULT_REDACTED_HEADERS = frozenset(
    "authorization proxy-authorization cookie set-cookie x-api-key api-key apikey x-auth-token x-csrf-token".split()
)
DEFAULT_REDACTED_QUERY_PARAMETERS = frozenset(
    "sig signature awsaccesskeyid x-goog-signature x-amz-signature x-amz-credential x-amz-security-token"
    " access_token id_token refresh_token token api_key apikey secret client_secret password".split()
)
DEFAULT_REDACTED_BODY_FIELDS = frozenset(
    "password passwd secret client_secret token access_token refresh_token id_token"
    " api_key authorization card_number cvv".split()
)

NOT_LOADABLE = ":"
"""Stands for a `mask_event` that was given and cannot be read: nothing may be sent without it."""

_LONG_TIMEOUT = 300.0


@dataclass(frozen=True, kw_only=True)
class Config:
    """Every setting of the exporter. The names are the constructor's arguments; configuration.md describes each.

    Secrets (the application id and the headers) are left out of the repr.
    """

    application_id: str | None = field(default=None, repr=False)
    endpoint: str = DEFAULT_ENDPOINT
    timeout: float = 10.0
    shutdown_timeout: float = 5.0
    flush_on_sigterm: bool = True
    compression: Literal["gzip", "none"] = "gzip"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    certificate_file: str | None = None
    client_certificate_file: str | None = None
    client_key_file: str | None = None
    session: requests.Session | None = None
    meter_provider: MeterProvider | None = None
    max_payload_bytes: int = 1024 * 1024
    backlog_max_bytes: int = 16 * 1024 * 1024
    spool_directory: str | None = None
    spool_max_bytes: int = 1024 * 1024 * 1024
    excluded_urls: tuple[re.Pattern[str], ...] = ()
    capture_outgoing: bool = False
    trust_forwarded_headers: bool = True
    redact_headers: frozenset[str] = DEFAULT_REDACTED_HEADERS
    redact_query_parameters: frozenset[str] = DEFAULT_REDACTED_QUERY_PARAMETERS
    redact_body_fields: frozenset[str] = DEFAULT_REDACTED_BODY_FIELDS
    user_id_header: str | None = None
    company_id_header: str | None = None
    authorization_user_id_field: str | None = "sub"
    authorization_company_id_field: str | None = None
    api_version: str | None = None
    capture_bodies: bool = False
    body_max_bytes: int = 100_000
    body_store_max_bytes: int = 32 * 1024 * 1024
    dynamic_sampling: bool = False
    skip: Hook | None = None
    mask_event: Hook | None = None
    identify_user: Hook | None = None
    identify_company: Hook | None = None
    get_session_token: Hook | None = None
    get_metadata: Hook | None = None


@dataclass(frozen=True)
class Setting:
    """One row of the table: a setting's reader, its variable, and what stands in for a value that cannot be read."""

    read: read.Reader
    variable: str
    if_unreadable: Any = None


_ABBREVIATED = {
    "certificate_file": "CERTIFICATE",
    "client_certificate_file": "CLIENT_CERTIFICATE",
    "client_key_file": "CLIENT_KEY",
}

_READERS: dict[str, read.Reader] = {
    "application_id": read.header_text,
    "endpoint": read.endpoint,
    "timeout": read.seconds(),
    "shutdown_timeout": read.seconds(zero=True),
    "flush_on_sigterm": read.boolean,
    "compression": read.choice("gzip", "none"),
    "headers": read.header_pairs,
    "certificate_file": read.file,
    "client_certificate_file": read.file,
    "client_key_file": read.file,
    "max_payload_bytes": read.byte_count(MAX_BATCH_BYTES),
    "backlog_max_bytes": read.byte_count(),
    "spool_directory": read.directory,
    "spool_max_bytes": read.byte_count(),
    "excluded_urls": read.patterns,
    "capture_outgoing": read.boolean,
    "trust_forwarded_headers": read.boolean,
    "redact_headers": read.names(DEFAULT_REDACTED_HEADERS),
    "redact_query_parameters": read.names(DEFAULT_REDACTED_QUERY_PARAMETERS),
    "redact_body_fields": read.names(DEFAULT_REDACTED_BODY_FIELDS),
    "user_id_header": read.header_name,
    "company_id_header": read.header_name,
    "authorization_user_id_field": read.text,
    "authorization_company_id_field": read.text,
    "api_version": read.text,
    "capture_bodies": read.boolean,
    "body_max_bytes": read.byte_count(MAX_BODY_BYTES),
    "body_store_max_bytes": read.byte_count(),
    "dynamic_sampling": read.boolean,
    "skip": read.hook,
    "mask_event": read.hook,
    "identify_user": read.hook,
    "identify_company": read.hook,
    "get_session_token": read.hook,
    "get_metadata": read.hook,
}

SETTINGS: dict[str, Setting] = {
    name: Setting(
        reader,
        f"OTEL_EXPORTER_MOESIF_{_ABBREVIATED.get(name, name.upper())}",
        NOT_LOADABLE if name == "mask_event" else None,
    )
    for name, reader in _READERS.items()
}
"""Every setting that a plain value can give, by its argument's name."""


def resolve_config(arguments: Mapping[str, Any], environ: Mapping[str, str] = os.environ) -> Config:
    """Makes the configuration of an exporter.

    Args:
        arguments: The constructor's arguments by name; None and empty text mean "not given".
        environ: The environment.

    Raises:
        TypeError: A live object (a session, a meter provider, a hook) is of a wrong type.
    """
    live = {"session": _session(arguments.get("session")), "meter_provider": _meter_provider(arguments)}
    plain = {name: read_setting(name, arguments.get(name), environ) for name in SETTINGS}
    config = Config(**{name: value for name, value in {**live, **plain}.items() if value is not None})
    _warn_of_a_long_timeout(config)
    return config


def read_setting(name: str, argument: Any = None, environ: Mapping[str, str] = os.environ) -> Any:
    """The value of one setting, or None where it was not given, or given so that it cannot be read (which warns).

    Raises:
        TypeError: A hook is neither callable nor text.
    """
    setting = SETTINGS[name]
    given, source = (argument, name) if _is_given(argument) else _from_environment(name, environ)
    if not _is_given(given):
        return None
    try:
        return setting.read(given)
    except TypeError as error:
        message = f"{source} {error}"
        raise TypeError(message) from None
    except ValueError as error:
        consequence = "nothing will be sent" if setting.if_unreadable else "the default is used"
        _logger.warning("Moesif exporter: %s is ignored, %s: %s.", source, consequence, error)
        return setting.if_unreadable


def _is_given(value: Any) -> bool:
    return value is not None and not (isinstance(value, str) and not value.strip())


def _from_environment(name: str, environ: Mapping[str, str]) -> tuple[str | None, str]:
    variable = SETTINGS[name].variable
    if variable == OTEL_EXPORTER_MOESIF_APPLICATION_ID and not _is_given(environ.get(variable)):
        variable = MOESIF_APPLICATION_ID
    return environ.get(variable), variable


def _session(session: Any) -> requests.Session | None:
    if session is None:
        return None
    import requests  # noqa: PLC0415 - loaded already by whoever made a session; nobody else pays for it here

    if not isinstance(session, requests.Session):
        message = f"session must be a requests.Session, not {type(session).__name__}"
        raise TypeError(message)
    return session


def _meter_provider(arguments: Mapping[str, Any]) -> MeterProvider | None:
    provider = arguments.get("meter_provider")
    if provider is not None and not callable(getattr(provider, "get_meter", None)):
        message = f"meter_provider must be a MeterProvider, not {type(provider).__name__}"
        raise TypeError(message)
    return provider


def _warn_of_a_long_timeout(config: Config) -> None:
    if config.timeout > _LONG_TIMEOUT:
        _logger.warning(
            "Moesif exporter: timeout is %g seconds. OTLP's YAML is in milliseconds, this setting is in seconds.",
            config.timeout,
        )
