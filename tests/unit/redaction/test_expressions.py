"""Expressions are compiled when they are first used, and each of them can be."""

from __future__ import annotations

import pkgutil
import re
from importlib import import_module
from typing import Any

import pytest

from opentelemetry_exporter_moesif import redaction
from opentelemetry_exporter_moesif.redaction.expressions import expression


def _values(module: Any) -> list[Any]:
    """What a module holds, and what its tables hold."""
    values = list(vars(module).values())
    return [*values, *(item for value in values if isinstance(value, tuple) for row in value for item in _items(row))]


def _items(row: Any) -> tuple[Any, ...]:
    return row if isinstance(row, tuple) else (row,)


def test_every_expression_that_is_left_as_it_is_written_can_be_compiled() -> None:
    modules = [import_module(f"{redaction.__name__}.{each.name}") for each in pkgutil.iter_modules(redaction.__path__)]
    uncompiled = type(expression(""))
    found = [value for module in modules for value in _values(module) if type(value) is uncompiled]
    assert len(found) > 50
    for each in found:
        assert each.flags is not None


def test_an_expression_does_what_the_compiled_one_does() -> None:
    found = expression(r"(?P<name>\w+)=", re.ASCII)
    compiled = re.compile(r"(?P<name>\w+)=", re.ASCII)
    assert found.pattern == compiled.pattern
    assert found.flags == compiled.flags
    assert found.findall("a=1&b=2") == compiled.findall("a=1&b=2")
    assert found.sub("-", "a=1&b=2") == compiled.sub("-", "a=1&b=2")


def test_what_is_no_expression_is_refused_where_it_is_used() -> None:
    broken = expression("(")
    with pytest.raises(re.error):
        broken.search("")
