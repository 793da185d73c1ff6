"""Uploads as they pass: fields are kept, files are counted, and nothing that is sent costs without a bound."""

from __future__ import annotations

import gc
import sys
import tracemalloc
from typing import Any

import pytest

from opentelemetry_exporter_moesif.capture.body import Body
from opentelemetry_exporter_moesif.capture.store import BodyStore
from opentelemetry_exporter_moesif.mapping.body import CapturedBody

CONTENT_TYPE = "multipart/form-data; boundary=frontier"


def part(name: str, content: bytes, filename: str | None = None, content_type: str | None = None) -> bytes:
    disposition = f'Content-Disposition: form-data; name="{name}"' + (f'; filename="{filename}"' if filename else "")
    headers = disposition + (f"\r\nContent-Type: {content_type}" if content_type else "")
    return b"--frontier\r\n" + headers.encode() + b"\r\n\r\n" + content + b"\r\n"


MISSING = (
    "Moesif exporter: uploads are left out. To have their fields told: pip install"
    " 'opentelemetry-exporter-moesif[uploads]'"
)
END = b"--frontier--\r\n"
FORM = (
    part("title", "é ü".encode())
    + part("tag", b"a")
    + part("photo", b"\xff\x00\r\n--fron" * 100, "ph\u00f6to.png", "image/png")
    + part("tag", b"b")
    + part("after", b"the file")
    + END
)
FIELDS = {
    "title": "é ü",
    "tag": ["a", "b"],
    "photo": {"filename": "phöto.png", "content_type": "image/png", "size": 1000},
    "after": "the file",
}


def captured(content: bytes, piece: int = 1_000_000, limit: int = 1000, **headers: str) -> CapturedBody | None:
    body = Body(limit)
    body.describe(headers.get("content_type", CONTENT_TYPE), headers.get("content_encoding", ""), str(len(content)))
    for start in range(0, len(content), piece):
        body.copy(content[start : start + piece])
    return body.captured()


@pytest.mark.parametrize("piece", [1, 7, 1_000_000])
def test_fields_are_kept_and_files_are_told_by_name_type_and_size(piece: int) -> None:
    found = captured(FORM, piece)

    assert found.fields == FIELDS
    assert found.cut is None
    assert found.content == b""


def test_the_content_of_a_file_is_kept_nowhere() -> None:
    body = Body(1000)
    body.describe(CONTENT_TYPE, "")
    body.copy(part("f", b"", "big", "text/plain")[:-2])
    chunk = b"x" * 1_000_000
    tracemalloc.start()
    try:
        for _ in range(100):
            body.copy(chunk)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    body.copy(b"\r\n" + END)

    assert body.captured().fields["f"]["size"] == 100_000_000
    assert peak < 5_000_000


@pytest.mark.parametrize(
    "content",
    [
        part("a", b"x" * 2000) + part("b", b"y") + END,
        part("a" * 2000, b"x") + END,
        b"".join(part(f"f{number}", b"x" * 10) for number in range(1000)) + END,
        part("f", b"", "n" * 2000) + END,
    ],
    ids=["a long value", "a long name", "many fields", "a long file name"],
)
def test_what_is_longer_than_the_limit_is_cut_and_named_truncated(content: bytes) -> None:
    found = captured(content)

    assert found.cut == "truncated"
    assert 0 < len(str(found.fields)) < 30_000


def test_more_parts_than_anybody_sends_are_not_read() -> None:
    found = captured(b"".join(part(f"{number}", b"") for number in range(5000)) + END, limit=100_000)

    assert found.cut == "truncated"
    assert len(found.fields) == 1000


@pytest.mark.parametrize(
    "content",
    [b"no upload at all" * 1000, b"\r\n" * 100_000, b"--frontier\r\n" + b"x" * 100_000, b"--frontier\r\nx: y" * 10_000],
    ids=["something else", "line ends", "an endless header", "no end of headers"],
)
def test_what_is_no_upload_is_unparseable_and_shows_nothing_nor_fills_the_log(
    content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    found = captured(content, piece=1000)

    assert found.cut in {"unparseable", "truncated"}
    assert found.fields == {}
    assert caplog.records == []


def test_an_upload_that_ends_early_is_told_as_far_as_it_came() -> None:
    body = Body(1000)
    body.describe(CONTENT_TYPE, "", "5000")
    body.copy(part("a", b"one") + b"--frontier\r\n")
    body.end("aborted")

    assert (body.captured().fields, body.captured().cut) == ({"a": "one"}, "aborted")


@pytest.mark.parametrize(
    "content_type",
    ["multipart/form-data", 'multipart/form-data; boundary=""', "multipart/form-data; boundary=" + "x" * 257],
    ids=["none", "an empty one", "an endless one"],
)
def test_without_a_boundary_that_anybody_sends_nothing_is_told(content_type: str) -> None:
    assert captured(FORM, content_type=content_type) is None


def test_a_compressed_upload_is_left_out() -> None:
    assert captured(FORM, content_encoding="gzip") is None


def test_without_the_parser_uploads_are_left_out_and_the_log_says_what_to_install_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "python_multipart.multipart", None)
    caplog.set_level("INFO", "opentelemetry_exporter_moesif")

    assert captured(FORM) is None
    assert captured(FORM) is None
    assert [record.getMessage() for record in caplog.records if "[uploads]" in record.getMessage()] == [MISSING]


MANY = b"".join(part(f"field {number}", b"x" * 100) for number in range(20)) + part("f", b"", "name")


@pytest.mark.parametrize(
    "content",
    [MANY + END, part("one", b"two") + END, part("one", b"two") + part("f", b"", "name"), part("a", b"x" * 5000)],
    ids=["many", "one", "under way", "a value under way"],
)
def test_the_store_counts_what_it_holds_of_uploads(content: bytes) -> None:
    body_store = BodyStore(100_000_000, 100_000)
    entries: list[Any] = []
    captured(content)  # what is imported and remembered at the first one is no upload's
    gc.collect()  # it empties the lists of free objects, which no later allocation is seen to take from
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for number in range(300):
            entry = body_store.new_entry()
            entry.request.describe(CONTENT_TYPE, "")
            body_store.add((1, number), entry)
            entry.request.copy(content)
            body_store.grew(entry)
            entries.append(entry)
        held = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()

    assert body_store.bytes_held == pytest.approx(held, rel=0.1)
