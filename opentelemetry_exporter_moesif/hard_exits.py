"""Ends that Python does not notice: `os._exit` and `os.exec…` leave at once what waits in the process."""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.process_end import end_by_signal, finish_quietly, flush_tracing, shut_down_tracing

if TYPE_CHECKING:
    from collections.abc import Callable

_hardened: set[str] = set()


def flush_at_hard_exits() -> None:
    """Makes `os._exit` shut tracing down first, and `os.exec…` flush it. Both would leave what waits behind."""
    if not _hardened:
        _hardened.add("os")
        _precede("_exit", shut_down_tracing)
        # `execl`, `execvp` and all others come down to one of these.
        _precede("execv", flush_tracing)
        _precede("execve", flush_tracing)


def _precede(name: str, work: Callable[[], None]) -> None:
    original = getattr(os, name)

    @functools.wraps(original)
    def preceded(*arguments: Any, **named: Any) -> Any:
        finish_quietly(work)
        end_by_signal()
        return original(*arguments, **named)

    setattr(os, name, preceded)
