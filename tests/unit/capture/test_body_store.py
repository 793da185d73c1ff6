"""The store of captured bodies: bounded by bytes, one entry a call, clean in a forked child."""

from __future__ import annotations

import logging
import os

import pytest

from opentelemetry_exporter_moesif.capture import store
from opentelemetry_exporter_moesif.capture.store import BodyStore

KEY = (1, 2)


def filled(body_store: BodyStore, key: tuple[int, int], content: bytes) -> store.Entry:
    entry = body_store.new_entry()
    assert body_store.add(key, entry)
    body_store.grew(entry, entry.response.copy(content))
    return entry


def test_what_was_captured_is_taken_once() -> None:
    body_store = BodyStore(100_000, 1000)
    filled(body_store, KEY, b"hello").response.finished = True

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
    assert body_store.dropped == 8
    assert body_store.take(1, 1) is None
    assert body_store.take(1, 10) is not None
    assert len(caplog.records) == 1


def test_calls_without_bodies_fill_the_store_too() -> None:
    body_store = BodyStore(50_000, 1000)

    for number in range(1000):
        body_store.add((1, number + 1), body_store.new_entry())

    assert len(body_store) < 50


def test_nothing_is_kept_of_a_body_beyond_its_limit_but_how_long_it_was() -> None:
    body_store = BodyStore(100_000, 10)
    entry = filled(body_store, KEY, b"0123456789abcdef")
    entry.response.finished = True

    capture = body_store.take(*KEY)

    assert capture.response.content == b"0123456789"
    assert capture.response.truncated


def test_what_comes_after_the_export_of_the_span_is_not_kept() -> None:
    body_store = BodyStore(100_000, 1000)
    entry = filled(body_store, KEY, b"first")

    capture = body_store.take(*KEY)
    body_store.grew(entry, entry.response.copy(b"second"))

    assert capture.response.incomplete
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


def test_a_request_that_the_application_did_not_read_to_its_end_is_truncated() -> None:
    body_store = BodyStore(100_000, 1000)
    entry = body_store.new_entry()
    entry.request.describe("text/plain", "", "10")
    body_store.add(KEY, entry)
    entry.request.copy(b"12345")

    assert body_store.take(*KEY).request.truncated


@pytest.mark.parametrize("content_type", ["multipart/form-data; boundary=x", "Multipart/Mixed", "text/event-stream"])
def test_uploads_and_event_streams_are_not_captured(content_type: str) -> None:
    body_store = BodyStore(100_000, 1000)
    entry = body_store.new_entry()
    entry.response.describe(content_type, "")
    body_store.add(KEY, entry)
    entry.response.copy(b"data: x\n\n")

    assert body_store.take(*KEY).response is None


def test_there_is_no_store_until_an_exporter_asks_for_one() -> None:
    assert store.current_store() is None
    assert store.take(*KEY) is None


def test_the_store_stays_open_while_one_of_two_exporters_needs_it() -> None:
    store.open_store(max_bytes=1000, body_max_bytes=10)
    store.open_store(max_bytes=1000, body_max_bytes=10)

    store.close_store()
    assert store.current_store() is not None
    store.close_store()
    assert store.current_store() is None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform does not fork")
def test_a_forked_child_starts_with_an_empty_store_although_the_lock_was_held() -> None:
    store.open_store(max_bytes=100_000, body_max_bytes=1000)
    try:
        opened = store.current_store()
        filled(opened, KEY, b"of the parent")
        with opened._lock:
            child = os.fork()
            if child == 0:
                clean = store.take(*KEY) is None and opened.add((3, 4), opened.new_entry()) and len(opened) == 1
                os._exit(0 if clean else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert store.take(*KEY) is not None
    finally:
        store.close_store()
