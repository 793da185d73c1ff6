"""Attributes, as they stand in an event's metadata: their names tell as those of fields do, and their texts are cut."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.json_codec import loads
from opentelemetry_exporter_moesif.redaction.masks import MASKED, masked_value
from opentelemetry_exporter_moesif.redaction.spread import Spread, is_part
from opentelemetry_exporter_moesif.redaction.texts import CutTexts
from opentelemetry_exporter_moesif.remembered import Answers

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.names import SecretNames
    from opentelemetry_exporter_moesif.redaction.structures import Structures
    from opentelemetry_exporter_moesif.redaction.texts import Texts

# The longest exception message and metadata text that an event tells, in characters.
_MESSAGE = 4096
_ATTRIBUTE = 16_384
_LONGEST_NAME = 64
_LISTS = frozenset("[{")


class Attributes:
    """Takes what must never leave out of an event's metadata.

    Args:
        names: Which attributes are secrets.
        texts: Takes it out of the texts that they are.
        structures: Takes it out of those that are lists or objects.

    Attributes:
        tells_by_name: Whether an attribute has to be looked at for its name.
    """

    def __init__(self, names: SecretNames, texts: Texts, structures: Structures) -> None:
        self._names = names
        self._texts = texts
        self._structures = structures
        self._attributes = CutTexts(texts, _ATTRIBUTE)
        self._messages = CutTexts(texts, _MESSAGE)
        self._spread = Spread(names)
        self._resource: Any = None
        self.tells_by_name = Answers(self._tells_by_name, longest=_LONGEST_NAME)

    def mask(self, metadata: dict[str, Any]) -> None:
        """Takes the secrets out of an event's metadata, in place, and cuts texts that are too long."""
        tells, texts = self.tells_by_name, self._attributes
        told: list[str] = []
        for name in metadata:  # noqa: PLC0206 - `items()` would be a call more for each event
            value = metadata[name]
            if tells[name]:
                told.append(name)
            elif value.__class__ is str:
                metadata[name] = texts[value]
            elif value.__class__ is not int and value is not self._resource:
                metadata[name] = self._value(name, value)
        if len(told) > 1 and (parts := {name: metadata[name] for name in told if is_part(name)}):
            self._spread.mask(parts)
            metadata.update(parts)
        for name in told:
            value = self._told(name, metadata[name])
            if (clean := self._texts[name]) != name:  # a secret as a name
                del metadata[name]
            metadata[clean] = value

    def _told(self, name: str, value: Any) -> Any:
        """An attribute whose name is that of a secret, or of several, or holds one."""
        if self._names[name] or self._structures.holds_several(name, value):
            return masked_value(value)
        if not isinstance(value, str):
            return self._structures.masked({name: value}).popitem()[1]
        if value[:1] in _LISTS:  # it is, or was, a list or an object
            with suppress(ValueError, RecursionError):
                if self._structures.holds_several(name, loads(value.encode())):
                    return MASKED
        return self._attributes[value]

    def _tells_by_name(self, name: str) -> bool:
        return (
            is_part(name) or self._names[name] or self._structures.may_hold_several(name) or self._texts[name] != name
        )

    def _value(self, name: str, value: Any) -> Any:
        """A value of the metadata that is no text."""
        if name == "exception" and isinstance(value, dict):
            secret = self._names  # of an exception that was only called one
            return {
                key: masked_value(text) if secret[key] else self._messages[str(text)] for key, text in value.items()
            }
        value = self._structures.masked(value)
        if name == "resource":
            self._resource = value  # each event of a process has the very same one
        return value
