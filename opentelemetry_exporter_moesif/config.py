"""What the exporter was told: one frozen `Config`, made of arguments, the environment and defaults, in that order.

A bad plain value warns with the setting's name and falls back to the default: a typing error in a deployment must not
take the service down, nor its other exporters.
"""

# ruff: noqa: RUF009 - `_setting` makes a `dataclasses.field`

from __future__ import annotations

import functools
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal

from opentelemetry_exporter_moesif import setting_lists as read_list
from opentelemetry_exporter_moesif import setting_values as read
from opentelemetry_exporter_moesif.environment_variables import (
    MOESIF_APPLICATION_ID,
    OTEL_EXPORTER_MOESIF_APPLICATION_ID,
)
from opentelemetry_exporter_moesif.redaction.names import DEFAULT_HARMLESS_NAMES, DEFAULT_HEADERS, DEFAULT_NAMES
from opentelemetry_exporter_moesif.redaction.values import DEFAULT_SHAPES, SHAPES

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


def unreadable_mask(_event: Any) -> Any:
    """Stands for a `mask_event` that was given and cannot be read: nothing may be sent without it."""
    message = "mask_event cannot be read"
    raise ValueError(message)


# Those of the connection and of the message (RFC 9110, sections 7.6.1 and 8.6; RFC 9112), and what a payload is.
_OWN_HEADERS = frozenset(
    "connection content-encoding content-length content-type expect host keep-alive proxy-connection te trailer"
    " transfer-encoding upgrade x-moesif-application-id".split()
)
_PREFIX = "OTEL_EXPORTER_MOESIF_"
_LONG_TIMEOUT = 300.0


@dataclass(frozen=True)
class Setting:
    """What a field of `Config` knows of itself: its reader, its variable, and what stands for a bad value."""

    read: read.Reader
    variable: str
    if_unreadable: Any = None


def _setting(
    reader: read.Reader, variable: str, default: Any = None, *, secret: bool = False, if_unreadable: Any = None
) -> Any:
    """A field of `Config` that a plain value can give, by its argument or by ``OTEL_EXPORTER_MOESIF_<variable>``."""
    metadata = {"setting": Setting(reader, f"{_PREFIX}{variable}", if_unreadable)}
    if isinstance(default, dict):
        return field(default_factory=dict, repr=not secret, metadata=metadata)
    return field(default=default, repr=not secret, metadata=metadata)


@dataclass(frozen=True, kw_only=True)
class Config:
    """Every setting of the exporter, a row each, by the name of its argument; configuration.md describes each.

    Secrets (the application id and the headers) are left out of the repr.
    """

    application_id: str | None = _setting(read.header_text, "APPLICATION_ID", secret=True)
    endpoint: str = _setting(read.endpoint, "ENDPOINT", DEFAULT_ENDPOINT)
    timeout: float = _setting(read.seconds(), "TIMEOUT", 10.0)
    shutdown_timeout: float = _setting(read.seconds(zero=True), "SHUTDOWN_TIMEOUT", 5.0)
    flush_on_sigterm: bool = _setting(read.boolean, "FLUSH_ON_SIGTERM", default=True)
    compression: Literal["gzip", "none"] = _setting(read.choice("gzip", "none"), "COMPRESSION", "gzip")
    headers: Mapping[str, str] = _setting(read_list.header_pairs, "HEADERS", {}, secret=True)
    certificate_file: str | None = _setting(read.file, "CERTIFICATE")
    client_certificate_file: str | None = _setting(read.file, "CLIENT_CERTIFICATE")
    client_key_file: str | None = _setting(read.file, "CLIENT_KEY")
    session: requests.Session | None = None
    meter_provider: MeterProvider | None = None
    max_payload_bytes: int = _setting(read.byte_count(MAX_BATCH_BYTES), "MAX_PAYLOAD_BYTES", 1024 * 1024)
    backlog_max_bytes: int = _setting(read.byte_count(), "BACKLOG_MAX_BYTES", 16 * 1024 * 1024)
    spool_directory: str | None = _setting(read.directory, "SPOOL_DIRECTORY")
    spool_max_bytes: int = _setting(read.byte_count(), "SPOOL_MAX_BYTES", 1024 * 1024 * 1024)
    spool_always: bool = _setting(read.boolean, "SPOOL_ALWAYS", default=False)
    excluded_urls: tuple[re.Pattern[str], ...] = _setting(read_list.patterns, "EXCLUDED_URLS", ())
    excluded_routes: tuple[str, ...] = _setting(read_list.texts, "EXCLUDED_ROUTES", ())
    capture_outgoing: bool = _setting(read.boolean, "CAPTURE_OUTGOING", default=False)
    asgi_message_spans: bool | Literal["auto"] = _setting(read.boolean_or("auto"), "ASGI_MESSAGE_SPANS", "auto")
    trust_forwarded_headers: bool = _setting(read.boolean, "TRUST_FORWARDED_HEADERS", default=True)
    trust_forwarded_prefix: bool = _setting(read.boolean, "TRUST_FORWARDED_PREFIX", default=False)
    client_ip_header: str | None = _setting(read.header_name, "CLIENT_IP_HEADER")
    anonymize_ip: bool = _setting(read.boolean, "ANONYMIZE_IP", default=False)
    redact_headers: frozenset[str] = _setting(read_list.names(DEFAULT_HEADERS), "REDACT_HEADERS", DEFAULT_HEADERS)
    redact_query_parameters: frozenset[str] = _setting(
        read_list.names(DEFAULT_NAMES), "REDACT_QUERY_PARAMETERS", DEFAULT_NAMES
    )
    redact_body_fields: frozenset[str] = _setting(read_list.names(DEFAULT_NAMES), "REDACT_BODY_FIELDS", DEFAULT_NAMES)
    redact_except: frozenset[str] = _setting(
        read_list.names(DEFAULT_HARMLESS_NAMES), "REDACT_EXCEPT", DEFAULT_HARMLESS_NAMES
    )
    redact_values: tuple[str | re.Pattern[str], ...] = _setting(
        read_list.values(SHAPES, DEFAULT_SHAPES), "REDACT_VALUES", DEFAULT_SHAPES
    )
    user_id_header: tuple[str, ...] = _setting(read_list.header_names, "USER_ID_HEADER", ())
    company_id_header: tuple[str, ...] = _setting(read_list.header_names, "COMPANY_ID_HEADER", ())
    authorization_user_id_field: str | None = _setting(read.text_or_none, "AUTHORIZATION_USER_ID_FIELD", "sub")
    authorization_company_id_field: str | None = _setting(read.text_or_none, "AUTHORIZATION_COMPANY_ID_FIELD")
    api_version: str | None = _setting(read.text, "API_VERSION")
    capture_bodies: bool | Literal["errors"] = _setting(read.boolean_or("errors"), "CAPTURE_BODIES", default=False)
    capture_streams: bool = _setting(read.boolean, "CAPTURE_STREAMS", default=False)
    body_max_bytes: int = _setting(read.byte_count(MAX_BODY_BYTES), "BODY_MAX_BYTES", 100_000)
    body_store_max_bytes: int = _setting(read.byte_count(), "BODY_STORE_MAX_BYTES", 32 * 1024 * 1024)
    dynamic_sampling: bool = _setting(read.boolean, "DYNAMIC_SAMPLING", default=False)
    renderer: Literal["auto", "python"] = _setting(read.choice("auto", "python"), "RENDERER", "auto")
    skip: Hook | None = _setting(read.hook, "SKIP")
    mask_event: Hook | None = _setting(read.hook, "MASK_EVENT", if_unreadable=unreadable_mask)
    identify_user: Hook | None = _setting(read.hook, "IDENTIFY_USER")
    identify_company: Hook | None = _setting(read.hook, "IDENTIFY_COMPANY")
    get_session_token: Hook | None = _setting(read.hook, "GET_SESSION_TOKEN")
    get_metadata: Hook | None = _setting(read.hook, "GET_METADATA")


SETTINGS: dict[str, Setting] = {each.name: each.metadata["setting"] for each in fields(Config) if each.metadata}
"""Every setting that a plain value can give, by its argument's name."""

_VARIABLES = {MOESIF_APPLICATION_ID, *(setting.variable for setting in SETTINGS.values())}


def resolve_config(arguments: Mapping[str, Any], environ: Mapping[str, str] = os.environ) -> Config:
    """Makes the configuration of an exporter.

    Args:
        arguments: The constructor's arguments by name; None and empty text mean "not given".
        environ: The environment.

    Raises:
        TypeError: A live object (a session, a meter provider, a hook) is of a wrong type.
    """
    _warn_of_unknown_variables(frozenset(name for name in environ if name.startswith(_PREFIX)) - _VARIABLES)
    live = {"session": _session(arguments.get("session")), "meter_provider": _meter_provider(arguments)}
    plain = {name: read_setting(name, arguments.get(name), environ) for name in SETTINGS}
    plain["headers"] = _without_own_headers(plain["headers"] or {})
    config = Config(**{name: value for name, value in {**live, **plain}.items() if value is not None})
    _warn_of_a_long_timeout(config)
    return config


def _without_own_headers(headers: Mapping[str, str]) -> dict[str, str]:
    for name in sorted(_OWN_HEADERS.intersection(headers)):
        _logger.warning("Moesif exporter: the header %s of headers is left out: it is not the user's to set.", name)
    return {name: value for name, value in headers.items() if name not in _OWN_HEADERS}


def read_setting(name: str, argument: Any = None, environ: Mapping[str, str] = os.environ) -> Any:
    """The value of one setting, or None where it was not given, or given so that it cannot be read (which warns).

    Raises:
        TypeError: A hook is neither callable nor text.
    """
    setting = SETTINGS[name]
    value, source = (argument, name) if _is_given(argument) else _from_environment(name, environ)
    if not _is_given(value):
        return None
    try:
        return setting.read(value)
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


@functools.cache
def _warn_of_unknown_variables(unknown: frozenset[str]) -> None:
    """One warning for each in a process, however many exporters it has: a misspelt setting would have no effect."""
    for name in sorted(unknown):
        import difflib  # noqa: PLC0415 - 2 ms, for the misspelt alone

        nearest = difflib.get_close_matches(name, sorted(_VARIABLES), n=1, cutoff=0)
        _logger.warning("Moesif exporter: there is no setting %s. Did you mean %s?", name, nearest[0])
