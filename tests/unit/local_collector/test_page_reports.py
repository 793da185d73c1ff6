"""Counts, percentiles and series of the calls."""

import pytest
from support.moesif_events import make_event

from opentelemetry_exporter_moesif.json_codec import dumps
from opentelemetry_exporter_moesif.local_collector.call import call_of
from opentelemetry_exporter_moesif.local_collector.filters import Filter
from opentelemetry_exporter_moesif.local_collector.reports import Latency, Reports
from opentelemetry_exporter_moesif.local_collector.schema import judge
from opentelemetry_exporter_moesif.local_collector.store import Store

EVERYTHING = Filter()


def store_of(*events: object) -> Store:
    store = Store()
    add(store, *events)
    return store


def add(store: Store, *events: object) -> None:
    store.add([(call_of(event, dumps(event), judge(event), 0), dumps(event)) for event in events])


def call(route: str = "/items", status: int = 200, seconds: int = 0, milliseconds: int = 10, verb: str = "GET") -> dict:
    return make_event(
        {
            "request.time": f"2016-08-16T09:{seconds // 60:02}:{seconds % 60:02}.000Z",
            "request.verb": verb,
            "response.time": f"2016-08-16T09:{seconds // 60:02}:{seconds % 60:02}.{milliseconds:03}Z",
            "response.status": status,
            "metadata": {"http.route": route},
        }
    )


def test_a_route_is_reported_with_its_count_its_errors_and_its_percentiles():
    calls = [
        call(milliseconds=number, status=500 if number > 95 else 404 if number > 85 else 200)
        for number in range(1, 101)
    ]
    reports = Reports(store_of(*calls, call("/other", verb="POST")))
    first, second = reports.routes(EVERYTHING)
    assert (first.verb, first.route, first.count) == ("GET", "/items", 100)
    assert (first.client_errors, first.server_errors) == (0.1, 0.05)
    assert first.latency == Latency(p50=50, p95=95, p99=99)
    assert (second.verb, second.route, second.count) == ("POST", "/other", 1)


def test_the_summary_follows_the_filter_and_counts_the_problems():
    noted, misread = call(), call()
    del noted["response"]["verb"]
    misread["request"]["ip_address"] = "nobody's"
    reports = Reports(store_of(call(status=503), call(status=404), noted, misread, {"request": {}}))
    summary = reports.summary(EVERYTHING)
    assert (summary.count, summary.client_errors, summary.server_errors, summary.problems) == (4, 0.25, 0.25, 2)
    assert reports.summary(Filter(status="5xx")).count == 1


def test_without_calls_there_is_nothing_to_report():
    reports = Reports(Store())
    assert reports.summary(EVERYTHING).latency == Latency(None, None, None)
    assert reports.series(EVERYTHING) == {"width": 0, "times": []}
    assert reports.routes(EVERYTHING) == []
    assert reports.choices() == ([], [])


def test_a_new_call_is_in_the_next_report():
    store = store_of(call())
    reports = Reports(store)
    assert reports.summary(EVERYTHING).count == 1
    add(store, call())
    assert reports.summary(EVERYTHING).count == 2


def test_the_series_holds_every_bucket_of_time_the_empty_ones_too():
    series = Reports(
        store_of(call(seconds=0), call(seconds=0, status=500, milliseconds=30), call(seconds=3, status=404))
    ).series(EVERYTHING)
    assert series["width"] == 1
    assert [moment - series["times"][0] for moment in series["times"]] == [0, 1, 2, 3]
    assert (series["2xx"], series["4xx"], series["5xx"]) == ([1, 0, 0, 0], [0, 0, 0, 1], [1, 0, 0, 0])
    assert series["p50"] == [10, None, None, 10]


@pytest.mark.parametrize(
    ("last", "width"),
    [("2016-08-16T10:21:56.998Z", 60), ("2016-09-16T09:21:56.998Z", 86_400), ("2026-08-16T09:21:56.998Z", 61 * 86_400)],
)
def test_any_span_of_time_is_shown_in_about_sixty_buckets(last: str, width: int):
    series = Reports(store_of(make_event(), make_event({"request.time": last}))).series(EVERYTHING)
    assert series["width"] == width
    assert len(series["times"]) <= 62


def test_a_call_can_be_read_in_full_until_it_is_gone():
    event = make_event()
    store = store_of(event)
    reports = Reports(store)
    (listed,) = reports.calls(EVERYTHING)
    assert reports.call(listed.id).event == event
    store.clear()
    assert reports.call(listed.id) is None


def test_the_most_used_routes_and_verbs_are_offered_first():
    reports = Reports(store_of(call("/a"), call("/b", verb="PUT"), call("/b", verb="PUT")))
    assert reports.choices() == (["PUT", "GET"], ["/b", "/a"])
