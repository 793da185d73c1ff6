"""Moesif's dynamic sampling: which rule holds, when Moesif is asked, and that nothing is lost by a bad answer."""

from __future__ import annotations

import json
import os
import random
from typing import Any

import pytest

from opentelemetry_exporter_moesif.mapping.weight import round_unbiased
from opentelemetry_exporter_moesif.sampling import DynamicSampling, SamplingRules, read_rules

CONFIG = {
    "sample_rate": 10,
    "user_sample_rate": {"u1": 20},
    "company_sample_rate": {"c1": 30},
    "regex_config": [
        {"conditions": [{"path": "request.route", "value": "^/health"}], "sample_rate": 0},
        {
            "conditions": [{"path": "request.verb", "value": "POST"}, {"path": "response.status", "value": "^5"}],
            "sample_rate": 100,
        },
        {"conditions": [{"path": "request.unheard_of", "value": ".*"}], "sample_rate": 1},
        {"conditions": [{"path": "request.ip_address", "value": r"^10\."}], "sample_rate": 40},
    ],
}


def event(**changes: Any) -> dict[str, Any]:
    request = {"uri": "https://api.example.com/items/1?q=/health", "verb": "GET", "ip_address": "203.0.113.9"}
    request.update({name: changes.pop(name) for name in tuple(changes) if name in request})
    return {"request": request, "response": {"status": changes.pop("status", 200)}, **changes}


class Collector:
    """Stands in for the sender: remembers what it was asked and answers as told."""

    def __init__(self, *answers: Any) -> None:
        self.config_etag: str | None = None
        self.asked: list[tuple[str | None, float]] = []
        self.answers = list(answers)

    def fetch_config(self, etag: str | None, timeout: float = 10.0) -> Any:
        self.asked.append((etag, timeout))
        return self.answers.pop(0) if self.answers else None


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def ok(config: Any, etag: str = "one") -> tuple[int, str, bytes]:
    return 200, etag, json.dumps(config).encode()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.mark.parametrize(
    ("changes", "rate"),
    [
        ({}, 10),
        ({"user_id": "u2", "company_id": "c2"}, 10),
        ({"company_id": "c1"}, 30),
        ({"user_id": "u1", "company_id": "c1"}, 20),
        ({"user_id": "u1", "uri": "https://api.example.com/health/live?x=1"}, 0),
        ({"user_id": "u1", "verb": "POST", "status": 503}, 100),
        ({"verb": "POST", "status": 200}, 10),
        ({"user_id": "u1", "ip_address": "10.1.2.3"}, 40),
        ({"uri": "http://api.example.com"}, 10),
    ],
)
def test_regular_expressions_come_before_the_user_and_the_user_before_the_company(
    changes: dict[str, Any], rate: float
) -> None:
    assert read_rules(CONFIG).rate(event(**changes)) == rate


@pytest.mark.parametrize(
    ("config", "rules"),
    [
        ({}, SamplingRules()),
        (None, SamplingRules()),
        ([], SamplingRules()),
        ({"sample_rate": "10"}, SamplingRules()),
        ({"sample_rate": True}, SamplingRules()),
        ({"sample_rate": -5}, SamplingRules(default=0)),
        ({"sample_rate": 10**400}, SamplingRules(default=100)),
        ({"sample_rate": 250}, SamplingRules(default=100)),
        ({"sample_rate": 0.5, "user_sample_rate": {"a": None, "b": 1}}, SamplingRules(0.5, {"b": 1.0})),
        ({"user_sample_rate": [], "company_sample_rate": "x", "regex_config": {}}, SamplingRules()),
        ({"regex_config": [None, {}, {"conditions": [], "sample_rate": 0}]}, SamplingRules()),
        (
            {"regex_config": [{"conditions": [{"path": "request.verb", "value": "("}], "sample_rate": 0}]},
            SamplingRules(),
        ),
        ({"regex_config": [{"conditions": [{"path": "request.verb"}], "sample_rate": 0}]}, SamplingRules()),
        *(
            (
                {"regex_config": [{"conditions": [{"path": "request.verb", "value": huge}], "sample_rate": 0}]},
                SamplingRules(),
            )
            for huge in ("a{99999999999999999999}", "(" * 5000 + ")" * 5000)
        ),
    ],
)
def test_a_part_that_cannot_be_read_counts_as_absent(config: Any, rules: SamplingRules) -> None:
    assert read_rules(config) == rules


def test_until_the_first_answer_everything_is_kept(clock: Clock) -> None:
    sampling = DynamicSampling(Collector(), clock)

    assert all(sampling.weight_factor(event(), 1, number) == 1.0 for number in range(100))


@pytest.mark.parametrize("rate", [30, 67, 99])
def test_the_sum_of_the_weights_is_the_number_of_calls(rate: int, clock: Clock) -> None:
    sampling = DynamicSampling(Collector(ok({"sample_rate": rate})), clock)
    sampling.refresh()
    numbers = random.Random(4711)
    calls = 100_000
    total = 0
    for _ in range(calls):
        ids = numbers.getrandbits(128), numbers.getrandbits(64)
        factor = sampling.weight_factor(event(), *ids)
        total += round_unbiased(factor, *ids) if factor else 0

    assert abs(total - calls) < calls / 100


def test_the_same_span_is_decided_on_in_the_same_way_again(clock: Clock) -> None:
    sampling = DynamicSampling(Collector(ok({"sample_rate": 50})), clock)
    sampling.refresh()

    first = [sampling.weight_factor(event(), 1, number) for number in range(100)]

    assert first == [sampling.weight_factor(event(), 1, number) for number in range(100)]
    assert set(first) == {None, 2.0}


def test_a_rate_of_zero_drops_everything(clock: Clock) -> None:
    sampling = DynamicSampling(Collector(ok({"sample_rate": 0})), clock)
    sampling.refresh()

    assert all(sampling.weight_factor(event(), 1, number) is None for number in range(100))


@pytest.mark.parametrize(
    "answer", [None, (500, None, b""), (404, None, b"no"), ok({"sample_rate": 1}), (304, None, b"")]
)
def test_moesif_is_asked_once_a_minute_at_most_whatever_it_answers(answer: Any, clock: Clock) -> None:
    collector = Collector(*[answer] * 3)
    sampling = DynamicSampling(collector, clock)

    for _ in range(5):
        sampling.refresh()
    assert len(collector.asked) == 1
    clock.now += 59
    sampling.refresh()
    assert len(collector.asked) == 1
    clock.now += 1
    sampling.refresh()
    assert len(collector.asked) == 2


def test_it_takes_a_second_at_most_and_names_what_is_at_hand(clock: Clock) -> None:
    collector = Collector(ok({"sample_rate": 1}, "v1"), (304, None, b""))
    sampling = DynamicSampling(collector, clock)

    sampling.refresh()
    clock.now += 60
    sampling.refresh()

    assert collector.asked == [(None, 1.0), ("v1", 1.0)]
    assert sampling.weight_factor(event(), 1, 2) is None  # what was not modified holds


def test_a_new_configuration_is_fetched_at_once_when_a_post_announces_it(clock: Clock) -> None:
    collector = Collector(ok({"sample_rate": 100}, "v1"), ok({"sample_rate": 0}, "v2"))
    collector.config_etag = "v1"
    sampling = DynamicSampling(collector, clock)
    sampling.refresh()

    clock.now += 1
    sampling.refresh()
    assert len(collector.asked) == 1
    collector.config_etag = "v2"
    sampling.refresh()

    assert len(collector.asked) == 2
    assert sampling.weight_factor(event(), 1, 2) is None


def test_announcements_that_never_come_true_are_followed_once_a_minute_each(clock: Clock) -> None:
    collector = Collector(*[ok({}, "weak")] * 10)
    sampling = DynamicSampling(collector, clock)

    for second in range(59):
        clock.now = 1000.0 + second
        collector.config_etag = ("a", "b")[second % 2]
        sampling.refresh()

    assert len(collector.asked) == 2


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b"\xff", b"null"])
def test_an_answer_that_cannot_be_read_keeps_everything_and_is_said(
    body: bytes, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    sampling = DynamicSampling(Collector(ok({"sample_rate": 0}), (200, "two", body)), clock)
    sampling.refresh()
    clock.now += 60
    sampling.refresh()

    assert sampling.weight_factor(event(), 1, 2) == 1.0
    assert "cannot be read" in caplog.text


def test_an_error_leaves_the_last_configuration_in_force(clock: Clock) -> None:
    sampling = DynamicSampling(Collector(ok({"sample_rate": 0}), (503, None, b""), None), clock)
    for _ in range(3):
        sampling.refresh()
        clock.now += 60

    assert sampling.weight_factor(event(), 1, 2) is None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform does not fork")
def test_a_child_forked_while_moesif_was_asked_asks_again(clock: Clock) -> None:
    collector = Collector(ok({"sample_rate": 0}), ok({"sample_rate": 0}))
    sampling = DynamicSampling(collector, clock)
    children: list[int] = []

    def forking(etag: str | None, timeout: float) -> object:
        if not children:
            children.append(os.fork())
            if children == [0]:
                clock.now += 60
                sampling.refresh()
                os._exit(0 if len(collector.asked) == 1 else 1)
        return Collector.fetch_config(collector, etag, timeout)

    collector.fetch_config = forking  # type: ignore[method-assign, assignment]
    sampling.refresh()
    assert os.waitstatus_to_exitcode(os.waitpid(children[0], 0)[1]) == 0


@pytest.mark.filterwarnings("error")
def test_an_expression_that_python_warns_of_is_a_rule_where_warnings_are_errors() -> None:
    rule = {"conditions": [{"path": "request.verb", "value": "[[G]ET"}], "sample_rate": 10}
    assert read_rules({"regex_config": [rule]}).by_regex[0].rate == 10
