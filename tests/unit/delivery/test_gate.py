"""How long the next attempt waits."""

import math
import threading
import time
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest

from opentelemetry_exporter_moesif.delivery.gate import LONGEST_RETRY_AFTER, Gate, retry_after_seconds


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("3", 3.0),
        ("0", 0.0),
        ("-5", 0.0),
        ("1.5", 1.5),
        ("99999", LONGEST_RETRY_AFTER),
        ("inf", None),
        ("nan", None),
        ("", None),
        ("soon", None),
        ("Sun, 99 Nov 1994 08:49:37 GMT", None),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 0.0),
    ],
)
def test_retry_after_is_finite_and_ten_minutes_at_most(value: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(value) == seconds


def test_retry_after_may_be_a_date() -> None:
    date = format_datetime(datetime.now(timezone.utc) + timedelta(seconds=100), usegmt=True)
    found = retry_after_seconds(date)
    assert found is not None
    assert 90 < found <= 100


def test_the_window_doubles_to_a_minute_with_full_jitter(monkeypatch: pytest.MonkeyPatch) -> None:
    windows = []
    monkeypatch.setattr("random.uniform", lambda low, high: windows.append((low, high)) or 0.0)
    gate = Gate()
    for _ in range(2000):
        gate.failed()
    assert windows[:9] == [(0, seconds) for seconds in (0.5, 1, 2, 4, 8, 16, 32, 60, 60)]
    assert windows[-1] == (0, 60)


def test_a_success_ends_the_pause() -> None:
    gate = Gate()
    gate.failed("30")
    assert 29 < gate.pause <= 30
    gate.taken()
    assert gate.pause == 0


def test_who_waits_may_cut_a_pause_short_but_not_one_that_was_asked_for() -> None:
    gate = Gate()
    gate.misconfigured()
    assert gate.pause > 59
    gate.hurry()
    assert gate.pause == 0
    gate.failed("30")
    gate.hurry()
    assert gate.pause > 29
    gate.hurry(for_the_last_time=True)
    assert gate.pause == 0


def test_the_wall_clock_moves_no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate()
    gate.failed("30")
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 3600)
    assert math.isclose(gate.pause, 30, abs_tol=5)


def test_one_may_enter_at_a_time_and_after_the_beginning_of_the_end_only_who_closes() -> None:
    gate = Gate()
    assert gate.try_enter()
    assert not gate.try_enter()
    gate.leave()
    assert gate.begin_to_close()
    assert not gate.begin_to_close()
    assert not gate.try_enter()
    assert gate.try_enter(closing=True)
    gate.leave()
    gate.close()
    assert not gate.try_enter(closing=True)


def test_a_bell_that_rang_before_the_wait_is_heard() -> None:
    gate = Gate()
    with gate.listening() as bell:
        gate.ring()
        gate.ring()
        bell.wait(None)
        began = time.monotonic()
        bell.wait(0.05)
        assert time.monotonic() - began >= 0.04


def test_whoever_waits_is_woken_by_whoever_leaves() -> None:
    gate = Gate()
    assert gate.try_enter()
    with gate.listening() as bell:
        threading.Timer(0.05, gate.leave).start()
        bell.wait(None)
    assert not gate.busy
