"""How a setting of several values is read: a list, or text separated by commas; otherwise as in `setting_values`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from opentelemetry_exporter_moesif.redaction.hostile import is_slow
from opentelemetry_exporter_moesif.setting_values import Reader, header_name, header_text, text

_SURROGATE = re.compile("[\ud800-\udfff]")  # what a byte of a variable becomes that is no UTF-8
_COMMA = re.compile(",")
_COMMA_OUTSIDE_OF_BRACES = re.compile(r",(?![^{}]*\})")


def _items(value: Any, separator: re.Pattern[str] = _COMMA) -> list[str]:
    listed = isinstance(value, (list, tuple, set, frozenset))
    values: Iterable[Any] = value if listed else separator.split(text(value))
    return [item for item in map(text, values) if item]


def patterns(value: Any) -> tuple[re.Pattern[str], ...]:
    r"""Regular expressions: a list, or text separated by commas, but for those in braces (``\d{2,3}``)."""
    try:
        return tuple(re.compile(item) for item in _items(value, _COMMA_OUTSIDE_OF_BRACES))
    except re.error as error:
        reason = f"a regular expression in it is wrong: {error.msg}"
    except (OverflowError, RecursionError):
        reason = "a regular expression in it is too large"
    raise ValueError(reason)


def names(default: frozenset[str]) -> Reader:
    """Names, case ignored, that add to the default. ``-name`` takes one out, and ``none`` as the first one all.

    A leading ``+`` is accepted and means nothing more. ``=name`` is the whole of a name, and not a part of one. What
    is taken out stays in the answer as ``-name``: it may be a longer one than that of the list, such as ``-x-api-key``.
    """

    def read(value: Any) -> frozenset[str]:
        items = [item.lower() for item in _items(value)]
        if any(_SURROGATE.search(item) for item in items):
            reason = "it holds bytes that are no text"
            raise ValueError(reason)
        changed = _changed(default, items)
        return frozenset(changed) | {f"-{item.lstrip('- ')}" for item in items if item.startswith("-")}

    return read


def values(known: Collection[str], default: Sequence[str]) -> Reader:
    """Names of known values, and regular expressions of others, that add to the default as `names` do."""

    def read(value: Any) -> tuple[str | re.Pattern[str], ...]:
        items = dict.fromkeys(_changed(default, _items(value)))
        return tuple(item if item in known else _quick_pattern(item) for item in items)

    return read


def _changed(default: Iterable[str], items: list[str]) -> list[str]:
    """A default list as the items of a setting change it."""
    changed = list(default)
    if items and items[0].lower() == "none":
        changed, items = [], items[1:]
    for item in items:
        if item.startswith("-"):
            changed = [each for each in changed if _letters(each) != _letters(item)]
        else:
            changed.append(item.removeprefix("+").strip())
    return [item for item in changed if item]


def _letters(name: str) -> str:
    """What is the same in each spelling of a name."""
    return "".join(letter for letter in name.lower() if letter.isalnum())


def _quick_pattern(text: str) -> re.Pattern[str]:
    (pattern,) = patterns([text])
    if is_slow(pattern):
        reason = "a regular expression in it takes too long on some texts"
        raise ValueError(reason)
    return pattern


def texts(value: Any) -> tuple[str, ...]:
    """Texts: a list, or text separated by commas outside of braces."""
    return tuple(_items(value, _COMMA_OUTSIDE_OF_BRACES))


def header_names(value: Any) -> tuple[str, ...]:
    """Names of HTTP headers in lower case, in the given order: a list, or text separated by commas."""
    return tuple(map(header_name, _items(value)))


def header_pairs(value: Any) -> dict[str, str]:
    """HTTP headers: a mapping, or ``name=value,name=value``, percent-encoded as OpenTelemetry's own settings are."""
    if isinstance(value, Mapping):
        pairs = list(value.items())
    else:
        parts = [item.partition("=") for item in _items(value)]
        if not all(separator for _, separator, _ in parts):
            reason = "it must read name=value,name=value"
            raise ValueError(reason)
        pairs = [(unquote(name).strip(), unquote(text).strip()) for name, _, text in parts]
    return {header_name(name): header_text(text) for name, text in pairs}
