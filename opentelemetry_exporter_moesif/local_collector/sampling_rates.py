"""The configuration that Moesif's clients ask for: how many calls of whom to send."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.json_codec import loads

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_EVERYTHING: dict[str, Any] = {
    "sample_rate": 100,
    "user_sample_rate": {},
    "company_sample_rate": {},
    "regex_config": [],
}
_MOST = 100


class SamplingRates:
    """The document of `GET …/config`, and its ETag.

    Args:
        document: What differs from "everything is sent".

    Raises:
        ValueError: A rate that is no number from 0 to 100, or a part of the wrong shape.
    """

    def __init__(self, document: Mapping[str, Any] | None = None) -> None:
        self.replace(document or {})

    @classmethod
    def read(cls, file: str | Path) -> SamplingRates:
        """Reads the document from a JSON file.

        Raises:
            OSError: The file cannot be read.
            ValueError: It is not such a document.
        """
        with open(file, "rb") as source:  # noqa: PTH123 - takes text and paths alike
            return cls(loads(source.read()))

    def replace(self, document: Mapping[str, Any]) -> None:
        """Answers with another document from now on; the ETag changes with it."""
        checked = _checked(document)
        self.document = checked
        self.body = json.dumps(checked, indent=2).encode()
        self.etag = f'"{hashlib.blake2b(self.body, digest_size=12).hexdigest()}"'

    def is_known(self, if_none_match: str | None) -> bool:
        """Whether a client's If-None-Match (RFC 9110, 13.1.2) names the present document."""
        known = {tag.strip().removeprefix("W/").strip('"') for tag in (if_none_match or "").split(",")}
        return bool(known & {"*", self.etag.strip('"')})


def _checked(document: Any) -> dict[str, Any]:
    if not isinstance(document, dict):
        message = "must be an object"
        raise ValueError(message)  # noqa: TRY004 - a bad document from a file or a form, not a bad call
    if document and not document.keys() & _EVERYTHING.keys():
        message = f"holds none of {', '.join(_EVERYTHING)}"
        raise ValueError(message)
    merged = {**_EVERYTHING, **document}
    _check_rate("sample_rate", merged["sample_rate"])
    for name in ("user_sample_rate", "company_sample_rate"):
        _check_shape(name, merged[name], dict)
        for key, rate in merged[name].items():
            _check_rate(f"{name}.{key}", rate)
    _check_shape("regex_config", merged["regex_config"], list)
    for index, rule in enumerate(merged["regex_config"]):
        _check_rule(f"regex_config.{index}", rule)
    return merged


def _check_rule(name: str, rule: Any) -> None:
    _check_shape(name, rule, dict)
    _check_rate(f"{name}.sample_rate", rule.get("sample_rate"))
    _check_shape(f"{name}.conditions", rule.get("conditions"), list)
    for condition in rule["conditions"]:
        _check_shape(f"{name}.conditions", condition, dict)
        if not all(isinstance(condition.get(key), str) for key in ("path", "value")):
            message = f"{name}.conditions: each needs a path and a value, both text"
            raise ValueError(message)


def _check_shape(name: str, value: Any, kind: type) -> None:
    if not isinstance(value, kind):
        message = f"{name} must be {'an object' if kind is dict else 'a list'}"
        raise ValueError(message)  # noqa: TRY004 - as above


def _check_rate(name: str, rate: Any) -> None:
    if isinstance(rate, bool) or not isinstance(rate, (int, float)) or not 0 <= rate <= _MOST:
        message = f"{name} must be a number from 0 to 100"
        raise ValueError(message)
