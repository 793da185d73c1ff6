"""Where orjson cannot be installed (PyPy), the standard library encodes the same events."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from support.spans import GET, captured, http_span

from opentelemetry_exporter_moesif.config import resolve_config
from opentelemetry_exporter_moesif.encoding.encoder import Encoder

TESTS = Path(__file__).parents[1]
ODD = {
    **GET,
    "url.path": "/é",
    "app.list": ["é", 1, 2**70, float("nan"), None],
    "app.surrogate": "a\ud800b",
    "app.bytes": b"\xff",
    "app.infinite": float("inf"),
    "app.huge": 10**30,
    "app.float": 0.5,
    "http.request.body": '{"password": "secret", "é": [1.5, null]}',
    "http.response.body": '[NaN, 1e999, "é"' + ", []" * 200 + "]",
    **captured(accept="*/*", content_type="application/json"),
}

ENCODE_WITHOUT_ORJSON = """
import sys
sys.modules["orjson"] = None  # any import of it fails
from test_json_without_orjson import encoded
sys.stdout.buffer.write(encoded())
"""


def encoded() -> bytes:
    return Encoder(resolve_config({}, {})).encode_span(http_span(ODD)) or b""


def test_without_orjson_the_same_event_is_sent() -> None:
    search_path = f"import sys; sys.path[:0] = {[str(TESTS), str(TESTS / 'unit')]!r}\n"

    ran = subprocess.run(
        [sys.executable, "-c", search_path + ENCODE_WITHOUT_ORJSON], capture_output=True, timeout=60, check=False
    )

    assert ran.stderr == b""
    assert json.loads(ran.stdout) == json.loads(encoded())
    assert ran.stdout == encoded()
