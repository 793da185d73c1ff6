"""Which method of which framework is wrapped, and when: once the application imports the framework, never before."""

from __future__ import annotations

import logging
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

import wrapt

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

_logger = logging.getLogger("opentelemetry_exporter_moesif")


class _Hook(NamedTuple):
    """A method to wrap once `module` is imported, and the module and name of the wrapper in this package."""

    module: str
    class_name: str
    method: str
    wrapper: tuple[str, str]


_HOOKS = (
    _Hook("flask.app", "Flask", "__init__", ("flask_hooks", "after_init")),
    _Hook("django.core.handlers.base", "BaseHandler", "load_middleware", ("django_middleware", "before_load")),
    _Hook("starlette.applications", "Starlette", "build_middleware_stack", ("starlette_middleware", "before_build")),
    _Hook("fastapi.applications", "FastAPI", "build_middleware_stack", ("starlette_middleware", "before_build")),
)

_wrapped: list[tuple[type, str, Any]] = []
_state = {"hooked": False, "registered": False}


def hook_all() -> None:
    """Hook every framework that is imported, or will be."""
    _state["hooked"] = True
    if _state["registered"]:
        for hook in _HOOKS:
            _hook_if_imported(hook)
        return
    _state["registered"] = True
    for hook in _HOOKS:
        wrapt.register_post_import_hook(_on_import(hook), hook.module)


def unhook_all() -> None:
    """Undo what was done. Applications made meanwhile keep their middleware, which captures while a store is open."""
    _state["hooked"] = False
    while _wrapped:
        owner, method, original = _wrapped.pop()
        setattr(owner, method, original)


def _on_import(hook: _Hook) -> Callable[[ModuleType], None]:
    def on_import(module: ModuleType) -> None:
        if not _state["hooked"]:
            return
        # It runs inside an import statement of the application, which must not fail for our sake.
        try:
            _wrap(hook, module)
        except Exception:
            _logger.exception("Moesif exporter: bodies of %s are not captured", hook.class_name)

    return on_import


def _hook_if_imported(hook: _Hook) -> None:
    module = sys.modules.get(hook.module)
    if module is not None:
        _on_import(hook)(module)


def _wrap(hook: _Hook, module: ModuleType) -> None:
    owner = _own_class(module, hook.class_name)
    original = getattr(owner, hook.method)
    file, function = hook.wrapper
    wrapper = getattr(import_module(f"opentelemetry_exporter_moesif.capture.{file}"), function)
    wrapt.wrap_function_wrapper(owner, hook.method, wrapper)
    _wrapped.append((owner, hook.method, original))


def _own_class(module: ModuleType, name: str) -> type:
    """Return the class that the module itself defines: OpenTelemetry's instrumentors put a subclass in its place."""
    for candidate in getattr(module, name).__mro__:
        if candidate.__module__ == module.__name__ and candidate.__name__ == name:
            own: type = candidate
            return own
    message = f"{module.__name__} has no {name} of its own"
    raise AttributeError(message)
