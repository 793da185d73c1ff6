"""Which of Moesif's two path families takes the events."""

import itertools
import logging

import pytest

from opentelemetry_exporter_moesif.delivery.exchange.answer import Answer
from opentelemetry_exporter_moesif.delivery.exchange.endpoint import Endpoint, batch_urls
from opentelemetry_exporter_moesif.delivery.exchange.failure import failed

HOST = "https://api.moesif.net"
SEED, PRESENT = f"{HOST}/moesifapi/events/batch", f"{HOST}/v1/events/batch"
TIMEOUT = failed(TimeoutError())


class Collector:
    """Answers each URL from a list of its own, the last entry for ever, and remembers who was asked."""

    def __init__(self, seed: list, present: list) -> None:
        self._answers = {
            url: itertools.chain(list_, itertools.repeat(list_[-1]))
            for url, list_ in ((SEED, seed), (PRESENT, present))
        }
        self.asked: list[str] = []

    def __call__(self, url: str) -> Answer:
        self.asked.append("seed" if url == SEED else "present")
        answer = next(self._answers[url])
        return answer if isinstance(answer, Answer) else Answer(answer)


@pytest.mark.parametrize(
    ("endpoint", "urls"),
    [
        (HOST, (SEED, PRESENT)),
        (f"{HOST}/", (SEED, PRESENT)),
        ("http://localhost:9500/collector/v1", ("http://localhost:9500/collector/v1/events/batch",)),
        ("http://localhost:9500/collector/v1/", ("http://localhost:9500/collector/v1/events/batch",)),
        (f"{HOST}/v1/events/batch", (PRESENT,)),
    ],
)
def test_a_bare_host_has_two_urls_and_a_path_one(endpoint: str, urls: tuple[str, ...]) -> None:
    assert batch_urls(endpoint) == urls


@pytest.mark.parametrize("status", [301, 302, 400, 401, 403, 404, 405, 410, 418])
def test_an_unproven_path_that_refuses_makes_the_other_one_tried_at_once_and_kept(status: int, caplog) -> None:
    caplog.set_level(logging.INFO)
    endpoint, collector = Endpoint(HOST), Collector([status], [201])
    assert [endpoint.post(collector).status for _ in range(3)] == [201] * 3
    assert collector.asked == ["seed", "present", "present", "present"]
    assert len(caplog.records) == 1


@pytest.mark.parametrize("answer", [201, 408, 413, 429, TIMEOUT])
def test_answers_that_are_not_the_paths_fault_switch_nothing(answer) -> None:
    collector = Collector([answer], [201])
    Endpoint(HOST).post(collector)
    assert collector.asked == ["seed"]


def test_a_second_server_error_in_a_row_makes_the_other_path_tried() -> None:
    endpoint, collector = Endpoint(HOST), Collector([503], [201])
    assert endpoint.post(collector).status == 503
    assert endpoint.post(collector).status == 201
    assert collector.asked == ["seed", "seed", "present"]


def test_a_proven_path_is_left_only_where_it_is_gone() -> None:
    endpoint, collector = Endpoint(HOST), Collector([201, 401, 500, 500, 404], [201])
    assert [endpoint.post(collector).status for _ in range(5)] == [201, 401, 500, 500, 201]
    assert collector.asked == ["seed"] * 5 + ["present"]


@pytest.mark.parametrize(
    ("seed", "present", "told"), [(404, 401, 401), (401, 404, 401), (400, 404, 400), (405, TIMEOUT, TIMEOUT.status)]
)
def test_where_both_refuse_the_answer_that_helps_is_told(seed: int, present, told: int | None) -> None:
    assert Endpoint(HOST).post(Collector([seed], [present])).status == told


def test_an_endpoint_with_a_path_of_its_own_has_no_second_guess() -> None:
    asked = []
    endpoint = Endpoint(f"{HOST}/own")
    for _ in range(3):
        endpoint.post(lambda url: asked.append(url) or Answer(404))
    assert asked == [f"{HOST}/own/events/batch"] * 3


def test_the_configuration_is_asked_for_at_the_base_or_at_v1() -> None:
    assert Endpoint(HOST).config_url == f"{HOST}/v1/config"
    assert Endpoint(f"{HOST}/collector/v1").config_url == f"{HOST}/collector/v1/config"
    switched = Endpoint(HOST)
    switched.post(Collector([404], [201]))
    assert switched.config_url == f"{HOST}/v1/config"
