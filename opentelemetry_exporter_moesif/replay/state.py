"""Which parts are finished: a file that a second run reads, so that it goes on where the first ended."""

from __future__ import annotations

import json
import os
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.config import Config
    from opentelemetry_exporter_moesif.replay.options import Options
    from opentelemetry_exporter_moesif.replay.parts import Part


class State:
    """The finished parts of replays, one a line.

    Args:
        path: The file; it need not be there.
        config: Where the events go: what one application has, another one may lack.
        options: Which events are wanted: other ones are another replay.

    Raises:
        OSError: The file cannot be read, or not written.
    """

    def __init__(self, path: str, config: Config, options: Options) -> None:
        self._path = Path(path)
        self._target = _target(config, options)
        self._ends_a_line = True
        self._finished = set(self._read())
        with self._path.open("ab") as file:
            if not self._ends_a_line:
                file.write(b"\n")

    def is_finished(self, part: Part) -> bool:
        """Whether a part was sent before, and is still the same."""
        return self._entry(part) in self._finished

    def finish(self, part: Part) -> None:
        """Remembers a part, on the disk as well."""
        if not part.place.is_lasting:
            return
        line = json.dumps(json.loads(self._entry(part))).encode() + b"\n"
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, line)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _read(self) -> list[str]:
        if not self._path.exists():
            return []
        content = self._path.read_bytes()
        self._ends_a_line = not content or content.endswith(b"\n")
        lines = content.splitlines()
        return [_canonical(entry) for line in lines if isinstance(entry := _decoded(line), dict)]

    def _entry(self, part: Part) -> str:
        place = part.place
        return _canonical(
            {
                "target": self._target,
                "file": place.name,
                "size": place.size,
                "version": place.version,
                "start": part.start,
                "end": part.end,
            }
        )


def _decoded(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):  # the line was being written when the machine stopped, or is no state at all
        return None


def _canonical(entry: dict[str, Any]) -> str:
    return json.dumps(entry, sort_keys=True)


def _target(config: Config, options: Options) -> str:
    wanted = (
        *(config.application_id or "", str(config.endpoint)),
        *(options.format, options.log_format, options.base_url, options.spans),
        *(sorted(options.services), sorted(options.scopes), options.since, options.until, options.any_age),
    )
    return blake2b(repr(wanted).encode(), digest_size=12).hexdigest()
