"""JSON in a text: what is no secret is written as it was, to the last digit."""

from __future__ import annotations

import pytest

from opentelemetry_exporter_moesif.redaction import Redaction, scrub

BODIES = Redaction().bodies


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (
            '{"password":"x","id":12345678901234567890123,"p":1.10}',
            '{"password": "[REDACTED]", "id": 12345678901234567890123, "p": 1.10}',
        ),
        ('[{"token":1.5},[-0.0,2.50E+3,{"a":{}}],[]]', '[{"token": "[REDACTED]"}, [-0.0, 2.50E+3, {"a": {}}], []]'),
        ('{"a":"password","b":12}', '{"a": "password", "b": "[REDACTED]"}'),
        ('{"a":1.50}\n{"password":"x","a":1.50}\n', '{"a":1.50}\n{"password": "[REDACTED]", "a": 1.50}\n'),
        (
            '{"password":"x","a":true,"b":null,"c":"\\u00e9\\n"}',
            '{"password": "[REDACTED]", "a": true, "b": null, "c": "é\\n"}',
        ),
    ],
)
def test_numbers_beside_a_secret_stay_as_they_are_written(text: str, clean: str) -> None:
    assert scrub(text) == clean
    assert BODIES.text(text.encode()) == clean.encode()


@pytest.mark.parametrize(
    "text", ['{"id":12345678901234567890123,"p":1.10,"text":"a token"}', '{"tokens_used": 1e999, "a" : 1}']
)
def test_json_without_secrets_stays_as_it_is(text: str) -> None:
    assert scrub(text) == text


@pytest.mark.parametrize("text", ['{"password":"hunter2","password":null}', '{"a":"password=hunter2","a":"token"}'])
def test_a_secret_is_masked_whose_name_comes_again_without_one(text: str) -> None:
    assert "hunter2" not in scrub(text)
