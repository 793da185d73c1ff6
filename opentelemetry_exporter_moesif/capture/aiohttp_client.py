"""Bodies of calls that aiohttp's client makes, by its own signals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import TraceConfig

from opentelemetry_exporter_moesif.capture.recording import MadeRecording, new_made_recording, span_being_called

if TYPE_CHECKING:
    from types import SimpleNamespace

    import aiohttp


def before_init(wrapped: Any, _instance: object, args: Any, kwargs: Any) -> None:
    """Makes a session that tells us of its calls, too."""
    wrapped(*args, **{**kwargs, "trace_configs": [*(kwargs.get("trace_configs") or ()), _trace_config()]})


def _trace_config() -> TraceConfig:
    config = TraceConfig()
    config.on_request_headers_sent.append(_headers_sent)
    config.on_request_chunk_sent.append(_chunk_sent)
    config.on_request_redirect.append(_redirected)
    config.on_request_exception.append(_failed)
    config.on_request_end.append(_answered)
    return config


async def _headers_sent(
    _session: aiohttp.ClientSession, call: SimpleNamespace, params: aiohttp.TraceRequestHeadersSentParams
) -> None:
    # OpenTelemetry's span is current from its `on_request_start` on, whichever of the two comes first in the list.
    if hasattr(call, "recording"):
        await _redirected(_session, call, params)  # a retry
        return
    call.recording = recording = new_made_recording(span_being_called())
    if recording is not None:
        recording.request.starts(params.headers.items())


async def _chunk_sent(
    _session: aiohttp.ClientSession, call: SimpleNamespace, params: aiohttp.TraceRequestChunkSentParams
) -> None:
    recording = _recording_of(call)
    if recording is not None:
        recording.request.chunk(params.chunk)


async def _redirected(_session: aiohttp.ClientSession, call: SimpleNamespace, _params: object) -> None:
    """The first request counts."""
    recording = _recording_of(call)
    if recording is not None:
        recording.request.ends()


async def _failed(
    _session: aiohttp.ClientSession, call: SimpleNamespace, params: aiohttp.TraceRequestExceptionParams
) -> None:
    recording = _recording_of(call)
    if recording is not None:
        recording.request.breaks(params.exception)


async def _answered(
    session: aiohttp.ClientSession, call: SimpleNamespace, params: aiohttp.TraceRequestEndParams
) -> None:
    recording = _recording_of(call)
    if recording is not None:
        recording.request.ends()
        recording.harmlessly(_record_answer, recording, session, params.response)


def _record_answer(recording: MadeRecording, session: aiohttp.ClientSession, response: aiohttp.ClientResponse) -> None:
    recording.response.starts(response.headers.items())
    if session.auto_decompress:
        recording.response.is_decoded()
    response.content = recording.response.stream(response.content)


def _recording_of(call: SimpleNamespace) -> MadeRecording | None:
    recording: MadeRecording | None = getattr(call, "recording", None)
    return recording
