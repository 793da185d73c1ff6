"""Bodies of any ASGI application."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from opentelemetry_exporter_moesif.capture.recording import Recording, new_recording
from opentelemetry_exporter_moesif.capture.wsgi import RECORDING_KEY

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class AsgiBodyCapture:
    """An ASGI middleware that captures bodies for the exporter; streams stay streams.

    It may lie inside OpenTelemetry's middleware, which is better, or around it.

    Args:
        app: The ASGI application.
    """

    def __init__(self, app: Application) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a call, and copy its bodies on their way while a store is open."""
        recording = new_recording() if scope["type"] == "http" and RECORDING_KEY not in scope else None
        if recording is None:
            await self.app(scope, receive, send)
            return
        scope[RECORDING_KEY] = recording
        recording.request_starts(scope.get("headers", ()))
        try:
            await self.app(scope, _recording_receive(recording, receive), _recording_send(recording, send))
        except BaseException:
            if not recording.entry.response.seen:
                recording.response_ends()
            raise
        recording.response_ends()


def _recording_receive(recording: Recording, receive: Receive) -> Receive:
    async def recording_receive() -> Message:
        message = await receive()
        if message["type"] == "http.request":
            recording.request_chunk(message.get("body", b""))
        return message

    return recording_receive


def _recording_send(recording: Recording, send: Send) -> Send:
    async def recording_send(message: Message) -> None:
        if message["type"] == "http.response.start":
            recording.response_starts(message.get("headers", ()))
        elif message["type"] == "http.response.body":
            recording.response_chunk(message.get("body", b""))
            if not message.get("more_body", False):
                # Before it is passed on: OpenTelemetry's middleware ends the span with this message.
                recording.response_ends()
        await send(message)

    return recording_send
