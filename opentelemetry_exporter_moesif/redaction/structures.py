"""Structures: what JSON, a multipart form or an attribute holds, at any depth."""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.json_codec import LARGEST_INTEGER, SMALLEST_INTEGER
from opentelemetry_exporter_moesif.redaction import lists, schemas, several
from opentelemetry_exporter_moesif.redaction.accounts import is_account
from opentelemetry_exporter_moesif.redaction.arguments import secret_places
from opentelemetry_exporter_moesif.redaction.columns import SCHEMAS, mask_columns, mask_lines, mask_rows
from opentelemetry_exporter_moesif.redaction.companions import ACCOUNTS, COMPANIONS, MESSAGES, NAMING
from opentelemetry_exporter_moesif.redaction.documents import secret_fields
from opentelemetry_exporter_moesif.redaction.levels import DEEPEST, TooDeepError
from opentelemetry_exporter_moesif.redaction.masks import MASKED, masked_value
from opentelemetry_exporter_moesif.redaction.opaque import is_opaque
from opentelemetry_exporter_moesif.redaction.ordinary import ERRORS, is_error, is_ordinary
from opentelemetry_exporter_moesif.redaction.references import REFERENCES, is_reference, is_referring
from opentelemetry_exporter_moesif.redaction.siblings import Siblings
from opentelemetry_exporter_moesif.redaction.titles import FIELDS, TITLES, WORDS, is_name, is_one_of_several

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.names import SecretNames
    from opentelemetry_exporter_moesif.redaction.texts_of_one import TextsOfOne
    from opentelemetry_exporter_moesif.remembered import Remembered

_Fields = Iterable[tuple[Any, Any]]
Watched = Callable[[_Fields], Iterator[tuple[Any, Any]]]
"""Gives the fields of an object, one after the other."""

_HOLDERS = frozenset((dict, list))
_QUOTES = frozenset("\"'`")
_PAIR = 2
_WALKED = ("data", "payload")  # an object in there has names of its own
_TYPES = frozenset("string number integer boolean array object".split())  # JSON Schema's: they name nothing
# What a list is called where each value is one of a type, or given to an operator: DynamoDB's, Firestore's, MongoDB's.
_LISTS = frozenset("L SS NS BS arrayValue listValue $each $in $all".split())
# What holds an element's attributes where XML was read into JSON.
_ATTRIBUTES = frozenset(("$", "@", "attributes", "@attributes", "_attributes", "attrs"))

# Values that are read in a way of their own, by their class and their name.
_OF_A_KIND: tuple[tuple[type, Container[str], Callable[..., Any]], ...] = (
    (list, lists.OF_HEADERS, lists.without_headers),
    (dict, schemas.HOLDERS, schemas.without_secrets),
)


class Structures:
    """Takes what must never leave out of structures.

    Args:
        names: Which fields are secrets.
        texts: Takes it out of the texts in them.
        watched: Gives the fields of each object, or ends what takes too long.
        siblings: Mask what stands beside a name.
    """

    def __init__(
        self, names: SecretNames, texts: Remembered[str, str], watched: Watched = iter, siblings: Siblings | None = None
    ) -> None:
        self._names = names
        self._texts = texts
        self._watched = watched
        self._siblings = siblings or Siblings(names)

    def within(self, texts: TextsOfOne) -> Structures:
        """The same rules for one document, whose texts together may cost no more than some steps."""
        return Structures(self._names, texts, texts.steps.watched, self._siblings.among(texts.silent))

    def masked(self, document: Any) -> Any:
        """The document without its secrets; dictionaries and lists are changed in place.

        Numbers that JSON encoders refuse (not finite, beyond 64 bits) become text. What is true, false or null is no
        secret, whatever its name.

        Raises:
            TooDeepError: It is nested deeper than 200 levels.
            TooManyStepsError: One document takes longer than anything ordinary.
        """
        return self._masked(document, 0)

    def mask_lines(self, rows: list[list[Any]]) -> bool:
        """Masks what stands below a name in rows of which each had a line of its own; whether there is such a name."""
        return mask_lines(rows, self._names)

    def _masked(self, value: Any, depth: int, *, beside_name: bool = False) -> Any:
        if isinstance(value, str):
            return self._texts[value] if value else value
        if isinstance(value, dict):
            return self._object(value, depth + 1, beside_name=beside_name)
        if isinstance(value, (list, tuple)):
            return self._array(value, depth + 1)
        if isinstance(value, float):
            return value if math.isfinite(value) else str(value)
        if isinstance(value, int):
            return value if SMALLEST_INTEGER <= value <= LARGEST_INTEGER else str(value)
        return value

    def _object(self, fields: dict[Any, Any], depth: int, *, beside_name: bool) -> dict[Any, Any]:
        """`beside_name`: what is around it told the name of a secret, whose value may be in here."""
        if depth > DEEPEST:
            raise TooDeepError
        beside_name = self._tells_a_name(fields) or (beside_name and not any(map(_is_naming, fields.items())))
        if not SCHEMAS.isdisjoint(fields) or any(value.__class__ is list for value in fields.values()):
            mask_columns(fields, self._names)
        for holder, key in secret_fields(fields, self._names):
            holder[key] = masked_value(holder[key])
        self._siblings.mask(fields)
        odd_keys = []
        for key, value in self._watched(fields.items()):
            name = key if isinstance(key, str) else str(key)
            fields[key] = self._field(name, value, fields, depth, beside_name=beside_name)
            if self._texts[name] != name:
                odd_keys.append(key)
        for number, key in enumerate(odd_keys, 1):  # a secret as a key
            value, clean = fields.pop(key), self._texts[str(key)]
            while clean in fields:  # no two of them become one
                clean = f"{clean} {number}"
            fields[clean] = value
        return fields

    def _field(self, name: str, value: Any, fields: dict[Any, Any], depth: int, *, beside_name: bool) -> Any:
        if (
            self._names[name]
            or (beside_name and _belongs(name, value) and not self._is_around_missing(name, value, fields))
            or self.holds_several(name, value)
            or (name in REFERENCES and not is_referring(name, value))
        ):
            return self._masked(value, depth) if is_ordinary(name, value, fields) else masked_value(value)
        if value.__class__ in _HOLDERS:
            self._siblings.mask_below(name, value)
        if value.__class__ is dict and name in ERRORS:
            return self._errors(value, depth, beside_name=beside_name)
        if value.__class__ is list and (WORDS[name] or FIELDS[name]) and str in map(type, value):
            return self._array(value, depth + 1, is_of_words=True)
        if value.__class__ is dict and is_reference(name, value):
            return {key: self._masked(each, depth + 2) for key, each in value.items()}
        for kind, names_of_kind, without_secrets in _OF_A_KIND:
            if value.__class__ is kind and name in names_of_kind:
                return without_secrets(value, self._names, self._masked, depth)
        return self._masked(value, depth, beside_name=beside_name)

    def _errors(self, fields: dict[Any, Any], depth: int, *, beside_name: bool) -> dict[Any, Any]:
        """What is wrong with fields, by their names: the usual messages stay."""
        messages = {name: value for name, value in fields.items() if is_error(value) and self._names[str(name)]}
        for name in messages:
            del fields[name]
        return {**self._masked(fields, depth, beside_name=beside_name), **messages}

    def _is_around_missing(self, name: str, value: Any, fields: dict[Any, Any]) -> bool:
        """Whether it is all of the object in which a secret is missing, as Pydantic quotes it."""
        path = fields.get("loc")
        return (
            name == "input"
            and isinstance(value, dict)
            and fields.get("type") == "missing"
            and isinstance(path, list)
            and any(isinstance(part, str) and self._names[part] for part in path[-1:])
        )

    def _tells_a_name(self, fields: dict[Any, Any]) -> bool:
        """Whether one of the fields holds a secret's name, so that another one holds its value."""
        silent = self._siblings.silent
        for key, value in fields.items():
            if key in _ATTRIBUTES and isinstance(value, dict) and self._tells_a_name(value):
                return True
            if not isinstance(key, str) or not NAMING[key] or (value.__class__ is str and value in silent):
                continue
            alone = TITLES[key]
            parts = _parts(value)
            if is_one_of_several(parts, self._names) or any(
                isinstance(part, str) and is_name(part, self._names, alone=alone) for part in parts
            ):
                return True
        return False

    def may_hold_several(self, name: str) -> bool:
        """Whether a list or an object of that name may hold secrets by it."""
        return ACCOUNTS[name] or self._names.several[name]

    def holds_several(self, name: str, value: Any) -> bool:
        """Whether a list or an object holds secrets by its name: `{"tokens": ["…"]}`, `{"auth": ["bob", "…"]}`."""
        if isinstance(value, str):
            return (
                is_account(name, value)
                or several.is_number(name, value, self._names)
                or (self._names.several[name] and several.is_one(name, value))
            )
        if isinstance(value, list):
            return any(isinstance(each, str) for each in value) and self.may_hold_several(name)
        if not isinstance(value, dict) or not self._names.of_several(name):
            return False
        return (str in map(type, value.values()) and not several.are_counts(value)) or (
            len(value) == 1 and not _LISTS.isdisjoint(value)
        )

    def _array(self, items: list[Any] | tuple[Any, ...], depth: int, *, is_of_words: bool = False) -> list[Any]:
        if depth > DEEPEST:
            raise TooDeepError
        is_pair = len(items) == _PAIR and isinstance(items[0], str) and not is_of_words
        if is_pair and is_name(items[0], self._names, alone=True):
            return [self._masked(items[0], depth), masked_value(items[1])]
        if isinstance(items, tuple):
            items = list(items)
        if len(items) > 1:
            if items[0].__class__ is list or items[0].__class__ is dict:
                mask_rows(items, self._names)
            self._siblings.mask_items(items)
            for place in () if is_of_words else tuple(lists.secret_places(items, self._names)):
                items[place] = masked_value(items[place])
        arguments = items[:] if any(value.__class__ is str and value[:1] == "-" for value in items) else []
        is_flagged = False
        for index, value in enumerate(items):
            # The value behind "--password" is a secret, too.
            items[index] = masked_value(value) if is_flagged else self._masked(value, depth)
            is_flagged = value.__class__ is str and value[:1] == "-" and self._names[value]
        if arguments and all(value.__class__ is str for value in arguments):
            for index in secret_places(arguments, self._names):
                items[index] = MASKED
        return items


def _is_naming(field: tuple[Any, Any]) -> bool:
    key, value = field
    return isinstance(key, str) and isinstance(value, str) and NAMING[key] and value not in _TYPES


def _belongs(name: str, value: Any) -> bool:
    """Whether a field holds the value of the secret that one beside it names."""
    if NAMING[name]:
        return False
    if COMPANIONS[name]:
        return not (name in _WALKED and isinstance(value, dict))
    return MESSAGES[name] and (_quotes(value) or is_opaque(value))


def _parts(value: Any) -> tuple[Any, ...] | list[Any]:
    """What a field holds that names something: a text, a path, an element of XML that was read into JSON."""
    if isinstance(value, dict):
        # A node of a parser has a kind, too, and a field of a form a name.
        return tuple(value.values()) if len(value) == 1 else (value.get("value"), value.get("name"), value.get("label"))
    return value if isinstance(value, (list, tuple)) else (value,)


def _quotes(message: Any) -> bool:
    return not isinstance(message, str) or not _QUOTES.isdisjoint(message)
