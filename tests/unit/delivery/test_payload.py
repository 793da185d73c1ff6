"""Events to payloads and back."""

import gzip
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opentelemetry_exporter_moesif.delivery.oversize import shrunk
from opentelemetry_exporter_moesif.delivery.payload import EVENT_MAX_BYTES, Batch, Batcher, Payload, joined

# As the encoders write them: compact, so no raw line break.
EVENTS = st.lists(
    st.dictionaries(st.text(max_size=9), st.text(max_size=30) | st.integers() | st.booleans(), max_size=4).map(
        lambda fields: json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode()
    ),
    min_size=1,
    max_size=30,
)


@settings(deadline=None)
@given(events=EVENTS, max_bytes=st.integers(1, 500), packed=st.booleans(), in_one_piece=st.booleans())
def test_every_event_is_in_one_payload_in_its_order_and_payloads_keep_their_bound(
    events: list[bytes], max_bytes: int, packed: bool, in_one_piece: bool
) -> None:
    payloads, dropped = Batcher(max_bytes).payloads(Batch.of(events) if in_one_piece else events)
    for payload in payloads if packed else ():
        payload.packed()
    assert dropped == 0
    assert [event for payload in payloads for event in payload.events()] == events
    assert all(len(_plain(payload)) <= max_bytes + 2 or payload.count == 1 for payload in payloads)
    assert [payload.count for payload in payloads] == [len(payload.events()) for payload in payloads]
    assert [json.loads(event) for event in events] == [
        event for payload in payloads for event in json.loads(_plain(payload))
    ]


@settings(deadline=None)
@given(events=EVENTS.filter(lambda events: len(events) > 1))
def test_halves_hold_the_events_in_their_order(events: list[bytes]) -> None:
    first, second = Batcher(1_000_000).payloads(events)[0][0].halves()
    assert first.events() + second.events() == events
    assert abs(first.count - second.count) <= 1


def test_a_batch_of_the_usual_size_is_one_payload() -> None:
    payloads, _ = Batcher(1024 * 1024).payloads([b'{"a":1}'] * 512)
    assert [payload.count for payload in payloads] == [512]


def test_no_events_make_no_payload() -> None:
    assert Batcher(1000).payloads([]) == ([], 0)


def test_the_same_events_make_the_same_bytes_whenever() -> None:
    first, second = (Batcher(1000).payloads([b'{"a":1}'])[0][0] for _ in range(2))
    assert first.packed() == second.packed()
    assert first.packed()[4:8] == b"\0\0\0\0"  # no time in the header
    assert gzip.decompress(first.packed()) == b'[{"a":1}]'


def test_an_event_over_a_megabyte_loses_its_bodies_first() -> None:
    event = {
        "request": {"uri": "u", "body": "x" * EVENT_MAX_BYTES, "transfer_encoding": "base64"},
        "metadata": {"a": 1},
    }
    payloads, dropped = Batcher(1024 * 1024).payloads([json.dumps(event).encode(), b"{}"])
    assert dropped == 0
    assert json.loads(payloads[0].events()[0]) == {
        "request": {"uri": "u"},
        "metadata": {"a": 1, "request_body": "oversize"},
    }
    assert [event for payload in payloads for event in payload.events()][-1] == b"{}"


def test_an_event_over_a_megabyte_loses_its_metadata_next() -> None:
    event = {"request": {"uri": "u"}, "metadata": {"a": "x" * EVENT_MAX_BYTES}}
    payloads, _ = Batcher(1024 * 1024).payloads([json.dumps(event).encode()])
    assert json.loads(payloads[0].events()[0]) == {"request": {"uri": "u"}, "metadata": {"metadata": "oversize"}}


def test_an_event_that_nothing_makes_smaller_is_dropped_and_counted() -> None:
    event = {"request": {"uri": "x" * EVENT_MAX_BYTES}, "metadata": {"a": 1}}
    assert Batcher(1024 * 1024).payloads([json.dumps(event).encode()]) == ([], 1)


def test_of_several_events_only_those_that_are_too_large_are_counted_as_dropped() -> None:
    too_large = json.dumps({"request": {"uri": "u" * EVENT_MAX_BYTES}}).encode()
    payloads, dropped = Batcher(2 * EVENT_MAX_BYTES).payloads([b"{}", too_large, b"{}", too_large, b"{}"])
    assert dropped == 2
    assert [payload.count for payload in payloads] == [3]


@pytest.mark.parametrize("event", [b"{}", b"[]", b"not json", b'{"metadata":"text"}', b'{"request":1}'])
def test_what_cannot_be_made_smaller_says_so(event: bytes) -> None:
    once = shrunk(event)
    assert once is None or shrunk(once) is None


def test_making_smaller_comes_to_an_end_and_keeps_what_is_not_ascii() -> None:
    event = '{"request":{"body":"é"},"response":{"body":1},"metadata":{"käse":1}}'.encode()
    payload: Payload | None = Batcher(1000).payloads([event])[0][0]
    seen = []
    while payload is not None:
        seen.append(json.loads(payload.events()[0]))
        payload = payload.smaller()
    assert len(seen) == 3
    assert seen[1]["metadata"] == {"käse": 1, "request_body": "oversize", "response_body": "oversize"}


def test_a_packed_payload_is_the_same_events() -> None:
    payload = Batcher(1000).payloads([b'{"a":1}', b'{"b":2}'])[0][0]
    plain = payload.body(gzipped=False)
    assert plain == b'[{"a":1},\n{"b":2}]'
    assert gzip.decompress(payload.body(gzipped=True)) == plain
    assert payload.body(gzipped=False) == plain
    assert Payload.unpacked(payload.packed()).events() == payload.events()


@settings(deadline=None)
@given(batches=st.lists(EVENTS, min_size=1, max_size=5))
def test_joined_payloads_hold_all_events_in_order(batches: list[list[bytes]]) -> None:
    whole = joined([Batcher(1_000_000).payloads(events)[0][0] for events in batches])
    assert whole.events() == [event for events in batches for event in events]
    assert (whole.count, whole.size) == (len(whole.events()), len(whole.body(gzipped=False)))


@pytest.mark.parametrize("joins", [True, False], ids=["in one piece", "one by one"])
def test_a_batch_in_one_piece_loses_its_oversized_events_alone(joins: bool) -> None:
    too_large = json.dumps({"request": {"uri": "u" * EVENT_MAX_BYTES}}).encode()
    events = [b'{"a":1}', too_large, b'{"b":2}']
    payloads, dropped = Batcher(10 * EVENT_MAX_BYTES).payloads(Batch.of(events) if joins else events)
    assert dropped == 1
    assert [event for payload in payloads for event in payload.events()] == [events[0], events[2]]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x1f\x8b",
        gzip.compress(b"{}", mtime=0),
        gzip.compress(b"[]", mtime=0),
        gzip.compress(b"[{}]", mtime=0)[:-5],
        gzip.compress(b"[{}]", mtime=0) + b"tail",
        gzip.compress(b"[{}]", mtime=0) * 2,
        gzip.compress(b"[" + b"0" * 2_000_000 + b"]", mtime=0),
        gzip.compress(b"[{" + b"0" * 2_000_000 + b"}]", mtime=0),
        gzip.compress(b"[{" + b"0" * 51_000_000 + b"}]", mtime=0),
    ],
    ids=["empty", "cut", "no array", "no event", "no trailer", "tail", "two members", "numbers", "one event", "bomb"],
)
def test_bytes_that_are_no_payload_of_ours_raise_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"not a|more than"):
        Payload.unpacked(body)


def _plain(payload: Payload) -> bytes:
    return payload.body(gzipped=False)


def test_a_payload_out_of_a_file_is_as_large_as_the_one_that_went_in_and_weighs_what_is_held_of_it() -> None:
    written = Payload.of(b'{"a":1},\n{"b":2}', 2)
    in_text = written.weight
    read = Payload.unpacked(written.packed())

    assert (read.count, read.size) == (2, len(b'[{"a":1},\n{"b":2}]'))
    assert in_text - len(written.inside) == read.weight - len(written.packed()) > 0
