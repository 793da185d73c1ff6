"""Bodies of an application of aiohttp's server, from a middleware right after OpenTelemetry's, and from streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web
from aiohttp.payload import AsyncIterablePayload, IOBasePayload, Payload

from opentelemetry_exporter_moesif.capture.recording import ServedRecording, new_recording

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_OPENTELEMETRY = "opentelemetry.instrumentation.aiohttp_server"
_RECORDING = "opentelemetry_exporter_moesif.recording"


def before_init(wrapped: Any, _instance: object, args: Any, kwargs: Any) -> None:
    """Makes an application with our middleware right after OpenTelemetry's, or first where there is none."""
    middlewares: list[Any] = list(kwargs.get("middlewares") or ())
    after = [place for place, each in enumerate(middlewares, start=1) if _is_opentelemetrys(each)]
    middlewares.insert(max(after, default=0), capture_bodies)
    wrapped(*args, **{**kwargs, "middlewares": middlewares})


def _is_opentelemetrys(middleware: Any) -> bool:
    return str(getattr(middleware, "__module__", "")).startswith(_OPENTELEMETRY)


@web.middleware
async def capture_bodies(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Serves a call, and copies its bodies on their way while a store is open."""
    recording = None if _RECORDING in request else new_recording()
    if recording is None:
        return await handler(request)
    request[_RECORDING] = recording
    recording.request.starts(request.headers.items())
    if request.body_exists:
        # What `read`, `post`, `multipart` and `content` read from; nothing public lies between.
        request._payload = recording.request.stream(request._payload)  # noqa: SLF001
    try:
        response = await handler(request)
    except web.HTTPException as answer:
        recording.harmlessly(_record_response, recording, answer)
        raise
    except BaseException as error:
        recording.fails(error)
        raise
    recording.harmlessly(_record_response, recording, response)
    return response


def _record_response(recording: ServedRecording, response: web.StreamResponse) -> None:
    """Copies what is ready now, while the span is current: aiohttp sends it after the middlewares have returned."""
    if response.prepared:
        return  # a stream, which the handler has sent
    if isinstance(response, web.FileResponse):
        recording.response.starts(response.headers.items())
        recording.response.is_file()
    elif isinstance(response, web.Response):
        _starts(recording, response)
        _record_body(recording, response.body)


def _record_body(recording: ServedRecording, body: Any) -> None:
    if isinstance(body, IOBasePayload):
        recording.response.is_file(body.size)
    elif isinstance(body, AsyncIterablePayload):
        body._iter = recording.response.stream(body._iter)  # noqa: SLF001  # type: ignore[has-type]
    elif not isinstance(body, Payload):
        recording.response.whole(body or b"")


def _starts(recording: ServedRecording, response: web.StreamResponse) -> None:
    # It is compressed later, if at all, unless the application has done so.
    is_compressed_later = response.compression
    names = ("content-length", "content-encoding") if is_compressed_later else ()
    recording.response.starts([(name, value) for name, value in response.headers.items() if name.lower() not in names])


async def prepare(wrapped: Any, instance: web.StreamResponse, args: Any, kwargs: Any) -> Any:
    """Takes the headers of a stream, whose pieces follow."""
    request = args[0] if args else kwargs["request"]
    recording: ServedRecording | None = request.get(_RECORDING)
    if recording is None:
        pass
    elif isinstance(instance, web.FileResponse):
        recording.response.is_file(instance.content_length)  # it is known by now
    elif not isinstance(instance, web.Response):
        instance[_RECORDING] = recording
        recording.harmlessly(_starts, recording, instance)
    return await wrapped(*args, **kwargs)


async def write(wrapped: Any, instance: web.StreamResponse, args: Any, kwargs: Any) -> Any:
    """Copies a piece of a stream."""
    recording: ServedRecording | None = instance.get(_RECORDING)
    if recording is None:
        return await wrapped(*args, **kwargs)
    recording.response.chunk(args[0] if args else kwargs.get("data", b""))
    try:
        return await wrapped(*args, **kwargs)
    except OSError:
        recording.response.aborts()
        raise


async def write_eof(wrapped: Any, instance: web.StreamResponse, args: Any, kwargs: Any) -> Any:
    """Copies the last piece of a stream."""
    recording: ServedRecording | None = instance.get(_RECORDING)
    if recording is not None:
        recording.response.whole(args[0] if args else kwargs.get("data", b""))
    return await wrapped(*args, **kwargs)
