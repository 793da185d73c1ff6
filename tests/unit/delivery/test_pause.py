"""How long the next attempt waits."""

import math
import time
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest

from opentelemetry_exporter_moesif.delivery.pause import LONGEST_RETRY_AFTER, Pause, retry_after_seconds


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
    pause = Pause()
    for _ in range(2000):
        pause.failed()
    assert windows[:9] == [(0, seconds) for seconds in (0.5, 1, 2, 4, 8, 16, 32, 60, 60)]
    assert windows[-1] == (0, 60)


def test_a_success_ends_the_pause_and_says_whether_it_ended_an_outage() -> None:
    pause = Pause()
    assert not pause.succeeded()
    pause.failed("30")
    assert 29 < pause.remaining() <= 30
    assert pause.succeeded()
    assert pause.remaining() == 0


def test_who_waits_may_cut_a_pause_short_but_not_one_that_was_asked_for() -> None:
    pause = Pause()
    pause.misconfigured()
    assert pause.remaining() > 59
    pause.cut_short()
    assert pause.remaining() == 0
    pause.failed("30")
    pause.cut_short()
    assert pause.remaining() > 29
    pause.cut_short(for_the_last_time=True)
    assert pause.remaining() == 0


def test_the_wall_clock_moves_no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    pause = Pause()
    pause.failed("30")
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 3600)
    assert math.isclose(pause.remaining(), 30, abs_tol=5)
