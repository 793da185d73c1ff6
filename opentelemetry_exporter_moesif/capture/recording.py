"""One call being recorded: which span it belongs to, and the copying of its bodies.

A middleware may run before the instrumentation has started the span (both orders of wrapping are allowed), so the
span is looked for at every step until it is found. What was copied before that is thrown away if the call turns out
not to be sampled.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from opentelemetry.trace import Span, SpanKind, get_current_span

from opentelemetry_exporter_moesif.capture.opening import current_store
from opentelemetry_exporter_moesif.capture.stand_in import recorded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from opentelemetry_exporter_moesif.capture.body import Body, Ending
    from opentelemetry_exporter_moesif.capture.store import BodyStore, Key

    Headers = Iterable[tuple[Any, Any]]

_logger = logging.getLogger("opentelemetry_exporter_moesif")

# Where the contrib instrumentations of frameworks leave their span for their own later steps. It is the way to the
# span of a framework that has ended it before the body passes (Pyramid), or has not made it current yet.
_SPAN_KEYS = ("opentelemetry-flask.span_key", "opentelemetry-falcon.span_key", "opentelemetry-pyramid.span_key")

_NOT_SAMPLED: Key = (0, 0)


def _server_span_of(span: Span) -> Key | None:
    """The key of the SERVER span that `span` is or lies under; None where that cannot be told."""
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
    values = {}
    for name, value in headers:
        lower = _text(name).lower()
        if lower.startswith("content-"):
            values[lower] = _text(value)
    body.describe(values.get("content-type", ""), values.get("content-encoding", ""), values.get("content-length", ""))


def _text(value: Any) -> str:
    """A header's name or value, of WSGI, of ASGI or of a framework."""
    return value.decode("latin-1") if isinstance(value, bytes) else str(value or "")


class Recording:
    """The bodies of one call on their way into the store. No method raises: the call goes on whatever happens here.

    Args:
        store: The open store.
        environ: The call's WSGI environ, where there is one.

    Attributes:
        entry: What was copied.
        request: The way of the request's body.
        response: The way of the response's body.
    """

    __slots__ = ("_environ", "_key", "_off", "_store", "entry", "request", "response")

    def __init__(self, store: BodyStore, environ: Mapping[str, Any] | None = None) -> None:
        self.entry = store.new_entry()
        self.request = RequestPassage(self, self.entry.request)
        self.response = ResponsePassage(self, self.entry.response)
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
        """Looks for the call's span, and once it is found, puts what was copied under it."""
        if self._key is None and not self._off:
            self.harmlessly(self._put_under_span)

    def harmlessly(self, act: Callable[..., None], *arguments: Any) -> None:
        """Does something for this recording; whatever it raises only ends the recording."""
        try:
            act(*arguments)
        except Exception:  # an odd header, a chunk that is none: the application and its server deal with those
            self._turn_off()
            _logger.debug("Moesif exporter: the bodies of a call are not captured", exc_info=True)

    def copy(self, body: Body, chunk: Any) -> None:
        """Copies a piece of a body."""
        self.find_span()
        if self.is_on and body.copy(chunk.encode() if isinstance(chunk, str) else chunk):
            self._store.grew(self.entry)

    def describe(self, body: Body, headers: Headers) -> None:
        """Takes the headers of a body."""
        self.find_span()
        _describe(body, headers)

    def done(self) -> None:
        """Says that the call is over: a recording that has found no span is of no use any more."""
        if self._key is None:
            self._store.forget(self.entry)

    def _put_under_span(self) -> None:
        key = self._look_for_span()
        if key is None:
            return
        if key is _NOT_SAMPLED or not self._store.add(key, self.entry):
            self._turn_off()
        else:
            self._key = key

    def _turn_off(self) -> None:
        self._off = True
        self._store.forget(self.entry)

    def _look_for_span(self) -> Key | None:
        if self._environ is not None:
            for name in _SPAN_KEYS:
                span = self._environ.get(name)
                if span is not None:
                    return _server_span_of(span)
        return _server_span_of(get_current_span())


class BodyPassage:
    """One body of a recording on its way: a `Passage` of stand-ins, and what middlewares tell by themselves."""

    __slots__ = ("_body", "_position", "_recording")

    def __init__(self, recording: Recording, body: Body) -> None:
        self._recording = recording
        self._body = body
        self._position: int | None = None

    def starts(self, headers: Headers) -> None:
        """Takes the headers, before the body."""
        self._recording.harmlessly(self._recording.describe, self._body, headers)

    def chunk(self, chunk: Any) -> None:
        """Copies a piece."""
        self._recording.harmlessly(self._copy, chunk)

    def whole(self, content: Any) -> None:
        """Copies all of it at once."""
        self.chunk(content)
        self.ends()

    def ends(self) -> None:
        """Says that there is no more to come, or that there is none at all."""
        self._end("whole")

    def aborts(self) -> None:
        """Says that the other side went away."""
        self._end("aborted")

    def breaks(self, error: BaseException) -> None:
        """Says that what made the body failed."""
        # Cancelled and closed generators: nobody wants the rest.
        self._end("broken" if isinstance(error, Exception) else "aborted")

    def closes(self) -> None:
        """Says that nobody will read the rest, if there is any."""

    def moves(self, position: int) -> None:
        """Takes the place in the body where the next piece comes from."""
        self._position = position

    def stream(self, beneath: Any) -> Any:
        """A stand-in for what the body is read from."""
        return recorded(beneath, self)

    def _end(self, ending: Ending) -> None:
        self._body.end(ending)

    def _copy(self, chunk: Any) -> None:
        if self._position is not None:
            # Read for a second time, as after `seek(0)`: what is known already is left out.
            known = max(0, self._body.seen - self._position)
            self._position += len(chunk)
            chunk = chunk[known:]
        self._recording.copy(self._body, chunk)


class RequestPassage(BodyPassage):
    """The way of a request's body, as the application reads it."""

    __slots__ = ()

    def ends(self) -> None:
        """Says that the body ended; before its announced end, because the client went away."""
        self._end("aborted" if self._body.seen < self._body.expected else "whole")

    def breaks(self, error: BaseException) -> None:  # noqa: ARG002 - whatever it is
        """Says that the server could not read on."""
        self._end("aborted")


class ResponsePassage(BodyPassage):
    """The way of a response's body, as the server takes it."""

    __slots__ = ()

    def closes(self) -> None:
        """Says that the server takes no more: the client went away, unless all that was announced has passed."""
        body = self._body
        self._end("whole" if body.seen >= body.expected > 0 else "aborted")

    def is_file(self, size: Any = None) -> None:
        """Says that the server sends a file by itself.

        Args:
            size: Its bytes, where they are known otherwise than by the headers.
        """
        if isinstance(size, int):
            self._body.expected = size
        self._end("file")

    def _end(self, ending: Ending) -> None:
        super()._end(ending)
        self._recording.done()


def new_recording(environ: Mapping[str, Any] | None = None) -> Recording | None:
    """Starts to record the call being served; None where nothing is to be captured.

    Args:
        environ: The call's WSGI environ, where there is one.
    """
    store = current_store()
    if store is None:
        return None
    recording = Recording(store, environ)
    return recording if recording.is_on else None
