"""One call, one event: two SERVER spans of one call, and the ids of inner spans in whatever order they stand."""

import itertools
import json
import random
from pathlib import Path

import pytest
from support.recorded_calls import otlp_line, otlp_span
from support.replayed import replayed, replayed_text

FILES = Path(__file__).parents[2] / "replay_files"
NOW = 1_795_630_000_000_000_000
TRACE = "5b8efff798038103d269b633813fc60c"


def span(number, parent=None, kind=2, path="/api/users/7", name="a span", **attributes):
    """A span of the trace; a SERVER span has a method and a path."""
    if kind == 2:
        attributes = {"http.request.method": "GET", "url.path": path, "server.address": "a.example"} | attributes
    pairs = [{"key": key, "value": {"stringValue": value}} for key, value in attributes.items()]
    changes = {"traceId": TRACE, "spanId": f"{number:016x}", "kind": kind, "attributes": pairs, "name": name}
    return otlp_span(number, parentSpanId=f"{parent:016x}" if parent else "", **changes)


def lines(*spans):
    return "\n".join(map(otlp_line, spans))


@pytest.mark.parametrize(
    ("name", "outer", "inner"),
    [
        ("real-nextjs-two-server-spans.jsonl", "ace884cbd2828c43", "a8dcd7ad4526e07e"),
        ("real-envoy-and-app-two-server-spans.jsonl", "74f96736344fffdc", "30e7fe4bd86fb3d3"),
    ],
)
def test_two_server_spans_of_one_call_are_one_event_with_what_the_inner_one_knows(name, outer, inner):
    outermost, innermost = (replayed(FILES / name, now=NOW, spans=spans) for spans in ("outermost", "innermost"))

    [event] = outermost.events
    assert (event["span"]["id"], outermost.report.joined) == (outer, 1)
    [other] = innermost.events
    assert (other["span"]["id"], innermost.report.joined) == (inner, 1)
    assert event["metadata"]["http.route"] == other["metadata"]["http.route"]
    assert event["action_name"] == other["action_name"]
    assert len(replayed(FILES / name, now=NOW, spans="all").events) == 2


def test_the_address_that_the_proxy_told_its_application_reaches_the_event():
    [event] = replayed(FILES / "real-envoy-and-app-two-server-spans.jsonl", now=NOW).events

    assert event["request"]["ip_address"] == "192.0.2.2"
    assert event["request"]["uri"] == "http://127.0.0.1:19301/api/v1/users/7?full=1"
    assert event["response"]["headers"]["Etag"].startswith('W/"a-')


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
@pytest.mark.parametrize("write", [lines, otlp_line], ids=["documents", "one document"])
def test_in_any_order_the_outermost_of_three_tells_the_call_with_the_ids_of_all(tmp_path, order, write):
    spans = [
        span(1),
        span(2, 1, path="/users/7", **{"http.route": "/users/{id}"}),
        span(3, 2, path="/users/7"),
        span(4, 3, kind=1, **{"user.id": "ada"}),
    ]

    read = replayed_text(tmp_path, write(*(spans[index] for index in order)))

    assert [(event["span"]["id"], event["user_id"]) for event in read.events] == [(f"{1:016x}", "ada")]
    assert (read.events[0]["metadata"]["http.route"], read.report.joined) == ("/users/{id}", 2)


@pytest.mark.parametrize(
    ("between", "inner_path", "events"),
    [
        (1, "/api/users/7", 1),  # an INTERNAL span
        (3, "/api/users/7", 2),  # a CLIENT span: a call from one service to another
        (4, "/api/users/7", 2),
        (1, "/other", 2),
        (1, "/users/7", 1),
        (1, "/7", 1),
        (1, "7", 2),
    ],
)
def test_a_call_from_one_service_to_another_stays_two(tmp_path, between, inner_path, events):
    text = lines(span(1), span(2, 1, kind=between), span(3, 2, path=inner_path))

    assert len(replayed_text(tmp_path, text).events) == events


def test_another_method_is_another_call(tmp_path):
    text = lines(span(1), span(2, 1, **{"http.request.method": "POST"}))

    assert len(replayed_text(tmp_path, text).events) == 2


def test_the_files_of_the_identity_cases_give_their_ids():
    names = ("identity-child-before-server", "identity-child-after-server", "identity-real-js-express")
    found = [[event.get("user_id") for event in replayed(FILES / f"{name}.jsonl", now=NOW).events] for name in names]

    assert found == [["ada"], ["ada"], [None, "ada", "ada", None, "grace"]]


@pytest.mark.parametrize("seed", range(10))
def test_ids_reach_their_call_and_no_other_whatever_the_order(tmp_path, seed):
    spans = []
    for call in range(1, 20):
        server, middle, leaf = call * 10, call * 10 + 1, call * 10 + 2
        spans += [
            span(server, path=f"/{call}"),
            span(middle, server, kind=1),
            span(leaf, middle, kind=1, **{"user.id": f"user-{call}", "company.id": "acme"}),
        ]
    random.Random(seed).shuffle(spans)

    events = replayed_text(tmp_path, lines(*spans)).events

    assert {event["request"]["uri"]: event["user_id"] for event in events} == {
        f"https://a.example/{call}": f"user-{call}" for call in range(1, 20)
    } or {event["request"]["uri"]: event["user_id"] for event in events} == {
        f"http://a.example/{call}": f"user-{call}" for call in range(1, 20)
    }
    assert {event["company_id"] for event in events} == {"acme"}


def test_of_two_ids_the_nearer_one_counts_and_of_equally_near_ones_the_later(tmp_path):
    near, far = span(2, 1, kind=1, **{"user.id": "near"}), span(3, 2, kind=1, **{"user.id": "far"})
    first, last = (span(number, 1, kind=1, **{"company.id": str(number)}) for number in (5, 6))

    for order in itertools.permutations([near, far, first, last]):
        [event] = replayed_text(tmp_path, lines(*order, span(1))).events
        assert (event["user_id"], event["company_id"]) == ("near", "6")


def test_an_id_of_another_service_s_call_stays_there(tmp_path):
    text = lines(span(1), span(2, 1, kind=3), span(3, 2, path="/b"), span(4, 3, kind=1, **{"user.id": "ada"}))

    events = {event["request"]["uri"][-2:]: event.get("user_id") for event in replayed_text(tmp_path, text).events}

    assert events == {"/7": None, "/b": "ada"}


def test_only_the_wanted_services_and_scopes_make_events(tmp_path):
    text = json.dumps(
        {
            "resourceSpans": [
                {
                    "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": service}}]},
                    "scopeSpans": [{"scope": {"name": f"{service}-scope"}, "spans": [otlp_span(number)]}],
                }
                for number, service in enumerate(("shop", "accounts"))
            ]
        }
    )

    for options in ({"services": frozenset(["shop"])}, {"scopes": frozenset(["shop-scope"])}):
        read = replayed_text(tmp_path, text, **options)
        assert [event["metadata"]["resource"]["service.name"] for event in read.events] == ["shop"]
        assert read.report.left_out == {"of another service or scope": 1}


def test_many_calls_of_one_trace_are_read_in_time_that_grows_with_their_number(tmp_path):
    text = lines(*(span(number, path=f"/{number}") for number in range(1, 6000)))

    assert len(replayed_text(tmp_path, text).events) == 5999


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_server_s_span_that_was_made_internal_is_a_call_unless_it_is_inside_one(tmp_path, order):
    """The scope of `otlp_line` is Tomcat's, which serves."""
    method = {"http.request.method": "GET", "url.path": "/users/7"}
    spans = [
        span(1),
        span(2, 1, kind=1, **method, **{"user.id": "ada"}),
        span(3, 99, kind=1, **method),
    ]

    read = replayed_text(tmp_path, lines(*(spans[index] for index in order)))

    told = {event["span"]["id"][-1]: event.get("user_id") for event in read.events}
    assert told == {"1": "ada", "3": None}
    assert all("parent_id" not in event["span"] for event in read.events)
    assert read.report.passed_over == 1


def siblings(*, scope="@hono/otel", service="shop", path="/api/users/7", start=10, end=20):
    """A server's span, and beside it what a framework's middleware made, which read `traceparent` once more."""

    def document(scope, service, made, start, end):
        document = json.loads(
            otlp_line(made | {"startTimeUnixNano": str(NOW + start * 10**6), "endTimeUnixNano": str(NOW + end * 10**6)})
        )
        [resource] = document["resourceSpans"]
        resource["resource"] = {"attributes": [{"key": "service.name", "value": {"stringValue": service}}]}
        resource["scopeSpans"][0]["scope"] = {"name": scope}
        return json.dumps(document)

    inner = span(2, 9, path=path, **{"http.route": "/api/users/:id"})
    return (
        document(scope, service, inner, start, end),
        document("@opentelemetry/instrumentation-http", "shop", span(1, 9), 5, 25),
    )


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(("spans", "teller"), [("outermost", 1), ("innermost", 2)])
def test_two_server_spans_beside_each_other_are_one_call_where_one_was_around_the_other(tmp_path, order, spans, teller):
    read = replayed_text(tmp_path, "\n".join(siblings()[::order]), spans=spans)

    [event] = read.events
    assert (event["span"]["id"], read.report.joined) == (f"{teller:016x}", 1)
    assert event["metadata"]["http.route"] == "/api/users/:id"


@pytest.mark.parametrize(
    "other",
    [
        {"scope": "@opentelemetry/instrumentation-http"},
        {"service": "stock"},
        {"path": "/other"},
        {"start": 3},
        {"end": 27},
    ],
    ids=["one scope", "two services", "two paths", "began before", "ended later"],
)
def test_two_calls_of_one_caller_stay_two(tmp_path, other):
    assert len(replayed_text(tmp_path, "\n".join(siblings(**other))).events) == 2


def test_a_method_that_one_of_two_spans_does_not_know_is_the_others(tmp_path):
    outer = span(1, **{"http.request.method": "_OTHER"})
    inner = span(2, 1, **{"http.request.method": "PROPFIND"})

    assert len(replayed_text(tmp_path, lines(outer, inner)).events) == 1
