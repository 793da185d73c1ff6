"""Values of a structure that are secrets by their place: rows below a heading, lists beside one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.redaction.masks import masked_value
from opentelemetry_exporter_moesif.redaction.titles import WORDS, is_name

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.names import SecretNames

_PAIR = 2


def mask_columns(fields: dict[Any, Any], names: SecretNames) -> None:
    """Masks the values in lists beside their names: `{"columns": ["name", "password"], "rows": [["ann", "…"]]}`."""
    lists = [value for key, value in fields.items() if isinstance(value, list) and not WORDS[str(key)]]
    for heading in lists:
        places = _places(heading, names)
        if not places:
            continue
        listed = [place for place in places if is_name(heading[place], names, alone=True)]
        for values in lists:
            if values is heading:
                continue
            if values and isinstance(values[0], list):
                for row in values:
                    _mask_places(row, places, len(heading))
            else:
                _mask_places(values, listed, len(heading))


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
