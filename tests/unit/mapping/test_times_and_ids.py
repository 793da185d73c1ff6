"""When the call was, and the ids by which it is known again."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from opentelemetry.trace import SpanContext, Status, StatusCode, TraceFlags
from support.spans import GET, SPAN_ID, TRACE_ID, event_of, http_span

from opentelemetry_exporter_moesif.mapping.span_to_event import transaction_id

SECOND = 1_000_000_000


def event(**fields: Any) -> Any:
    return event_of(http_span(GET, **fields))


def context(trace_id: int, span_id: int, *, remote: bool = False) -> SpanContext:
    return SpanContext(trace_id, span_id, remote, TraceFlags(TraceFlags.SAMPLED))


@pytest.mark.parametrize(
    ("nanoseconds", "expected"),
    [
        (1_471_339_316_998_000_000, "2016-08-16T09:21:56.998Z"),
        (1_471_339_316_998_999_999, "2016-08-16T09:21:56.998Z"),
        (1_471_339_317_000_000_000, "2016-08-16T09:21:57.000Z"),
        (1_471_339_316_001_000_000, "2016-08-16T09:21:56.001Z"),
        (1, "1970-01-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (1_709_164_800 * SECOND, "2024-02-29T00:00:00.000Z"),
        (253_402_300_799 * SECOND + 999_999_999, "9999-12-31T23:59:59.999Z"),
        (-62_135_596_800 * SECOND, "0001-01-01T00:00:00.000Z"),
    ],
)
def test_a_time_is_in_utc_cut_to_milliseconds(nanoseconds: int, expected: str) -> None:
    mapped = event(start_time=nanoseconds, end_time=nanoseconds)

    assert expected == mapped["request"]["time"] == mapped["response"]["time"]


def test_the_request_is_told_at_the_start_of_the_span_and_the_response_at_its_end() -> None:
    mapped = event(start_time=SECOND, end_time=2 * SECOND)

    assert (mapped["request"]["time"], mapped["response"]["time"]) == (
        "1970-01-01T00:00:01.000Z",
        "1970-01-01T00:00:02.000Z",
    )


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (None, SECOND, ("1970-01-01T00:00:01.000Z", "1970-01-01T00:00:01.000Z")),
        (SECOND, None, ("1970-01-01T00:00:01.000Z", "1970-01-01T00:00:01.000Z")),
        (None, None, ("1970-01-01T00:00:00.000Z", "1970-01-01T00:00:00.000Z")),
    ],
)
def test_a_missing_time_is_taken_from_the_other(start: int | None, end: int | None, expected: tuple[str, str]) -> None:
    mapped = event(start_time=start, end_time=end)

    assert expected == (mapped["request"]["time"], mapped["response"]["time"])


# Frozen: a span that one version sends and the next one sends again must count once.
VECTORS = [
    (0x0AF7651916CD43DD8448EB211C80319C, 0xB7AD6B7169203331, "8448eb21-1c80-819c-87ad-6b7169203331"),
    (0x4BF92F3577B34DA6A3CE929D0E0E4736, 0x00F067AA0BA902B7, "a3ce929d-0e0e-8736-80f0-67aa0ba902b7"),
    (0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFF, "ffffffff-ffff-8fff-8fff-ffffffffffff"),
    (0x00000000000000000000000000000001, 0x0000000000000001, "00000000-0000-8001-8000-000000000001"),
    (0x0123456789ABCDEF0000000000000000, 0x8000000000000000, "00000000-0000-8000-8000-000000000000"),
]


@pytest.mark.parametrize(("trace_id", "span_id", "expected"), VECTORS)
def test_the_transaction_id_follows_its_frozen_formula(trace_id: int, span_id: int, expected: str) -> None:
    assert expected == event(context=context(trace_id, span_id))["transaction_id"]
    assert expected == transaction_id(f"{trace_id:032x}", f"{span_id:016x}")


@pytest.mark.parametrize("expected", [vector[-1] for vector in VECTORS])
def test_the_transaction_id_is_a_uuid_of_version_8(expected: str) -> None:
    assert (uuid.UUID(expected).version, uuid.UUID(expected).variant) == (8, uuid.RFC_4122)


def test_the_ids_of_the_span_and_its_trace_are_told_in_hexadecimal() -> None:
    mapped = event(context=context(TRACE_ID, 1), parent=context(TRACE_ID, SPAN_ID, remote=True))

    assert mapped["trace_id"] == "0af7651916cd43dd8448eb211c80319c"
    assert mapped["span"] == {"id": "0000000000000001", "parent_id": "b7ad6b7169203331"}


@pytest.mark.parametrize("parent", [None, context(TRACE_ID, 0)], ids=["none", "an invalid one"])
def test_a_span_without_a_parent_has_none_in_its_event(parent: SpanContext | None) -> None:
    assert "parent_id" not in event(parent=parent)["span"]


@pytest.mark.parametrize(
    ("code", "expected"), [(StatusCode.UNSET, None), (StatusCode.OK, "OK"), (StatusCode.ERROR, "ERROR")]
)
def test_the_spans_status_is_told_where_it_was_set(code: StatusCode, expected: str | None) -> None:
    assert expected == event(status=Status(code))["span"].get("status")


@pytest.mark.parametrize(
    "missing", [None, context(0, SPAN_ID), context(TRACE_ID, 0)], ids=["none", "no trace", "no span"]
)
def test_a_span_without_valid_ids_leaves_them_out_and_is_told_all_the_same(missing: SpanContext | None) -> None:
    mapped = event(context=missing)

    assert not {"transaction_id", "trace_id", "span"} & mapped.keys()
    assert re.fullmatch(r"http://.*", mapped["request"]["uri"])
