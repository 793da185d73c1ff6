"""What is wrong with an event, by `event.schema.json`, in words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from jsonschema_rs import Draft202012Validator, ValidationError

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


class Level(IntEnum):
    """How bad a problem is.

    Attributes:
        RIGHT: There is none.
        NOTE: Moesif takes the event as it was meant; it differs from the API as first published.
        MISREAD: Moesif takes it, and shows something else than was meant.
        REFUSED: Moesif can make nothing of it.
    """

    RIGHT = 0
    NOTE = 1
    MISREAD = 2
    REFUSED = 3


class Problem(NamedTuple):
    """One problem in words, `request.uri is missing`."""

    level: Level
    words: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the schema says of one event: its problems, none for a right one."""

    problems: tuple[Problem, ...] = ()

    @property
    def level(self) -> Level:
        """The worst of its problems."""
        return max((problem.level for problem in self.problems), default=Level.RIGHT)

    @property
    def refused(self) -> bool:
        """Whether Moesif could make nothing of the event."""
        return self.level is Level.REFUSED


_RIGHT = Judgement()


def problems(event: object) -> list[str]:
    """Every problem of an event in words, none for a right one."""
    return [problem.words for problem in judge(event).problems]


def judge(event: Any) -> Judgement:
    """Validates one event, parsed from JSON, against the schema."""
    validator = _validator()
    if validator.is_valid(event):
        return _RIGHT
    problems: dict[str, Level] = {}
    for error in validator.iter_errors(event):
        for level, words in _problems(error):
            problems[words] = max(level, problems.get(words, level))
        if len(problems) >= _MAX_PROBLEMS:
            break
    return Judgement(tuple(Problem(level, words) for words, level in problems.items()))


@cache
def _schema() -> dict[str, Any]:
    text = resources.files(__name__.rpartition(".")[0]).joinpath("event.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


@cache
def _validator() -> Draft202012Validator:
    from jsonschema_rs import Draft202012Validator  # noqa: PLC0415 - nobody pays for it before a first event

    return Draft202012Validator(_schema())


def _problems(error: ValidationError) -> Iterable[tuple[Level, str]]:
    """The problems that one broken rule tells of; some rules name several fields."""
    *steps, rule = error.schema_path
    schema = _at_path(_schema(), steps)
    where = _shortened(".".join(map(str, error.instance_path)))
    if rule in _NAMING:
        for name, words in _NAMING[str(rule)](schema, error.instance):
            yield _level(schema, str(rule), name), _at(where, name) + words
    elif error.instance is None and tuple(error.instance_path) not in _ESSENTIAL:
        yield Level.NOTE, f"{where} is null: leave it out"
    else:
        level = _level(schema, str(rule), "")
        own = schema.get("x-words") if rule != "type" or level < Level.REFUSED else None
        yield level, f"{where or 'the event'} {own or _generic(str(rule), schema, error.instance)}"


def _at_path(value: Any, steps: Sequence[str | int]) -> Any:
    for step in steps:
        value = value[step]
    return value


def _level(schema: Mapping[str, Any], rule: str, name: str) -> Level:
    named = {rule, f"{rule}:{name}"}
    if not named.isdisjoint(schema.get("x-note", ())):
        return Level.NOTE
    return Level.REFUSED if named.isdisjoint(schema.get("x-misread", ())) else Level.MISREAD


def _missing(schema: Mapping[str, Any], instance: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    return ((name, " is missing") for name in schema["required"] if name not in instance)


def _missing_beside(schema: Mapping[str, Any], instance: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for name, needed in schema["dependentRequired"].items():
        if name in instance:
            yield from ((other, f" is missing beside {name}") for other in needed if other not in instance)


def _unknown(schema: Mapping[str, Any], instance: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    return ((name, " is not a field of Moesif's") for name in instance if name not in schema["properties"])


_NAMING: dict[str, Callable[[Any, Any], Iterable[tuple[str, str]]]] = {
    "required": _missing,
    "dependentRequired": _missing_beside,
    "additionalProperties": _unknown,
}


def _generic(rule: str, schema: Mapping[str, Any], instance: object) -> str:
    if rule == "type":
        wanted = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        return f"must be {' or '.join(_KINDS[kind] for kind in wanted)}, not {_kind(instance)}"
    if rule == "minLength":
        return "must not be empty"
    return f"breaks the rule {rule}"


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return _KINDS["boolean"]
    kinds = ((int, "integer"), (float, "number"), (str, "string"), (list, "array"), (dict, "object"))
    return next((_KINDS[name] for kind, name in kinds if isinstance(value, kind)), "null")


def _at(where: str, name: str) -> str:
    return f"{where}.{_shortened(name)}" if where else _shortened(name)


def _shortened(name: str) -> str:
    return name if len(name) <= _MAX_NAME else f"{name[:_MAX_NAME]}\N{HORIZONTAL ELLIPSIS}"
