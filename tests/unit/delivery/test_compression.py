"""Payloads are gzip files, whichever library makes them."""

from __future__ import annotations

import gzip
import random
import subprocess
import sys
import zlib

import pytest
from isal import isal_zlib

from opentelemetry_exporter_moesif.delivery import compression

BODIES = [b"", b"[]", b"[" + b'{"request":{"verb":"GET"}},' * 10_000 + b"]", random.Random(7).randbytes(300_000)]


@pytest.fixture(params=[zlib, isal_zlib], ids=["zlib", "isal"])
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compression, "library", request.param)


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("body", BODIES, ids=len)
def test_anyone_can_read_what_is_compressed(body: bytes) -> None:
    compressed = compression.gzip(body)

    assert body == gzip.decompress(compressed)
    assert body == compression.plain(compressed, len(body))


@pytest.mark.usefixtures("library")
def test_the_same_events_are_the_same_bytes_at_any_time() -> None:
    assert compression.gzip(BODIES[2])[4:8] == bytes(4)  # RFC 1952: no time


def test_the_faster_library_is_used_where_it_is_installed() -> None:
    assert compression.library is isal_zlib


def test_it_works_without_the_faster_library() -> None:
    program = (
        "import gzip, sys; sys.modules['isal'] = None\n"
        "from opentelemetry_exporter_moesif.delivery import compression\n"
        "assert gzip.decompress(compression.gzip(b'x')) == b'x'\n"
        "print(compression.library.__name__)"
    )

    assert (
        subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.strip()
        == "zlib"
    )
