"""The local collector answers a client as Moesif does."""

import gzip
import json
import socket
from collections.abc import Iterator

import pytest
import requests
from support.moesif_events import APPLICATION_ID, HEADERS, make_event

from opentelemetry_exporter_moesif.local_collector import LocalCollector

FAMILIES = ["/moesifapi", "/v1", "/collector/v1"]


@pytest.fixture
def collector() -> Iterator[LocalCollector]:
    with LocalCollector(APPLICATION_ID) as running:
        yield running


def post(collector: LocalCollector, path: str, content: object, **headers: str) -> requests.Response:
    return requests.post(f"{collector.url}{path}", json=content, headers=HEADERS | headers, timeout=30)


def post_bytes(collector: LocalCollector, path: str, content: bytes, **headers: str) -> requests.Response:
    return requests.post(f"{collector.url}{path}", data=content, headers=HEADERS | headers, timeout=30)


@pytest.mark.parametrize("family", FAMILIES)
def test_one_event_and_a_batch_are_taken_under_every_family_of_paths(collector: LocalCollector, family: str):
    first, second, third = make_event(), make_event(), make_event()
    single = post(collector, f"{family}/events", first)
    batch = post(collector, f"{family}/events/batch", [second, third])
    assert (single.status_code, batch.status_code) == (201, 201)
    assert single.headers["X-Moesif-Config-ETag"] == batch.headers["X-Moesif-Config-ETag"] != ""
    assert collector.wait_for(3) == [first, second, third]
    assert [(post.path, post.status, post.events) for post in collector.posts()] == [
        (f"{family}/events", 201, 1),
        (f"{family}/events/batch", 201, 2),
    ]
    assert collector.invalid() == []


def test_gzip_is_read_in_one_member_or_several(collector: LocalCollector):
    event = make_event()
    text = json.dumps([event]).encode()
    for body in (gzip.compress(text), gzip.compress(text[:50]) + gzip.compress(text[50:])):
        answer = post_bytes(collector, "/v1/events/batch", body, **{"Content-Encoding": "gzip"})
        assert answer.status_code == 201
    assert collector.events() == [event]


def test_the_application_id_is_insisted_on_and_shown_nowhere(collector: LocalCollector):
    url = f"{collector.url}/v1/events"
    missing = requests.post(url, json=make_event(), timeout=30)
    wrong = requests.post(url, json=make_event(), headers={"X-Moesif-Application-Id": "nope"}, timeout=30)
    foreign = requests.post(url, json=make_event(), headers={"X-Moesif-Application-Id": "é".encode()}, timeout=30)
    assert [answer.status_code for answer in (missing, wrong, foreign)] == [401, 401, 401]
    assert "missing" in missing.json()["error"]
    assert post(collector, "/v1/events", make_event()).status_code == 201
    assert APPLICATION_ID not in repr(collector.posts())
    assert APPLICATION_ID not in missing.text + wrong.text
    assert len(collector.events()) == 1


def test_without_an_id_of_its_own_any_id_is_taken_but_one_there_must_be():
    with LocalCollector() as collector:
        assert post(collector, "/v1/events", make_event()).status_code == 201
        assert requests.post(f"{collector.url}/v1/events", json=make_event(), timeout=30).status_code == 401


def test_an_event_that_comes_again_is_answered_alike_and_kept_once(collector: LocalCollector):
    event = make_event()
    answers = [post(collector, "/v1/events/batch", [event, event]).status_code for _ in range(2)]
    assert answers == [201, 201]
    assert collector.events() == [event]
    assert collector.taken == 4


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/events", b"{"),
        ("/v1/events", b"[]"),
        ("/v1/events", b'{"a": NaN}'),
        ("/v1/events", b"\xff\xfe"),
        ("/v1/events", b""),
        ("/v1/events/batch", b"{}"),
        ("/v1/events/batch", b"[{}"),
        ("/v1/events/batch", b"[" * 100_000),
        ("/v1/events", b'{"request": ' + b"[" * 600 + b"]" * 600 + b"}"),
    ],
)
def test_what_is_not_the_json_that_it_should_be_is_a_bad_request(collector: LocalCollector, path: str, body: bytes):
    answer = post_bytes(collector, path, body)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert collector.events() == []


def test_a_batch_with_a_wrong_event_is_refused_whole_and_the_answer_names_the_event(collector: LocalCollector):
    right, wrong = make_event(), make_event({"request.uri": None})
    answer = post(collector, "/v1/events/batch", [right, wrong])
    assert answer.status_code == 400
    assert answer.json()["error"] == "1 of 2 events refused. event 1: request.uri is missing"
    assert collector.events() == []
    assert collector.invalid() == [(wrong, ["request.uri is missing"])]
    assert post(collector, "/v1/events/batch", [right]).status_code == 201
    assert collector.events() == [right]


@pytest.mark.parametrize("item", [b"null", b"{}", b"[]"])
def test_a_batch_of_nothing_but_refused_items_is_judged_by_its_first_ones(collector: LocalCollector, item: bytes):
    body = gzip.compress(b"[" + b",".join([item] * 100_000) + b"]")
    answer = post_bytes(collector, "/v1/events/batch", body, **{"Content-Encoding": "gzip"})
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("at least 20 of 100,000 events refused. event 0: ")
    assert len(collector.invalid()) == 1  # they are all the same


@pytest.mark.parametrize("item", [b"{}", b"[]"])
def test_a_body_that_is_small_until_it_is_parsed_is_not_parsed(collector: LocalCollector, item: bytes):
    body = gzip.compress(b"[" + b",".join([item] * 3_000_000) + b"]", 1)
    answer = post_bytes(collector, "/v1/events/batch", body, **{"Content-Encoding": "gzip"})
    assert answer.status_code == 413
    assert "objects and lists" in answer.json()["error"]


def test_of_a_posts_headers_only_so_much_is_kept(collector: LocalCollector):
    many = {f"X-Name-{number}": "v" * 1_000 for number in range(50)}
    assert post(collector, "/v1/events", make_event(), **many).status_code == 201
    (noted,) = collector.posts()
    assert 5 < len(noted.headers) < 12
    assert sum(len(name) + len(value) for name, value in noted.headers.items()) <= 4_000


def test_an_event_over_a_megabyte_is_refused_alone_and_in_a_batch(collector: LocalCollector):
    large = make_event({"metadata": {"text": "x" * 1_000_000}})
    assert post(collector, "/v1/events", large).status_code == 413
    assert post(collector, "/v1/events/batch", [large]).status_code == 413
    fitting = make_event({"metadata": {"text": "x" * 990_000}})
    assert post(collector, "/v1/events", fitting).status_code == 201
    assert collector.events() == [fitting]


def test_a_batch_over_fifty_megabytes_is_refused(collector: LocalCollector):
    body = gzip.compress(b"[" + b" " * 50_000_000 + b"]", 1)
    assert post_bytes(collector, "/v1/events/batch", body, **{"Content-Encoding": "gzip"}).status_code == 413


def test_a_gzip_bomb_is_given_up_at_the_limit(collector: LocalCollector):
    megabytes = 400
    bomb = gzip.compress(b"0" * (megabytes << 20), 1)
    answer = post_bytes(collector, "/v1/events", bomb, **{"Content-Encoding": "gzip"})
    assert answer.status_code == 413
    assert "1,000,000 bytes" in answer.json()["error"]


@pytest.mark.parametrize(
    ("body", "encoding", "status"),
    [
        (b"not gzip", "gzip", 400),
        (gzip.compress(b"{}", mtime=0)[:-4], "gzip", 400),
        (b"", "gzip", 400),
        (b"{}", "br", 415),
    ],
)
def test_a_damaged_or_unknown_encoding_is_refused(collector: LocalCollector, body: bytes, encoding: str, status: int):
    assert post_bytes(collector, "/v1/events", body, **{"Content-Encoding": encoding}).status_code == status


def test_a_body_without_a_length_is_bounded_as_well(collector: LocalCollector):
    endless = (b" " * 100_000 for _ in range(1_000))
    try:
        answer = requests.post(f"{collector.url}/v1/events", data=endless, headers=HEADERS, timeout=30)
    except requests.ConnectionError:
        return  # refused while it was still being sent
    assert answer.status_code == 413


@pytest.mark.parametrize("family", ["/v1", "/collector/v1"])
def test_the_configuration_is_answered_once_for_each_etag(collector: LocalCollector, family: str):
    url = f"{collector.url}{family}/config"
    first = requests.get(url, headers=HEADERS, timeout=30)
    assert first.json() == {"sample_rate": 100, "user_sample_rate": {}, "company_sample_rate": {}, "regex_config": []}
    assert first.headers["ETag"] == first.headers["X-Moesif-Config-ETag"]
    again = requests.get(url, headers=HEADERS | {"If-None-Match": first.headers["ETag"]}, timeout=30)
    assert (again.status_code, again.content) == (304, b"")
    collector.set_sampling({"sample_rate": 10, "user_sample_rate": {"u": 0}})
    changed = requests.get(url, headers=HEADERS | {"If-None-Match": first.headers["ETag"]}, timeout=30)
    assert (changed.status_code, changed.json()["sample_rate"], changed.json()["user_sample_rate"]) == (
        200,
        10,
        {"u": 0},
    )
    posted = post(collector, f"{family}/events", make_event())
    assert posted.headers["X-Moesif-Config-ETag"] == changed.headers["ETag"] != first.headers["ETag"]


@pytest.mark.parametrize("path", ["/v1/config", "/v1/rules"])
def test_configuration_and_rules_are_for_the_right_application_only(collector: LocalCollector, path: str):
    assert requests.get(f"{collector.url}{path}", timeout=30).status_code == 401
    assert requests.get(f"{collector.url}{path}", headers=HEADERS, timeout=30).status_code == 200


def test_there_are_no_rules(collector: LocalCollector):
    assert requests.get(f"{collector.url}/v1/rules", headers=HEADERS, timeout=30).json() == []


@pytest.mark.parametrize("record", ["users", "companies", "actions", "subscriptions"])
def test_other_records_are_taken_and_are_no_events(collector: LocalCollector, record: str):
    assert post(collector, f"/v1/{record}", {"user_id": "u"}).status_code == 201
    assert post(collector, f"/v1/{record}/batch", [{"user_id": "u"}]).status_code == 201
    assert post(collector, f"/v1/{record}/batch", {"user_id": "u"}).status_code == 400
    assert collector.events() == []
    assert collector.taken == 0


def test_an_unknown_path_and_a_wrong_method_are_answered_as_such(collector: LocalCollector):
    assert post(collector, "/v2/events", make_event()).status_code == 404
    assert requests.get(f"{collector.url}/v1/events", headers=HEADERS, timeout=30).status_code == 405
    assert requests.get(f"{collector.url}/moesifapi/config", headers=HEADERS, timeout=30).status_code == 404


def test_a_collector_can_speak_one_family_only():
    with LocalCollector(families=["/v1"]) as collector:
        assert post(collector, "/moesifapi/events", make_event()).status_code == 404
        assert post(collector, "/v1/events", make_event()).status_code == 201


def test_counting_only_counts_without_reading_what_an_event_holds():
    with LocalCollector(count_only=True) as collector:
        assert post(collector, "/v1/events/batch", [{}, {}, {}]).status_code == 201
        assert collector.wait_for(3) == []
        assert collector.taken == 3
        assert requests.get(collector.url, timeout=30).status_code == 404


def test_waiting_in_vain_says_what_came(collector: LocalCollector):
    post(collector, "/v1/events", make_event())
    post(collector, "/v1/events", {"request": {}})
    with pytest.raises(TimeoutError) as raised:
        collector.wait_for(2, timeout=0.05)
    words = str(raised.value)
    assert "1 of 2 events" in words
    assert "GET https://api.example.com/items/7?query=string" in words
    assert "/v1/events 400" in words
    assert "request.uri is missing" in words


def test_many_collectors_run_one_after_another_and_at_once_and_leave_no_port_open():
    for _ in range(3):
        with LocalCollector() as one, LocalCollector() as other:
            assert one.url != other.url
            assert post(one, "/v1/events", make_event()).status_code == 201
            assert (len(one.events()), len(other.events())) == (1, 0)
        address = one.url.removeprefix("http://").split(":")
        with pytest.raises(OSError, match="refused"):
            socket.create_connection((address[0], int(address[1])), timeout=5)


def test_a_collector_keeps_its_events_in_a_file_if_told(tmp_path):
    file, event = tmp_path / "calls.sqlite", make_event()
    with LocalCollector(database=file) as collector:
        post(collector, "/v1/events", event)
    with LocalCollector(database=file) as collector:
        assert collector.events() == [event]
