"""A small portion of tests/stress, which `nox -s stress` runs whole."""

from __future__ import annotations

import pytest
from support.stressed import assert_nothing_stands_still


@pytest.mark.parametrize("processor", ["simple", "batch"])
def test_threads_forks_signals_and_collected_spans_stop_nothing(processor: str) -> None:
    assert_nothing_stands_still(processor, calls=15, forks=3)
