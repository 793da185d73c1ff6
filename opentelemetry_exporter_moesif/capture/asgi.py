"""Bodies of any ASGI application."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from opentelemetry_exporter_moesif.capture.middleware import Middleware
from opentelemetry_exporter_moesif.capture.recording import ServedRecording, new_recording
from opentelemetry_exporter_moesif.capture.wsgi import RECORDING_KEY

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

# Extensions of ASGI by which the server sends a file itself.
_FILES = ("http.response.pathsend", "http.response.zerocopysend")


class AsgiBodyCapture(Middleware):
    """An ASGI middleware that captures bodies for the exporter; streams stay streams.

    It may lie inside OpenTelemetry's middleware, which is better, or around it.

    Args:
        app: The ASGI application.
    """

    def __init__(self, app: Application) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves a call, and copies its bodies on their way while a store is open."""
        recording = new_recording() if scope["type"] == "http" and RECORDING_KEY not in scope else None
        if recording is None:
            await self.app(scope, receive, send)
            return
        scope[RECORDING_KEY] = recording
        recording.request.starts(scope.get("headers", ()))
        try:
            await self.app(scope, _recording_receive(recording, receive), _recording_send(recording, send))
        except BaseException as error:
            recording.fails(error)
            raise
        recording.response.ends()


def inside_middleware(wrapped: Any, instance: Any, args: Any, kwargs: Any) -> None:
    """Makes OpenTelemetry's middleware, around ours: any framework that has no hooks of its own is served by it."""
    wrapped(*args, **kwargs)
    instance.app = AsgiBodyCapture(instance.app)


def _recording_receive(recording: ServedRecording, receive: Receive) -> Receive:
    @functools.wraps(receive)
    async def recording_receive() -> Message:
        message = await receive()
        if message["type"] == "http.request":
            recording.request.chunk(message.get("body", b""))
            if not message.get("more_body", False):
                recording.request.ends()
        elif message["type"] == "http.disconnect" and recording.entry.response.ending is None:
            recording.request.aborts()
            recording.response.aborts()
        return message

    return recording_receive


def _recording_send(recording: ServedRecording, send: Send) -> Send:
    # Before it is passed on: OpenTelemetry's middleware ends the span with the last message.
    @functools.wraps(send)
    async def recording_send(message: Message) -> None:
        kind = message["type"]
        if kind == "http.response.start":
            recording.response.starts(message.get("headers", ()))
        elif kind == "http.response.body":
            recording.response.chunk(message.get("body", b""))
            if not message.get("more_body", False):
                recording.response.ends()
        elif kind in _FILES:
            recording.response.is_file(message.get("count"))
        try:
            await send(message)
        except OSError:
            recording.response.aborts()
            raise

    return recording_send
