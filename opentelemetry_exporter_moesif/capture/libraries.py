"""Every framework and every client library whose bodies are captured with no code: a row is a method that is wrapped.

It is wrapped once the application imports the library, and never imported for it.
"""

from __future__ import annotations

import logging
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

import wrapt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import ModuleType

_logger = logging.getLogger("opentelemetry_exporter_moesif")


class _Hook(NamedTuple):
    """A method, `Class.method`, or a function to wrap once `module` is imported.

    Args:
        module: The module that defines it.
        name: Its name in there.
        wrapper: The module and the name of the wrapper in this package.
        optional: Whether some versions do not have it.
    """

    module: str
    name: str
    wrapper: tuple[str, str]
    optional: bool = False


SERVERS = (
    _Hook("flask.app", "Flask.__init__", ("flask_app", "after_init")),
    _Hook("django.core.handlers.base", "BaseHandler.load_middleware", ("django_middleware", "before_load")),
    _Hook("starlette.applications", "Starlette.build_middleware_stack", ("starlette_app", "before_build")),
    _Hook("fastapi.applications", "FastAPI.build_middleware_stack", ("starlette_app", "before_build")),
    _Hook("falcon.app", "App.__call__", ("falcon_app", "call")),
    _Hook("opentelemetry.instrumentation.pyramid", "trace_tween_factory", ("pyramid_tween", "before_tween")),
    _Hook("aiohttp.web_app", "Application.__init__", ("aiohttp_server", "before_init")),
    _Hook("aiohttp.web_response", "StreamResponse.prepare", ("aiohttp_server", "prepare")),
    _Hook("aiohttp.web_response", "StreamResponse.write", ("aiohttp_server", "write")),
    _Hook("aiohttp.web_response", "StreamResponse.write_eof", ("aiohttp_server", "write_eof")),
    _Hook("tornado.web", "Application.__init__", ("tornado_app", "after_init")),
    _Hook("tornado.web", "_HandlerDelegate.data_received", ("tornado_app", "data_received")),
    _Hook("tornado.web", "_HandlerDelegate.on_connection_close", ("tornado_app", "on_connection_close")),
    # Litestar, Quart, and whatever else is instrumented by OpenTelemetry's middlewares.
    _Hook("opentelemetry.instrumentation.asgi", "OpenTelemetryMiddleware.__init__", ("asgi", "inside_middleware")),
    _Hook("opentelemetry.instrumentation.wsgi", "OpenTelemetryMiddleware.__init__", ("wsgi", "inside_middleware")),
)
CLIENTS = (
    # Requests calls through urllib3, too.
    _Hook("urllib3.connectionpool", "HTTPConnectionPool.urlopen", ("urllib3_client", "urlopen")),
    _Hook("urllib3.response", "HTTPResponse.read", ("urllib3_client", "read")),
    _Hook("urllib3.response", "HTTPResponse.read1", ("urllib3_client", "read"), optional=True),  # since 2.3
    _Hook("urllib3.response", "HTTPResponse.read_chunked", ("urllib3_client", "read_chunked")),
    _Hook("httpx", "HTTPTransport.handle_request", ("httpx_client", "handle_request")),
    _Hook("httpx", "AsyncHTTPTransport.handle_async_request", ("httpx_client", "handle_async_request")),
    _Hook("aiohttp.client", "ClientSession.__init__", ("aiohttp_client", "before_init")),
)

_NOT_CAPTURED = "Moesif exporter: bodies of %s are not captured"

_undo: list[Callable[[], None]] = []
_hooked: set[_Hook] = set()
_registered: set[_Hook] = set()


def hook_all(hooks: Iterable[_Hook]) -> None:
    """Hooks these libraries, those that are imported and those that will be."""
    for hook in hooks:
        if hook in _hooked:
            continue
        _hooked.add(hook)
        if hook not in _registered:
            _registered.add(hook)
            wrapt.register_post_import_hook(_on_import(hook), hook.module)
        elif hook.module in sys.modules:
            _on_import(hook)(sys.modules[hook.module])


def unhook_all() -> None:
    """Undoes what was done. Applications made meanwhile keep their middleware, which captures while a store is open."""
    _hooked.clear()
    while _undo:
        _undo.pop()()


def _on_import(hook: _Hook) -> Callable[[ModuleType], None]:
    def on_import(module: ModuleType) -> None:
        if hook not in _hooked:
            return
        # It runs inside an import statement of the application, which must not fail for our sake.
        try:
            _wrap(hook, module)
        except Exception:
            _logger.exception(_NOT_CAPTURED, hook.name)

    return on_import


def _wrap(hook: _Hook, module: ModuleType) -> None:
    class_name, _, name = hook.name.rpartition(".")
    owner = _own_class(module, class_name) if class_name else module
    if hook.optional and not hasattr(owner, name):
        return
    _undo.append(_wrap_innermost(owner, name, _Wrapper(hook)))


class _Wrapper:
    """A wrapper that is loaded at its first call: while the library is being imported, half of it is missing."""

    def __init__(self, hook: _Hook) -> None:
        self._hook = hook
        self._wrap: Callable[..., Any] | None = None

    def __call__(self, wrapped: Any, instance: Any, args: Any, kwargs: Any) -> Any:
        wrap = self._wrap or self._load()
        return wrap(wrapped, instance, args, kwargs)

    def _load(self) -> Callable[..., Any]:
        file, function = self._hook.wrapper
        try:
            wrap: Callable[..., Any] = getattr(import_module(f"opentelemetry_exporter_moesif.capture.{file}"), function)
        except Exception:
            _logger.exception(_NOT_CAPTURED, self._hook.name)
            wrap = _as_it_was
        self._wrap = wrap
        return wrap


def _as_it_was(wrapped: Any, _instance: Any, args: Any, kwargs: Any) -> Any:
    return wrapped(*args, **kwargs)


def _wrap_innermost(owner: Any, name: str, wrapper: Callable[..., Any]) -> Callable[[], None]:
    """Wraps what lies beneath all other wrappers, and returns what undoes it.

    The span of an outgoing call is current only inside OpenTelemetry's wrapper, which may have come first.
    """
    original = vars(owner).get(name) or getattr(owner, name)
    if not isinstance(original, wrapt.FunctionWrapper):
        setattr(owner, name, wrapt.FunctionWrapper(original, wrapper))
        return lambda: setattr(owner, name, original)
    outer = original
    while isinstance(outer.__wrapped__, wrapt.FunctionWrapper):
        outer = outer.__wrapped__
    beneath = outer.__wrapped__
    outer.__wrapped__ = wrapt.FunctionWrapper(beneath, wrapper)
    return lambda: setattr(outer, "__wrapped__", beneath)


def _own_class(module: ModuleType, name: str) -> type:
    """The class that the module itself defines: OpenTelemetry's instrumentors put a subclass in its place."""
    for candidate in getattr(module, name).__mro__:
        if candidate.__module__ == module.__name__ and candidate.__name__ == name:
            own: type = candidate
            return own
    message = f"{module.__name__} has no {name} of its own"
    raise AttributeError(message)
