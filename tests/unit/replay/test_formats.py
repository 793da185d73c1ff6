"""Whatever calls are kept in becomes the right events: one file a format, as people would hand it over."""

import json
from pathlib import Path

import pytest
from support.replayed import replayed, replayed_text

from opentelemetry_exporter_moesif.local_collector import problems

FILES = Path(__file__).parents[2] / "replay_files"
# An hour after most of the calls in the files.
NOW = 1_795_603_600_000_000_000
TEAS = ("GET", "https://shop.example.com/teas/7?a=1", 200, "203.0.113.9", "2026-11-25T09:46:40.123Z", None)


def told(event):
    request, response = event["request"], event.get("response", {})
    return (
        *(request["verb"], request["uri"], response.get("status")),
        *(request["ip_address"], request["time"], event.get("user_id")),
    )


def teas(**changes):
    names = ("verb", "uri", "status", "ip_address", "time", "user_id")
    return tuple(changes.get(name, value) for name, value in zip(names, TEAS, strict=True))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("aws-alb.log", [TEAS]),
        ("aws-apigateway.log", [teas(uri="http://localhost/prod/teas/7", time="2026-11-25T09:46:40.000Z")]),
        ("bare-resource-spans.jsonl", [TEAS]),
        ("batches-tempo.json", [TEAS]),
        ("collector-proto", [TEAS]),
        ("collector-zstd-json", [TEAS]),
        ("collector-zstd-proto", [TEAS]),
        ("concatenated.json", [TEAS] * 3),
        ("docker-json-file.log", [TEAS]),
        ("envoy-access.json", [teas(uri="http://shop.example.com/teas/7?a=1")]),
        ("har.har", [teas(ip_address="0.0.0.0")]),
        ("jaeger.json", [teas(ip_address="0.0.0.0")]),
        ("kind-string-number.jsonl", [TEAS]),
        ("kubernetes-cri.log", [TEAS]),
        ("kvlist-bytes.jsonl", [TEAS]),
        ("line-then-pretty.json", [TEAS] * 3),
        (
            "nginx-combined.log",
            [teas(uri="http://localhost/teas/7?a=1", time="2026-11-25T09:46:40.000Z", user_id="ada")],
        ),
        ("nginx-json.log", [TEAS]),
        (
            "otlp-logs-access.jsonl",
            [teas(uri="http://localhost/teas/7", ip_address="0.0.0.0", time="2026-11-25T09:46:40.223Z")],
        ),
        ("parent-zero.jsonl", [TEAS]),
        ("raw-proto-request.pb", [TEAS]),
        ("zipkin-v2.json", [TEAS]),
    ],
)
def test_each_format_gives_the_calls_that_are_kept_in_it(name, expected):
    read = replayed(FILES / name, now=NOW)

    assert [told(event) for event in read.events] == expected
    assert [problems(event) for event in read.events] == [[]] * len(expected)
    assert (read.report.bad, read.report.unread) == (0, [])


@pytest.mark.parametrize(
    ("name", "reason"),
    [("older-than-30-days.jsonl", "older than 30 days"), ("future.jsonl", "of the future")],
)
def test_calls_that_moesif_does_not_take_are_left_out_and_counted_unless_any_age_counts(name, reason):
    read = replayed(FILES / name, now=NOW)

    [(why, count)] = read.report.left_out.items()
    assert (read.events, why.startswith(reason), count) == ([], True, 1)
    assert len(replayed(FILES / name, now=NOW, any_age=True).events) == 1


def test_since_and_until_bound_the_calls():
    assert replayed(FILES / "har.har", now=NOW, since=1_795_600_001 * 10**9).report.left_out == {"before --since": 1}
    assert replayed(FILES / "har.har", now=NOW, until=1_795_600_000 * 10**9).report.left_out == {"after --until": 1}
    assert len(replayed(FILES / "har.har", now=NOW, since=1_795_600_000 * 10**9).events) == 1


def test_the_parent_of_zeros_is_none():
    [event] = replayed(FILES / "parent-zero.jsonl", now=NOW).events

    assert event["span"] == {"id": "eee19b7ec3c1001f"}


def test_odd_values_stay_or_cost_themselves():
    [event] = replayed(FILES / "kvlist-bytes.jsonl", now=NOW).events

    assert event["metadata"] == {
        "kv": '{"a":1,"b":[true,1.5]}',
        "bytes": "AAEC/w==",
        "bytesurl": "AAEC/w==",
        "nan": "nan",
        "inf": "inf",
        "arr": "[]",
        "big": 9223372036854775807,
        "resource": {"service.name": "shop"},
    }


def test_a_har_file_gives_headers_bodies_and_the_server_s_address():
    [event] = replayed(FILES / "har.har", now=NOW).events

    assert event["request"]["headers"] == {"Host": "shop.example.com"}
    assert event["response"]["body"] == {}
    assert event["response"]["ip_address"] == "10.0.0.1"
    assert event["response"]["time"] == "2026-11-25T09:46:40.223Z"


def test_what_a_log_line_does_not_know_the_base_url_tells():
    [event] = replayed(FILES / "nginx-combined.log", now=NOW, base_url="https://api.example.com/v1").events

    assert event["request"]["uri"] == "https://api.example.com/v1/teas/7?a=1"


def test_without_a_base_url_a_newcomer_is_told_once_what_is_missing(tmp_path):
    line = (FILES / "nginx-combined.log").read_text()
    read = replayed_text(tmp_path, line * 3, now=NOW)

    [hint] = read.told
    assert "--base-url https://api.example.com" in hint
    assert read.report.without_host == 3


def test_a_base_url_does_not_replace_a_host_that_is_known():
    for name in ("nginx-json.log", "envoy-access.json", "zipkin-v2.json", "har.har"):
        [event] = replayed(FILES / name, now=NOW, base_url="https://other.example").events
        assert "//shop.example.com/" in event["request"]["uri"], name


def test_equal_lines_are_calls_of_their_own_and_keep_their_ids(tmp_path):
    line = (FILES / "nginx-combined.log").read_text()

    ids = [event["transaction_id"] for event in replayed_text(tmp_path, line * 3, now=NOW).events]

    assert len(set(ids)) == 3
    assert ids == [event["transaction_id"] for event in replayed_text(tmp_path, line * 3, now=NOW).events]
    assert ids[:1] == [event["transaction_id"] for event in replayed_text(tmp_path, line, now=NOW).events]


def test_a_format_that_is_named_is_the_only_one_that_is_tried():
    assert len(replayed(FILES / "zipkin-v2.json", now=NOW, format="zipkin").events) == 1
    assert replayed(FILES / "zipkin-v2.json", now=NOW, format="jaeger").events == []
    assert replayed(FILES / "raw-proto-request.pb", now=NOW, format="otlp-json").events == []
    [line] = replayed(FILES / "nginx-combined.log", now=NOW, format="aws-elb").report.unread
    assert "tried: AWS load balancer logs." in line


@pytest.mark.parametrize(
    ("text", "options", "advice"),
    [
        ("203.0.113.9 GET /a 200", {}, "--log-format '$remote_addr"),
        ("2026-11-25 09:46:40 10.0.0.1 GET /a 443 200", {}, "#Fields:"),
        ('{"method": "GET", "path": "/a", "status": 200}', {}, "Each entry needs a time"),
        ("203.0.113.9 GET /a 200", {"log_format": "$request_time $request"}, "as --log-format says"),
    ],
    ids=["a format of one's own", "a log without its fields", "JSON without a time", "another format than told"],
)
def test_a_newcomer_is_told_what_a_file_lacks(tmp_path, text, options, advice):
    [told] = replayed_text(tmp_path, f"{text}\n", now=NOW, **options).told

    assert advice in told


def test_what_zipkin_answers_is_an_array_of_traces(tmp_path):
    span = (FILES / "zipkin-v2.json").read_text().strip()
    traces = f"[{span}]" if span.startswith("[") else f"[[{span}]]"

    [event] = replayed_text(tmp_path, traces, now=NOW).events

    assert told(event) == TEAS


def test_only_calls_of_http_count_in_a_har_file(tmp_path):
    text = (FILES / "har.har").read_text()
    for address in ("about:blank", "wss://shop.example.com/feed", "chrome-extension://abc/a.js", "file:///tmp/a.html"):
        read = replayed_text(tmp_path, text.replace("https://shop.example.com/teas/7?a=1", address), now=NOW)
        assert (read.events, read.report.passed_over) == ([], 1), address


def test_the_peer_that_jaeger_s_own_clients_name_is_the_client(tmp_path):
    document = json.loads((FILES / "jaeger.json").read_text())
    document["data"][0]["spans"][0]["tags"].append({"key": "peer.ipv4", "type": "string", "value": "203.0.113.9"})

    [event] = replayed_text(tmp_path, json.dumps(document), now=NOW).events

    assert event["request"]["ip_address"] == "203.0.113.9"


def test_cookies_of_an_access_log_are_in_no_event(tmp_path):
    entry = {
        "date": "2026-11-25",
        "time": "09:46:40",
        "c-ip": "203.0.113.9",
        "cs-method": "GET",
        "cs-uri-stem": "/teas/7",
        "x-host-header": "shop.example.com",
        "cs-protocol": "https",
        "sc-status": "200",
        "time-taken": "0.100",
        "cs(Cookie)": "sid=the-secret",
        "Cookies": {"sid": "the-secret"},
        "cookie_sid": "the-secret",
    }

    [event] = replayed_text(tmp_path, json.dumps(entry) + "\n", now=NOW).events

    assert event["request"]["uri"] == "https://shop.example.com/teas/7"
    assert "the-secret" not in json.dumps(event)
