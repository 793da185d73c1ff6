"""What the renderer remembers of values: callers choose many of them, and must not fill the memory with them."""

from __future__ import annotations

import sys

import pytest

from opentelemetry_exporter_moesif import rendering
from opentelemetry_exporter_moesif.rendering.known import Known, Memory


@pytest.fixture
def asked() -> list[str | int]:
    return []


@pytest.fixture
def known(asked: list[str | int]) -> Known[bool]:
    return Known(lambda value: asked.append(value) is None, Memory())


def test_a_value_is_looked_at_once(known: Known[bool], asked: list[str | int]) -> None:
    assert [known["a"], known["a"], known[1], known[1]] == [True] * 4
    assert asked == ["a", 1]


def test_a_long_value_is_not_remembered(known: Known[bool], asked: list[str | int]) -> None:
    assert known["a" * 1000]
    assert known["a" * 1000]
    assert len(asked) == 2
    assert not known


def test_one_attribute_of_many_values_fills_no_memory(known: Known[bool]) -> None:
    most = 0
    for number in range(10_000):
        known[number]
        most = max(most, len(known))
    assert 100 < most < 5000


def test_neither_do_many_attributes_of_some_values_each() -> None:
    memory = Memory()
    several = [Known(str, memory) for _ in range(100)]
    gone = Known(str, memory)
    del gone
    most = 0
    for number in range(1000):
        for known in several:
            known[number]
        most = max(most, sum(map(len, several)))
    assert 1000 < most < 20_000


def test_without_a_compiled_renderer_there_is_none_and_nothing_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry_exporter_moesif.rendering.renderer", None)

    assert rendering.compiled() is None
