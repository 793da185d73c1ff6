"""The local collector misbehaves on demand."""

import threading
import time

import pytest
import requests
from support.moesif_events import HEADERS, make_event

from opentelemetry_exporter_moesif.local_collector import LocalCollector


def post(collector: LocalCollector, timeout: float = 30) -> requests.Response:
    return requests.post(f"{collector.url}/v1/events", json=make_event(), headers=HEADERS, timeout=timeout)


@pytest.mark.parametrize("status", [429, 503, 500, 402, 302])
def test_an_answer_that_fails_says_so_and_keeps_nothing(status: int):
    with LocalCollector(fail=f"{status}:1") as collector:
        answer = requests.post(
            f"{collector.url}/v1/events", json=make_event(), headers=HEADERS, timeout=30, allow_redirects=False
        )
        assert answer.status_code == status
        assert answer.headers.get("Retry-After") == ("1" if status in {429, 503} else None)
        assert collector.events() == []
        assert [entry.status for entry in collector.posts()] == [status]


def test_a_hanging_answer_never_comes_and_is_let_go_when_the_collector_stops():
    with LocalCollector(fail="hang") as collector:
        with pytest.raises(requests.Timeout):
            post(collector, timeout=1.0)
        answers: list[int] = []
        hanging = threading.Thread(target=lambda: answers.append(post(collector, timeout=60).status_code))
        hanging.start()
        while len(collector.posts()) < 2:
            time.sleep(0.01)
        assert answers == []
    hanging.join(60)
    assert answers == [503]
    assert [entry.status for entry in collector.posts()] == [0, 0]
    assert collector.taken == 0


def test_a_delay_is_waited_for():
    with LocalCollector(delay=0.3) as collector:
        started = time.monotonic()
        assert post(collector).status_code == 201
        assert time.monotonic() - started >= 0.3


def test_faults_begin_and_end_while_it_runs():
    with LocalCollector() as collector:
        assert post(collector).status_code == 201
        collector.misbehave("503")
        assert post(collector).status_code == 503
        collector.misbehave()
        assert post(collector).status_code == 201
        assert len(collector.events()) == 2


def test_a_fault_that_cannot_be_read_is_refused_before_anything_starts():
    with pytest.raises(ValueError, match="no fault"):
        LocalCollector(fail="often")
