"""What the renderer gives back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_BETWEEN = b",\n"


@dataclass(frozen=True, slots=True)
class Rendered:
    """The events of a batch in one piece.

    Args:
        inside: Each event's JSON, with a comma and a line feed between them.
        starts: Where in it each event begins.
    """

    inside: bytes
    starts: Sequence[int]

    def __len__(self) -> int:
        """The number of events."""
        return len(self.starts)

    def events(self) -> list[bytes]:
        """Each event's own JSON."""
        bounds = pairwise((*self.starts, len(self.inside) + len(_BETWEEN)))
        return [self.inside[start : following - len(_BETWEEN)] for start, following in bounds]
