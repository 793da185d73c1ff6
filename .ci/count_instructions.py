"""Counts the processor's instructions that rendering a span takes, and fails where they are more than they should be.

Callgrind counts them: unlike times, they are the same on a busy machine. Usage: python .ci/count_instructions.py
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

SPANS = 64
# Counted with CPython 3.11 on x86-64, and a quarter more, for other versions of Python and of the C library.
MOST = {"a call": 22_000, "a span that is passed over": 1_900}
_TOTAL = re.compile(r"^(?:totals|summary): (\d+)", re.MULTILINE)


def main() -> None:
    """Prints the counts, and ends with 1 where one is too high."""
    counts = [total // SPANS for total in _totals()[-len(MOST) :]]
    for (what, most), count in zip(MOST.items(), counts, strict=True):
        print(f"{what}: {count:,} instructions, {most:,} at most")  # noqa: T201
    sys.exit(any(not 0 < count <= most for count, most in zip(counts, MOST.values(), strict=True)))


def render() -> None:
    """What is counted: the last two times that anything is rendered."""
    from support.both_ways import renderer_with  # noqa: PLC0415

    from benchmarks import workload  # noqa: PLC0415 - not needed by who counts

    calls, others = workload.server_spans(SPANS), workload.internal_spans(SPANS)
    renderer, encoder = renderer_with()
    for spans in (calls, others, calls, others, calls, others):
        renderer.render(spans, {}, encoder.encode_span)


def _totals() -> list[int]:
    """The instructions of each time that something was rendered."""
    with tempfile.TemporaryDirectory() as place:
        out = Path(place, "callgrind")
        command = [
            *("valgrind", "--tool=callgrind", "--quiet", f"--callgrind-out-file={out}"),
            *("--toggle-collect=renderer_render", "--dump-before=renderer_render"),
            *(sys.executable, __file__, "render"),
        ]
        subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": "0"})  # noqa: S603 - our own words
        dumps = sorted(Path(place).glob("callgrind.*"), key=lambda path: int(path.suffix[1:]))
        return [int(found[1]) if (found := _TOTAL.search(dump.read_text())) else 0 for dump in dumps]


if __name__ == "__main__":
    render() if sys.argv[1:] == ["render"] else main()
