"""The body of a POST is read within bounds of memory."""

import asyncio
import gzip
import tracemalloc

import pytest
from starlette.requests import Request

from opentelemetry_exporter_moesif.local_collector.request_body import RefusedError, read_body


def read(chunks: list[bytes], limit: int, encoding: str = "gzip") -> bytes:
    waiting = list(chunks)

    async def receive() -> dict[str, object]:
        chunk = waiting.pop(0) if waiting else b""
        return {"type": "http.request", "body": chunk, "more_body": bool(waiting)}

    headers = [(b"content-encoding", encoding.encode())]
    return asyncio.run(read_body(Request({"type": "http", "headers": headers}, receive), limit))


def test_a_bomb_is_not_unpacked_beyond_its_limit_even_where_it_comes_in_one_piece():
    bomb = gzip.compress(b"0" * 100_000_000, 1)
    tracemalloc.start()
    with pytest.raises(RefusedError) as refused:
        read([bomb], 1_000_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert refused.value.status == 413
    assert peak < 10_000_000


def test_gzip_of_more_members_than_are_read_is_told_to_be_that():
    with pytest.raises(RefusedError, match="the body's gzip is of more than 100 members"):
        read([gzip.compress(b"x") * 101], 1_000_000)
    with pytest.raises(RefusedError, match="the body is not gzip"):
        read([b"no gzip at all"], 1_000_000)


def test_a_body_that_comes_in_pieces_is_put_together():
    content = bytes(range(256)) * 10_000
    packed = gzip.compress(content)
    pieces = [packed[start : start + 7] for start in range(0, len(packed), 7)]
    assert read(pieces, len(content)) == content
    assert read([content[:9], content[9:]], len(content), "identity") == content


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_the_limit_itself_is_allowed_and_one_byte_more_is_not(encoding: str):
    for size, fits in ((1_000, True), (1_001, False)):
        body = gzip.compress(b"x" * size) if encoding == "gzip" else b"x" * size
        if fits:
            assert len(read([body], 1_000, encoding)) == size
        else:
            with pytest.raises(RefusedError, match="1,000 bytes"):
                read([body], 1_000, encoding)
