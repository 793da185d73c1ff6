"""Spans that tell a call which another span has told already, and that are known as such when they are made.

contrib's instrumentation of Tornado ends a call's span when its handler finishes. Where the handler, or a class that it
derives from, raises an `HTTPError` after that, it makes a second SERVER span for its 404 or 405, which nobody was sent.
Nothing in the two spans tells them from those of two calls, so the second one is noted where it is made.
"""

from __future__ import annotations

import importlib.util
import logging
import sys
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.encoding.identity_memory import note_repeated

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from types import ModuleType

_logger = logging.getLogger("opentelemetry_exporter_moesif")

_INSTRUMENTATION = "opentelemetry.instrumentation.tornado"
_FIRST_SPAN = "_moesif_first_span"


class _Watch:
    """Has the instrumentation wrapped when it is imported, with `wrapt`, which it imports itself.

    A process that does not import it does without the 30 ms of `wrapt`. Nothing is imported while a module is looked
    for: the lock of all imports is held then, and another thread that imports the same waits for that.
    """

    def __init__(self) -> None:
        self._goes_on = True

    def find_spec(self, name: str, path: Any = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """See `importlib.abc.MetaPathFinder`: finds this one module as others do, and has it wrapped."""
        del path, target
        if name != _INSTRUMENTATION or not self._goes_on:
            return None
        self._goes_on = False
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            run = spec.loader.exec_module

            def run_and_wrap(module: ModuleType) -> None:
                run(module)
                _wrap_start(module)

            spec.loader.exec_module = run_and_wrap  # type: ignore[method-assign]  # of this one module's loader
        return spec


_watches: list[_Watch] = []


def watch_for_repeated_spans() -> None:
    """Notes repeated spans from the moment on that the instrumentation is imported. May be called more than once."""
    if _watches:
        return
    _watches.append(_Watch())
    if _INSTRUMENTATION in sys.modules:
        _wrap_start(sys.modules[_INSTRUMENTATION])
    else:
        sys.meta_path.insert(0, _watches[0])


def _wrap_start(module: ModuleType) -> None:
    import wrapt  # noqa: PLC0415 - see `_Watch`

    # Inside an import statement of the application, which must not fail for our sake.
    try:
        wrapt.wrap_function_wrapper(module, "_start_span", _start)
    except Exception as error:  # noqa: BLE001 - another version, without such a function
        _logger.debug("Moesif exporter: Tornado's repeated spans are not known: %s", error)


def _start(wrapped: Any, _instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Around ``_start_span(tracer, handler, …)``, which returns the span with its context."""
    started = wrapped(*args, **kwargs)
    try:
        request, span = args[1].request, started.span
        first = getattr(request, _FIRST_SPAN, None)
        if first is None:
            setattr(request, _FIRST_SPAN, span)
        elif not first.is_recording() and first.get_span_context().trace_flags.sampled:
            context = span.get_span_context()
            note_repeated(context.trace_id, context.span_id)
    except (AttributeError, IndexError, TypeError) as error:  # another version, which calls it differently
        _logger.debug("Moesif exporter: a repeated span may be sent: %s", error)
    return started
