"""Forms: `application/x-www-form-urlencoded` texts, kept to the letter but for the secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from opentelemetry_exporter_moesif.redaction.accounts import is_account
from opentelemetry_exporter_moesif.redaction.masks import MASKED
from opentelemetry_exporter_moesif.redaction.several import is_one
from opentelemetry_exporter_moesif.redaction.statements import secret_parameters, without_parameters

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.redaction.names import SecretNames
    from opentelemetry_exporter_moesif.redaction.parameters import Parameters
    from opentelemetry_exporter_moesif.remembered import Remembered


class Forms:
    """Takes what must never leave out of forms.

    Args:
        names: Which fields are secrets.
        parameters: Mask what one field names and another one holds.
        texts: Takes it out of the text that a value is.
    """

    def __init__(self, names: SecretNames, parameters: Parameters, texts: Remembered[str, str]) -> None:
        self._names = names
        self._parameters = parameters
        self._texts = texts

    def masked(self, form: str) -> str:
        """The form without its secrets."""
        parts: list[str] = []
        for part in form.split("&"):
            # What has no "=" behind a secret is the rest of it, where a decoded "&" parted the two.
            is_rest = parts and part and "=" not in part and parts[-1].endswith(MASKED)
            parts.append(MASKED if is_rest else self._pairs(part) if part else part)
        parts = self._parameters.masked(parts, MASKED)
        return "&".join(without_parameters(parts, secret_parameters(form, self._names), MASKED))

    def _pairs(self, part: str) -> str:
        """What stands between two "&": a secret goes on behind a ";", which not everybody takes for a separator."""
        pairs = part.split(";")
        for index, pair in enumerate(pairs):
            name, equals, value = pair.partition("=")
            if equals and (self._names[name] or self._holds_several(name, value)):
                return ";".join([*pairs[:index], f"{name}={MASKED}"])
            pairs[index] = self._pair(pair)
        joined = ";".join(pairs)
        return joined if len(pairs) == 1 or self._is_harmless(joined) else MASKED

    def _holds_several(self, name: str, encoded: str) -> bool:
        """Whether a value is a user with a password, or one of several secrets."""
        value = unquote_plus(encoded)
        return is_account(name, value) or (self._names.several[name] and is_one(name, value))

    def _pair(self, pair: str) -> str:
        name, equals, value = pair.partition("=")
        if self._is_harmless(value if equals else name):
            return pair
        return f"{name}={MASKED}" if equals else MASKED

    def _is_harmless(self, encoded: str) -> bool:
        decoded = unquote_plus(encoded)
        return self._texts[decoded] == decoded
