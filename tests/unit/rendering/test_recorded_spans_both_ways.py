"""Spans of real servers become the same bytes, whether they are rendered or mapped, and most of them are rendered."""

from __future__ import annotations

import pytest
from support.both_ways import both_ways
from support.combinations import COMBINATIONS, Combination
from support.recorded_spans import recording_of

SETTINGS = {
    "none": {},
    "every privacy": {"anonymize_ip": True, "trust_forwarded_headers": False, "redact_headers": "+user-agent"},
    "ids by header": {"user_id_header": "x-custom", "company_id_header": "accept-language"},
    "exclusion": {"excluded_urls": "/items/", "excluded_routes": "/redirect"},
    "api version": {"api_version": "2.1", "trust_forwarded_prefix": True, "client_ip_header": "x-forwarded-for"},
}


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
@pytest.mark.parametrize("combination", COMBINATIONS, ids=lambda combination: combination.name)
def test_the_bytes_are_the_same(combination: Combination, settings: dict[str, object]) -> None:
    found = both_ways(recording_of(combination).spans, **settings)

    assert found.rendered.split(b",\n") == found.mapped.split(b",\n")
