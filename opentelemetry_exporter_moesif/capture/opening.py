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
        self.with_outgoing = False
        self.awaiting: list[tuple[Callable[[], bool], Callable[[], None]]] = []


_opening = _Opening()


def open_store(*, max_bytes: int, body_max_bytes: int, with_streams: bool = False, with_outgoing: bool = False) -> None:
    """Opens the store of the process: from here on the middlewares copy bodies. The last exporter's settings hold.

    Args:
        max_bytes: See `BodyStore`.
        body_max_bytes: See `BodyStore`.
        with_streams: See `BodyStore`.
        with_outgoing: Whether bodies of calls that the process makes are captured as well.
    """
    from opentelemetry_exporter_moesif.capture.store import BodyStore  # noqa: PLC0415 - not before it is needed

    _opening.exporters += 1
    _opening.with_outgoing = _opening.with_outgoing or with_outgoing
    _opening.store = BodyStore(max_bytes, body_max_bytes, with_streams=with_streams)
    awaiting, _opening.awaiting = _opening.awaiting, []
    for is_time, act in awaiting:
        _when(is_time, act)


def when_opened(act: Callable[[], None]) -> None:
    """Calls `act` when an exporter opens the store: at once where one has."""
    _when(lambda: _opening.store is not None, act)


def when_outgoing_is_wanted(act: Callable[[], None]) -> None:
    """Calls `act` when an exporter wants bodies of calls that the process makes: at once where one does."""
    _when(wants_outgoing, act)


def _when(is_time: Callable[[], bool], act: Callable[[], None]) -> None:
    if is_time():
        act()
    else:
        _opening.awaiting.append((is_time, act))


def close_store() -> None:
    """Closes the store once every exporter that opened it has done so."""
    _opening.exporters = max(0, _opening.exporters - 1)
    if not _opening.exporters:
        _opening.store = None
        _opening.with_outgoing = False


def wants_outgoing() -> bool:
    """Whether bodies of calls that the process makes are captured."""
    return _opening.with_outgoing


def current_store() -> BodyStore | None:
    """The open store, or None: then nothing is to be captured."""
    return _opening.store


def take(trace_id: int, span_id: int) -> CapturedBodies | None:
    """What was captured of the call that this span stands for, which is forgotten."""
    store = _opening.store
    return None if store is None else store.take(trace_id, span_id)
