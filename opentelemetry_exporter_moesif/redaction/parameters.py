"""Parameters of a query or a form of which one names a secret and another one holds it: `type=totp&code=482913`.

They are the fields of an object, and those with the same number in their names are one below it:
`env-0-key=DB_PASSWORD&env-0-value=…`. So what is said of objects is said of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote_plus

from opentelemetry_exporter_moesif.redaction.companions import COMPANIONS, NAMING, names_a_column
from opentelemetry_exporter_moesif.redaction.expressions import expression
from opentelemetry_exporter_moesif.redaction.masks import MASKED
from opentelemetry_exporter_moesif.redaction.mentions import mention
from opentelemetry_exporter_moesif.redaction.siblings import Siblings
from opentelemetry_exporter_moesif.remembered import Answers

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.names import SecretNames

_LONGEST = 256
_COLUMN = "column"
_VALUE = expression(r"=([^&]*)")
# The number of one of several forms or rows in a name: `form-0-name`, `items[0][name]`, `key1`, `h[0]`.
_NUMBER = expression(r"(?:^|[\[._-])(?P<inner>\d{1,9})[\]._-]{1,2}(?=[^\]._-])|(?<=[^\d])(?P<last>\d{1,9})\]?$")
_BRACKETS = "[]._-"


class _Field(NamedTuple):
    """Where a parameter is in the object that all of them are."""

    holder: dict[str, Any]
    key: str
    value: str


class Parameters:
    """Masks the parameters that hold what another one names.

    Args:
        names: Which names are secrets'.
        naming: What holds the name of one whose value is in a companion.

    Attributes:
        may_name: Whether a parameter's value, as it was sent, names a secret, or tells of one.
    """

    def __init__(self, names: SecretNames, naming: SecretNames) -> None:
        self._names = names
        self._naming = naming
        self._siblings = Siblings(names)
        self.may_name = Answers(self._may_name, longest=_LONGEST)

    def name_one(self, parameters: str) -> bool:
        """Whether one of several parameters has such a value: most queries take a look or two."""
        if "&" not in parameters:
            return False
        values = _VALUE.findall(parameters)
        return self._names.may_be_in("\n".join(values)) and any(map(self.may_name.__getitem__, values))

    def masked(self, parameters: list[str], mask: str) -> list[str]:
        """The parameters, each `name=value`, with a mask in place of the values of those."""
        if not self.name_one("&".join(parameters)):
            return parameters
        fields: dict[str, Any] = {}
        places = list(_placed(parameters, fields))
        below = [each for each in fields.values() if each.__class__ is dict]
        self._mask_named(fields, below)
        for holder in (fields, *below):
            self._siblings.mask_parameters(holder)
        return [
            f"{parameter.partition('=')[0]}={mask}" if place and place.holder[place.key] != place.value else parameter
            for parameter, place in zip(parameters, places, strict=True)
        ]

    def _mask_named(self, fields: dict[str, Any], below: list[dict[str, Any]]) -> None:
        """Masks companions: those beside a name, and those on the other level that have none of their own."""
        telling = [holder for holder in (fields, *below) if any(self._tells_a_name(holder))]
        others = below if telling[:1] == [fields] else [fields] if telling else []
        nameless = [holder for holder in others if not any(map(self._naming.__getitem__, holder))]
        for holder in (*telling, *nameless):
            _mask_companions(holder)

    def _may_name(self, encoded: str) -> bool:
        if not self._names.may_be_in(encoded):
            return False
        value = unquote_plus(encoded)
        return self._names[value] or self._names.several[value] or mention(value, self._names) is not None

    def _tells_a_name(self, fields: dict[str, Any]) -> Iterator[bool]:
        return (
            self._names[value]
            for key, value in fields.items()
            if value.__class__ is str and (key == _COLUMN or self._naming[key])
        )


def _mask_companions(fields: dict[str, Any]) -> None:
    fields.update({key: MASKED for key, value in fields.items() if value.__class__ is str and COMPANIONS[key]})


def _placed(parameters: list[str], fields: dict[str, Any]) -> Iterator[_Field | None]:
    """Puts parameters into an object, and says where each is."""
    known: Counter[tuple[str, str]] = Counter()
    for parameter in parameters:
        encoded, equals, value = parameter.partition("=")
        if not equals:
            yield None
            continue
        number, key = _key(unquote_plus(encoded))
        known[number, key] += 1
        if (again := known[number, key]) > 1:  # `names[]=…&names[]=…`
            number = f"{number}.{again}"
        holder = fields.setdefault(f"{number}.", {}) if number else fields
        holder[key] = unquote_plus(value)
        yield _Field(holder, key, holder[key])


def _key(name: str) -> tuple[str, str]:
    """The numbers in a parameter's name, and what it is called without them."""
    found = [*_NUMBER.finditer(name)]
    numbers = ".".join(each["inner"] or each["last"] for each in found)
    if names_a_column(name):
        return numbers, _COLUMN
    start, end = 0, len(name)
    for each in found:
        start, end = (each.end(), end) if each["inner"] else (start, each.start())
    key = name[start:end].strip(_BRACKETS) or name
    singular = key.removesuffix("s")
    return numbers, singular if name.endswith("[]") and NAMING[singular] else key
