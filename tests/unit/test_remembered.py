"""What is found out once: nobody waits for whoever finds it out, since that may be a thread that a fork left behind."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable

import pytest

from opentelemetry_exporter_moesif.redaction.needles import Needles
from opentelemetry_exporter_moesif.remembered import once


class Asked:
    def __init__(self, answer: Callable[[], int]) -> None:
        self.answer = answer

    @once
    def found(self) -> int:
        return self.answer()


def test_an_attribute_is_found_out_once() -> None:
    answers = iter((1, 2))
    asked = Asked(lambda: next(answers))

    assert (asked.found, asked.found) == (1, 1)
    assert Asked(lambda: 3).found == 3


def test_nobody_waits_for_the_thread_that_finds_an_attribute_out() -> None:
    begun, goes_on = threading.Event(), threading.Event()

    def slowly() -> int:
        begun.set()
        goes_on.wait(200)
        return 1

    thread = threading.Thread(target=lambda: Asked(slowly).found)
    thread.start()
    assert begun.wait(100)
    found: list[int] = []
    other = threading.Thread(target=lambda: found.append(Asked(lambda: 2).found), daemon=True)
    other.start()
    other.join(100)
    goes_on.set()
    thread.join()

    assert found == [2]


def test_names_are_found_while_another_thread_looks_for_some_for_the_first_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Their expression is compiled then. A child that is forked meanwhile stood still in its first call."""
    begun, goes_on = threading.Event(), threading.Event()
    compile_it = re.compile

    def compiling(pattern: bytes, flags: int = 0) -> re.Pattern[bytes]:
        if threading.current_thread() is first:
            begun.set()
            goes_on.wait(200)
        return compile_it(pattern, flags)

    monkeypatch.setattr(re, "compile", compiling)
    first = threading.Thread(target=Needles(["secret"]).may_be_in, args=("a text",))
    first.start()
    assert begun.wait(100)
    found: list[bool] = []
    other = threading.Thread(target=lambda: found.append(Needles(["token"]).may_be_in("my_token")), daemon=True)
    other.start()
    other.join(100)
    goes_on.set()
    first.join()

    assert found == [True]
