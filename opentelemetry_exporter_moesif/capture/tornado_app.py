"""Bodies of a Tornado application: answers from an output transform, its own way to see them, requests as read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tornado.web import OutputTransform

from opentelemetry_exporter_moesif.capture.recording import ServedRecording, new_recording

if TYPE_CHECKING:
    from tornado.httputil import HTTPHeaders, HTTPServerRequest

_RECORDING = "_opentelemetry_exporter_moesif_recording"


def after_init(wrapped: Any, instance: Any, args: Any, kwargs: Any) -> None:
    """Makes an application whose first transform is ours: what the handler writes is not compressed there."""
    wrapped(*args, **kwargs)
    instance.transforms = [BodyTransform, *instance.transforms]


def data_received(wrapped: Any, instance: Any, args: Any, kwargs: Any) -> Any:
    """Copies a piece of a request whose handler takes it in pieces (`stream_request_body`)."""
    if instance.stream_request_body:
        recording = _recording_of(instance.request)
        if recording is not None:
            recording.request.chunk(*args, **kwargs)
    return wrapped(*args, **kwargs)


def on_connection_close(wrapped: Any, instance: Any, args: Any, kwargs: Any) -> Any:
    """Says that the client went away."""
    recording: ServedRecording | None = getattr(instance.request, _RECORDING, None)
    if recording is not None:
        recording.request.aborts()
        recording.response.aborts()
    return wrapped(*args, **kwargs)


class BodyTransform(OutputTransform):
    """Passes on what a handler writes, and copies it while a store is open."""

    def __init__(self, request: HTTPServerRequest) -> None:
        self._request = request

    def transform_first_chunk(
        self,
        status_code: int,
        headers: HTTPHeaders,
        chunk: bytes,
        finishing: bool,  # noqa: FBT001 - Tornado's
    ) -> tuple[int, HTTPHeaders, bytes]:
        """Takes the headers and the first piece."""
        recording = _recording_of(self._request)
        if recording is not None:
            if self._request.body and not recording.entry.request.seen:
                recording.request.whole(self._request.body)
            recording.response.starts(headers.get_all())
            self._copy(recording, chunk, finishing)
        return status_code, headers, chunk

    def transform_chunk(self, chunk: bytes, finishing: bool) -> bytes:  # noqa: FBT001 - Tornado's
        """Takes a further piece."""
        recording: ServedRecording | None = getattr(self._request, _RECORDING, None)
        if recording is not None:
            self._copy(recording, chunk, finishing)
        return chunk

    def _copy(self, recording: ServedRecording, chunk: bytes, finishing: bool) -> None:  # noqa: FBT001 - Tornado's
        recording.response.chunk(chunk)
        if finishing and self._is_client_gone():
            recording.response.aborts()
        elif finishing:
            recording.response.ends()

    def _is_client_gone(self) -> bool:
        """Where a write finds that out, Tornado finishes the answer before it says that the connection was closed."""
        stream = getattr(self._request.connection, "stream", None)
        return stream is not None and stream.closed()


def _recording_of(request: HTTPServerRequest) -> ServedRecording | None:
    recording: ServedRecording | None = getattr(request, _RECORDING, None)
    if recording is None:
        recording = new_recording()
        if recording is not None:
            setattr(request, _RECORDING, recording)
            recording.request.starts(request.headers.get_all())
    return recording
