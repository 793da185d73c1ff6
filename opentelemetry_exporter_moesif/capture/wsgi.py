"""Bodies of any WSGI application."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.capture.middleware import Middleware
from opentelemetry_exporter_moesif.capture.recording import ServedRecording, new_recording
from opentelemetry_exporter_moesif.capture.stand_in import Transparent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Set in the environ of a call that is being recorded: a second middleware of the same call stands back.
RECORDING_KEY = "opentelemetry_exporter_moesif.recording"

_FILE_WRAPPER = "wsgi.file_wrapper"


def record_request(environ: WSGIEnvironment) -> ServedRecording | None:
    """Starts to record a call and puts the copying stream into its environ.

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
    if not recording.entry.request.left_out and "wsgi.input" in environ:
        environ["wsgi.input"] = recording.request.stream(environ["wsgi.input"])
    return recording


def describe_request(recording: ServedRecording, environ: WSGIEnvironment) -> None:
    """Tells a recording the headers of its request's body."""
    recording.request.starts(
        (
            ("Content-Type", environ.get("CONTENT_TYPE")),
            ("Content-Encoding", environ.get("HTTP_CONTENT_ENCODING")),
            ("Content-Length", environ.get("CONTENT_LENGTH")),
        )
    )


class WsgiBodyCapture(Middleware):
    """A WSGI middleware that captures bodies for the exporter; streams stay streams.

    It may lie inside OpenTelemetry's middleware, which is better, or around it.

    Args:
        app: The WSGI application.
    """

    def __init__(self, app: WSGIApplication) -> None:
        self.app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serves a call, and copies its bodies on their way while a store is open."""
        recording = record_request(environ)
        if recording is None:
            return self.app(environ, start_response)
        is_file = file_test(environ)
        try:
            chunks = self.app(environ, _recording_start_response(recording, start_response))
        except BaseException:
            recording.response.ends()
            raise
        return _recorded(recording, chunks, is_file)


def inside_middleware(wrapped: Any, instance: Any, args: Any, kwargs: Any) -> None:
    """Makes OpenTelemetry's middleware, around ours: any framework that has no hooks of its own is served by it."""
    wrapped(*args, **kwargs)
    instance.wsgi = WsgiBodyCapture(instance.wsgi)


def _recording_start_response(recording: ServedRecording, start_response: StartResponse) -> StartResponse:
    def recording_start_response(
        status: str, headers: list[tuple[str, str]], *more: Any, **named: Any
    ) -> Callable[[bytes], object]:
        recording.response.starts(headers if isinstance(headers, (list, tuple)) else ())  # PEP 3333 wants a list
        write = start_response(status, headers, *more, **named)

        def recording_write(chunk: bytes) -> object:
            recording.response.chunk(chunk)
            return write(chunk)

        return recording_write

    return recording_start_response


class _FileWrapper(Transparent):
    """A server's file wrapper that is no class, such as uWSGI's: what it made is the file itself, to be known again."""

    __slots__ = ("_moesif_made",)

    def __init__(self, beneath: Any, made: list[Any]) -> None:
        super().__init__(beneath)
        object.__setattr__(self, "_moesif_made", made)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        made = self._moesif_beneath(*args, **kwargs)
        self._moesif_made.append(made)
        return made


def file_test(environ: WSGIEnvironment) -> Callable[[Any], bool]:
    """A function that tells the files that the server is to send itself (sendfile) from other answers.

    In a stand-in the server would no longer know them.
    """
    wrapper = environ.get(_FILE_WRAPPER)
    if wrapper is None:
        return lambda _: False
    if isinstance(wrapper, type):
        return lambda chunks: isinstance(chunks, wrapper)
    made: list[Any] = []
    environ[_FILE_WRAPPER] = _FileWrapper(wrapper, made)
    return lambda chunks: any(chunks is each for each in made)


def _recorded(recording: ServedRecording, chunks: Iterable[bytes], is_file: Callable[[Any], bool]) -> Iterable[bytes]:
    if not recording.is_on:
        return chunks
    if isinstance(chunks, (list, tuple)):
        recording.response.whole(*chunks)
        return chunks
    if is_file(chunks):
        recording.response.is_file()
        return chunks
    stream: Iterable[bytes] = recording.response.stream(chunks)
    return stream
