"""The sampling rates that clients are told."""

import json
from pathlib import Path

import pytest

from opentelemetry_exporter_moesif.local_collector.sampling_rates import SamplingRates


def test_by_default_everything_is_sent():
    assert json.loads(SamplingRates().body)["sample_rate"] == 100


def test_the_etag_changes_with_the_rates_and_only_with_them():
    rates = SamplingRates()
    first = rates.etag
    rates.replace({"sample_rate": 10})
    assert rates.etag != first
    rates.replace({"sample_rate": 100})
    assert rates.etag == first


@pytest.mark.parametrize(
    ("header", "known"),
    [(None, False), ('"other"', False), ("{}", True), ("W/{}", True), ('"x", {}', True), ("*", True)],
)
def test_if_none_match_is_understood_in_all_its_forms(header: str | None, known: bool):
    rates = SamplingRates()
    assert rates.is_known(header and header.replace("{}", rates.etag)) is known


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ([], "must be an object"),
        ({"exporters": {}}, "holds none of sample_rate, user_sample_rate"),
        ({"sample_rate": 101}, "sample_rate must be a number from 0 to 100"),
        ({"sample_rate": "50"}, "sample_rate must be a number"),
        ({"sample_rate": True}, "sample_rate must be a number"),
        ({"sample_rate": float("nan")}, "sample_rate must be a number"),
        ({"user_sample_rate": []}, "user_sample_rate must be an object"),
        ({"company_sample_rate": {"c": -1}}, "company_sample_rate.c must be a number"),
        ({"regex_config": {}}, "regex_config must be a list"),
        ({"regex_config": [{"sample_rate": 1}]}, "regex_config.0.conditions must be a list"),
        ({"regex_config": [{"conditions": [], "sample_rate": None}]}, "regex_config.0.sample_rate must be a number"),
        ({"regex_config": [{"conditions": [{"path": "x"}], "sample_rate": 1}]}, "each needs a path and a value"),
    ],
)
def test_a_document_that_clients_could_not_read_is_refused(document: object, words: str):
    rates = SamplingRates()
    before = rates.body
    with pytest.raises(ValueError, match=words):
        rates.replace(document)
    assert rates.body == before


def test_a_document_is_read_from_a_file(tmp_path: Path):
    file = tmp_path / "rates.json"
    file.write_text('{"sample_rate": 25, "org_id": "kept"}')
    assert SamplingRates.read(file).document["sample_rate"] == 25
    assert json.loads(SamplingRates.read(file).body)["org_id"] == "kept"
