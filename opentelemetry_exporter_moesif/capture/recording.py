"""One call being recorded: which span it belongs to, and the copying of its bodies.

A middleware may run before the instrumentation has started the span (both orders of wrapping are allowed), so the
span is looked for at every step until it is found. What was copied before that is thrown away if the call turns out
not to be sampled.
"""

from __future__ import annotations

import functools
import logging
from typing import TYPE_CHECKING, Any

from opentelemetry.instrumentation.utils import is_instrumentation_enabled
from opentelemetry.trace import Span, SpanKind, get_current_span

from opentelemetry_exporter_moesif.capture.opening import current_store, wants_outgoing
from opentelemetry_exporter_moesif.capture.passages import (
    AnswerPassage,
    BodyPassage,
    RequestPassage,
    ResponsePassage,
    SentPassage,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from opentelemetry_exporter_moesif.capture.body import Body
    from opentelemetry_exporter_moesif.capture.store import BodyStore, Entry, Key

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
        entry: Where what is copied goes; a new one where None.
        look_for_span: Looks for the key of the call's span.

    Attributes:
        entry: What was copied.
        request: The way of the request's body.
        response: The way of the response's body.
    """

    __slots__ = ("_key", "_look_for_span", "_off", "_store", "entry", "request", "response")

    request: BodyPassage
    response: BodyPassage

    def __init__(self, store: BodyStore, look_for_span: Callable[[], Key | None], entry: Entry | None = None) -> None:
        self.entry = entry or store.new_entry()
        self._store = store
        self._look_for_span = look_for_span
        self._key: Key | None = None
        self._off = False

    @property
    def is_on(self) -> bool:
        """False once nothing of this call is wanted: it is not sampled, or its span was exported."""
        return not (self._off or self.entry.gone)

    def find_span(self) -> None:
        """Looks for the call's span, and once it is found, puts what was copied under it."""
        if self._key is None and not self._off:
            self.harmlessly(self._put_under_span)

    def harmlessly(self, act: Callable[..., Any], *arguments: Any) -> Any:
        """Does something for this recording, and returns what came of it; what it raises only ends the recording."""
        try:
            return act(*arguments)
        except Exception:  # an odd header, a chunk that is none: the application and its server deal with those
            self._turn_off()
            _logger.debug("Moesif exporter: the bodies of a call are not captured", exc_info=True)
            return None

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
            self._look_for_span = _no_span

    def _put_under_span(self) -> None:
        key = self._look_for_span()
        if key is None:
            return
        if key is _NOT_SAMPLED or not self._store.add(key, self.entry):
            self._turn_off()
        else:
            self._key = key
            self._look_for_span = _no_span  # it leads to the environ, and the environ leads here

    def _turn_off(self) -> None:
        self._off = True
        self._look_for_span = _no_span
        self._store.forget(self.entry)


class ServedRecording(Recording):
    """The bodies of a call that the process answers.

    Args:
        store: The open store.
        environ: The call's WSGI environ, where there is one.
    """

    __slots__ = ()

    request: RequestPassage
    response: ResponsePassage

    def __init__(self, store: BodyStore, environ: Mapping[str, Any] | None = None) -> None:
        super().__init__(store, functools.partial(_find_server_span, environ))
        self.request = RequestPassage(self, self.entry.request)
        self.response = ResponsePassage(self, self.entry.response)
        self.find_span()

    def fails(self, error: BaseException) -> None:
        """The application has raised, in the middle of its answer or before it has begun one."""
        if self.entry.response.seen:
            self.response.breaks(error)
        else:
            self.response.ends()


class MadeRecording(Recording):
    """The bodies of a call that the process makes.

    A client library may send several requests under one span (redirects, retries): the first one counts, and the last
    answer.

    Args:
        store: The open store.
        key: The key of the call's span.
        entry: What was captured under the span before.
    """

    __slots__ = ("is_first",)

    request: SentPassage
    response: AnswerPassage

    def __init__(self, store: BodyStore, key: Key, entry: Entry | None) -> None:
        super().__init__(store, lambda: key, entry)
        self.is_first = entry is None
        self.request = SentPassage(self, self.entry.request)
        self.entry.response = store.new_body()
        self.response = AnswerPassage(self, self.entry.response)
        if self.is_first:
            self.find_span()
        else:
            self._key = key


def _no_span() -> None:
    """There is nothing to look for any more."""


def _find_server_span(environ: Mapping[str, Any] | None) -> Key | None:
    if environ is not None:
        for name in _SPAN_KEYS:
            span = environ.get(name)
            if span is not None:
                return _server_span_of(span)
    return _server_span_of(get_current_span())


def new_recording(environ: Mapping[str, Any] | None = None) -> ServedRecording | None:
    """Starts to record the call being served; None where nothing is to be captured.

    Args:
        environ: The call's WSGI environ, where there is one.
    """
    store = current_store()
    if store is None:
        return None
    recording = ServedRecording(store, environ)
    return recording if recording.is_on else None


def span_being_called() -> Key | None:
    """The key of the CLIENT span that is current; None where no call is to be recorded.

    The exporter's own calls are made while instrumentation is suppressed, or with no CLIENT span at all.
    """
    if not wants_outgoing() or not is_instrumentation_enabled():
        return None
    span = get_current_span()
    if getattr(span, "kind", None) is not SpanKind.CLIENT or not span.is_recording():
        return None
    context = span.get_span_context()
    return (context.trace_id, context.span_id) if context.trace_flags.sampled else None


def new_made_recording(key: Key | None) -> MadeRecording | None:
    """Starts to record the call being made under a span; None where nothing is to be captured.

    Args:
        key: What `span_being_called` said.
    """
    store = current_store()
    return None if store is None or key is None else MadeRecording(store, key, store.get(key))
