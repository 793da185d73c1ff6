"""Attributes of which one tells what another one holds: statements and parameters, GraphQL's variables, events."""

from __future__ import annotations

from typing import Any

import pytest

from opentelemetry_exporter_moesif.redaction import Redaction
from opentelemetry_exporter_moesif.redaction.masks import MASKED

REDACTION = Redaction()
MARK = "correct"
QUERY = "SELECT 1 FROM users WHERE id = $1"
OF_SECRET = "SELECT 1 FROM users WHERE token = $1"
MUTATION = "mutation x($p: String) { login(password: $p) { ok } }"


def left_of(metadata: dict[str, Any]) -> dict[str, Any]:
    left = dict(metadata)
    REDACTION.metadata(left)
    return left


@pytest.mark.parametrize(
    ("told", "name", "value"),
    [
        ({"db.query.text": OF_SECRET}, "db.query.parameter.1", MARK),
        ({"db.query.text": "SELECT 1 WHERE u.token = :t"}, "db.query.parameter.t", MARK),
        ({"db.query.text": OF_SECRET}, "db.operation.parameter.0", MARK),
        ({"db.statement": OF_SECRET}, "db.statement.parameters", f"('bob', '{MARK}')"),
        ({"db.statement": "INSERT INTO u (name, password) VALUES (%s, %s)"}, "db.params", ["bob", MARK]),
        ({"graphql.document": MUTATION}, "graphql.variables", f'{{"p": "{MARK}"}}'),
        ({"graphql.source": MUTATION}, "graphql.variables.p", MARK),
        ({"event.name": "otp"}, "event.code", "482913"),
        ({"event.name": "verify_otp"}, "event.code", 482913),
    ],
)
def test_it_is_masked_wherever_it_stands(told: dict[str, Any], name: str, value: Any) -> None:
    assert left_of({**told, name: value})[name] == MASKED
    assert left_of({name: value, "a": 1, **told})[name] == MASKED


@pytest.mark.parametrize(
    "metadata",
    [
        {"db.query.text": QUERY, "db.query.parameter.1": MARK},
        {"db.query.text": QUERY, "db.query.parameter.1": 7, "db.system.name": "postgresql", "db.namespace": "ab12cd34"},
        {"db.statement": "SELECT 1", "db.statement.parameters": "('bob', 'x')"},
        {"graphql.document": "query x($p: ID) { item(id: $p) { name } }", "graphql.variables": '{"p": "ab12cd34"}'},
        {"event.name": "checkout", "event.code": "ab12cd34"},
        {"event.name": "otp", "event.user_id": "bob42xyz", "event.count": 3},
        {"event.name": "otp", "shop.code": "ab12cd34"},
    ],
)
def test_other_attributes_stay(metadata: dict[str, Any]) -> None:
    assert left_of(metadata) == metadata
