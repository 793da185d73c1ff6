"""Draws the picture of *Architecture*: `python docs/draw_architecture.py` writes images/architecture.svg.

Boxes stand where the tables below put them; an arrow leads from a room to one that it imports, and a test compares the
arrows with the imports.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

PICTURE = Path(__file__).parent / "images" / "architecture.svg"
WIDTH, HEIGHT = 1060, 650
_LINE = 17


@dataclass(frozen=True)
class Box:
    """A room, or what is outside of all.

    Attributes:
        left, top, width, height: Where it stands.
        lines: What is written below its name.
        kind: How it is drawn; `part` is a room within a room.
        title: Its name as it is written, where that is not the room's name and a slash.
    """

    left: int
    top: int
    width: int
    height: int
    lines: tuple[str, ...]
    kind: Literal["room", "part", "guest", "outside"] = "room"
    title: str = ""

    @property
    def middle(self) -> tuple[int, int]:
        """Its middle."""
        return self.left + self.width // 2, self.top + self.height // 2


BOXES = {
    "OpenTelemetry": Box(20, 150, 150, 76, ("BatchSpanProcessor",), "outside", "OpenTelemetry"),
    "exporter": Box(230, 140, 160, 96, ("knows both sides,", "and nobody else does"), title="exporter.py"),
    "telemetry": Box(230, 300, 160, 80, ("own metrics, and", "every loss told"), title="telemetry.py"),
    "encoding": Box(450, 60, 180, 104, ("spans → bytes:", "which are calls, ids", "that wait, hooks")),
    "capture": Box(450, 214, 180, 62, ("bodies, beside the span",), "guest"),
    "rendering": Box(700, 24, 160, 80, ("compiled shapes:", "usual calls, faster")),
    "mapping": Box(700, 160, 160, 80, ("span → event, by the", "table of dialects; pure")),
    "redaction": Box(910, 92, 130, 80, ("what never", "leaves; pure")),
    "delivery": Box(450, 318, 410, 122, ("gate, one attempt,", "backlog, drain,", "shutdown")),
    "delivery.exchange": Box(630, 338, 210, 42, ("a request, and its answer",), "part", "exchange/"),
    "delivery.spool": Box(630, 388, 210, 42, ("what waits as files",), "part", "spool/"),
    "Moesif": Box(930, 330, 110, 76, ("…/events/batch",), "outside", "Moesif"),
    "cli": Box(40, 536, 210, 62, ("moesif-otel, a file a verb",), "guest"),
    "replay": Box(340, 506, 220, 56, ("formats, places, workers",), "guest"),
    "local_collector": Box(340, 584, 220, 56, ("a Moesif with a page",), "guest"),
    "terminal": Box(650, 536, 210, 62, ("what verbs ask and say",), "guest"),
}

IMPORTS = {
    "exporter": ("encoding", "delivery", "telemetry"),
    "encoding": ("rendering", "mapping", "capture"),
    "rendering": ("mapping", "redaction"),
    "mapping": ("redaction",),
    "capture": ("mapping",),
    "cli": ("replay", "local_collector", "terminal"),
    "replay": ("terminal",),
    "local_collector": ("terminal",),
}
"""The arrows, between the rooms that have a box each."""

COMMAND = ("cli", "replay", "local_collector", "terminal")
COMMAND_IMPORTS = ("encoding", "rendering", "mapping", "redaction", "delivery", "telemetry")
"""What the rooms of the command import of the others, which the picture says in words."""

# The way of a call, from left to right: from where to where, what goes there, and where that is written.
WAY = (
    ((170, 188), (228, 188), "spans", (199, 178)),
    ((390, 170), (448, 122), "", (0, 0)),
    ((390, 210), (448, 350), "bytes", (386, 268)),
    ((840, 359), (928, 359), "one POST", (894, 349)),
)
# Where the other arrows lie.
SIDE = {
    ("exporter", "telemetry"): ((310, 236), (310, 298)),
    ("encoding", "rendering"): ((630, 92), (698, 70)),
    ("encoding", "mapping"): ((630, 130), (698, 180)),
    ("encoding", "capture"): ((540, 164), (540, 212)),
    ("rendering", "mapping"): ((780, 104), (780, 158)),
    ("rendering", "redaction"): ((860, 64), (908, 112)),
    ("mapping", "redaction"): ((860, 200), (908, 152)),
    ("capture", "mapping"): ((630, 240), (698, 214)),
    ("cli", "replay"): ((250, 552), (338, 536)),
    ("cli", "local_collector"): ((250, 584), (338, 608)),
    ("cli", "terminal"): ((250, 573), (648, 573)),
    ("replay", "terminal"): ((560, 536), (648, 552)),
    ("local_collector", "terminal"): ((560, 608), (648, 584)),
}

WORDS = (
    (34, "Thick: the way of a call. Thin: what a room imports."),
    (52, "Dashed: a guest, without which the exporter runs."),
    (488, "The command. Its rooms ask those above, and none of those knows of it."),
)

_STYLE = """
    .back { fill: #fff } .name { fill: #14213d; font-weight: 600 } .note { fill: #3a3a3a; font-size: 12.5px }
    .room { fill: #eef4ff; stroke: #3b6fd4 } .part { fill: #fff; stroke: #3b6fd4 }
    .guest { fill: #f5f5f5; stroke: #8a8a8a; stroke-dasharray: 5 4 } .outside { fill: #fff8e6; stroke: #c08a1c }
    .way { stroke: #14213d; stroke-width: 2 } .side { stroke: #6b6b6b; stroke-width: 1.4 }
    .head { fill: #14213d } .rule { stroke: #c8c8c8 }
    @media (prefers-color-scheme: dark) {
      .back { fill: #14161c } .name { fill: #e8ecf6 } .note { fill: #c3c7d1 }
      .room { fill: #1b2740; stroke: #6f9bf0 } .part { fill: #14161c; stroke: #6f9bf0 }
      .guest { fill: #1e2026; stroke: #8d9099 } .outside { fill: #2c2412; stroke: #d9a53a }
      .way { stroke: #e8ecf6 } .side { stroke: #9ea3ae } .head { fill: #e8ecf6 } .rule { stroke: #3a3d46 }
    }"""
_DESCRIPTION = (
    "A span goes from OpenTelemetry's processor to the exporter, which has encoding make bytes of it and delivery post"
    " them to Moesif. Encoding asks rendering for usual calls and mapping for all others; rendering compiles what"
    " mapping knows; both ask redaction what must not leave. Guests beside: capture, and the command with replay and"
    " the local collector."
)


def picture() -> str:
    """The whole picture as SVG."""
    drawn = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="t d"'
            ' font-family="system-ui, sans-serif" font-size="15">'
        ),
        f'  <title id="t">The rooms of the exporter</title>\n  <desc id="d">{_DESCRIPTION}</desc>',
        f"  <style>{_STYLE}\n  </style>",
        (
            '  <defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto">'
            '<path class="head" d="M0 0 10 5 0 10z"/></marker></defs>'
        ),
        f'  <rect class="back" width="{WIDTH}" height="{HEIGHT}" rx="12"/>',
        f'  <path class="rule" d="M20 462H{WIDTH - 20}"/>',
        *(_box(name, box) for name, box in BOXES.items()),
        *(_arrow("way", start, end) for start, end, _word, _where in WAY),
        *(_text("note", *where, word) for _start, _end, word, where in WAY if word),
        *(_arrow("side", start, end) for start, end in SIDE.values()),
        *(_text("note", 20, *line, "start") for line in WORDS),
        "</svg>",
    ]
    return "\n".join(drawn) + "\n"


def _box(name: str, box: Box) -> str:
    x = box.middle[0]
    if name == "delivery":  # its parts stand to the right of its words
        x = (box.left + BOXES["delivery.exchange"].left) // 2
    first = box.middle[1] - _LINE * len(box.lines) // 2 + 5
    title = box.title or f"{name}/"
    return "\n".join(
        (
            (
                f'  <rect class="{box.kind}" stroke-width="1.5" x="{box.left}" y="{box.top}" width="{box.width}"'
                f' height="{box.height}" rx="8"/>'
            ),
            _text("name", x, first, title),
            *(_text("note", x, first + 2 + _LINE * (at + 1), line) for at, line in enumerate(box.lines)),
        )
    )


def _arrow(kind: str, start: tuple[int, int], end: tuple[int, int]) -> str:
    return f'  <path class="{kind}" fill="none" marker-end="url(#head)" d="M{start[0]} {start[1]} {end[0]} {end[1]}"/>'


def _text(kind: str, x: int, y: int, text: str, anchor: str = "middle") -> str:
    return f'  <text class="{kind}" x="{x}" y="{y}" text-anchor="{anchor}">{text}</text>'


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
