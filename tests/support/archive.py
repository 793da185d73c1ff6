"""An archive as somebody keeps it: files of every format that `moesif-otel replay` reads, some of them packed."""

from __future__ import annotations

import bz2
import gzip
import lzma
from pathlib import Path

from opentelemetry_exporter_moesif.replay import streams

_TESTS = Path(__file__).parents[1]
_PACKED = (bytes, gzip.compress, bytes, lambda content: streams.zstd().compress(content), bz2.compress, lzma.compress)


def make_archive(directory: Path) -> int:
    """Writes the archive. Returns the number of its files."""
    sources = [path for name in ("replay_files", "replay_logs") for path in sorted((_TESTS / name).iterdir())]
    for number, source in enumerate(sources):
        path = directory / source.parent.name / source.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_PACKED[number % len(_PACKED)](source.read_bytes()))
    return len(sources)
