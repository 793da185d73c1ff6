"""What waits, whoever adds to it at whatever moment."""

import threading
import time

from support.delivery import make_events

from opentelemetry_exporter_moesif.delivery.payload import Batcher, Payload
from opentelemetry_exporter_moesif.delivery.waiting_line import Trouble, WaitingLine


def _payload(count: int = 1, *, padding: int = 0) -> Payload:
    return Batcher(1_000_000).payloads(make_events(count, padding=padding))[0][0]


def test_an_export_in_the_middle_of_any_step_waits_for_nothing_and_costs_nothing() -> None:
    # As garbage collection would: the same thread comes back while it holds the lock.
    line: WaitingLine[Payload] = WaitingLine()
    line.add(_payload())
    with line._held():
        began = time.monotonic()
        for _ in range(400):
            line.add(_payload())
            assert line.drop_beyond(0) == []
            assert line.run(1, 10**9) == []
            assert time.monotonic() - began < 200  # who waits half a second each time takes 400 and more
        assert len(line) == 401
    line.add(_payload())
    assert len(line.take(10**9)) == 402
    assert line.weight == 0


def test_who_has_to_wait_goes_on_after_a_moment_where_the_holder_stands_still() -> None:
    line: WaitingLine[Payload] = WaitingLine()
    line.add(_payload())
    line._lock.acquire()  # a signal handler stopped it
    line.add(_payload())
    assert len(line.take(10**9)) == 2


def test_what_is_set_aside_leaves_when_its_time_has_come_and_is_in_nobodys_way() -> None:
    line: WaitingLine[Payload] = WaitingLine()
    suspect = _payload()
    suspect.trouble = Trouble(time.monotonic(), 0, not_before=time.monotonic() + 3600)
    line.add(suspect)
    assert not line.in_the_way
    assert line.take(0) == []
    assert 0 < (line.due() or 0) <= 3600
    suspect.trouble.not_before = time.monotonic()  # the hour has passed
    assert line.due() == 0
    assert line.take(0) == [suspect]


def test_as_many_leave_together_as_there_is_room_for_whatever_the_size_of_each() -> None:
    line: WaitingLine[Payload] = WaitingLine()
    small, large, other = _payload(), _payload(padding=5_000), _payload()
    for payload in (small, large, other):
        line.add(payload)
    assert line.take(small.size + large.size + other.size - 1) == [small, large]
    assert line.take(0) == [other]


def test_where_room_is_needed_the_oldest_of_those_set_aside_go_and_no_more_than_that() -> None:
    line: WaitingLine[Payload] = WaitingLine()
    suspects = [_payload() for _ in range(3)]
    for suspect in suspects:
        suspect.trouble = Trouble(time.monotonic(), 0, not_before=time.monotonic() + 3600)
        line.add(suspect)
    assert line.drop_beyond(2 * suspects[0].weight) == suspects[:1]
    assert list(line) == suspects[1:]


def test_neighbours_in_the_middle_are_replaced_by_what_they_were_joined_to_and_no_others() -> None:
    line: WaitingLine[Payload] = WaitingLine()
    before, *run, after = [_payload() for _ in range(5)]
    for payload in (before, *run, after):
        line.add(payload)
    whole = _payload(3)
    assert line.replace(run, whole)
    assert list(line) == [before, whole, after]
    assert line.weight == before.weight + whole.weight + after.weight
    assert not line.replace([whole, before], _payload())


def test_many_threads_add_and_one_takes_and_nothing_is_lost_or_doubled() -> None:
    line: WaitingLine[Payload] = WaitingLine()
    payloads = [_payload() for _ in range(2_000)]
    threads = [
        threading.Thread(target=lambda part: [line.add(each) for each in part], args=(payloads[i::4],))
        for i in range(4)
    ]
    for thread in threads:
        thread.start()
    taken: list[Payload] = []
    while len(taken) < len(payloads):
        taken += line.take(1_000)
    for thread in threads:
        thread.join()
    assert sorted(map(id, taken)) == sorted(map(id, payloads))
    assert line.weight == 0
