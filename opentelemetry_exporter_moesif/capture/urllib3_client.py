"""Bodies of calls that urllib3 makes, for itself and for Requests."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.capture.recording import MadeRecording, new_made_recording, span_being_called

if TYPE_CHECKING:
    from collections.abc import Iterator

    from urllib3.response import HTTPResponse

    from opentelemetry_exporter_moesif.capture.passages import AnswerPassage

_ANSWER = "_opentelemetry_exporter_moesif_answer"
_BODY, _HEADERS = 2, 3
"""Their places among the arguments of `urlopen`."""

# The span whose call is under way: `urlopen` calls itself for each retry and redirect.
_under_way: ContextVar[Any] = ContextVar("opentelemetry_exporter_moesif_urllib3", default=None)


def urlopen(wrapped: Any, instance: Any, args: Any, kwargs: Any) -> Any:
    """Makes a call, and copies its bodies on their way while a store is open."""
    key = span_being_called()
    if key is None or key == _under_way.get():
        return wrapped(*args, **kwargs)
    recording = new_made_recording(key)
    if recording is None:
        return wrapped(*args, **kwargs)
    if recording.is_first:
        args, kwargs = recording.harmlessly(_with_recorded_body, recording, instance, args, kwargs) or (args, kwargs)
    token = _under_way.set(key)
    try:
        response = wrapped(*args, **kwargs)
    except BaseException as error:
        recording.request.breaks(error)
        raise
    finally:
        _under_way.reset(token)
    recording.harmlessly(_record_response, recording, response)
    return response


def _with_recorded_body(recording: MadeRecording, pool: Any, args: Any, kwargs: Any) -> tuple[Any, Any]:
    body = args[_BODY] if len(args) > _BODY else kwargs.get("body")
    headers = args[_HEADERS] if len(args) > _HEADERS else kwargs.get("headers")
    recording.request.starts((pool.headers if headers is None else headers).items())
    recorded = recording.request.sent(body)
    if recorded is body:
        return args, kwargs
    if len(args) > _BODY:
        return (*args[:_BODY], recorded, *args[_BODY + 1 :]), kwargs
    return args, {**kwargs, "body": recorded}


def _record_response(recording: MadeRecording, response: HTTPResponse) -> None:
    recording.response.starts(response.headers.items())
    vars(response)[_ANSWER] = recording.response
    content = getattr(response, "_body", None)
    if isinstance(content, bytes):  # it was read before `urlopen` returned (`preload_content`)
        _tell_decoding(recording.response, response, response.decode_content)
        recording.response.whole(content)


def read(wrapped: Any, instance: Any, args: Any, kwargs: Any) -> Any:
    """Reads an answer, and copies what was read."""
    passage: AnswerPassage | None = vars(instance).get(_ANSWER)
    if passage is None:
        return wrapped(*args, **kwargs)
    _tell_decoding(passage, instance, _wants_decoded(args, kwargs))
    try:
        chunk = wrapped(*args, **kwargs)
    except BaseException as error:
        passage.breaks(error)
        raise
    if chunk:
        passage.chunk(chunk)
    if instance.closed:  # as it is after the last byte
        passage.ends()
    return chunk


def read_chunked(wrapped: Any, instance: Any, args: Any, kwargs: Any) -> Iterator[bytes]:
    """Reads an answer that is sent in chunks, and copies what was read."""
    chunks: Iterator[bytes] = wrapped(*args, **kwargs)
    passage: AnswerPassage | None = vars(instance).get(_ANSWER)
    if passage is None:
        return chunks
    _tell_decoding(passage, instance, _wants_decoded(args, kwargs))
    stream: Iterator[bytes] = passage.stream(chunks)
    return stream


def _wants_decoded(args: Any, kwargs: Any) -> bool | None:
    wanted: bool | None = args[1] if len(args) > 1 else kwargs.get("decode_content")
    return wanted


def _tell_decoding(passage: AnswerPassage, response: HTTPResponse, wanted: bool | None) -> None:  # noqa: FBT001
    """urllib3 undoes the compressions that it knows, unless it is told not to."""
    wanted = response.decode_content if wanted is None else wanted
    names = response.headers.get("content-encoding", "").lower().split(",")
    if wanted and all(name.strip() in response.CONTENT_DECODERS for name in names):
        passage.is_decoded()
