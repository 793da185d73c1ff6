"""The store of captured bodies: bounded by bytes, one entry a call, clean in a forked child."""

from __future__ import annotations

import gc
import logging
import os
import sys
import threading
import tracemalloc
from collections.abc import Callable

import pytest

from opentelemetry_exporter_moesif.capture import opening, store
from opentelemetry_exporter_moesif.capture.store import BodyStore

KEY = (1, 2)


def filled(body_store: BodyStore, key: tuple[int, int], content: bytes) -> store.Entry:
    entry = body_store.new_entry()
    assert body_store.add(key, entry)
    entry.response.copy(content)
    body_store.grew(entry)
    return entry


def test_what_was_captured_is_taken_once() -> None:
    body_store = BodyStore(100_000, 1000)
    filled(body_store, KEY, b"hello").response.end("whole")

    capture = body_store.take(*KEY)

    assert capture is not None
    assert capture.response.content == b"hello"
    assert capture.request is None
    assert body_store.take(*KEY) is None
    assert body_store.bytes_held == 0


def test_the_oldest_bodies_are_dropped_and_counted_when_the_store_is_full(caplog: pytest.LogCaptureFixture) -> None:
    body_store = BodyStore(5000, 1000)

    with caplog.at_level(logging.WARNING):
        for number in range(10):
            filled(body_store, (1, number + 1), b"x" * 1000)

    assert body_store.bytes_held <= 5000
    assert 0 < len(body_store) < 5
    assert body_store.dropped == 10 - len(body_store)
    assert caplog.records == []  # a request waits for no log handler
    assert body_store.take(1, 1) is None
    assert body_store.take(1, 10) is not None
    [message] = [record.getMessage() for record in caplog.records]
    assert f"the store of captured bodies is full (5000 bytes): those of {body_store.dropped} calls were" in message


def test_calls_without_bodies_fill_the_store_too() -> None:
    body_store = BodyStore(50_000, 1000)

    for number in range(1000):
        body_store.add((1, number + 1), body_store.new_entry())

    assert len(body_store) < 80


def test_nothing_is_kept_of_a_body_beyond_its_limit_but_how_long_it_was() -> None:
    body_store = BodyStore(100_000, 10)
    entry = filled(body_store, KEY, b"0123456789abcdef")
    entry.response.end("whole")

    capture = body_store.take(*KEY)

    assert capture.response.content == b"0123456789"
    assert capture.response.cut == "truncated"


def test_what_comes_after_the_export_of_the_span_is_not_kept() -> None:
    body_store = BodyStore(100_000, 1000)
    entry = filled(body_store, KEY, b"first")

    capture = body_store.take(*KEY)
    entry.response.copy(b"second")
    body_store.grew(entry)

    assert capture.response.cut == "incomplete"
    assert capture.response.content == b"first"
    assert body_store.bytes_held == 0


def test_the_books_balance_whatever_grows_before_it_is_taken() -> None:
    body_store = BodyStore(100_000, 1000)
    entry = filled(body_store, KEY, b"12345")
    entry.response.copy(b"copied, but not accounted for before the span was exported")

    body_store.take(*KEY)

    assert body_store.bytes_held == 0


def test_two_middlewares_of_one_call_capture_it_once() -> None:
    body_store = BodyStore(100_000, 1000)

    assert body_store.add(KEY, body_store.new_entry())
    assert not body_store.add(KEY, body_store.new_entry())


def test_a_request_that_the_application_did_not_read_to_its_end_is_incomplete() -> None:
    body_store = BodyStore(100_000, 1000)
    entry = body_store.new_entry()
    entry.request.describe("text/plain", "", "10")
    body_store.add(KEY, entry)
    entry.request.copy(b"12345")
    entry.response.end("whole")

    assert body_store.take(*KEY).request.cut == "incomplete"


@pytest.mark.parametrize("content_type", ["Multipart/Mixed", "text/event-stream", "multipart/form-data"])
def test_what_has_parts_of_no_form_and_event_streams_are_not_captured(content_type: str) -> None:
    body_store = BodyStore(100_000, 1000)
    entry = body_store.new_entry()
    entry.response.describe(content_type, "")
    body_store.add(KEY, entry)
    entry.response.copy(b"data: x\n\n")

    assert body_store.take(*KEY).response is None


def test_event_streams_are_captured_where_they_are_wanted() -> None:
    body_store = BodyStore(100_000, 1000, with_streams=True)
    entry = body_store.new_entry()
    entry.response.describe("text/event-stream; charset=utf-8", "")
    body_store.add(KEY, entry)
    entry.response.copy(b"data: x\n\n")

    assert body_store.take(*KEY).response.content == b"data: x\n\n"


def test_there_is_no_store_until_an_exporter_asks_for_one() -> None:
    assert opening.current_store() is None
    assert opening.take(*KEY) is None


def test_the_store_stays_open_while_one_of_two_exporters_needs_it() -> None:
    opening.open_store(max_bytes=1000, body_max_bytes=10)
    opening.open_store(max_bytes=1000, body_max_bytes=10)

    opening.close_store()
    assert opening.current_store() is not None
    opening.close_store()
    assert opening.current_store() is None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform does not fork")
def test_a_forked_child_starts_with_an_empty_store_although_the_lock_was_held() -> None:
    opening.open_store(max_bytes=100_000, body_max_bytes=1000)
    try:
        opened = opening.current_store()
        filled(opened, KEY, b"of the parent")
        with opened._settling:
            child = os.fork()
            if child == 0:
                clean = opening.take(*KEY) is None and opened.add((3, 4), opened.new_entry()) and len(opened) == 1
                os._exit(0 if clean else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert opening.take(*KEY) is not None
    finally:
        opening.close_store()


@pytest.mark.parametrize(
    ("content", "content_type", "content_encoding"),
    [(b"", "", ""), (b"x" * 10, "text/plain", ""), (b"x" * 900, "y" * 60_000, "z" * 60_000)],
    ids=["nothing", "a little", "long headers"],
)
def test_the_books_say_what_the_memory_says(content: bytes, content_type: str, content_encoding: str) -> None:
    body_store = BodyStore(100_000_000, 1000)
    tracemalloc.start()
    try:
        for number in range(5000):
            entry = body_store.new_entry()
            entry.request.describe(content_type + str(number), content_encoding + str(number))
            entry.response.describe("text/plain" + str(number), "")
            assert body_store.add(((1 << 100) + number, (1 << 60) + number), entry)
            entry.request.copy(content)
            entry.response.copy(content)
            body_store.grew(entry)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert body_store.bytes_held == pytest.approx(held, rel=0.1)


def in_small_pieces(entry: store.Entry, number: int) -> None:
    for _ in range(700):
        entry.response.copy(b"x")


def piece_of_one_byte(entry: store.Entry, number: int) -> None:
    entry.request.copy(b"x")


def many_fields(entry: store.Entry, number: int) -> None:
    entry.request.describe("multipart/form-data; boundary=x", "")
    for field in range(100):
        part = f'--x\r\nContent-Disposition: form-data; name="{number}-{field}"\r\n\r\n{field}\r\n'
        entry.request.copy(part.encode())
    entry.request.copy(b"--x--\r\n")


def fields_of_one_name(entry: store.Entry, number: int) -> None:
    entry.request.describe("multipart/form-data; boundary=x", "")
    part = b'--x\r\nContent-Disposition: form-data; name="same"\r\n\r\n%d\r\n' % (number + 1000)
    entry.request.copy(part * 100 + b"--x--\r\n")


def files(entry: store.Entry, number: int) -> None:
    entry.request.describe("multipart/form-data; boundary=x", "")
    for name in range(20):
        head = f'--x\r\nContent-Disposition: form-data; name="f{name}"; filename="{number}.{name}.png"\r\n'
        entry.request.copy(f"{head}Content-Type: image/png{number}\r\n\r\n{'y' * 500}\r\n".encode())
    entry.request.copy(b"--x--\r\n")


def half_an_upload(entry: store.Entry, number: int) -> None:
    entry.request.describe(f"multipart/form-data; boundary={'x' * 60}{number}", "")
    head = f'--{"x" * 60}{number}\r\nContent-Disposition: form-data; name="{number}"\r\n\r\n'
    entry.request.copy(head.encode() + b"z" * 400)


def wide_characters(entry: store.Entry, number: int) -> None:
    entry.request.describe("multipart/form-data; boundary=x", "")
    part = f'--x\r\nContent-Disposition: form-data; name="{number}"\r\n\r\n{chr(0x1F600) * 200}\r\n--x--\r\n'
    entry.request.copy(part.encode())


def odd_headers(entry: store.Entry, number: int) -> None:
    entry.request.describe("\U0001f600" * 1000 + str(number), "gzip," * 1000 + str(number), "9" * 18)
    entry.response.describe("é" * 1000 + str(number), "", "9" * 18)


#: What the store makes, with its named tuples (`<string>`): not what other tests' threads allocate in the meantime.
OF_CAPTURE = [
    tracemalloc.Filter(inclusive=True, filename_pattern=pattern)
    for pattern in (__file__, "*/opentelemetry_exporter_moesif/capture/*", "*multipart*", "<string>")
]


@pytest.mark.parametrize(
    "shape",
    [
        in_small_pieces,
        piece_of_one_byte,
        many_fields,
        fields_of_one_name,
        files,
        half_an_upload,
        wide_characters,
        odd_headers,
    ],
)
def test_the_books_say_what_the_memory_says_of_odd_shapes(shape: Callable[[store.Entry, int], None]) -> None:
    body_store = BodyStore(100_000_000, 1000)
    shape(body_store.new_entry(), 0)  # what is made once, is made
    body_store = BodyStore(100_000_000, 1000)
    gc.collect()
    tracemalloc.start()
    try:
        for number in range(1, 31):
            entry = body_store.new_entry()
            assert body_store.add(((1 << 100) + number, (1 << 60) + number), entry)
            shape(entry, number)
            body_store.grew(entry)
        gc.collect()
        held = tracemalloc.take_snapshot().filter_traces(OF_CAPTURE)
    finally:
        tracemalloc.stop()

    assert body_store.bytes_held == pytest.approx(sum(trace.size for trace in held.traces), rel=0.1)


def test_a_call_whose_span_was_never_found_counts_until_it_is_over() -> None:
    body_store = BodyStore(100_000, 1000)
    entry = body_store.new_entry()
    entry.request.copy(b"x" * 1000)
    body_store.grew(entry)
    assert body_store.bytes_held > 1000

    body_store.forget(entry)

    assert body_store.bytes_held == 0
    assert len(body_store) == 0


def test_a_log_handler_that_uses_the_store_and_never_returns_stops_nobody_else(
    caplog: pytest.LogCaptureFixture,
) -> None:
    body_store = BodyStore(5000, 1000)
    let_go, handling = threading.Event(), threading.Event()

    class Stuck(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            body_store.take(1, 9)
            filled(body_store, (9, 9), b"from the handler")
            handling.set()
            assert let_go.wait(20)

    handler = Stuck()
    logging.getLogger("opentelemetry_exporter_moesif").addHandler(handler)
    try:
        for number in range(10):
            filled(body_store, (1, number + 1), b"x" * 1000)
        full = threading.Thread(target=body_store.take, args=(1, 10))
        full.start()
        assert handling.wait(20)
        filled(body_store, (2, 1), b"meanwhile")
        assert body_store.take(2, 1).response.content == b"meanwhile"
    finally:
        let_go.set()
        full.join()
        logging.getLogger("opentelemetry_exporter_moesif").removeHandler(handler)


def test_the_store_may_be_used_at_any_point_of_its_own_work() -> None:
    """As by a signal handler, or a finalizer that ends a span: here at each line of the store's own code."""
    body_store = BodyStore(20_000, 1000)
    numbers = iter(range(1_000_000))
    inside = False

    def interrupt(frame, event, argument):
        nonlocal inside
        if frame.f_globals.get("__name__") != store.__name__:
            return None
        if event == "line" and not inside:
            inside = True
            number = next(numbers)
            filled(body_store, (2, number), b"y" * 100)
            body_store.take(2, number)
            inside = False
        return interrupt

    of_coverage = sys.gettrace()  # which would see nothing of the tests that follow
    sys.settrace(interrupt)
    try:
        for number in range(50):
            filled(body_store, (1, number), b"x" * 1000)
            body_store.take(1, number - 3)
    finally:
        sys.settrace(of_coverage)

    for number in range(50):
        body_store.take(1, number)
    assert next(numbers) > 500
    assert len(body_store) == 0
    assert body_store.bytes_held == 0


def test_the_books_balance_whatever_the_threads_do() -> None:
    body_store = BodyStore(50_000, 1000)

    def work(thread: int) -> None:
        for number in range(300):
            filled(body_store, (thread, number), b"x" * 500)
            body_store.take(thread, number - 5)

    threads = [threading.Thread(target=work, args=(thread,)) for thread in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for thread in range(1, 5):
        for number in range(300):
            body_store.take(thread, number)

    assert len(body_store) == 0
    assert body_store.bytes_held == 0
