"""Files cut into parts that workers take one by one.

The cuts depend on the file alone, and never on how many workers there are: so the same archive gives the same events
whoever reads it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.replay.formats.documents import is_json
from opentelemetry_exporter_moesif.replay.formats.reader import splits
from opentelemetry_exporter_moesif.replay.records import has_lengths, is_protobuf
from opentelemetry_exporter_moesif.replay.streams import COMPRESSED

if TYPE_CHECKING:
    import io

    from opentelemetry_exporter_moesif.replay.places import Place

PART_BYTES = 64 * 1024 * 1024
_FIRST_LINE_BYTES = 1024 * 1024
_HEAD_BYTES = 64 * 1024


@dataclass(frozen=True)
class Part:
    """A file, or the lines of one that begin between two bytes.

    Args:
        place: The file.
        start: The first byte; the line in which it stands belongs to the part before, unless it begins there.
        end: The byte before which the last line begins; None for the file's end.
    """

    place: Place
    start: int = 0
    end: int | None = None

    @property
    def name(self) -> str:
        """What messages call it: lines of a later part are counted from its start."""
        return f"{self.place.name} (from byte {self.start:,})" if self.start else self.place.name

    @property
    def size(self) -> int:
        """Its bytes; 0 where nobody knows."""
        end = self.place.size if self.end is None else self.end
        return 0 if end is None else end - self.start


def parts(places: Iterable[Place]) -> Iterator[Part]:
    """The parts of all files, in order. A file that cannot be looked at is one part: its reader says why."""
    for place in places:
        if place.size is None or place.size <= PART_BYTES or not _splits(place):
            yield Part(place)
            continue
        starts = range(0, place.size, PART_BYTES)
        for start in starts:
            end = start + PART_BYTES
            yield Part(place, start, end if end < place.size else None)


def _splits(place: Place) -> bool:
    """Whether a large file can be cut between any two lines."""
    try:
        with place.open() as raw:
            head = raw.peek(_HEAD_BYTES)
            if head.startswith(COMPRESSED) or has_lengths(head) or is_protobuf(head) or b"\0" in head:
                return False
            first = raw.readline(_FIRST_LINE_BYTES)
            return splits(first) and (not is_json(first) or _lines_are_objects(raw, place.size or 0))
    except Exception:  # noqa: BLE001 - whoever reads it says what is wrong
        return False


def _lines_are_objects(raw: io.BufferedReader, size: int) -> bool:
    """Whether what would be the first line of each part is the whole of an object: documents may follow a line."""
    for start in range(PART_BYTES, size, PART_BYTES):
        raw.seek(start)
        raw.readline(_FIRST_LINE_BYTES)
        line = raw.readline(_HEAD_BYTES)
        if line and (not line.startswith(b"{") or len(line.strip()) == 1):
            return False
    return True
