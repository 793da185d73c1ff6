"""How one setting's plain value is read: text from the environment, or what YAML makes of it.

Each reader takes the given value and returns the setting's, or raises `ValueError` with a reason that a person can act
on. A reader never puts the value itself into its reason: some values are secrets.
"""

from __future__ import annotations

import ipaddress
import math
import os
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from opentelemetry_exporter_moesif.http_syntax import TOKEN

Reader = Callable[[Any], Any]

# RFC 9110, section 5.6.2 (token) and 5.5 (field value, without obs-fold).
_HEADER_NAME = re.compile(TOKEN)
_HEADER_VALUE = re.compile(r"[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?|")
_HOOK_NAME = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*")
_A_DAY = 86_400
_BOOLEANS = {**dict.fromkeys(("true", "yes", "on", "1"), True), **dict.fromkeys(("false", "no", "off", "0"), False)}


def text(value: Any) -> str:
    """Text; a number is taken as its digits."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    reason = "it is not text"
    raise ValueError(reason)


def text_or_none(value: Any) -> str:
    """Text, empty where it is ``none``."""
    result = text(value)
    return "" if result.lower() == "none" else result


def header_text(value: Any) -> str:
    """Text that can stand in an HTTP header."""
    result = text(value)
    if not _HEADER_VALUE.fullmatch(result):
        reason = "it holds characters that no HTTP header can hold"
        raise ValueError(reason)
    return result


def header_name(value: Any) -> str:
    """The name of an HTTP header, in lower case."""
    result = text(value)
    if not _HEADER_NAME.fullmatch(result):
        reason = "it is not the name of an HTTP header"
        raise ValueError(reason)
    return result.lower()


def boolean(value: Any) -> bool:
    """``true`` or ``false``, ``yes`` or ``no``, ``on`` or ``off``, ``1`` or ``0``, in any case."""
    if isinstance(value, bool):
        return value
    try:
        return _BOOLEANS[text(value).lower()]
    except KeyError:
        reason = "it is neither true nor false"
        raise ValueError(reason) from None


def boolean_or(word: str) -> Reader:
    """What `boolean` takes, or this word in any case."""

    def read(value: Any) -> bool | str:
        if isinstance(value, str) and value.strip().lower() == word:
            return word
        try:
            return boolean(value)
        except ValueError:
            reason = f"it is neither true nor false nor {word}"
            raise ValueError(reason) from None

    return read


def _number(value: Any) -> float:
    try:
        result = float(text(value))
    except ValueError:
        reason = "it is not a number"
        raise ValueError(reason) from None
    if not math.isfinite(result):
        reason = "it is not a finite number"
        raise ValueError(reason)
    return result


def seconds(*, zero: bool = False) -> Reader:
    """A number of seconds above zero, or of at least zero; a day at most."""

    def read(value: Any) -> float:
        result = _number(value)
        if result < 0 or (result == 0 and not zero):
            reason = "it must not be negative" if zero else "it must be above zero"
            raise ValueError(reason)
        if result > _A_DAY:
            reason = f"it must be at most {_A_DAY} seconds"
            raise ValueError(reason)
        return result

    return read


def byte_count(maximum: int | None = None) -> Reader:
    """A whole number of bytes of at least one, and of at most `maximum`."""

    def read(value: Any) -> int:
        result = _number(value)
        if result != int(result) or result < 1:
            reason = "it must be a whole number of at least 1"
            raise ValueError(reason)
        if maximum is not None and result > maximum:
            reason = f"it must be at most {maximum}"
            raise ValueError(reason)
        return int(result)

    return read


def choice(*choices: str) -> Reader:
    """One of some words, in any case."""

    def read(value: Any) -> str:
        result = text(value).lower()
        if result not in choices:
            reason = f"it must be one of {', '.join(choices)}"
            raise ValueError(reason)
        return result

    return read


def file(value: Any) -> str:
    """The path of a file that is there."""
    result = text(value)
    if not os.path.isfile(result):  # noqa: PTH113 - Path.is_file raises where a directory may not be looked into
        reason = "there is no such file"
        raise ValueError(reason)
    return result


def directory(value: Any) -> str:
    """The path of a directory, which need not be there; ``~`` and ``~user`` stand for homes."""
    result = os.path.expanduser(text(value))  # noqa: PTH111 - Path.expanduser raises RuntimeError for an unknown user
    if result.startswith("~"):
        reason = "its home directory is not known"
        raise ValueError(reason)
    if "\0" in result:
        reason = "no path holds a zero byte"
        raise ValueError(reason)
    return result


def endpoint(value: Any) -> str:
    """An ``http`` or ``https`` address without user information, query or fragment; no slash at its end."""
    result = text(value)
    if not _names_a_host(result):
        reason = "it must start with http:// or https:// and name a host, and a port where it has one"
        raise ValueError(reason)
    if urlsplit(result).username is not None or "?" in result or "#" in result:
        reason = "it must hold neither user information nor a query nor a fragment"
        raise ValueError(reason)
    if re.search(r"[\s\x00-\x1f\x7f]", result):
        reason = "it holds white space"
        raise ValueError(reason)
    return result.rstrip("/")


def _names_a_host(address: str) -> bool:
    try:
        parts = urlsplit(address)
        if "[" in parts.netloc:  # Python before 3.11.4 takes anything between brackets (CVE-2024-11168)
            ipaddress.IPv6Address((parts.hostname or "").partition("%")[0])
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # its message holds parts of the address, a password perhaps
        return False


def hook(value: Any) -> Callable[..., Any] | str:
    """A callable, or the text ``package.module:name`` of one, which is imported at the first export and not before.

    Raises:
        TypeError: The value is neither, which only code can bring about.
    """
    if callable(value):
        return value  # type: ignore[no-any-return]  # callable() narrows Any to Callable[..., object]
    if not isinstance(value, str):
        message = f"must be callable or 'package.module:name', not {type(value).__name__}"
        raise TypeError(message)
    if not _HOOK_NAME.fullmatch(value.strip()):
        reason = "it must read package.module:name"
        raise ValueError(reason)
    return value.strip()
