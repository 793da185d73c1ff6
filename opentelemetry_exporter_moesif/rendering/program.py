"""Compiles the program of a span's shape: by looking at what the mapping makes of the span.

The mapping is asked for the event of the span itself, and twice for that of the span with marked values. Where a mark
comes out unchanged, the program copies that attribute; what is the same each time is constant. The few fields that say
more than one attribute does have a function each, which asks the mapping's own functions by value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from opentelemetry.trace import Status, StatusCode

from opentelemetry_exporter_moesif.json_codec import encode
from opentelemetry_exporter_moesif.mapping import span_to_event
from opentelemetry_exporter_moesif.mapping.identity import ID_ATTRIBUTES
from opentelemetry_exporter_moesif.mapping.span_reader import SWITCHING_PROTOCOLS, status, verb
from opentelemetry_exporter_moesif.mapping.span_to_event import transaction_id
from opentelemetry_exporter_moesif.rendering import operations as op
from opentelemetry_exporter_moesif.rendering.callers import Addresses, address_operation, id_operations
from opentelemetry_exporter_moesif.rendering.copied import (
    check_presence,
    header_operations,
    header_texts,
    metadata_operations,
)
from opentelemetry_exporter_moesif.rendering.known import Memory
from opentelemetry_exporter_moesif.rendering.sample import Sample, UnusualError, by_name, leaf, like
from opentelemetry_exporter_moesif.rendering.uri import uri_operations

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

    from opentelemetry_exporter_moesif.mapping.event import Event
    from opentelemetry_exporter_moesif.mapping.rules import MappingRules
    from opentelemetry_exporter_moesif.rendering.operations import Operation
    from opentelemetry_exporter_moesif.rendering.sample import Path

    Weigh = Callable[[Mapping[str, Any], ReadableSpan], bytes]
    Write = Callable[[Sample, MappingRules], list[Operation]]

_OWN_PREFIX = "moesif."
_HEADERS = (("request", "headers"), ("response", "headers"))


class Compiler:
    """Makes programs by the rules of one mapping.

    Args:
        rules: The rules.
        weigh: Answers the JSON of a span's weight, which a comma goes before; nothing where it has none.
    """

    def __init__(self, rules: MappingRules, weigh: Weigh) -> None:
        self._rules = rules
        # A program is made of a call that is left out, too: so the renderer knows the next such call.
        self._rules_without_exclusion = replace(rules, excluded=None)
        self._weigh = weigh
        self._memory = Memory()
        self._texts = header_texts(rules, self._memory)
        self._addresses: Addresses = WeakValueDictionary()

    def operations(self, span: ReadableSpan) -> tuple[Operation, ...]:
        """The operations for spans with the same kind, scope and attribute names as this one.

        Raises:
            UnusualError: There are none.
        """
        names = tuple(span.attributes or ())
        shape = self._rules.shapes.of(span.instrumentation_scope, names)
        if shape.has_body or any(name.startswith(_OWN_PREFIX) for name in names):
            raise UnusualError
        sample = Sample(span, shape, self._mapped, self._memory)
        if sample.statuses:
            return tuple(op.joined(self._event(sample)))
        # Where no status is recorded, the span's own tells whether there is a response: each way is a program's part.
        failed, other = (
            self._event(Sample(like(span, span.attributes, Status(code)), shape, self._mapped, self._memory))
            for code in (StatusCode.ERROR, StatusCode.UNSET)
        )
        others = tuple(code for code in StatusCode if code is not StatusCode.ERROR)
        return (*op.unless_status(others, failed), *op.unless_status((StatusCode.ERROR,), other))

    def _mapped(self, span: ReadableSpan) -> Event | None:
        return span_to_event(span, self._rules_without_exclusion)

    def _event(self, sample: Sample) -> list[Operation]:
        check_presence(sample)
        fields = {name: value for name, value in sample.event.items() if name not in ID_ATTRIBUTES}
        operations = self._object(sample, fields, ())[:-1]
        return [*operations, *id_operations(sample, self._rules), op.weight(self._weigh), op.constant(b"}")]

    def _object(self, sample: Sample, fields: Mapping[str, Any], path: Path) -> list[Operation]:
        operations: list[Operation] = []
        for name, value in fields.items():
            operations += op.member(name, self._field(sample, (*path, name), value), is_first=not operations)
        return op.in_braces(operations)

    def _field(self, sample: Sample, path: Path, value: Any) -> list[Operation]:
        if path == ("request",):
            return self._object(sample, value, path)
        if path == ("response",):
            fields = {name: each for name, each in value.items() if name != "ip_address"}
            return [*self._object(sample, fields, path)[:-1], *_local_address(sample), op.constant(b"}")]
        if path in _HEADERS:
            return header_operations(sample, self._texts, path[0])
        if path == ("request", "ip_address"):
            return [address_operation(sample, self._rules, self._addresses)]
        write = _WRITERS.get(path)
        return [sample.constant(path, value)] if write is None else write(sample, self._rules)


def _verb(sample: Sample, _rules: MappingRules) -> list[Operation]:
    def fragment(values: Any) -> bytes | None:
        attributes = by_name(sample.methods, values)
        method = verb(attributes, "")
        return encode(method) if method and method == verb(attributes, "QZ /") else None

    return [op.looked_up(sample.places(*sample.methods), sample.known(fragment))]


def _status(sample: Sample, _rules: MappingRules) -> list[Operation]:
    if not sample.statuses:
        return [sample.constant(("response", "status"), sample.event["response"]["status"])]

    def fragment(values: Any) -> bytes | None:
        code = status(by_name(sample.statuses, values))
        return encode(code) if code and code != SWITCHING_PROTOCOLS else None

    return [op.looked_up(sample.places(*sample.statuses), sample.known(fragment))]


def _local_address(sample: Sample) -> list[Operation]:
    names = sample.shape.local_addresses
    if not names:
        return []

    def fragment(values: Any) -> bytes:
        address = leaf(sample.event_with(by_name(names, values)), ("response", "ip_address"))
        return b',"ip_address":' + encode(address) if address else b""

    return [op.looked_up(sample.places(*names), sample.known(fragment))]


def _name(sample: Sample, _rules: MappingRules) -> list[Operation]:
    def fragment(name: str) -> bytes | None:
        action_name = leaf(sample.event_with(name=name), ("action_name",))
        return None if action_name is None else encode(action_name)

    return [op.name(sample.known(fragment))]


def _ids_of_span(sample: Sample, _rules: MappingRules) -> list[Operation]:
    if next(iter(sample.event["span"])) != "id":
        raise UnusualError

    def fragment(code: StatusCode) -> tuple[StatusCode, bytes]:
        status = leaf(sample.event_with(status=Status(code)), ("span", "status"))
        return code, b',"status":' + encode(status) if status else b""

    return [
        op.ids(f'{{"id":"{op.SPAN_DIGITS}"'),
        op.parent(b',"parent_id":"'),
        op.status(tuple(map(fragment, StatusCode))),
        op.constant(b"}"),
    ]


def _time(*, of_end: bool) -> Write:
    return lambda _sample, _rules: [op.constant(b'"'), op.time(of_end=of_end), op.constant(b'"')]


_WRITERS: dict[Path, Write] = {
    ("request", "verb"): _verb,
    ("response", "verb"): _verb,
    ("response", "status"): _status,
    ("request", "time"): _time(of_end=False),
    ("response", "time"): _time(of_end=True),
    ("request", "uri"): lambda sample, rules: [op.constant(b'"'), *uri_operations(sample, rules), op.constant(b'"')],
    ("transaction_id",): lambda *_: [op.ids(f'"{transaction_id(op.TRACE_DIGITS, op.SPAN_DIGITS)}"')],
    ("trace_id",): lambda *_: [op.ids(f'"{op.TRACE_DIGITS}"')],
    ("span",): _ids_of_span,
    ("action_name",): _name,
    ("metadata",): metadata_operations,
}
"""What writes the fields that depend on more than one attribute. Any other field is the same for each span."""
