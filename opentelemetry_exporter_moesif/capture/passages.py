"""The ways that bodies take: what stand-ins and middlewares tell of a body, and what its ending means there."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.capture.stand_in import recorded

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.capture.body import Body, Ending
    from opentelemetry_exporter_moesif.capture.recording import Headers, Recording


class BodyPassage:
    """One body of a recording on its way: a `Passage` of stand-ins, and what middlewares tell by themselves."""

    __slots__ = ("_body", "_position", "_recording", "_start")

    def __init__(self, recording: Recording, body: Body) -> None:
        self._recording = recording
        self._body = body
        self._position: int | None = None
        self._start = 0

    def starts(self, headers: Headers) -> None:
        """Takes the headers, before the body."""
        self._recording.harmlessly(self._recording.describe, self._body, headers)

    def chunk(self, chunk: Any) -> None:
        """Copies a piece."""
        self._recording.harmlessly(self._copy, chunk)

    def whole(self, *chunks: Any) -> None:
        """Copies all of it at once."""
        for chunk in chunks:
            self.chunk(chunk)
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
        self._position = position - self._start

    def unread(self, chunk: Any) -> None:
        """Takes a piece that will be read once more."""
        position = self._body.seen if self._position is None else self._position
        self._position = position - len(chunk)

    def stream(self, beneath: Any) -> Any:
        """A stand-in for what the body is read from; what nothing can stand in for is given back as it is."""
        with suppress(Exception):  # many that have a `seek` cannot do it: then nobody will
            if hasattr(beneath, "seek"):
                self._start = beneath.tell()
        stand_in = self._recording.harmlessly(recorded, beneath, self)
        return beneath if stand_in is None else stand_in

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

    def aborts(self) -> None:
        """Says that the client went away, if there is a body at all."""
        if self._body.seen or self._body.expected:
            self._end("aborted")

    def breaks(self, error: BaseException) -> None:  # noqa: ARG002 - whatever it is
        """Says that the server could not read on."""
        self.aborts()


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


class SentPassage(BodyPassage):
    """The way of the body of a call that the process makes, as the client library takes it."""

    __slots__ = ()

    def breaks(self, error: BaseException) -> None:  # noqa: ARG002 - whatever it is
        """Says that it was not sent to its end."""
        self._end("broken")

    def sent(self, body: Any) -> Any:
        """What is to be sent in place of `body`: the same where it is bytes or text, a stand-in for a stream."""
        if body is None:
            return body
        if isinstance(body, str):
            self.whole(body)
            return body
        try:
            content = memoryview(body)
        except TypeError:
            return self.stream(body)
        self.whole(content.cast("B") if content.c_contiguous else content.tobytes())
        return body

    def _copy(self, chunk: Any) -> None:
        if self._body.ending is None:  # and not once more for a redirect
            super()._copy(chunk)


class AnswerPassage(BodyPassage):
    """The way of an answer to such a call, as the application reads it. What nobody reads is not captured."""

    __slots__ = ()

    def breaks(self, error: BaseException) -> None:
        """Says that it could not be read on: the server went away, or the application was cancelled."""
        self._end("aborted" if isinstance(error, Exception) else "broken")

    def closes(self) -> None:
        """Says that the application wants no more of it."""
        body = self._body
        self._end("whole" if body.seen >= body.expected > 0 else "broken")

    def is_decoded(self) -> None:
        """Says that what is read is not compressed any more, whatever the headers say."""
        if self._body.content_encoding:
            self._body.content_encoding = ""
            self._body.expected = 0

    def _copy(self, chunk: Any) -> None:
        self._body.awaited = True
        super()._copy(chunk)
