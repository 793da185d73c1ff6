"""The types of OTLP JSON as nearly every line of it is written, and what msgspec decodes into them."""

from __future__ import annotations

from typing import Any

import msgspec

_NOTHING = msgspec.Raw()


class _Declared(msgspec.Struct, gc=False, rename="camel"):
    """What is declared has the names of OTLP's JSON."""


class Span(_Declared):
    """One span."""

    trace_id: str
    span_id: str
    parent_span_id: str = ""
    flags: int = 0
    trace_state: str = ""
    name: str = ""
    kind: int | str = 0
    start_time_unix_nano: str | int = 0
    end_time_unix_nano: str | int = 0
    attributes: msgspec.Raw = _NOTHING
    events: msgspec.Raw = _NOTHING
    status: msgspec.Raw = _NOTHING


class ScopeSpans(_Declared):
    """The spans of one scope."""

    spans: list[Span]
    scope: msgspec.Raw = _NOTHING
    instrumentation_library: msgspec.Raw = _NOTHING
    schema_url: str | None = None


class ResourceSpans(_Declared):
    """The spans of one resource."""

    scope_spans: list[ScopeSpans]
    resource: msgspec.Raw = _NOTHING


class _Request(_Declared):
    resource_spans: list[ResourceSpans]


class _Item(_Declared, forbid_unknown_fields=True):
    string_value: str


class _Array(_Declared, forbid_unknown_fields=True):
    values: list[_Item]


class _Value(_Declared, forbid_unknown_fields=True):
    string_value: str | None = None
    int_value: str | int | None = None
    array_value: _Array | None = None


class _Pair(_Declared):
    key: str
    value: _Value


request_of = msgspec.json.Decoder(_Request).decode
"""Decodes a line; raises `msgspec.DecodeError`, which is a `ValueError`, where it is not written as it is declared."""
_pairs = msgspec.json.Decoder(list[_Pair]).decode


def attributes_in(raw: msgspec.Raw) -> dict[str, Any]:
    """Attributes that are texts, arrays of texts, and integers.

    Raises:
        TypeError: One of them is of another type.
        ValueError: It is not written as it is declared.
    """
    attributes: dict[str, Any] = {}
    for pair in _pairs(raw):
        value = pair.value
        if value.string_value is not None:
            attributes[pair.key] = value.string_value
        elif value.array_value is not None:
            attributes[pair.key] = tuple([item.string_value for item in value.array_value.values])
        else:
            attributes[pair.key] = int(value.int_value)  # type: ignore[arg-type]  # the error is wanted
    attributes.pop("", None)  # a key that is none
    return attributes
