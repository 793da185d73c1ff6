"""OTLP JSON's values, as lenient as its many writers are: what is odd costs itself and never its span.

The encoding is that of the OTLP specification, *JSON Protobuf Encoding*: ids in hexadecimal, enumerations as integers,
64-bit integers as text or numbers, bytes in base64, absent fields at their defaults. Names of enumeration values
(protobuf's own JSON) and ids in base64 (Tempo's) are taken as well.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any

UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError)
"""What reading a document raises that is shaped in another way, or has an infinite number in it."""

_URL_ALPHABET = str.maketrans("-_", "+/")


class NotOTLPError(ValueError):
    """A document that is not OTLP JSON; its text says where."""


def objects(parent: dict[str, Any], key: str) -> list[Any]:
    """The array under a key, empty where there is none. Raises `NotOTLPError`."""
    value = parent.get(key) or []
    if not isinstance(value, list):
        message = f"{key} is not an array"
        raise NotOTLPError(message)
    return value


def attributes_of(parent: dict[str, Any]) -> dict[str, Any]:
    """The attributes of a span, a resource, a log record."""
    return pairs(objects(parent, "attributes"))


def pairs(key_values: list[dict[str, Any]]) -> dict[str, Any]:
    """A list of KeyValue as a mapping; a value that is none of OTLP's is left out.

    A key that is missing is an empty one, which protobuf's JSON leaves out, and no attribute to OpenTelemetry. Nor is
    one that is no text.
    """
    attributes: dict[str, Any] = {}
    for pair in key_values:
        try:
            key, value = pair["key"], pair["value"]
            # Nearly all of them are a text, an array of one text, or an integer: without a call they take half as long.
            if "stringValue" in value:
                text = value["stringValue"]
                if text.__class__ is not str:
                    raise TypeError
            elif "arrayValue" in value:
                [item] = value["arrayValue"]["values"]
                text = item["stringValue"]
                if text.__class__ is not str:
                    raise TypeError
                text = (text,)
            else:
                text = int(value["intValue"])
        except UNREADABLE:
            _add_odd(attributes, pair)
            continue
        if key and key.__class__ is str:
            attributes[key] = text
    return attributes


def _add_odd(attributes: dict[str, Any], pair: Any) -> None:
    """A pair that is none of text."""
    key = pair.get("key") if isinstance(pair, dict) else None
    if key and isinstance(key, str):
        value = pair.get("value")
        attributes[key] = _read_or_none(any_value, value) if value else None


def _read_or_none(read: Callable[[Any], Any], value: Any) -> Any:
    try:
        return read(value)
    except UNREADABLE:
        return None


def any_value(value: dict[str, Any]) -> Any:
    """An AnyValue; None for an empty one, which OTLP has for "no value"."""
    for kind, content in value.items():
        reader = _VALUES.get(kind)
        if reader is not None and content is not None:
            return reader(content)
    return None


def base64_bytes(text: str) -> bytes:
    """Base64 in either alphabet, padded or not. Raises `ValueError`."""
    unpadded = text.rstrip("=").translate(_URL_ALPHABET)
    try:
        return base64.b64decode(unpadded + "=" * (-len(unpadded) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error


def whole(value: Any) -> int:
    """A 64-bit integer, as a number or as text, `1e3` and `1.0` too. Raises `ValueError`."""
    try:
        return int(value)
    except ValueError:
        return int(float(value))


def id_number(text: Any, size: int) -> int:
    """The number that an id of `size` bytes is, written in hexadecimal or in base64; 0 where it is none."""
    if text.__class__ is not str:
        return 0
    try:
        if len(text) == 2 * size:
            return int(text, 16)
        content = base64_bytes(text)
    except ValueError:
        return 0
    return int.from_bytes(content, "big") if len(content) == size else 0


def why(error: Exception) -> str:
    """What is wrong with a document, without a word of what stands in it."""
    if isinstance(error, NotOTLPError):
        return str(error)
    if isinstance(error, KeyError):
        return f"{error.args[0]} is missing"
    return "a value is not of its kind"


def _array(array: dict[str, Any]) -> tuple[Any, ...]:
    # A tuple, as the SDK itself keeps sequences.
    return tuple(any_value(item) for item in objects(array, "values"))


def _kvlist(kvlist: dict[str, Any]) -> dict[str, Any]:
    return pairs(objects(kvlist, "values"))


def _boolean(value: Any) -> bool:
    return value.lower() == "true" if isinstance(value, str) else bool(value)


_VALUES: dict[str, Callable[[Any], Any]] = {
    "stringValue": str,
    "intValue": whole,
    "doubleValue": float,
    "boolValue": _boolean,
    "bytesValue": base64_bytes,
    "arrayValue": _array,
    "kvlistValue": _kvlist,
}
