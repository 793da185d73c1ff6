"""The pages of the local collector, over HTTP."""

import html
from collections.abc import Iterator

import pytest
import requests
from support.command_line import CLONE
from support.moesif_events import HEADERS, make_event

from opentelemetry_exporter_moesif.local_collector import LocalCollector

HOSTILE = '"><script src=/static/evil.js></script><img src=x onerror=alert(1)>{{7*7}}'


@pytest.fixture
def collector() -> Iterator[LocalCollector]:
    with LocalCollector() as running:
        yield running


def send(collector: LocalCollector, *events: object) -> None:
    requests.post(f"{collector.url}/v1/events/batch", json=events, headers=HEADERS, timeout=30)


def read(collector: LocalCollector, path: str = "/") -> str:
    answer = requests.get(f"{collector.url}{path}", timeout=30)
    assert answer.status_code == 200
    return html.unescape(answer.text)


def test_an_empty_collector_says_how_to_send_the_first_call(collector: LocalCollector):
    page = read(collector)
    assert f"export OTEL_EXPORTER_MOESIF_ENDPOINT={collector.url}" in page
    assert f"curl {collector.url}/v1/events" in page
    assert f"pip install '{CLONE}[zero-code]'" in page
    assert "opentelemetry-instrument python" in page


def test_the_list_shows_each_call(collector: LocalCollector):
    send(
        collector,
        make_event(
            {
                "response.status": 418,
                "user_id": "ada",
                "company_id": "analytical",
                "metadata": {"resource": {"service.name": "teapot"}},
            }
        ),
    )
    page = read(collector)
    for text in (
        "/items/7",
        "?query=string",
        ">418<",
        ">ada<",
        ">analytical<",
        ">teapot<",
        "43 ms",
        "2016-08-16T09:21:56.998Z",
    ):
        assert text in page


def test_older_calls_are_a_link_away(collector: LocalCollector):
    send(collector, *(make_event({"request.uri": f"https://api.example.com/n{number}x"}) for number in range(150)))

    def link(name: str) -> str:
        return f'title="https://api.example.com/{name}"'

    page = read(collector)
    assert link("n149x") in page
    assert link("n49x") not in page
    address = page.partition('<a href="?before=')[2].partition('"')[0]
    older = read(collector, f"/?before={address}")
    assert link("n49x") in older
    assert link("n50x") not in older
    assert link("n0x") in older


def test_a_call_is_shown_in_full_with_a_way_back_to_the_list_as_it_was(collector: LocalCollector):
    event = make_event(
        {
            "request.headers": {"x-colour": "blue"},
            "request.body": {"order": {"lines": [{"sku": "BOOT"}]}},
            "request.transfer_encoding": "json",
            "response.body": "bm90IGpzb24=",
            "response.transfer_encoding": "base64",
            "metadata": {"feature.flag": "new"},
            "trace_id": "0123456789abcdef0123456789abcdef",
            "span": {"id": "0123456789abcdef", "parent_id": "fedcba9876543210"},
            "response.verb": None,
        }
    )
    send(collector, event)
    page = read(collector, "/calls/1?status=2xx")
    for text in (
        "x-colour",
        "blue",
        "lines",
        "BOOT",
        "not json",
        "feature.flag",
        event["trace_id"],
        "fedcba9876543210",
    ):
        assert text in page
    assert event["transaction_id"] in page
    assert "curl --globoff" in page
    assert "response.verb is missing" in page
    assert 'href="/?status=2xx"' in page
    assert requests.get(f"{collector.url}/calls/1/event.json", timeout=30).json() == event


def test_a_refused_event_is_listed_with_what_is_wrong(collector: LocalCollector):
    send(collector, {"request": {"verb": "GET"}})
    page = read(collector, "/?problems=1")
    assert "refused" in page
    assert "request.uri is missing" in page
    assert "Refused" in read(collector, "/calls/1")


@pytest.mark.parametrize(
    "event",
    [
        {},
        [],
        None,
        "text",
        {"request": {"headers": {"items": "x", "keys": 1}, "body": {"items": {"items": []}}}, "span": 7, "metadata": 3},
        make_event({"metadata": {"a": {"b": [1, {"c": None}]}}, "user_id": None, "response": None}),
        make_event({"request.headers": {"a": {"deep": 1}, "b": None}, "response.status": None, "tags": ["x"]}),
        make_event({"request.time": "0001-01-01T00:00:00.000Z", "response.time": "9999-12-31T23:59:59.999Z"}),
        make_event({"request.uri": "//[", "request.verb": "", "trace_id": 7, "weight": 2**60}),
    ],
)
def test_an_event_of_any_shape_can_be_looked_at(collector: LocalCollector, event: object):
    send(collector, event)
    for path in ("/", "/routes", "/calls/1", "/?problems=1", "/calls/1/event.json"):
        assert requests.get(f"{collector.url}{path}", timeout=30).status_code == 200


def test_hostile_text_is_escaped_wherever_it_stands(collector: LocalCollector):
    send(
        collector,
        make_event(
            {
                "request.uri": f"https://api.example.com/{HOSTILE}",
                "request.verb": HOSTILE,
                "request.headers": {HOSTILE: HOSTILE},
                "request.body": {HOSTILE: [HOSTILE]},
                "request.transfer_encoding": "json",
                "user_id": HOSTILE,
                "company_id": HOSTILE,
                "trace_id": HOSTILE,
                HOSTILE: HOSTILE,
                "metadata": {"http.route": HOSTILE, "resource": {"service.name": HOSTILE}, HOSTILE: HOSTILE},
            }
        ),
    )
    for path in (
        "/",
        "/routes",
        "/calls/1",
        "/?problems=1",
        f"/?q={HOSTILE}&route={HOSTILE}&verb={HOSTILE}&user={HOSTILE}",
    ):
        page = requests.get(f"{collector.url}{path}", timeout=30).text
        assert "evil.js" in page
        assert "<script src=/static/evil.js" not in page
        assert "<img" not in page
        assert "49" not in page.partition("evil.js")[2][:80]


def test_deep_nesting_does_not_make_a_page_many_times_the_size_of_its_event(collector: LocalCollector):
    body: list[object] = [0] * 100_000
    for _ in range(200):
        body = [body]
    send(collector, make_event({"request.body": body}))
    page = read(collector, "/calls/1")
    assert "[" * 201 + "0" in page.replace(" ", "")
    assert len(page) < 4_000_000


def test_a_call_without_an_address_says_so_in_the_list(collector: LocalCollector):
    send(collector, make_event({"request.uri": None}))
    assert "no address" in read(collector)


def test_a_call_that_is_gone_is_said_to_be_gone(collector: LocalCollector):
    for path in ("/calls/7", f"/calls/{10**30}", "/calls/7/event.json"):
        assert requests.get(f"{collector.url}{path}", timeout=30).status_code == 404


def test_sampling_rates_set_on_the_page_are_what_clients_get(collector: LocalCollector):
    form = {
        "sample_rate": "12.5",
        "user_sample_rate": "ada = 0\nuser=with=equals = 7\n\n",
        "company_sample_rate": "",
        "regex_config": '[{"conditions": [{"path": "request.verb", "value": "GET"}], "sample_rate": 5}]',
    }
    assert "Saved" in requests.post(f"{collector.url}/settings/sampling", data=form, timeout=30).text
    document = requests.get(f"{collector.url}/v1/config", headers=HEADERS, timeout=30).json()
    assert document["sample_rate"] == 12.5
    assert document["user_sample_rate"] == {"ada": 0, "user=with=equals": 7}
    assert document["regex_config"][0]["sample_rate"] == 5
    page = read(collector, "/settings")
    assert 'value="12.5"' in page
    assert "user=with=equals = 7" in page


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"sample_rate": "many"}, "'many' must be a number from 0 to 100"),
        ({"sample_rate": "101"}, "sample_rate must be a number from 0 to 100"),
        ({"sample_rate": "5", "user_sample_rate": "ada"}, "'ada': write an id and its rate"),
        ({"sample_rate": "5", "regex_config": "["}, "the rules are not JSON"),
        ({"sample_rate": "5", "regex_config": "{}"}, "regex_config must be a list"),
    ],
)
def test_rates_that_make_no_sense_are_said_so_and_not_taken(
    collector: LocalCollector, form: dict[str, str], words: str
):
    answer = requests.post(f"{collector.url}/settings/sampling", data=form, timeout=30)
    assert answer.status_code == 422
    assert words in html.unescape(answer.text)
    assert form["sample_rate"] in answer.text  # what was typed is not lost
    assert requests.get(f"{collector.url}/v1/config", headers=HEADERS, timeout=30).json()["sample_rate"] == 100


def test_faults_set_on_the_page_happen_until_they_are_taken_away(collector: LocalCollector):
    def status() -> int:
        return requests.post(f"{collector.url}/v1/events", json=make_event(), headers=HEADERS, timeout=30).status_code

    assert requests.post(f"{collector.url}/settings/faults", data={"fail": "503:1", "delay": ""}, timeout=30).ok
    assert status() == 503
    assert 'value="503:1"' in read(collector, "/settings")
    refused = requests.post(f"{collector.url}/settings/faults", data={"fail": "often", "delay": ""}, timeout=30)
    assert (refused.status_code, status()) == (422, 503)
    assert requests.post(f"{collector.url}/settings/faults", data={"fail": "", "delay": ""}, timeout=30).ok
    assert status() == 201


def test_forgetting_all_calls_leads_back_to_the_beginning(collector: LocalCollector):
    send(collector, make_event())
    assert "Waiting for the first call" in requests.post(f"{collector.url}/clear", timeout=30).text
    assert collector.events() == []


def test_an_open_stream_hears_of_new_calls_and_does_not_keep_the_collector_from_stopping():
    with LocalCollector() as collector:
        stream = requests.get(f"{collector.url}/live", stream=True, timeout=60)
        lines = stream.iter_lines(decode_unicode=True)
        first = [next(lines) for _ in range(3)]
        assert first[0] == "event: changed"
        send(collector, make_event())
        second = [next(lines) for _ in range(3)]
        assert second[0] == "event: changed"
        assert second[1] != first[1]
    assert list(lines) == []


def test_the_shown_calls_as_har_are_what_browsers_read(collector: LocalCollector):
    send(
        collector,
        make_event(
            {
                "request.uri": "https://api.example.com/a?b=c%20d",
                "request.body": {"a": 1},
                "request.transfer_encoding": "json",
            }
        ),
        make_event({"response": None}),
    )
    send(collector, make_event({"request.uri": None}))  # refused, and so in no file
    log = requests.get(f"{collector.url}/calls.har", timeout=30).json()["log"]
    assert (log["version"], len(log["entries"])) == ("1.2", 2)
    first = log["entries"][1]
    assert first["request"]["queryString"] == [{"name": "b", "value": "c d"}]
    assert first["request"]["postData"]["text"] == '{"a":1}'
    assert (first["response"]["status"], first["response"]["statusText"], first["time"]) == (200, "OK", 43)
    assert log["entries"][0]["response"]["status"] == 0
