"""Fuzzes the compiled renderer: whatever spans hold, the bytes are those that the mapping makes.

Usage, with atheris installed: python .ci/fuzz_renderer.py -max_total_time=600 [other flags of libFuzzer]. atheris
follows the branches of the Python code that the renderer asks; the session `sanitizers` watches what the C code does.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import atheris

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

with atheris.instrument_imports(include=["opentelemetry_exporter_moesif"]):
    from support.any_call import HEADERS, USUAL
    from support.both_ways import renderer_with
    from support.spans import http_span

    from opentelemetry_exporter_moesif.config import resolve_config
    from opentelemetry_exporter_moesif.encoding.encoder import Encoder

NAMES = (*USUAL, *(f"http.{side}.header.{name}" for side in ("request", "response") for name in HEADERS))
SETTINGS: tuple[dict[str, Any], ...] = (
    {},
    {"anonymize_ip": True, "user_id_header": "x-user", "trust_forwarded_prefix": True},
    {"redact_headers": "+user-agent,-cookie", "redact_query_parameters": "+page", "redact_values": "+card-number"},
)
WAYS = [(Encoder(resolve_config({**each, "renderer": "python"}, {})), *renderer_with(1, **each)) for each in SETTINGS]
SPANS, MOST_ATTRIBUTES = 8, 12
LONGEST = 80


def fuzz(data: bytes) -> None:
    """One input: a usual call of a shape, and others with values drawn from bytes."""
    draw = atheris.FuzzedDataProvider(data)
    reference, renderer, encoder = _one_of(draw, WAYS)
    names = dict.fromkeys(_one_of(draw, NAMES) for _ in range(draw.ConsumeIntInRange(0, MOST_ATTRIBUTES)))
    usual = {"http.request.method": "GET", "url.path": "/items/17", "http.response.status_code": 200}
    usual |= {name: _usual(name) for name in names}
    drawn = [{name: _drawn(draw, name, value) for name, value in usual.items()} for _ in range(SPANS)]
    spans = [http_span(each) for each in (usual, *drawn)]
    renderer.render(spans[:1], {}, lambda _span: None)
    rendered = renderer.render(spans, {}, lambda span: _encode(encoder, span)).events()
    mapped = [event for event in (_encode(reference, span) for span in spans) if event is not None]
    if rendered != mapped:
        message = f"{rendered!r} is not {mapped!r}, of {drawn!r}"
        raise AssertionError(message)


def _encode(encoder: Encoder, span: Any) -> bytes | None:
    try:
        return encoder.encode_span(span)
    except ValueError:  # times out of any calendar, and what JSON cannot hold
        return None


def _one_of(draw: Any, values: Any) -> Any:
    return values[draw.ConsumeIntInRange(0, len(values) - 1)]


def _usual(name: str) -> Any:
    return USUAL[name][0] if name in USUAL else (HEADERS[name.rpartition(".")[2]][0],)


def _drawn(draw: Any, name: str, usual: Any) -> Any:
    kind = draw.ConsumeIntInRange(0, 3)
    if kind == 0:
        return usual
    if kind == 1:
        known = USUAL[name] if name in USUAL else [(value,) for value in HEADERS[name.rpartition(".")[2]]]
        return _one_of(draw, known)
    text = draw.ConsumeUnicode(draw.ConsumeIntInRange(0, LONGEST))
    return (text,) if isinstance(usual, tuple) and kind == 2 else text  # noqa: PLR2004 - a kind


if __name__ == "__main__":
    atheris.Setup(sys.argv, fuzz)
    atheris.Fuzz()
