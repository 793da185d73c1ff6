"""Counts the processor's instructions that a span takes, and fails where they are more than they should be.

Callgrind counts them: unlike times, they are the same on a busy machine. A process prepares everything and then forks a
child for each thing that is counted, and one that does nothing: what a child took beyond that one is what the thing
took.

Usage: python .ci/count_instructions.py
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

SPANS = 64
_TOTAL = re.compile(r"^(?:totals|summary): (\d+)", re.MULTILINE)


class Counted(NamedTuple):
    """What is counted.

    Attributes:
        what: Its name.
        times: How often it is done.
        most: The instructions that a span may take: half as many again as with CPython 3.10, 3.11 and 3.13 on x86-64
            (and gcc 12), for other processors, compilers and C libraries.
    """

    what: str
    times: int
    most: int


COUNTED = (
    Counted("nothing", 0, 0),
    Counted("a call that is rendered", 32, 27_000),
    Counted("a span that is passed over", 64, 1_800),
    Counted("a call that is mapped", 4, 300_000),
)


def main() -> None:
    """Prints the counts, and ends with 1 where one is too high."""
    nothing, *totals = _totals()
    fine = True
    for (what, times, most), total in zip(COUNTED[1:], totals, strict=True):
        count = (total - nothing) // (times * SPANS)
        print(f"{what}: {count:,} instructions, {most:,} at most")  # noqa: T201
        fine = fine and 0 < count <= most
    sys.exit(not fine)


def work() -> None:
    """Does what is counted, after once or twice in which everything becomes known; prints the children's numbers."""
    from support.both_ways import renderer_with  # noqa: PLC0415 - who counts does not need it, nor the next one

    from benchmarks import workload  # noqa: PLC0415

    calls, others = workload.server_spans(SPANS), workload.internal_spans(SPANS)
    renderer, encoder = renderer_with()
    works = (
        lambda: None,
        lambda: renderer.render(calls, {}, encoder.encode_span),
        lambda: renderer.render(others, {}, encoder.encode_span),
        lambda: [encoder.encode_span(span) for span in calls],
    )
    for each in (*works, *works):
        each()
    for each, counted in zip(works, COUNTED, strict=True):
        child = os.fork()
        if child == 0:
            for _ in range(counted.times):
                each()
            os._exit(0)
        os.waitpid(child, 0)
        print(child)  # noqa: T201


def _totals() -> list[int]:
    """The instructions of each child."""
    with tempfile.TemporaryDirectory() as place:
        command = [
            *("valgrind", "--tool=callgrind", "--quiet", f"--callgrind-out-file={place}/%p"),
            *(sys.executable, __file__, "work"),
        ]
        told = subprocess.run(  # noqa: S603 - our own words
            command, check=True, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONHASHSEED": "0"}
        )
        found = [_TOTAL.search(Path(place, child).read_text()) for child in told.stdout.split()]
        return [int(each[1]) if each else 0 for each in found]


if __name__ == "__main__":
    work() if sys.argv[1:] == ["work"] else main()
