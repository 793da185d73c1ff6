"""Ctrl-C while calls are sent: one that Python swallows counts all the same, and none cuts a request short."""

import contextlib
import gc
import signal

import pytest

from opentelemetry_exporter_moesif.terminal.interruption import Interruption, held_back


def _press_ctrl_c():
    signal.raise_signal(signal.SIGINT)


class _InterruptedAsItGoes:
    def __del__(self):
        _press_ctrl_c()


@pytest.fixture(autouse=True)
def the_usual_handler():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_it_is_raised_at_once():
    with pytest.raises(KeyboardInterrupt), Interruption().watched():
        _press_ctrl_c()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_one_that_a_finalizer_swallows_is_found_later():
    interruption = Interruption()
    with interruption.watched():
        _InterruptedAsItGoes()
        gc.collect()  # where nothing counts references
        with pytest.raises(KeyboardInterrupt):
            interruption.check()


def test_one_that_is_held_back_takes_effect_behind_the_block():
    interruption, done = Interruption(), []
    with interruption.watched(), contextlib.suppress(KeyboardInterrupt):
        with held_back(signal.SIGINT):
            _press_ctrl_c()
            done.append("the request")
        done.append("what comes behind it")

    assert done == ["the request"]


def test_without_one_nothing_is_raised_and_the_handler_is_as_before():
    interruption = Interruption()
    with interruption.watched():
        with held_back(signal.SIGINT):
            pass
        interruption.check()

    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_command_in_the_background_goes_on_ignoring_it():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    interruption = Interruption()
    with interruption.watched():
        _press_ctrl_c()
        interruption.check()
