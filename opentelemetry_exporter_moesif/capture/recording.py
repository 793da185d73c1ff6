"""One call being recorded: which SERVER span it belongs to, and the copying of its bodies.

A middleware may run before the instrumentation has started the span (both orders of wrapping are allowed), so the
span is looked for at every step until it is found. What was copied before that stays with the recording, bounded by
`body_max_bytes`, and is thrown away if the call turns out not to be sampled.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from opentelemetry.trace import Span, SpanKind, get_current_span

from opentelemetry_exporter_moesif.capture.store import Body, BodyStore, Key, current_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping

    Headers = Iterable[tuple[Any, Any]]

_logger = logging.getLogger("opentelemetry_exporter_moesif")

# Where the contrib instrumentations of frameworks leave their span for their own later steps. It is the way to the
# span of a framework that has ended it before the body passes (Pyramid), or has not made it current yet.
_SPAN_KEYS = ("opentelemetry-flask.span_key", "opentelemetry-falcon.span_key", "opentelemetry-pyramid.span_key")

_NOT_SAMPLED: Key = (0, 0)


def _server_span_of(span: Span) -> Key | None:
    """Return the key of the SERVER span that `span` is or lies under; None where that cannot be told."""
    context = span.get_span_context()
    if not context.is_valid or context.is_remote:
        return None
    if not context.trace_flags.sampled:
        return _NOT_SAMPLED
    kind = getattr(span, "kind", None)
    if kind is SpanKind.SERVER:
        return context.trace_id, context.span_id
    # ASGI's `http receive` span, and a framework's own span under the one of its server.
    parent = getattr(span, "parent", None)
    if kind is not SpanKind.INTERNAL or parent is None or parent.is_remote:
        return None
    return parent.trace_id, parent.span_id


def _describe(body: Body, headers: Headers) -> None:
    found = {}
    for name, value in headers:
        lower = _text(name).lower()
        if lower.startswith("content-"):
            found[lower] = _text(value)
    body.describe(found.get("content-type", ""), found.get("content-encoding", ""), found.get("content-length", ""))


def _text(value: Any) -> str:
    """Return a header's name or value, of WSGI, of ASGI or of a framework."""
    return value.decode("latin-1") if isinstance(value, bytes) else str(value or "")


class Recording:
    """The bodies of one call on their way into the store. No method raises: the call goes on whatever happens here.

    Args:
        store: The open store.
        environ: The call's WSGI environ, where there is one.
    """

    __slots__ = ("_environ", "_key", "_off", "_store", "entry")

    def __init__(self, store: BodyStore, environ: Mapping[str, Any] | None = None) -> None:
        self.entry = store.new_entry()
        self._store = store
        self._environ = environ
        self._key: Key | None = None
        self._off = False
        self.find_span()

    @property
    def is_on(self) -> bool:
        """False once nothing of this call is wanted: it is not sampled, or its span was exported."""
        return not (self._off or self.entry.gone)

    def find_span(self) -> None:
        """Look for the call's SERVER span, and once it is found, move into the store."""
        if self._key is None and not self._off:
            self.harmlessly(self._move_into_store)

    def harmlessly(self, act: Callable[..., None], *arguments: Any) -> None:
        """Do something for this recording; whatever it raises only ends the recording."""
        try:
            act(*arguments)
        except Exception:  # an odd header, a chunk that is none: the application and its server deal with those
            self._off = True
            _logger.debug("Moesif exporter: the bodies of a call are not captured", exc_info=True)

    def request_starts(self, headers: Headers) -> None:
        """Take the request's headers, before its body."""
        self.harmlessly(_describe, self.entry.request, headers)

    def request_chunk(self, chunk: bytes | memoryview) -> None:
        """Copy a piece of the request's body."""
        self.harmlessly(self._copy, self.entry.request, chunk)

    def response_starts(self, headers: Headers) -> None:
        """Take the response's headers, before its body."""
        self.find_span()
        self.harmlessly(_describe, self.entry.response, headers)

    def response_chunk(self, chunk: bytes) -> None:
        """Copy a piece of the response's body."""
        self.harmlessly(self._copy, self.entry.response, chunk)

    def response_ends(self) -> None:
        """Say that the whole body of the response has passed, or that there is none."""
        self.entry.response.finished = True

    def response_stream(self, chunks: Iterable[Any]) -> ResponseStream:
        """Return `chunks` as they are, copied as they pass."""
        return ResponseStream(self, chunks)

    async def async_response_stream(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Yield `chunks` as they are, copied as they pass."""
        async for chunk in chunks:
            self.response_chunk(chunk)
            yield chunk
        self.response_ends()

    def _copy(self, body: Body, chunk: Any) -> None:
        self.find_span()
        if not self.is_on:
            return
        copied = body.copy(chunk.encode() if isinstance(chunk, str) else chunk)
        if copied and self._key is not None:
            self._store.grew(self.entry, copied)

    def _move_into_store(self) -> None:
        key = self._look_for_span()
        if key is None:
            return
        if key is _NOT_SAMPLED or not self._store.add(key, self.entry):
            self._off = True
            return
        self._key = key

    def _look_for_span(self) -> Key | None:
        if self._environ is not None:
            for name in _SPAN_KEYS:
                span = self._environ.get(name)
                if span is not None:
                    return _server_span_of(span)
        return _server_span_of(get_current_span())


class ResponseStream:
    """A WSGI iterable that passes every chunk on at once, and its `close` too."""

    __slots__ = ("_chunks", "_iterator", "_recording")

    def __init__(self, recording: Recording, chunks: Iterable[Any]) -> None:
        self._recording = recording
        self._chunks = chunks
        self._iterator = iter(chunks)

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        try:
            chunk = next(self._iterator)
        except StopIteration:
            self._recording.response_ends()
            raise
        self._recording.response_chunk(chunk)
        return chunk

    def close(self) -> None:
        """Close what lies beneath, as WSGI (PEP 3333) asks for."""
        close = getattr(self._chunks, "close", None)
        if close is not None:
            close()


class RequestStream:
    """A readable stream that passes every read on, and copies what was read."""

    def __init__(self, recording: Recording, stream: Any) -> None:
        self._recording = recording
        self._stream = stream

    def read(self, *args: Any) -> bytes:
        """Read from the stream beneath."""
        chunk: bytes = self._stream.read(*args)
        self._recording.request_chunk(chunk)
        return chunk

    def readline(self, *args: Any) -> bytes:
        """Read a line from the stream beneath."""
        line: bytes = self._stream.readline(*args)
        self._recording.request_chunk(line)
        return line

    def readlines(self, *args: Any) -> list[bytes]:
        """Read lines from the stream beneath."""
        lines: list[bytes] = self._stream.readlines(*args)
        for line in lines:
            self._recording.request_chunk(line)
        return lines

    def readinto(self, buffer: Any) -> int:
        """Read from the stream beneath into a buffer."""
        count: int = self._stream.readinto(buffer)
        self._recording.request_chunk(memoryview(buffer).cast("B")[:count])
        return count

    def __iter__(self) -> Iterator[bytes]:
        for line in self._stream:
            self._recording.request_chunk(line)
            yield line

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def new_recording(environ: Mapping[str, Any] | None = None) -> Recording | None:
    """Start to record the call being served; None where nothing is to be captured.

    Args:
        environ: The call's WSGI environ, where there is one.
    """
    store = current_store()
    if store is None:
        return None
    recording = Recording(store, environ)
    return recording if recording.is_on else None
