"""The setting `headers`: how its text is decoded, and which names the exporter keeps for itself."""

from __future__ import annotations

import logging

import pytest

from opentelemetry_exporter_moesif.config import resolve_config


@pytest.mark.parametrize(
    ("given", "headers"),
    [
        ("x-a=a%2Cb%3Dc", {"x-a": "a,b=c"}),
        ("x%2Da=1, X-B = a%20b ", {"x-a": "1", "x-b": "a b"}),
        ("x-a=a+b", {"x-a": "a+b"}),
        ("x-a=%zz%", {"x-a": "%zz%"}),
        ("x-a=%2541", {"x-a": "%41"}),
        ({"X-A": "a%2Cb"}, {"x-a": "a%2Cb"}),
    ],
)
def test_a_text_is_percent_decoded_once_and_a_mapping_is_not(given: object, headers: dict[str, str]) -> None:
    assert resolve_config({"headers": given}, {}).headers == headers
    if isinstance(given, str):
        assert resolve_config({}, {"OTEL_EXPORTER_MOESIF_HEADERS": given}).headers == headers


@pytest.mark.parametrize("given", ["x-a=1%0D%0Ax-b: 2", "x-a=1%00", "x%0Aa=1", "x%20a=1"])
def test_what_only_decoding_shows_to_be_no_header_is_refused(given: str) -> None:
    assert not resolve_config({}, {"OTEL_EXPORTER_MOESIF_HEADERS": given}).headers


@pytest.mark.parametrize(
    "name",
    "Host Content-Length Content-Encoding Content-Type Transfer-Encoding Connection X-Moesif-Application-Id".split(),
)
@pytest.mark.parametrize("spelled", [str, str.upper, lambda name: name.replace("-", "%2D")])
def test_a_header_of_the_exporters_own_is_left_out_with_a_warning(
    name: str, spelled: object, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        config = resolve_config({}, {"OTEL_EXPORTER_MOESIF_HEADERS": f"{spelled(name)}=hush,x-a=1"})  # type: ignore[operator]

    assert config.headers == {"x-a": "1"}
    assert name.lower() in caplog.text
    assert "hush" not in caplog.text
