"""A signal that comes while a hook runs is meant for the program, and not the hook's failure."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from support.spans import GET, http_span

from opentelemetry_exporter_moesif.config import resolve_config
from opentelemetry_exporter_moesif.encoding.encoder import Encoder

SPAN = http_span(GET)


@contextmanager
def handled(number: int, handler: Any) -> Iterator[None]:
    former = signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, former)


def interrupted(number: int) -> Encoder:
    """An encoder whose hook is interrupted by a signal."""

    def hook(_: object) -> str:
        signal.raise_signal(number)
        return "ada"

    return Encoder(resolve_config({"identify_user": hook}, {}))


def test_ctrl_c_ends_the_program() -> None:
    with handled(signal.SIGINT, signal.default_int_handler), pytest.raises(KeyboardInterrupt):
        interrupted(signal.SIGINT).encode([SPAN])


def test_what_a_handler_of_a_signal_raises_ends_the_program() -> None:
    def stop(_number: int, _frame: object) -> None:
        sys.exit(3)

    with handled(signal.SIGTERM, stop), pytest.raises(SystemExit):
        interrupted(signal.SIGTERM).encode([SPAN])


def test_what_a_method_that_handles_a_signal_raises_ends_the_program() -> None:
    class Server:
        def stop(self, _number: int, _frame: object) -> None:
            raise SystemExit(3)

    with handled(signal.SIGTERM, Server().stop), pytest.raises(SystemExit):
        interrupted(signal.SIGTERM).encode([SPAN])


def test_a_handler_that_raises_nothing_is_nothing() -> None:
    with handled(signal.SIGTERM, lambda _number, _frame: None):
        (event,) = interrupted(signal.SIGTERM).encode([SPAN]).events

    assert b'"user_id":"ada"' in event


@pytest.mark.parametrize("ending", [KeyboardInterrupt, SystemExit])
def test_what_a_hook_raises_in_another_thread_is_always_its_own(ending: type[BaseException]) -> None:
    def hook(_: object) -> str:
        raise ending

    encoder = Encoder(resolve_config({"identify_user": hook}, {}))
    with ThreadPoolExecutor(1) as pool:
        assert len(pool.submit(encoder.encode, [SPAN]).result().events) == 1
