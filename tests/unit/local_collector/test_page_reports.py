"""Counts, percentiles and series of the calls."""

import pytest
from support.moesif_events import make_event

from opentelemetry_exporter_moesif.json_codec import dumps
from opentelemetry_exporter_moesif.local_collector.call import call_of
from opentelemetry_exporter_moesif.local_collector.figures import Latency
from opentelemetry_exporter_moesif.local_collector.filters import Filter
from opentelemetry_exporter_moesif.local_collector.reports import Reports
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
    assert reports.choices() == ([], [], [])


def test_a_new_call_is_in_the_next_report():
    store = store_of(call())
    reports = Reports(store)
    assert reports.summary(EVERYTHING).count == 1
    add(store, call())
    assert reports.summary(EVERYTHING).count == 2


def test_the_series_holds_every_bucket_of_time_the_empty_ones_too():
    series = Reports(
        store_of(call(seconds=0), call(seconds=0, status=500, milliseconds=30), call(seconds=59, status=404))
    ).series(EVERYTHING)
    assert series["width"] == 1
    assert series["times"] == list(range(series["times"][0], series["times"][0] + 61))
    first, last = series["2xx"].index(1), series["4xx"].index(1)
    assert last - first == 59
    assert series["5xx"][first] == 1
    assert series["p50"][first : last + 1] == [10, *[None] * 58, 10]


def test_a_single_call_stands_in_the_middle_of_a_minute():
    series = Reports(store_of(call())).series(EVERYTHING)
    assert series["width"] * len(series["times"]) in range(60, 63)
    assert series["2xx"].index(1) in range(28, 33)


def test_an_old_call_does_not_squeeze_a_chosen_range():
    reports = Reports(store_of(make_event({"request.time": "2015-01-01T00:00:00.000Z"}), call(), call(seconds=30)))
    start = reports.calls(Filter(sort="-time"))[0].time // 60_000 * 60_000
    series = reports.series(Filter(since=start, until=start + 60_000))
    assert series["width"] == 1
    assert series["times"][0] == start // 1_000
    assert sum(series["2xx"]) == reports.summary(Filter(since=start, until=start + 60_000)).count > 0


def test_routes_tell_how_long_their_calls_took_and_are_sorted_by_any_column():
    reports = Reports(store_of(call(milliseconds=3), call(milliseconds=30), call("/slow", milliseconds=700)))
    (few, slow) = reports.routes(EVERYTHING)
    assert few.distribution == (0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0)
    assert slow.distribution[9] == 1
    assert [route.route for route in reports.routes(Filter(sort="-p99"))] == ["/slow", "/items"]
    assert [route.route for route in reports.routes(Filter(sort="route"))] == ["/items", "/slow"]


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
    assert reports.choices() == (["PUT", "GET"], ["/b", "/a"], [])
