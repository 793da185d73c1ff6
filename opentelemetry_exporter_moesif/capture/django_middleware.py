"""Bodies of a Django application, from a middleware right after OpenTelemetry's, sync and async."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings

from opentelemetry_exporter_moesif.capture.recording import ServedRecording, new_recording
from opentelemetry_exporter_moesif.capture.wsgi import RECORDING_KEY, describe_request

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

OURS = f"{__name__}.BodyCaptureMiddleware"
_OPENTELEMETRY_PREFIX = "opentelemetry.instrumentation.django.middleware."


def place_middleware(middleware: list[str]) -> list[str]:
    """A MIDDLEWARE setting with ours right after OpenTelemetry's, or first where there is none."""
    others = [name for name in middleware if name != OURS]
    after = [place for place, name in enumerate(others, start=1) if name.startswith(_OPENTELEMETRY_PREFIX)]
    place = max(after, default=0)
    return [*others[:place], OURS, *others[place:]]


def before_load(wrapped: Any, _instance: object, args: Any, kwargs: Any) -> Any:
    """Puts our middleware into the settings at the last moment: when Django builds its chain from them."""
    settings.MIDDLEWARE = place_middleware(list(settings.MIDDLEWARE))
    return wrapped(*args, **kwargs)


class BodyCaptureMiddleware:
    """Django's middleware protocol, for sync and async chains."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Serves a call, and copies its bodies on their way while a store is open."""
        if self.is_async:
            return self._serve_async(request)
        recording = _record_request(request)
        response: HttpResponseBase = self.get_response(request)
        if recording is not None:
            recording.harmlessly(_record_response, recording, request, response)
        return response

    async def _serve_async(self, request: HttpRequest) -> HttpResponseBase:
        recording = _record_request(request)
        response: HttpResponseBase = await self.get_response(request)
        if recording is not None:
            recording.harmlessly(_record_response, recording, request, response)
        return response


def _record_request(request: HttpRequest) -> ServedRecording | None:
    if RECORDING_KEY in request.META:
        return None
    recording = new_recording()
    if recording is None:
        return None
    describe_request(recording, request.META)
    # Django reads the body from here, whether as `request.body`, as a form or as a stream; nothing public lies between.
    stream = getattr(request, "_stream", None)
    if stream is not None and not recording.entry.request.left_out:
        request._stream = recording.request.stream(stream)  # noqa: SLF001  # pyright: ignore[reportAttributeAccessIssue]  # see above
    return recording


def _record_response(recording: ServedRecording, request: HttpRequest, response: Any) -> None:
    recording.response.starts(response.items())
    if request.method == "HEAD":
        recording.response.ends()
    elif not response.streaming:
        recording.response.whole(*response)
    elif getattr(response, "file_to_stream", None) is not None:
        recording.response.is_file()  # The server sends it itself (sendfile); of a stand-in it would not know it.
    else:
        # Django iterates what has no `close`: only here does it tell that the client went away.
        response._resource_closers.append(recording.response.closes)  # noqa: SLF001  # pyright: ignore[reportAttributeAccessIssue]
        response.streaming_content = recording.response.stream(response.streaming_content)
