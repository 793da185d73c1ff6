"""What is wrong with an event, by `event.schema.json`, in words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

_MAX_PROBLEMS = 50
_MAX_NAME = 200  # characters: a name may fill a whole event, and the list of calls shows it
_KINDS = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "text",
}
# Where null cannot stand for a field that was left out.
_ESSENTIAL = frozenset(
    {
        (),
        ("request",),
        ("request", "time"),
        ("request", "uri"),
        ("request", "verb"),
        ("response", "time"),
        ("response", "status"),
    }
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the schema says of one event.

    Attributes:
        problems: Each problem in words, `request.uri is missing`; empty for a right event.
        refused: Whether Moesif could make nothing of the event. Otherwise the problems are complaints:
            the event is taken, since Moesif's present reference or its own clients allow what the seed does not.
    """

    problems: tuple[str, ...]
    refused: bool


_RIGHT = Verdict((), refused=False)


def problems(event: object) -> list[str]:
    """Every problem of an event in words, none for a right one."""
    return list(judge(event).problems)


def judge(event: Any) -> Verdict:
    """Validate one event, parsed from JSON, against the schema."""
    found: dict[str, bool] = {}
    for error in _validator().iter_errors(event):
        for sentence, refuses in _sentences(error):
            found[sentence] = found.get(sentence, False) or refuses
        if len(found) >= _MAX_PROBLEMS:
            break
    if not found:
        return _RIGHT
    return Verdict(tuple(found), refused=any(found.values()))


@cache
def _validator() -> Draft202012Validator:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - costs 0.1 s, which only a first event owes

    text = resources.files(__name__.rpartition(".")[0]).joinpath("event.schema.json").read_text("utf-8")
    return Draft202012Validator(json.loads(text))


def _sentences(error: ValidationError) -> list[tuple[str, bool]]:
    where = _shortened(".".join(str(step) for step in error.absolute_path))
    schema: Mapping[str, Any] = error.schema if isinstance(error.schema, dict) else {}
    complaints = schema.get("x-complaint", ())
    if error.validator in _NAMING:
        return [
            (
                _at(where, name) + words,
                error.validator not in complaints and f"{error.validator}:{name}" not in complaints,
            )
            for name, words in _NAMING[str(error.validator)](error)
        ]
    if error.instance is None and tuple(error.absolute_path) not in _ESSENTIAL:
        return [(f"{where} is null: leave it out", False)]
    words = schema.get("x-words") if error.validator != "type" or "type" in complaints else None
    subject = where or "the event"
    return [(f"{subject} {words or _generic(error)}", error.validator not in complaints)]


def _missing(error: Any) -> Iterable[tuple[str, str]]:
    # jsonschema reports one missing property an error, and names it in the message alone
    return ((name, " is missing") for name in error.validator_value if error.message.startswith(repr(name)))


def _missing_beside(error: Any) -> Iterable[tuple[str, str]]:
    for name, needed in error.validator_value.items():
        if name in error.instance:
            yield from ((other, f" is missing beside {name}") for other in needed if other not in error.instance)


def _unknown(error: Any) -> Iterable[tuple[str, str]]:
    known = error.schema.get("properties", {}) if isinstance(error.schema, dict) else {}
    return ((name, " is not a field of Moesif's") for name in error.instance if name not in known)


_NAMING: dict[str, Callable[[Any], Iterable[tuple[str, str]]]] = {
    "required": _missing,
    "dependentRequired": _missing_beside,
    "additionalProperties": _unknown,
}


def _generic(error: Any) -> str:
    if error.validator == "type":
        wanted = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
        return f"must be {' or '.join(_KINDS[kind] for kind in wanted)}, not {_kind(error.instance)}"
    if error.validator == "minLength":
        return "must not be empty"
    return f"breaks the rule {error.validator}"


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return _KINDS["boolean"]
    kinds = ((int, "integer"), (float, "number"), (str, "string"), (list, "array"), (dict, "object"))
    return next((_KINDS[name] for kind, name in kinds if isinstance(value, kind)), "null")


def _at(where: str, name: str) -> str:
    return f"{where}.{_shortened(name)}" if where else _shortened(name)


def _shortened(name: str) -> str:
    return name if len(name) <= _MAX_NAME else f"{name[:_MAX_NAME]}\N{HORIZONTAL ELLIPSIS}"
