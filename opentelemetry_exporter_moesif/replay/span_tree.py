"""Where the spans of a file lie under each other, whatever order they stand in: bounded, the oldest forgotten first."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.replay.call import Key
    from opentelemetry_exporter_moesif.replay.same_call import Traits

# This many spans, and as many before them.
_MOST_SPANS = 20_000
_MOST_STEPS = 64


class SpanTree:
    """The parents of spans."""

    def __init__(self) -> None:
        # By key: the parent's key, whether a call may be looked for above, and what a SERVER span tells of its call.
        self._spans: dict[Key, tuple[Key, bool, Traits | None]] = {}
        self._older: dict[Key, tuple[Key, bool, Traits | None]] = {}

    def put(self, key: Key, parent: Key, *, passes: bool, call: Traits | None = None) -> None:
        """Takes a span, or its new place.

        Args:
            key: The span's.
            parent: Its parent's, None where it has none.
            passes: Whether a call below it may be the one above it.
            call: What it tells of its call, where it is a server's.
        """
        self._spans[key] = (parent, passes, call)

    def put_below(self, key: Key, parent: Key, *, passes: bool) -> None:
        """Takes a span that is no call; where there are too many, those of long ago are forgotten."""
        self.put(key, parent, passes=passes)
        if len(self._spans) > _MOST_SPANS:
            self._older, self._spans = self._spans, {}

    def knows(self, key: Key) -> bool:
        """Whether it was taken."""
        return self._span(key) is not None

    def above(self, parent: Key, *, through_all: bool = False) -> tuple[Key, Traits | None]:
        """The nearest call from `parent` upward, and what it tells.

        Args:
            parent: Where to begin.
            through_all: Whether to go on where a span leaves the service.
        """
        key = parent
        for _ in range(_MOST_STEPS):
            span = None if key is None else self._span(key)
            if span is None:
                break
            parent, passes, call = span
            if call is not None:
                return key, call
            if not (passes or through_all):
                break
            key = parent
        return None, None

    def steps_to(self, call: Key, key: Key) -> int | None:
        """How far a span lies below a call; None where it does not, or another call lies between."""
        for steps in range(_MOST_STEPS):
            span = None if key is None else self._span(key)
            if span is None or (span[2] is not None and steps):
                return None
            key = span[0]
            if key == call:
                return steps
        return None

    def _span(self, key: Key) -> tuple[Key, bool, Traits | None] | None:
        return self._spans.get(key) or self._older.get(key)
