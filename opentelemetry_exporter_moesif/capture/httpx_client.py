"""Bodies of calls that HTTPX makes, at its transports: one for each request that goes over the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.capture.recording import MadeRecording, new_made_recording, span_being_called

if TYPE_CHECKING:
    import httpx


def handle_request(wrapped: Any, _instance: object, args: Any, kwargs: Any) -> Any:
    """Sends a request, and copies its body and its answer's on their way while a store is open."""
    recording = new_made_recording(span_being_called())
    if recording is None:
        return wrapped(*args, **kwargs)
    args, kwargs = recording.harmlessly(_with_recorded_body, recording, args, kwargs) or (args, kwargs)
    try:
        response = wrapped(*args, **kwargs)
    except BaseException as error:
        recording.request.breaks(error)
        raise
    recording.harmlessly(_record_response, recording, response)
    return response


async def handle_async_request(wrapped: Any, _instance: object, args: Any, kwargs: Any) -> Any:
    """The same of an asynchronous client."""
    recording = new_made_recording(span_being_called())
    if recording is None:
        return await wrapped(*args, **kwargs)
    args, kwargs = recording.harmlessly(_with_recorded_body, recording, args, kwargs) or (args, kwargs)
    try:
        response = await wrapped(*args, **kwargs)
    except BaseException as error:
        recording.request.breaks(error)
        raise
    recording.harmlessly(_record_response, recording, response)
    return response


def _with_recorded_body(recording: MadeRecording, args: Any, kwargs: Any) -> tuple[Any, Any]:
    request: httpx.Request = args[0] if args else kwargs["request"]
    recording.request.starts(request.headers.multi_items())
    if hasattr(request, "_content"):  # read already, as everything but a stream is
        recording.request.whole(request.content)
        return args, kwargs
    # A twin: the application's own request keeps its own stream, which a redirect may send once more. (`copy` would
    # give it none.)
    twin = object.__new__(type(request))
    vars(twin).update(vars(request))
    twin.stream = recording.request.stream(request.stream)
    return ((twin, *args[1:]), kwargs) if args else (args, {**kwargs, "request": twin})


def _record_response(recording: MadeRecording, response: httpx.Response) -> None:
    recording.response.starts(response.headers.multi_items())
    response.stream = recording.response.stream(response.stream)
