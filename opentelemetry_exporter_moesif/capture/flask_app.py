"""Bodies of a Flask application, from hooks that every new application gets.

The hooks are registered in the constructor of the one class that all others derive from, OpenTelemetry's included, so
they are there in either order of the instrumentors. They run before OpenTelemetry's `before_request` and after all
other `after_request` hooks, while the span is still current.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import flask

from opentelemetry_exporter_moesif.capture.wsgi import RECORDING_KEY, record_request

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.capture.recording import ServedRecording

_OURS = "opentelemetry_exporter_moesif.flask_recording"


def add_hooks(app: flask.Flask) -> None:
    """Adds the hooks to an application, once."""
    if _before_request not in app.before_request_funcs.get(None, ()):
        app.before_request(_before_request)
        app.after_request(_after_request)


def after_init(wrapped: Any, instance: flask.Flask, args: Any, kwargs: Any) -> None:
    """Runs `Flask.__init__`, and adds the hooks to what it made."""
    wrapped(*args, **kwargs)
    add_hooks(instance)


def _before_request() -> None:
    environ = flask.request.environ
    recording = record_request(environ)
    if recording is not None:
        environ[_OURS] = recording


def _after_request(response: flask.Response) -> flask.Response:
    recording: ServedRecording | None = flask.request.environ.pop(_OURS, None)
    if recording is not None:
        flask.request.environ.pop(RECORDING_KEY, None)
        recording.harmlessly(_record_response, recording, response, flask.request.method)
    return response


def _record_response(recording: ServedRecording, response: flask.Response, method: str) -> None:
    recording.response.starts(response.headers.items())
    if not recording.is_on:
        return
    if method == "HEAD":
        recording.response.ends()
    elif not response.is_streamed:
        recording.response.whole(*response.iter_encoded())
    elif response.direct_passthrough:
        recording.response.is_file()
    else:
        response.response = recording.response.stream(response.response)
