"""What a body costs has a bound, whatever somebody sends: the exporter's thread serves all calls of the process."""

from __future__ import annotations

import gzip
import struct
import time
import zlib
from typing import Any

import pytest

from opentelemetry_exporter_moesif.config import resolve_config
from opentelemetry_exporter_moesif.mapping.body import CapturedBody, event_body
from opentelemetry_exporter_moesif.mapping.content_encoding import UndecodableError, decode_content
from opentelemetry_exporter_moesif.mapping.rules import mapping_rules

RULES = mapping_rules(resolve_config({"application_id": "x"}, {}))
LIMIT = 100_000
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


def filled(pattern: bytes, before: bytes = b"", after: bytes = b"") -> bytes:
    return before + pattern * ((LIMIT - len(before) - len(after)) // len(pattern)) + after


def stored(content: bytes) -> bytes:
    """A raw deflate stream that holds its content as it is."""
    return b"\x01" + struct.pack("<HH", len(content), len(content) ^ 0xFFFF) + content


SECRET = b'"password":1,'
HOSTILE: dict[str, tuple[bytes, str]] = {
    "form of &": (filled(b"&"), FORM),
    "form of names": (filled(b"a&"), FORM),
    "form of names beside a secret": (filled(b"ab&", b"password=x&"), FORM),
    "form of percents": (filled(b"%25&", b"password=x&"), FORM),
    "form of one long value": (filled(b"%25", b"password=x&a="), FORM),
    "form of brackets": (filled(b"[a]", b"password=x&a"), FORM),
    "JSON of brackets": (filled(b"["), JSON),
    "JSON of nested arrays": (b"[" * 50_000 + b"]" * 50_000, JSON),
    "JSON of nested objects": (filled(b'{"a":', after=b"1"), JSON),
    "JSON of numbers": (filled(b"1,", b"{" + SECRET + b'"a":[', b"1]}"), JSON),
    "JSON of names": (filled(b'"ab":1,', b"{" + SECRET, b'"a":1}'), JSON),
    "JSON of long integers": (filled(b"1" * 4000 + b",", b"[", b"1]"), JSON),
    "JSON of escapes": (filled(b"\\u0070", b'["', b'"]'), JSON),
    "JSON of texts like JSON": (filled(b'"{",', b"{" + SECRET + b'"a":[', b"1]}"), JSON),
    "text of names": (filled(b"password "), "text/plain"),
    "text of <": (filled(b"<a", b"password"), "text/plain"),
    "text of quotes": (filled(b'"\\', b"password"), "text/plain"),
    "text of spaces": (filled(b" ", b"password"), "text/plain"),
    "text of percents": (filled(b"%70"), "text/plain"),
    "bytes": (bytes(range(256)) * 390, "application/octet-stream"),
}


# Of the processor, and twenty times what the worst of them takes (0.14): a body that costs half a minute, since each of
# its bytes has all of it read once more, is what this is about.
SECONDS = 3.0


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_body_costs_little(name: str) -> None:
    content, content_type = HOSTILE[name]
    assert len(content) <= LIMIT

    began = time.thread_time()
    event_body(CapturedBody(content, content_type), RULES.redaction, LIMIT)

    assert time.thread_time() - began < SECONDS


@pytest.mark.parametrize("encodings", [4, 1000])
def test_more_than_three_encodings_are_not_undone(encodings: int) -> None:
    content = b"hello"
    for _ in range(min(encodings, 20)):
        content = gzip.compress(content)

    with pytest.raises(UndecodableError):
        decode_content(content, ",".join(["gzip"] * encodings), LIMIT)


def test_three_encodings_are_undone_and_identity_is_none() -> None:
    content = gzip.compress(zlib.compress(gzip.compress(b"hello")))

    assert decode_content(content, "gzip, identity, deflate, , gzip", LIMIT).content == b"hello"


def test_members_of_gzip_are_counted() -> None:
    member = gzip.compress(b"")

    assert decode_content(member * 50 + gzip.compress(b"x"), "gzip", LIMIT).content == b"x"
    with pytest.raises(UndecodableError):
        decode_content(member * (LIMIT // len(member)), "gzip", LIMIT)


def test_a_deflated_body_is_one_stream_whatever_follows_it() -> None:
    """A stream that decodes to itself, and many times over, would never end."""
    assert decode_content(stored(b"hello") * 1000, "deflate", LIMIT).content == b"hello"


@pytest.mark.parametrize("encodings", [1, 2, 3])
def test_what_is_decoded_is_never_more_than_the_limit_for_each_encoding(
    encodings: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb: bytes = bytes(30_000_000)
    for _ in range(encodings):
        bomb = gzip.compress(bomb)
    made = 0
    real = zlib.decompressobj

    class Counting:
        def __init__(self, *args: Any) -> None:
            self._beneath = real(*args)

        def decompress(self, *args: Any) -> bytes:
            nonlocal made
            piece = self._beneath.decompress(*args)
            made += len(piece)
            return piece

        def __getattr__(self, name: str) -> Any:
            return getattr(self._beneath, name)

    monkeypatch.setattr(zlib, "decompressobj", Counting)
    decoded = decode_content(bomb, ",".join(["gzip"] * encodings), 1000)

    assert len(decoded.content) <= 1000
    assert made <= 3 * 1001
