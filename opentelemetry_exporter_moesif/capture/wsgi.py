"""Bodies of any WSGI application."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.capture.recording import Recording, RequestStream, new_recording

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Set in the environ of a call that is being recorded: a second middleware of the same call stands back.
RECORDING_KEY = "opentelemetry_exporter_moesif.recording"


def record_request(environ: WSGIEnvironment) -> Recording | None:
    """Start to record a call and put the copying stream into its environ.

    Returns:
        The recording, or None where nothing is to be captured.
    """
    if RECORDING_KEY in environ:
        return None
    recording = new_recording(environ)
    if recording is None:
        return None
    environ[RECORDING_KEY] = recording
    describe_request(recording, environ)
    if not recording.entry.request.left_out:
        environ["wsgi.input"] = RequestStream(recording, environ["wsgi.input"])
    return recording


def describe_request(recording: Recording, environ: WSGIEnvironment) -> None:
    """Tell a recording the headers of its request's body."""
    recording.request_starts(
        (
            ("Content-Type", environ.get("CONTENT_TYPE")),
            ("Content-Encoding", environ.get("HTTP_CONTENT_ENCODING")),
            ("Content-Length", environ.get("CONTENT_LENGTH")),
        )
    )


class WsgiBodyCapture:
    """A WSGI middleware that captures bodies for the exporter; streams stay streams.

    It may lie inside OpenTelemetry's middleware, which is better, or around it.

    Args:
        app: The WSGI application.
    """

    def __init__(self, app: WSGIApplication) -> None:
        self.app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve a call, and copy its bodies on their way while a store is open."""
        recording = record_request(environ)
        if recording is None:
            return self.app(environ, start_response)
        try:
            chunks = self.app(environ, _recording_start_response(recording, start_response))
        except BaseException:
            recording.response_ends()
            raise
        return _recorded(recording, chunks, environ)


def _recording_start_response(recording: Recording, start_response: StartResponse) -> StartResponse:
    def recording_start_response(
        status: str, headers: list[tuple[str, str]], *exc_info: Any
    ) -> Callable[[bytes], object]:
        recording.response_starts(headers if isinstance(headers, (list, tuple)) else ())  # PEP 3333 wants a list
        write = start_response(status, headers, *exc_info)

        def recording_write(chunk: bytes) -> object:
            recording.response_chunk(chunk)
            return write(chunk)

        return recording_write

    return recording_start_response


def _recorded(recording: Recording, chunks: Iterable[bytes], environ: WSGIEnvironment) -> Iterable[bytes]:
    if not recording.is_on:
        return chunks
    if isinstance(chunks, (list, tuple)):
        for chunk in chunks:
            recording.response_chunk(chunk)
        recording.response_ends()
        return chunks
    wrapper = environ.get("wsgi.file_wrapper")
    if isinstance(wrapper, type) and isinstance(chunks, wrapper):
        # The server sends the file itself (sendfile); in a wrapping it would no longer know it.
        return chunks
    return recording.response_stream(chunks)
