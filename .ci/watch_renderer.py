"""Renders spans many times over, and fails where references or memory are not what they were.

Usage: python .ci/watch_renderer.py SPANS
"""

from __future__ import annotations

import gc
import resource
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.both_ways import renderer_with
from support.spans import GET, http_span

BATCH = 500
MOST_GROWTH = 4_096  # kilobytes: an allocator's own moods


def main(count: int) -> None:
    """Renders so many spans, in batches: usual ones, some that are given up, and some that ask Python."""
    attributes = [
        {
            **GET,
            "url.path": f"/items/{number}",
            "url.query": ("a=1", "q=a%20b", "q=%zz", "token=x")[number % 4],
            "http.route": "/items/{id}",
            "enduser.id": ("user-7", " ", "sk_live_0123456789abcdef")[number % 3],
            "http.request.header.accept": ("text/html;q=0.9",) if number % 2 else ("é", "b"),
            "shop.part": ("x", 7, True, None, 1.5)[number % 5],
        }
        for number in range(BATCH)
    ]
    spans = [http_span(each) for each in attributes]
    renderer, encoder = renderer_with()
    for _ in range(3):
        renderer.render(spans, {}, encoder.encode_span)
    before, memory = _references(spans), _resident()
    for _ in range(count // BATCH):
        renderer.render(spans, {}, encoder.encode_span)
    gc.collect()
    after, growth = _references(spans), _resident() - memory
    print(f"{count} spans: references {'as before' if before == after else 'differ'}, {growth} kB more")  # noqa: T201
    sys.exit(before != after or growth > MOST_GROWTH)


def _references(spans: list[object]) -> list[int]:
    """The references to all that the renderer touches of these spans."""
    parts = [each for span in spans for each in (span, *vars(span).values(), *vars(span)["_attributes"].values())]
    return [sys.getrefcount(each) for each in parts if each is not None and not isinstance(each, bool)]


def _resident() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main(int(sys.argv[1]))
