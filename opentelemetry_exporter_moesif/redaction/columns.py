"""Values of a structure that are secrets by their place: rows below a heading, lists beside one."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.redaction.masks import masked_value
from opentelemetry_exporter_moesif.redaction.titles import WORDS, is_name

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.names import SecretNames

_PAIR = 2
# What holds the columns that are described beside their rows, and what holds the rows: of databases and dashboards.
SCHEMAS = frozenset("schema metadata meta manifest view resultSetMetaData ResultSetMetadata".split())
_ROWS = frozenset("data result".split())
_DEEPEST = 3
# What the name of a column that is described is called, and a row's cells.
_NAMES = (
    *("name", "Name", "ColumnName", "columnName", "column_name", "field", "label", "text", "title", "header"),
    *("headerName", "Header", "caption"),
)
# What holds the name of its cells in a row that is an object, where a column has a title, too: of grids.
_FIELDS = (
    *("field", "dataIndex", "key", "accessor", "accessorKey", "dataKey", "dataField", "prop", "property", "data"),
    *("id", "name", "value"),
)
_CELLS = ("f", "Data", "c", "row", "dimensionValues")
_CELL = ("VarCharValue", "v", "value")


def mask_columns(fields: dict[Any, Any], names: SecretNames) -> None:
    """Masks the values in lists beside their names: `{"columns": ["name", "password"], "rows": [["ann", "…"]]}`."""
    lists = [value for key, value in fields.items() if isinstance(value, list) and not WORDS[str(key)]]
    rows = [*lists, *_within(fields, _ROWS, 1)]
    for columns in (*lists, *_within(fields, SCHEMAS, _DEEPEST)):
        heading = _heading(columns, names)
        places = _places(heading, names)
        if not places:
            continue
        listed = [place for place in places if is_name(heading[place], names, alone=True)]
        for values in rows:
            if values is columns:
                continue
            if heading is not columns and values and values[0].__class__ is dict:
                _mask_grid([columns[place] for place in places], values)
            if values and isinstance(_cells(values[0]), list):
                for row in values:
                    _mask_places(_cells(row), places, len(heading))
            elif heading is columns:
                _mask_places(values, listed, len(heading))
    _mask_frame(fields, names)


def _mask_grid(columns: list[dict[Any, Any]], rows: list[Any]) -> None:
    """Masks the cells of columns in rows that are objects: `{"columns": [{"field": "b", "title": "Password"}], …}`."""
    keys = {column[key] for column in columns for key in _FIELDS if column.get(key).__class__ is str}
    for row in rows:
        for key in keys.intersection(row) if row.__class__ is dict else ():
            row[key] = masked_value(row[key])


def _within(fields: dict[Any, Any], holders: frozenset[str], depth: int) -> Iterator[list[Any]]:
    """The lists in those of the fields that are called like one of several holders, and in theirs."""
    for key in holders.intersection(fields) if depth else ():
        if isinstance(inner := fields[key], dict):
            yield from (each for name, each in inner.items() if isinstance(each, list) and not WORDS[str(name)])
            yield from _within(inner, holders, depth - 1)


def _mask_frame(fields: dict[Any, Any], names: SecretNames) -> None:
    """Masks the columns of a frame of data, each of which is a list: Grafana's `{"schema": {…}, "data": {…}}`."""
    schema, data = fields.get("schema"), fields.get("data")
    if not isinstance(schema, dict) or not isinstance(data, dict):
        return
    columns, values = schema.get("fields"), data.get("values")
    if isinstance(columns, list) and isinstance(values, list):
        _mask_places(values, _places(_heading(columns, names), names), len(columns))


def _heading(columns: list[Any], names: SecretNames) -> list[Any]:
    """The names of columns, of which more may be told: `{"name": "password", "type": "varchar"}`."""
    if not columns or columns[0].__class__ is not dict:
        return columns
    return [_name_of(column, names) if isinstance(column, dict) else None for column in columns]


def _name_of(column: dict[Any, Any], names: SecretNames) -> str | None:
    told = (column[key] for key in _NAMES if isinstance(column.get(key), str))
    return next(filter(names.__getitem__, told), None)


def _cells(row: Any) -> Any:
    """The cells of a row; BigQuery has it in an object, and each cell in one of its own."""
    return _inner(row, _CELLS)


def _inner(holder: Any, keys: tuple[str, ...]) -> Any:
    """What an object holds under the first one of some keys that it has; anything else is that itself."""
    if not isinstance(holder, dict):
        return holder
    return next((holder[key] for key in keys if key in holder), None)


def mask_rows(rows: list[Any] | tuple[Any, ...], names: SecretNames) -> None:
    """Masks the values below their names: `[["name", "password"], ["ann", "…"]]`; a pair is none of them."""
    heading = _cells(rows[0])
    if not isinstance(heading, list):
        return
    if heading is not rows[0]:  # each cell is an object (Athena)
        heading = [_inner(cell, _CELL) for cell in heading]
    places = _places(heading, names)
    if places and (len(heading) > _PAIR or places[0]):
        _mask_below(rows, places, len(heading))


def mask_lines(rows: list[list[Any]], names: SecretNames) -> bool:
    """Masks the same where each row stood on a line of its own, and so is no pair; whether there is anything below."""
    places = _places(rows[0], names)
    _mask_below(rows, places, len(rows[0]))
    return bool(places)


def _mask_below(rows: Iterable[Any], places: list[int], count: int) -> None:
    """Masks the values of all rows but the first one, at those places."""
    for row in itertools.islice(rows, 1, None):
        _mask_places(_cells(row), places, count)


def _places(heading: list[Any], names: SecretNames) -> list[int]:
    """Where in a heading the names of secrets stand."""
    alone = int in map(type, heading)  # a heading has words alone; this is a row, with what somebody wrote
    texts = ((place, text) for place, text in enumerate(heading) if text.__class__ is str)
    return [place for place, text in texts if is_name(text, names, alone=alone)]


def _mask_places(row: Any, places: list[int], count: int) -> None:
    if isinstance(row, list) and len(row) == count:
        for place in places:
            row[place] = masked_value(row[place])
