"""A span by which the mapping is asked what it makes of others like it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from opentelemetry.sdk.trace import ReadableSpan

from opentelemetry_exporter_moesif.json_codec import encode
from opentelemetry_exporter_moesif.mapping.span_reader import attributes_of, is_call, status, verb
from opentelemetry_exporter_moesif.remembered import once
from opentelemetry_exporter_moesif.rendering import operations as op
from opentelemetry_exporter_moesif.rendering.known import Known

if TYPE_CHECKING:
    from opentelemetry.trace import Status

    from opentelemetry_exporter_moesif.mapping.event import Event
    from opentelemetry_exporter_moesif.mapping.shape import Shape
    from opentelemetry_exporter_moesif.rendering.known import Memory
    from opentelemetry_exporter_moesif.rendering.operations import Operation

    Mapped = Callable[[ReadableSpan], Event | None]
    Path = tuple[str, ...]

_Answer = TypeVar("_Answer")

PATHS = frozenset(("url.path", "url.query", "url.full", "http.target", "http.url"))
"""The attributes that tell path and query."""

# A number that is told apart from every other value, plus the attribute's place.
_FIRST_NUMBER = 7_400_000
_A_STATUS = 200


class UnusualError(Exception):
    """The span's event has something in it that no program can make."""


@dataclass(frozen=True)
class Marks:
    """What stands for each attribute's value in one look at the mapping.

    Args:
        letters: What its marks begin and end with.
        first_number: The first of those that are numbers.
    """

    letters: str
    first_number: int

    def of(self, place: int, value: Any) -> Any:
        """The mark of the attribute at a place: a text, a number, or, of any other type, a header of one value.

        No value stays as it is: what another span has in that place must never be a program's own.
        """
        if value.__class__ is str:
            return self._text(place)
        return self.first_number + place if value.__class__ is int else (self._text(place),)

    def _text(self, place: int) -> str:
        return f"{self.letters}{place}{self.letters}"


# What is the same under both depends on no value.
_MARKS = (Marks("qz", _FIRST_NUMBER), Marks("xv", 2 * _FIRST_NUMBER))


class Sample:
    """A span, and variants of it.

    Args:
        span: A span that makes an event.
        shape: Its shape.
        mapped: The mapping.
        memory: Bounds what is remembered of values.

    Attributes:
        span: The span.
        shape: Its shape.
        attributes: Its attributes.
        names: Their names.
        methods: Those that tell the verb.
        statuses: Those that tell the status.
    """

    def __init__(self, span: ReadableSpan, shape: Shape, mapped: Mapped, memory: Memory) -> None:
        self._memory = memory
        self.span = span
        self.shape = shape
        self.attributes = dict(attributes_of(span))
        self.names = tuple(self.attributes)
        self.methods = _names_of_method(self.names)
        self.statuses = tuple(name for name in self.names if status({name: _A_STATUS}) == _A_STATUS)
        self._mapped = mapped

    @once
    def event(self) -> dict[str, Any]:
        """The span's event."""
        event = self.event_with()
        if event is None:
            raise UnusualError
        return dict(event)

    @once
    def _marked(self) -> Sequence[Event | None]:
        """The events of the span with marks instead of the values of all attributes that decide nothing."""
        deciding = PATHS.union(self.methods, self.statuses)
        values = [(place, *item) for place, item in enumerate(self.attributes.items()) if item[0] not in deciding]
        return [self.event_with({name: marks.of(place, value) for place, name, value in values}) for marks in _MARKS]

    def event_with(
        self, attributes: Mapping[str, Any] | None = None, *, status: Status | None = None, name: str | None = None
    ) -> Event | None:
        """What the mapping makes of the span with other values of attributes, another status or name."""
        return self._mapped(like(self.span, {**self.attributes, **(attributes or {})}, status, name))

    def known(self, answer: Callable[[Any], _Answer]) -> Known[_Answer]:
        """Remembers a function's answers."""
        return Known(answer, self._memory)

    def places(self, *names: str) -> tuple[int, ...]:
        """Where these attributes are."""
        return tuple(map(self.names.index, names))

    def place_of_copied(self, path: Path) -> int | None:
        """The place of the attribute whose value stands at a place of the event, as it is or as a number's text."""
        for place, value in enumerate(self.attributes.values()):
            marks = [marks.of(place, value) for marks in _MARKS]
            mapped = [leaf(event, path) for event in self._marked]
            plain = [mark[0] if isinstance(mark, tuple) else mark for mark in marks]
            if marks[0] != marks[1] and mapped in (plain, [*map(str, plain)]):
                return place
        return None

    def constant(self, path: Path, value: Any) -> Operation:
        """Writes what stands at a place of the event.

        Raises:
            UnusualError: It depends on a value.
        """
        if any(leaf(event, path) != value for event in self._marked):
            raise UnusualError
        return op.constant(encode(value))


def like(
    span: ReadableSpan, attributes: Mapping[str, Any] | None, status: Status | None = None, name: str | None = None
) -> ReadableSpan:
    """The span with these attributes, without its events; with another status or name, where one is given."""
    return ReadableSpan(
        name=span.name if name is None else name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=attributes,
        kind=span.kind,
        status=span.status if status is None else status,
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def leaf(event: Any, path: Path) -> Any:
    """What stands at a place of an event; None where nothing does."""
    for name in path:
        if not isinstance(event, dict) or name not in event:
            return None
        event = event[name]
    return event


def by_name(names: Sequence[str], values: Any) -> dict[str, Any]:
    """The values of some attributes, as they are looked up: a tuple, or where it is one alone, itself."""
    return dict(zip(names, values if len(names) > 1 else (values,), strict=True)) if names else {}


def _names_of_method(names: tuple[str, ...]) -> tuple[str, ...]:
    """The attributes that tell the verb: the method itself, and what is asked where that is no usual one."""
    methods = [name for name in names if is_call({name: "GET"})]
    other = dict.fromkeys(methods, "_OTHER")
    return (*methods, *(name for name in names if name not in other and verb({**other, name: "QZ"}, "") == "QZ"))
