"""`moesif-otel replay` from files to a collector: every form, bad lines, repetition, outages."""

import base64
import gzip
import json
import uuid
from importlib.metadata import version

import pytest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, Status, StatusCode
from support.command_line import APPLICATION_ID, call
from support.delivery import make_events
from support.recorded_calls import moesif_event, otlp_line, otlp_span, write_otlp

from opentelemetry_exporter_moesif.config import Config
from opentelemetry_exporter_moesif.delivery.sender import Sender
from opentelemetry_exporter_moesif.delivery.spool.applications import waiting
from opentelemetry_exporter_moesif.local_collector import LocalCollector
from opentelemetry_exporter_moesif.mapping import mapping_rules, span_to_event
from opentelemetry_exporter_moesif.telemetry import Telemetry

SDK_WRITES_FILES = tuple(map(int, version("opentelemetry-sdk").split(".")[:2])) >= (1, 43)


pytestmark = pytest.mark.usefixtures("own_environment")


@pytest.fixture
def collector():
    with LocalCollector(APPLICATION_ID) as running:
        yield running


@pytest.fixture
def replay(capfd, collector):
    def replayed(*arguments):
        return call(capfd, "replay", "--json", "--endpoint", collector.url, *map(str, arguments))

    return replayed


@pytest.mark.skipif(not SDK_WRITES_FILES, reason="the SDK's file exporter is younger than this SDK")
def test_what_the_sdk_wrote_to_a_file_becomes_the_events_that_the_exporter_would_have_sent(replay, collector, tmp_path):
    from opentelemetry.exporter.otlp.json.file import FileSpanExporter  # noqa: PLC0415 - see the reason of the skip

    path, memory = tmp_path / "spans.jsonl", InMemorySpanExporter()
    provider = TracerProvider(resource=Resource.create({"service.name": "shop", "service.version": "1.2"}))
    provider.add_span_processor(SimpleSpanProcessor(FileSpanExporter(path)))
    provider.add_span_processor(SimpleSpanProcessor(memory))
    tracer = provider.get_tracer("opentelemetry.instrumentation.flask", "0.66b1")
    attributes = {
        "http.request.method": "POST",
        "url.scheme": "https",
        "url.path": "/Ã©",
        "url.query": "a=%20b&token=the-secret",
        "server.address": "api.example.com",
        "server.port": 9105,
        "client.address": "203.0.113.9",
        "http.response.status_code": 500,
        "http.request.header.x_forwarded_for": ["198.51.100.7, 10.0.0.1"],
        "http.request.header.cookie": ["s=the-secret"],
        "user.id": "ada",
        "a.number": 1.5,
        "a.flag": True,
        "a.list": [1, 2],
    }
    with tracer.start_as_current_span("POST /é", kind=SpanKind.SERVER, attributes=attributes) as span:
        span.record_exception(ValueError("oops"))
        span.set_status(Status(StatusCode.ERROR, "it failed"))
        with tracer.start_as_current_span("SELECT", kind=SpanKind.CLIENT):
            pass
    provider.shutdown()

    said = replay(path)

    rules = mapping_rules(Config(application_id="any"))
    expected = [event for event in (span_to_event(span, rules) for span in memory.get_finished_spans()) if event]
    assert json.loads(json.dumps(expected)) == collector.events()
    assert (said.code, said.json()["sent"], said.json()["passed_over"]) == (0, 1, 1)
    assert "the-secret" not in json.dumps(collector.events())


def test_what_the_collector_wrote_is_sent_with_secrets_masked(replay, collector, tmp_path):
    path = tmp_path / "spans.jsonl"
    count = write_otlp(path, lines=30)

    said = replay(path)

    events = collector.events()
    assert (said.code, said.json()["sent"], len(events)) == (0, count, count)
    assert events[7]["request"]["uri"] == "https://api.example.com/items/7?q=1&token=REDACTED"
    assert events[7]["request"]["headers"] == {"Authorization": "[REDACTED]"}
    assert events[7]["transaction_id"] == "00000000-0000-8008-8000-000000000008"
    assert events[7]["metadata"]["resource"]["service.name"] == "shop"
    assert collector.invalid() == []
    assert all(post.headers.get("content-encoding") == "gzip" for post in collector.posts())


@pytest.mark.parametrize(
    "write", [json.dumps, lambda events: "\n".join(map(json.dumps, events))], ids=["array", "lines"]
)
@pytest.mark.parametrize("compress", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_moesif_events_are_sent_redacted_and_whole(replay, collector, tmp_path, write, compress):
    path = tmp_path / "events"
    path.write_bytes(compress(write([moesif_event(number) for number in range(3)]).encode()))

    said = replay(path)

    assert (said.code, said.json()["sent"]) == (0, 3)
    event = collector.events()[1]
    assert event["request"]["uri"] == "https://api.example.com/items/1?q=1&token=REDACTED"
    assert event["request"]["headers"] == {"Authorization": "[REDACTED]", "Accept": "text/plain"}
    assert event["response"]["headers"] == {"Set-Cookie": "[REDACTED]"}
    assert event["response"]["verb"] == "GET"
    assert collector.invalid() == []


def test_an_event_keeps_its_id_and_one_without_gets_the_same_one_every_time(replay, collector, tmp_path):
    path = tmp_path / "events.json"
    own = str(uuid.uuid4())
    without = moesif_event(2)
    without["request"]["time"] = "2026-01-02T03:04:05.678Z"
    without["response"]["time"] = "2026-01-02T03:04:05.700Z"
    path.write_text(json.dumps([moesif_event(1, transaction_id=own), without]))
    reordered = tmp_path / "reordered.jsonl"
    reordered.write_text(json.dumps(dict(reversed(without.items())), indent=1))

    replay("--any-age", path)
    replay("--any-age", path, reordered)

    events = collector.events()
    assert collector.taken >= 5
    assert [event["transaction_id"] for event in events] == [own, "85ff97c5-84f2-546e-873f-97952c3137c4"]


def test_repeated_nothing_counts_twice(replay, collector, tmp_path):
    path = tmp_path / "spans.jsonl"
    count = write_otlp(path, lines=3)

    assert replay(path).json()["sent"] == count
    assert replay(path).json()["sent"] == count

    assert len(collector.events()) == count
    assert collector.taken >= 2 * count


def test_bad_lines_are_named_and_the_rest_is_sent(replay, collector, tmp_path):
    path, other = tmp_path / "spans.jsonl", tmp_path / "events.jsonl"
    bad_span = otlp_span(1, traceId="short")
    path.write_text(f"{otlp_line(otlp_span(0))}\nnot json\n{otlp_line(bad_span, otlp_span(2))}\n")
    other.write_text('{"request": {"verb": "GET"}}\n{"some": "thing"}\n[1]\n')

    said = replay(path, other, tmp_path / "missing.jsonl")

    expected = [
        f"{path}:2: of no known format",
        f"{path}:3: span 'GET /items/{{id}}': traceId is not 32 hexadecimal digits",
        f"{other}:1: request.time is missing",
        f"{other}:2: of no known format",
        f"{other}:3: of no known format",
    ]
    named, missing = said.json()["bad_records"], f"{tmp_path}/missing.jsonl: cannot be read: No such file or directory"
    assert (said.code, said.json()["bad"], said.json()["sent"]) == (1, 5, 2)
    assert len(named) == len(expected)
    assert all(name.startswith(start) for name, start in zip(named, expected, strict=True))
    assert said.json()["unread"] == [missing]
    assert [line for line in said.err.splitlines() if not line.startswith("warning: ")] == [missing, *named]
    assert len(collector.events()) == 2


def test_a_file_of_another_kind_does_not_flood_the_terminal(replay, tmp_path):
    path = tmp_path / "access.log"
    path.write_text("127.0.0.1 - - GET / 200\n" * 5000)

    said = replay(path)

    assert (said.code, said.json()["bad"], said.json()["bad_records"]) == (1, 5000, [])
    [line] = said.err.splitlines()
    assert line.startswith(f"{path}: nothing in it could be read (5,000 records); tried: OTLP JSON, ")
    assert "--log-format" in line


def test_metrics_and_logs_in_the_same_file_are_passed_over(replay, tmp_path):
    path = tmp_path / "all.jsonl"
    path.write_text('{"resourceMetrics": []}\n{"resourceLogs": []}\n' + otlp_line(otlp_span(0)))

    said = replay(path)

    assert said.code == 0
    assert (said.json()["other_signals"], said.json()["sent"]) == (2, 1)


def test_a_dry_run_prints_what_would_be_sent_and_sends_nothing(capfd, collector, tmp_path, monkeypatch):
    monkeypatch.delenv("OTEL_EXPORTER_MOESIF_APPLICATION_ID")
    path = tmp_path / "spans.jsonl"
    path.write_text(otlp_line(otlp_span(0), otlp_span(1)))

    said = call(capfd, "replay", "--dry-run", "--endpoint", collector.url, str(path))

    uris = [json.loads(line)["request"]["uri"] for line in said.out.splitlines()]
    assert uris == [f"https://api.example.com/items/{number}?q=1&token=REDACTED" for number in range(2)]
    assert "2 events would be sent." in said.err
    assert (said.code, collector.posts()) == (0, [])


def test_the_settings_of_the_exporter_count_here_as_well(replay, collector, tmp_path, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_MOESIF_EXCLUDED_URLS", "/items/1")
    monkeypatch.setenv("OTEL_EXPORTER_MOESIF_REDACT_QUERY_PARAMETERS", "q")
    path, events = tmp_path / "spans.jsonl", tmp_path / "events.jsonl"
    path.write_text(otlp_line(otlp_span(0), otlp_span(1)))
    events.write_text(json.dumps([moesif_event(1), moesif_event(2)]))

    said = replay(path, events)

    assert said.json()["passed_over"] == 2
    assert [event["request"]["uri"].partition("/items/")[2] for event in collector.events()] == [
        "0?q=REDACTED&token=REDACTED",
        "2?q=REDACTED&token=REDACTED",
    ]


def test_a_mask_that_fails_sends_nothing(replay, collector, tmp_path, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_MOESIF_MASK_EVENT", "math:sqrt")
    path = tmp_path / "calls.jsonl"
    path.write_text(f"{otlp_line(otlp_span(0))}\n{json.dumps(moesif_event(1))}\n")

    said = replay(path)

    assert (said.code, said.json()["bad"], said.json()["sent"]) == (1, 2, 0)
    assert "mask_event failed" in said.err
    assert collector.posts() == []


def test_a_replay_waits_out_an_outage_and_loses_nothing(replay, collector, tmp_path, short_pauses):
    path = tmp_path / "spans.jsonl"
    count = write_otlp(path, lines=60)
    collector.misbehave("503:0.5,429:0.2")

    said = replay(path)

    assert (said.code, said.json()["sent"], said.json()["lost"], said.json()["unsent"]) == (0, count, {}, 0)
    assert len(collector.events()) == count


def test_a_collector_that_stays_away_ends_the_replay_when_patience_ends(capfd, collector, tmp_path):
    path = tmp_path / "spans.jsonl"
    count = write_otlp(path, lines=2)
    collector.misbehave("503")

    said = call(capfd, "replay", "--give-up-after", "0.2", "--endpoint", collector.url, str(path))

    assert said.code == 1
    assert "Sent 0 events" in said.out
    assert "Nothing was delivered for 0.2 s" in said.err
    assert count == 100


def test_a_wrong_application_id_ends_the_replay_at_the_first_answer(capfd, collector, tmp_path):
    path = tmp_path / "spans.jsonl"
    write_otlp(path, lines=100)

    said = call(capfd, "replay", "--endpoint", collector.url, "--application-id", "wrong", str(path))

    assert said.code == 1
    assert "Not everything was sent. 401: the application id is refused" in said.err
    assert {post.status for post in collector.posts()} <= {401, 0}
    assert max(post.events for post in collector.posts()) < 5000


def test_without_an_application_id_nothing_is_sent(replay, tmp_path, monkeypatch):
    monkeypatch.delenv("OTEL_EXPORTER_MOESIF_APPLICATION_ID")

    said = replay(tmp_path / "any")

    assert said.code == 1
    assert "OTEL_EXPORTER_MOESIF_APPLICATION_ID" in said.err


def test_an_event_that_the_collector_refuses_costs_itself_and_gives_1(replay, collector, tmp_path):
    path = tmp_path / "events.jsonl"
    events = [moesif_event(number) for number in range(20)]
    events[7]["response"]["status"] = "no number"
    path.write_text("\n".join(map(json.dumps, events)))

    said = replay(path)

    assert (said.code, said.json()["sent"], said.json()["lost"]) == (1, 19, {"rejected": 1})
    assert len(collector.events()) == 19


def test_the_services_own_spool_is_left_alone(replay, collector, tmp_path, monkeypatch):
    spool = tmp_path / "spool"
    monkeypatch.setenv("OTEL_EXPORTER_MOESIF_SPOOL_DIRECTORY", str(spool))
    service = Config(application_id=APPLICATION_ID, endpoint="http://127.0.0.1:9", spool_directory=str(spool))
    sender = Sender(service, Telemetry(service))
    sender.send(make_events(3))  # nobody listens there
    sender.shutdown()
    path = tmp_path / "spans.jsonl"
    path.write_text(otlp_line(otlp_span(0)))

    assert replay(path).json()["sent"] == 1
    assert len(collector.events()) == 1
    assert [row.events for row in waiting(spool)] == [3]


def test_an_id_on_a_child_span_reaches_the_event_of_its_call(replay, collector, tmp_path):
    path = tmp_path / "spans.jsonl"
    server = otlp_span(0)
    child = otlp_span(1, traceId=server["traceId"], parentSpanId=server["spanId"], kind=1, name="authenticate")
    child["attributes"] = [{"key": "user.id", "value": {"stringValue": "ada"}}]
    path.write_text(f"{otlp_line(child)}\n{otlp_line(server)}\n")

    assert replay(path).code == 0
    assert [event["user_id"] for event in collector.events()] == ["ada"]


def test_a_call_that_was_not_given_the_kind_of_a_server_is_sent_and_a_mounted_application_is_not(
    replay, collector, tmp_path
):
    path = tmp_path / "spans.jsonl"
    server, in_program = otlp_span(0), otlp_span(1, parentSpanId="00000000000000aa", kind=1)
    mounted = otlp_span(2, traceId=server["traceId"], parentSpanId=server["spanId"], kind=1)
    path.write_text("\n".join(map(otlp_line, (in_program, mounted, server))))

    result = replay(path)
    summary = json.loads(result.out)

    assert (result.code, summary["events"], summary["passed_over"]) == (0, 2, 1)
    assert sorted(event["span"]["id"] for event in collector.events()) == sorted(
        (server["spanId"], in_program["spanId"])
    )


def test_secrets_in_the_bodies_of_moesif_events_are_masked(replay, collector, tmp_path):
    path = tmp_path / "events.jsonl"
    as_json, as_base64, as_text = (moesif_event(number) for number in range(3))
    as_json["request"] |= {"body": {"user": "ada", "deep": [{"password": "the-secret"}]}, "transfer_encoding": "json"}
    form = base64.b64encode(b"user=ada&password=the-secret").decode()
    as_base64["request"]["headers"]["Content-Type"] = "application/x-www-form-urlencoded"
    as_base64["request"] |= {"body": form, "transfer_encoding": "base64"}
    as_text["response"]["body"] = "password: the-secret"
    path.write_text("\n".join(map(json.dumps, (as_json, as_base64, as_text))))

    assert replay(path).code == 0

    sent = collector.events()
    assert sent[0]["request"]["body"] == {"user": "ada", "deep": [{"password": "[REDACTED]"}]}
    assert base64.b64decode(sent[1]["request"]["body"]) == b"user=ada&password=[REDACTED]"
    assert "body" not in sent[2]["response"]
    assert sent[2]["metadata"]["response_body"] == "withheld"
    assert collector.invalid() == []
