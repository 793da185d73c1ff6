"""What each answer leads to, and that each event is counted once whatever the collector answers."""

import json
import logging
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.delivery import OwnMetrics, ids_of, make_events, open_sender
from support.faulty_server import FaultyServer

from opentelemetry_exporter_moesif.delivery.payload import Payload

QUICK_FAULTS = ["reset in the headers", "close in the body", "garbage", "close without an answer"]


def _named(events: list[bytes], position: int) -> str:
    return json.loads(events[position])["transaction_id"]


def _refuse(bad: set[str], status: int):
    """A collector that answers `status` to a batch with a bad event in it."""
    return lambda _path, events: status if bad & {event["transaction_id"] for event in events} else 201


def test_the_bad_events_of_a_batch_are_dropped_and_all_others_arrive(
    own_metrics: OwnMetrics, caplog: pytest.LogCaptureFixture
) -> None:
    events = make_events(64)
    bad = {_named(events, 7), _named(events, 8), _named(events, 63)}
    with (
        FaultyServer(judge=_refuse(bad, 400)) as server,
        open_sender(server.url, meter_provider=own_metrics.provider) as sender,
    ):
        assert sender.send(events)
        assert sender.force_flush()
        assert set(server.arrived) == ids_of(events) - bad
    assert own_metrics.exported() == {None: 61, "rejected": 3}
    assert own_metrics.inflight() == 0
    assert "1 event lost (rejected)" in caplog.text
    assert "/items/7" not in caplog.text


def test_a_collector_that_refuses_everything_costs_a_few_posts_and_no_event(
    own_metrics: OwnMetrics, caplog: pytest.LogCaptureFixture
) -> None:
    events = make_events(512)
    answer = [400]
    with (
        FaultyServer(judge=lambda *_: answer[0]) as server,
        open_sender(server.url, meter_provider=own_metrics.provider) as sender,
    ):
        assert sender.send(events)
        assert not sender.force_flush(200)
        assert len(server.posts) < 20
        assert own_metrics.exported() == {}
        assert [record.levelname for record in caplog.records] == ["ERROR"]
        answer[0] = 201
        sender.end_pause()  # the minute until the next probe has passed
        assert sender.force_flush(10_000)
        assert set(server.arrived) == ids_of(events)
    assert own_metrics.exported() == {None: 512}


def test_a_first_event_that_is_bad_is_dropped_as_soon_as_another_is_taken(
    own_metrics: OwnMetrics, short_pauses: None
) -> None:
    bad, good = make_events(1), make_events(1)
    with (
        FaultyServer(judge=_refuse(ids_of(bad), 400)) as server,
        open_sender(server.url, meter_provider=own_metrics.provider) as sender,
    ):
        assert sender.send(bad)
        assert own_metrics.inflight() == 1
        assert sender.send(good)
        assert sender.force_flush(10_000)
        assert set(server.arrived) == ids_of(good)
    assert own_metrics.exported() == {None: 1, "rejected": 1}


def test_the_first_event_of_all_may_be_bad_and_the_others_of_its_export_arrive_at_once(own_metrics: OwnMetrics) -> None:
    events = make_events(4)
    with (
        FaultyServer(judge=_refuse(ids_of(events[:1]), 400)) as server,
        open_sender(server.url, meter_provider=own_metrics.provider) as sender,
    ):
        assert sender.send(events)
        assert set(server.arrived) == ids_of(events[1:])


def test_the_metrics_tell_how_long_each_post_took(own_metrics: OwnMetrics) -> None:
    with FaultyServer() as server, open_sender(server.url, meter_provider=own_metrics.provider) as sender:
        began = time.monotonic()
        assert sender.send(make_events(1))
        most = time.monotonic() - began
    [point] = own_metrics.points("otel.sdk.exporter.operation.duration")
    assert 0 < point.sum <= most


def test_too_large_a_batch_is_halved_until_it_is_taken(own_metrics: OwnMetrics) -> None:
    events = make_events(40)
    with (
        FaultyServer(judge=lambda _path, batch: 413 if len(batch) > 5 else 201) as server,
        open_sender(server.url, meter_provider=own_metrics.provider) as sender,
    ):
        sender.send(events)
        assert sorted(server.arrived.values()) == [1] * 40
    assert own_metrics.exported() == {None: 40}


def test_an_event_that_is_too_large_alone_loses_its_bodies_then_its_metadata_then_itself(
    own_metrics: OwnMetrics,
) -> None:
    event = json.loads(make_events(1)[0])
    event["request"] |= {"body": {"a": 1}, "transfer_encoding": "json"}
    event["response"] |= {"body": "eA==", "transfer_encoding": "base64"}
    event["metadata"] = {"http.route": "/items/{id}"}
    seen = []

    def judge(_path: str, batch: list) -> int:
        seen.extend(batch)
        return 413

    with FaultyServer(judge=judge) as server, open_sender(server.url, meter_provider=own_metrics.provider) as sender:
        sender.send([json.dumps(event, separators=(",", ":")).encode()])
    assert ["body" in sent["request"] or "transfer_encoding" in sent["response"] for sent in seen] == [
        True,
        False,
        False,
    ]
    assert seen[1]["metadata"] == {
        "http.route": "/items/{id}",
        "request_body": "oversize",
        "response_body": "oversize",
    }
    assert seen[2]["metadata"] == {"request_body": "oversize", "response_body": "oversize", "metadata": "oversize"}
    assert own_metrics.exported() == {"oversize": 1}


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (401, "OTEL_EXPORTER_MOESIF_APPLICATION_ID"),
        (402, "subscription"),
        (403, "forbids"),
        (404, "OTEL_EXPORTER_MOESIF_ENDPOINT"),
        ((302, {"Location": "https://elsewhere.example/login?token=t"}), "https://elsewhere.example/login:"),
    ],
    ids=str,
)
def test_a_configuration_error_keeps_the_events_and_says_once_what_to_mend(
    answer, hint: str, own_metrics: OwnMetrics, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        FaultyServer([answer] * 99) as server,
        open_sender(server.url, meter_provider=own_metrics.provider) as sender,
    ):
        for _ in range(5):
            assert sender.send(make_events(1))
        assert not sender.force_flush(0)
        assert own_metrics.inflight() == 5
        errors = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
        assert len(errors) == 1
        assert hint in errors[0]


def test_redirects_are_never_followed_with_the_application_id() -> None:
    with FaultyServer() as other:
        answer = (307, {"Location": f"{other.url}/collector/v1/events/batch"})
        with FaultyServer([answer] * 99) as server, open_sender(server.url) as sender:
            sender.send(make_events(1))
        assert other.connections == 0


def test_an_outage_is_one_warning_and_its_end_one_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with FaultyServer([503, 503, 503]) as server, open_sender(server.url) as sender:
        sender.send(make_events(2))
        for _ in range(3):
            sender.send(make_events(1))
            sender.force_flush(200_000)
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert "2 events wait (503 from 127.0.0.1)" in caplog.text


ANSWERS = st.sampled_from([201, 201, 201, 400, 413, 429, 503, 404, 401, 302, *QUICK_FAULTS])


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(script=st.lists(ANSWERS, max_size=25), sizes=st.lists(st.integers(1, 9), min_size=1, max_size=6))
def test_whatever_is_answered_no_event_counts_twice_or_not_at_all(
    script: list, sizes: list[int], monkeypatch: pytest.MonkeyPatch, short_pauses: None
) -> None:
    monkeypatch.setenv("OTEL_PYTHON_SDK_INTERNAL_METRICS_ENABLED", "true")
    own_metrics = OwnMetrics()
    batches = [make_events(size) for size in sizes]
    names = {name for batch in batches for name in ids_of(batch)}
    with (
        FaultyServer(script) as server,
        open_sender(server.url, meter_provider=own_metrics.provider, timeout=5.0) as sender,
    ):
        for batch in batches:
            sender.send(batch)
            assert own_metrics.inflight() + sum(own_metrics.exported().values()) <= len(names)
        assert sender.force_flush(200_000)
        exported = own_metrics.exported()
        assert sum(exported.values()) == len(names)
        assert own_metrics.inflight() == 0
        assert set(exported) <= {None, "rejected", "oversize"}
        assert len(server.arrived) >= exported.get(None, 0)
        assert len(names - set(server.arrived)) <= exported.get("rejected", 0) + exported.get("oversize", 0)


def test_a_payload_that_cannot_be_handled_costs_itself_and_stands_in_nobodys_way(
    own_metrics: OwnMetrics, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("opentelemetry_exporter_moesif.delivery.attempt.SECONDS_OF_TRIES", 0.0)
    monkeypatch.setattr("opentelemetry_exporter_moesif.delivery.attempt._FIRST_RETRY_SECONDS", 0.01)
    broken = make_events(2)
    with (
        FaultyServer(judge=_refuse(ids_of(broken), 400)) as server,
        open_sender(server.url, meter_provider=own_metrics.provider) as sender,
    ):
        sender.send(make_events(1))
        monkeypatch.setattr(Payload, "halves", lambda _payload: 1 / 0)
        assert sender.send(broken)
        good = 1
        while own_metrics.inflight():
            assert sender.send(make_events(1))
            assert good < 1_000
            good += 1
            time.sleep(0.01)
        assert len(server.arrived) == good
    assert own_metrics.exported() == {None: good, "rejected": 2}
    assert "2 events lost (rejected)" in caplog.text


def test_events_that_are_no_bytes_raise_nothing_and_are_counted(own_metrics: OwnMetrics) -> None:
    with FaultyServer() as server, open_sender(server.url, meter_provider=own_metrics.provider) as sender:
        assert not sender.send([None, 7])
    assert own_metrics.exported() == {"TypeError": 2}
    assert own_metrics.inflight() == 0
