"""No lock stops a process, whatever comes while it is held: `nox -s stress`, on the Pythons whose collectors differ."""

from __future__ import annotations

import pytest
from support.stressed import assert_nothing_stands_still

ROUNDS = 8


@pytest.mark.timeout(600)
@pytest.mark.parametrize("turn", range(ROUNDS))
@pytest.mark.parametrize("processor", ["simple", "batch"])
def test_threads_forks_signals_and_collected_spans_stop_nothing(processor: str, turn: int) -> None:
    assert_nothing_stands_still(processor, calls=200, forks=20)
