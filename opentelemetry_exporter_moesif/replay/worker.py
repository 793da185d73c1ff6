"""One worker of a replay: reads parts of files, and sends their events with a sender of its own."""

from __future__ import annotations

import contextlib
import gc
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from opentelemetry_exporter_moesif.encoding.known_calls import KnownCallEncoder
from opentelemetry_exporter_moesif.replay.advice import CHANGED, NO_CALL, WITHOUT_HOST, advice, tried
from opentelemetry_exporter_moesif.replay.events import EventMaker
from opentelemetry_exporter_moesif.replay.formats.reader import UNKNOWN, FormatReader
from opentelemetry_exporter_moesif.replay.outlet import UndeliveredError
from opentelemetry_exporter_moesif.replay.places import PlaceError
from opentelemetry_exporter_moesif.replay.records import RecordReader
from opentelemetry_exporter_moesif.replay.report import Report
from opentelemetry_exporter_moesif.replay.streams import MissingExtraError, UnreadableError, damage, unpacked
from opentelemetry_exporter_moesif.terminal.output import counted

if TYPE_CHECKING:
    import io

    from opentelemetry_exporter_moesif.config import Config
    from opentelemetry_exporter_moesif.replay.options import Options
    from opentelemetry_exporter_moesif.replay.outlet import Outlet
    from opentelemetry_exporter_moesif.replay.parts import Part

_LOOK_EVERY_SECONDS = 0.2
_LOOK_EVERY_RECORDS = 20
_MUCH = 20_000
# While nothing comes through a pipe: calls that are encoded are sent; and those that wait for spans around them, when
# every SDK has exported once more (each 5 s).
_SEND_AFTER_SECONDS = 1.0
_ENCODE_AFTER_SECONDS = 10.0
_NOT_JSON = "not JSON"

INTERRUPTED = "interrupted: run it again with the same files, nothing counts twice"


@dataclass
class PartResult:
    """What became of a part.

    Attributes:
        report: What was found in it, and sent.
        ending: Why no more can be sent at all; None where it went on to the part's end.
        is_whole: Whether all of it was read.
    """

    report: Report = field(default_factory=Report)
    ending: str | None = None
    is_whole: bool = False


class Worker:
    """Reads parts, one after the other.

    Args:
        config: The exporter's settings.
        options: Which events are wanted.
        outlet: Takes the events.
        tell: Takes a line for whoever watches.
        show: Told of a part how many of its bytes were read, and how many events were made, a few times a second.
    """

    def __init__(
        self,
        config: Config,
        options: Options,
        outlet: Outlet,
        tell: Callable[[str], None],
        show: Callable[[Part, int, int], None],
    ) -> None:
        self._config = config
        # The bodies of these calls were captured elsewhere, or not at all.
        # Moesif's sampling is for live ones: a replay sends them all.
        self._encoder = KnownCallEncoder(replace(config, capture_bodies=False, dynamic_sampling=False))
        self._options = options
        self._outlet = outlet
        self._tell = tell
        self._show = show

    def replay(self, part: Part) -> PartResult:
        """Reads a part and sends its events; only what is wrong with the delivery ends it early."""
        result = PartResult()
        show = partial(self._show, part)
        reading = _Reading(
            part, self._config, self._encoder, self._options, result.report, self._outlet, self._tell, show
        )
        try:
            try:
                result.is_whole = reading.read()
            finally:
                reading.name_what_is_bad()
            self._outlet.flush()
        except UndeliveredError as error:
            result.ending = str(error)
            result.is_whole = False
        except KeyboardInterrupt:
            result.ending = INTERRUPTED
            result.is_whole = False
            if not part.place.is_lasting:  # nobody can read it again
                with contextlib.suppress(UndeliveredError, KeyboardInterrupt):
                    reading.send_all()
        finally:
            self._outlet.settle(result.report)
        del reading
        if result.report.passed_over + result.report.events > _MUCH:
            # What a part was read with holds itself, and the collector of cycles comes by too rarely for a few MB each.
            gc.collect()
        return result


class _Reading:
    """The reading of one part."""

    def __init__(  # noqa: PLR0913, PLR0917 - see `Worker`
        self,
        part: Part,
        config: Config,
        encoder: KnownCallEncoder,
        options: Options,
        report: Report,
        outlet: Outlet,
        tell: Callable[[str], None],
        show: Callable[[int, int], None],
    ) -> None:
        self._part = part
        self._options = options
        self._report = report
        self._outlet = outlet
        self._tell = tell
        self._show = show
        self._unnamed: list[str] | None = []
        self._is_hinted = False
        self._records = 0
        self._shown = time.monotonic()
        self._raw: io.BufferedReader | None = None
        self._reader: RecordReader | None = None
        self._maker = EventMaker(config, encoder, options, report, self._put, self._bad)
        self._formats = FormatReader(self._maker, options)

    def read(self) -> bool:
        """Reads all of it; False where the file cannot be read to its end."""
        is_whole = self._read_records()
        self._maker.flush()
        return is_whole

    def _read_records(self) -> bool:
        try:
            meanwhile = ((_SEND_AFTER_SECONDS, self._outlet.flush), (_ENCODE_AFTER_SECONDS, self.send_all))
            with self._part.place.open(max(self._part.start - 1, 0), meanwhile) as raw:
                self._raw = raw
                if self._part.start:
                    raw.readline()  # the line that the part before has
                stream = raw if self._part.start else unpacked(raw)
                self._reader = RecordReader(stream, self._formats, self._bad_record, self._end_record)
                self._reader.read(self._limit(raw))
        except (PlaceError, MissingExtraError) as error:
            self._unread(str(error))
        except UnreadableError as error:
            self._unread(f"{self._part.name}: {error}")
        except (UndeliveredError, BrokenPipeError):  # of the outlet, and not of the file
            raise
        except Exception as error:
            reason = damage(error)
            if reason is not None:
                self._bad(reason, reason)
            elif isinstance(error, OSError):
                self._unread(f"{self._part.name}: cannot be read: {error.strerror or type(error).__name__}")
            else:
                raise
        else:
            return self._is_the_same()
        finally:
            self._raw = None
        return False

    def _is_the_same(self) -> bool:
        """Whether what was read is what was listed: else it is not finished, whatever was found in it."""
        if self._part.place.is_still_there:
            return True
        self._unread(f"{self._part.name}: {CHANGED}")
        return False

    def send_all(self) -> None:
        """Sends what was read until now."""
        self._maker.flush()
        self._outlet.flush()

    def name_what_is_bad(self) -> None:
        """Tells of a file of which nothing could be read in one line, and of another what was not told yet."""
        kinds = self._report.bad_kinds
        is_foreign = not self._report.found and all(kind.startswith((UNKNOWN, _NOT_JSON)) for kind in kinds)
        if self._unnamed and is_foreign:
            self._report.bad_records = []
            number = counted(self._report.bad, "record")
            self._unread(
                f"{self._part.name}: nothing in it could be read ({number}); tried: {tried(self._options)}."
                f" {advice(self._options, kinds)}"
            )
        else:
            self._name_the_unnamed()
        if 0 < self._report.other_signals == self._report.found:
            self._tell(f"{self._part.name}: {NO_CALL}")

    def _limit(self, raw: io.BufferedReader) -> int | None:
        return None if self._part.end is None else self._part.end - (raw.tell() if self._part.start else 0)

    def _unread(self, line: str) -> None:
        self._report.unread.append(line)
        self._tell(line)

    def _put(self, event: bytes) -> None:
        if self._unnamed is not None:
            self._name_the_unnamed()
        if self._report.without_host and not self._is_hinted:
            self._is_hinted = True
            self._tell(f"{self._part.place.name}: {WITHOUT_HOST}")
        self._outlet.put(event)

    def _bad_record(self, reason: str) -> None:
        self._bad(reason, reason)

    def _bad(self, kind: str, text: str) -> None:
        line = self._reader.line if self._reader is not None else 0
        where = f"{self._part.name}:{line}: {text}" if line else f"{self._part.name}: {text}"
        if not self._report.count_bad(kind, where):
            return
        if self._unnamed is not None and not self._report.found:
            self._unnamed.append(where)
        else:
            self._tell(where)

    def _name_the_unnamed(self) -> None:
        for where in self._unnamed or ():
            self._tell(where)
        self._unnamed = None

    def _end_record(self, size: int) -> None:
        self._maker.end_record(size)
        self._records += 1
        if self._records % _LOOK_EVERY_RECORDS == 0:
            now = time.monotonic()
            if now - self._shown > _LOOK_EVERY_SECONDS:
                self._shown = now
                self._show(self._position(), self._report.events)

    def _position(self) -> int:
        try:
            return 0 if self._raw is None else self._raw.tell() - self._part.start
        except (OSError, ValueError):  # a pipe
            return 0
