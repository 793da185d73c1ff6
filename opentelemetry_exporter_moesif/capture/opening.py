"""The one store of captured bodies of the process, and who asked for it.

The middlewares that fill it and the exporter that empties it never meet. It does not exist until an exporter opens it,
so the middlewares of a process without one do nothing at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry_exporter_moesif.capture.store import BodyStore
    from opentelemetry_exporter_moesif.mapping.body import CapturedBodies


class _Opening:
    """The store, how many exporters asked for it, and what is to be done once one does."""

    def __init__(self) -> None:
        self.store: BodyStore | None = None
        self.exporters = 0
        self.awaiting: list[Callable[[], None]] = []


_opening = _Opening()


def open_store(*, max_bytes: int, body_max_bytes: int) -> None:
    """Opens the store of the process: from here on the middlewares copy bodies. The last exporter's limits hold."""
    from opentelemetry_exporter_moesif.capture.store import BodyStore  # noqa: PLC0415 - not before it is needed

    _opening.exporters += 1
    _opening.store = BodyStore(max_bytes, body_max_bytes)
    while _opening.awaiting:
        _opening.awaiting.pop()()


def when_opened(act: Callable[[], None]) -> None:
    """Calls `act` when an exporter opens the store: at once where one has."""
    if _opening.store is None:
        _opening.awaiting.append(act)
    else:
        act()


def close_store() -> None:
    """Closes the store once every exporter that opened it has done so."""
    _opening.exporters = max(0, _opening.exporters - 1)
    if not _opening.exporters:
        _opening.store = None


def current_store() -> BodyStore | None:
    """The open store, or None: then nothing is to be captured."""
    return _opening.store


def take(trace_id: int, span_id: int) -> CapturedBodies | None:
    """What was captured of the call that this span stands for, which is forgotten."""
    store = _opening.store
    return None if store is None else store.take(trace_id, span_id)
