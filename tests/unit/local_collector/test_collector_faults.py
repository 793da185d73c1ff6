"""Faults on demand: how they are written, and how often they come."""

from collections import Counter

import pytest

from opentelemetry_exporter_moesif.local_collector.faults import Faults


def test_faults_are_read_with_their_rates_and_written_back():
    faults = Faults.parse("503:0.1, hang:0.01,429:.05", "0.1-2")
    assert faults.rates == {"503": 0.1, "hang": 0.01, "429": 0.05}
    assert faults.delay == (0.1, 2.0)
    assert Faults.parse(faults.fail_text(), faults.delay_text()) == faults


def test_a_fault_without_a_rate_always_happens():
    assert {Faults.parse("503").draw() for _ in range(50)} == {"503"}


def test_nothing_is_asked_for_and_nothing_happens():
    faults = Faults.parse("", None)
    assert (faults.draw(), faults.wait()) == (None, 0.0)
    assert (faults.fail_text(), faults.delay_text()) == ("", "")


def test_each_fault_comes_about_as_often_as_its_rate():
    faults = Faults.parse("503:0.5,429:0.25")
    counts = Counter(faults.draw() for _ in range(4_000))
    assert set(counts) == {"503", "429", None}
    assert 1_700 < counts["503"] < 2_300  # ten standard deviations
    assert 700 < counts["429"] < 1_300


@pytest.mark.parametrize("text", ["nonsense", "200:0.1", "503:2", "503:0.6,429:0.6", "503:-1", "503:", "hang:x"])
def test_what_is_no_fault_is_refused(text: str):
    with pytest.raises(ValueError, match="fault"):
        Faults.parse(text)


@pytest.mark.parametrize("delay", ["soon", "2-1", "-1", "1-", "inf"])
def test_what_is_no_delay_is_refused(delay: str):
    with pytest.raises(ValueError, match="no delay"):
        Faults.parse(None, delay)


def test_a_delay_is_drawn_between_its_bounds():
    faults = Faults.parse(None, "0.1-0.2")
    assert all(0.1 <= faults.wait() <= 0.2 for _ in range(100))
    assert Faults.parse(None, 0.5).wait() == 0.5
