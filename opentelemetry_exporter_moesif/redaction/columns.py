"""Values of a structure that are secrets by their place: rows below a heading, lists beside one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.redaction.masks import masked_value
from opentelemetry_exporter_moesif.redaction.titles import WORDS, is_name

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.names import SecretNames

_PAIR = 2

# Between a name and its value, in conditions (Odoo's, Firestore's, Mapbox').
_OPERATORS = frozenset(
    "= == != <> < <= > >= =? =like =ilike like ilike in eq ne contains array-contains not-in".split()
)


def is_condition(items: Sequence[Any]) -> bool:
    """Whether a list is a condition: `["token", "=", "…"]`."""
    name, operator, _ = items
    return name.__class__ is operator.__class__ is str and operator in _OPERATORS


def mask_columns(fields: dict[Any, Any], names: SecretNames) -> None:
    """Masks the values in lists beside their names: `{"columns": ["name", "password"], "rows": [["ann", "…"]]}`."""
    lists = [value for key, value in fields.items() if isinstance(value, list) and not WORDS[str(key)]]
    for columns in (*lists, *_of_schemas(fields)):
        heading = _heading(columns)
        places = _places(heading, names)
        if not places:
            continue
        listed = [place for place in places if is_name(heading[place], names, alone=True)]
        for values in lists:
            if values is columns:
                continue
            if values and isinstance(_cells(values[0]), list):
                for row in values:
                    _mask_places(_cells(row), places, len(heading))
            elif heading is columns:
                _mask_places(values, listed, len(heading))


def _of_schemas(fields: dict[Any, Any]) -> Iterator[list[Any]]:
    """The columns that are described beside their rows: `{"schema": {"fields": [{"name": …}]}, "rows": …}`."""
    for value in fields.values():
        if value.__class__ is dict and isinstance(columns := value.get("fields") or value.get("columns"), list):
            yield columns


def _heading(columns: list[Any]) -> list[Any]:
    """The names of columns, of which more may be told: `{"name": "password", "type": "varchar"}`."""
    if not columns or columns[0].__class__ is not dict:
        return columns
    return [column.get("name") if isinstance(column, dict) else None for column in columns]


def _cells(row: Any) -> Any:
    """The cells of a row; BigQuery has it in an object, and each cell in one of its own."""
    return row.get("f") if isinstance(row, dict) else row


def mask_rows(rows: list[Any] | tuple[Any, ...], names: SecretNames) -> None:
    """Masks the values below their names: `[["name", "password"], ["ann", "…"]]`; a pair is none of them."""
    heading = rows[0]
    places = _places(heading, names)
    if places and (len(heading) > _PAIR or places[0]):
        for row in rows[1:]:
            _mask_places(row, places, len(heading))


def _places(heading: list[Any], names: SecretNames) -> list[int]:
    """Where in a heading the names of secrets stand."""
    alone = int in map(type, heading)  # a heading has words alone; this is a row, with what somebody wrote
    texts = ((place, text) for place, text in enumerate(heading) if text.__class__ is str)
    return [place for place, text in texts if is_name(text, names, alone=alone)]


def _mask_places(row: Any, places: list[int], count: int) -> None:
    if isinstance(row, list) and len(row) == count:
        for place in places:
            row[place] = masked_value(row[place])
