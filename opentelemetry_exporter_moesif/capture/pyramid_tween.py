"""Bodies of a Pyramid application, from right inside OpenTelemetry's tween, while the span is current."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.capture.wsgi import file_test, record_request

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyramid.request import Request
    from pyramid.response import Response

    from opentelemetry_exporter_moesif.capture.recording import ServedRecording

    Handler = Callable[[Request], Response]


def before_tween(wrapped: Any, _instance: object, args: Any, kwargs: Any) -> Any:
    """Makes OpenTelemetry's tween, around a handler that records."""
    handler, *others = args
    return wrapped(_recording(handler), *others, **kwargs)


def _recording(handler: Handler) -> Handler:
    def recording_handler(request: Request) -> Response:
        recording = record_request(request.environ)
        if recording is None:
            return handler(request)
        is_file = file_test(request.environ)
        try:
            response = handler(request)
        except BaseException:
            recording.response.ends()
            raise
        recording.harmlessly(_record_response, recording, request, response, is_file)
        return response

    return recording_handler


def _record_response(
    recording: ServedRecording, request: Request, response: Response, is_file: Callable[[Any], bool]
) -> None:
    recording.response.starts(response.headerlist)
    chunks = response.app_iter
    if request.method == "HEAD":
        recording.response.ends()
    elif isinstance(chunks, (list, tuple)):
        recording.response.whole(*chunks)
    elif is_file(chunks):
        recording.response.is_file()
    else:
        headers = list(response.headerlist)
        response.app_iter = recording.response.stream(chunks)
        response.headerlist = headers  # WebOb forgets the length with the old chunks
