"""What waits in memory."""

from support.delivery import make_events

from opentelemetry_exporter_moesif.config import Config
from opentelemetry_exporter_moesif.delivery.backlog import MemoryBacklog
from opentelemetry_exporter_moesif.delivery.payload import Batcher, Payload
from opentelemetry_exporter_moesif.telemetry import Telemetry

BATCHER = Batcher(1024 * 1024)


def _payload(count: int, padding: int = 0) -> Payload:
    return BATCHER.payloads(make_events(count, padding=padding))[0][0]


def _backlog(max_bytes: int = 10**9) -> tuple[MemoryBacklog, list[tuple[int, str]]]:
    lost: list[tuple[int, str]] = []

    class Losses(Telemetry):
        def lost(self, count: int, reason: str, detail: str = "") -> None:
            if count:
                lost.append((count, reason))

    return MemoryBacklog(max_bytes, BATCHER, Losses(Config())), lost


def test_the_oldest_leaves_first() -> None:
    backlog, _ = _backlog()
    payloads = [_payload(500, padding=200) for _ in range(3)]
    for payload in payloads:
        backlog.put(payload)
    claims = [backlog.take() for _ in range(3)]
    assert [claim.payload for claim in claims if claim] == payloads
    assert backlog.take() is None
    assert backlog.due() is None


def test_single_events_leave_together() -> None:
    backlog, _ = _backlog()
    events = [_payload(1) for _ in range(100)]
    for event in events:
        backlog.put(event)
    claim = backlog.take()
    assert claim
    assert claim.payload.events() == [event.events()[0] for event in events]
    assert backlog.due() is None


def test_what_was_taken_apart_does_not_leave_together() -> None:
    backlog, _ = _backlog()
    for half in _payload(10).halves():
        backlog.put(half)
    claim = backlog.take()
    assert claim
    assert claim.payload.count == 5


def test_the_oldest_make_room_and_are_counted() -> None:
    payloads = [_payload(10) for _ in range(10)]
    backlog, lost = _backlog(sum(len(payload.packed()) + 200 for payload in payloads[-4:]) + 50)
    for payload in payloads:
        backlog.put(payload)
    assert sum(count for count, _ in lost) == 60
    assert {reason for _, reason in lost} == {"backlog_full"}
    claim = backlog.take()
    assert claim
    assert claim.payload.events()[:10] == payloads[6].events()


def test_a_payload_larger_than_the_whole_bound_is_counted_too() -> None:
    backlog, lost = _backlog(10)
    backlog.put(_payload(3))
    assert lost == [(3, "backlog_full")]
    assert backlog.due() is None


def test_what_is_left_of_a_claim_goes_to_the_front_and_what_is_put_off_to_the_end() -> None:
    backlog, _ = _backlog()
    first, second = _payload(500, padding=200), _payload(500, padding=200)
    backlog.put(first)
    backlog.put(second)
    claim = backlog.take()
    assert claim
    one, two = claim.payload.halves()
    claim.settle([one], [two])
    assert [claim.payload for claim in (backlog.take(), backlog.take(), backlog.take()) if claim] == [one, second, two]


def test_giving_up_says_how_many_events_are_lost() -> None:
    backlog, lost = _backlog()
    backlog.put(_payload(3))
    backlog.put(_payload(4))
    assert backlog.close() == 0
    assert backlog.close() == 0
    assert lost == [(7, "shutdown")]


def test_many_small_payloads_take_the_room_of_a_few() -> None:
    backlog, lost = _backlog(100_000)
    events = [_payload(1) for _ in range(1_000)]
    for event in events:
        backlog.put(event)
    assert lost == []
    found = []
    while claim := backlog.take():
        found += claim.payload.events()
    assert found == [event.events()[0] for event in events]
