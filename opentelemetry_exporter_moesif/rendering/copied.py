"""The operations that write headers and metadata: each of them is one attribute, or the same for each span."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry_exporter_moesif.json_codec import encode
from opentelemetry_exporter_moesif.mapping.headers import header_value
from opentelemetry_exporter_moesif.mapping.metadata import exception_metadata
from opentelemetry_exporter_moesif.mapping.target import ROUTE_ATTRIBUTE
from opentelemetry_exporter_moesif.redaction.protocols import HEADER as PROTOCOLS
from opentelemetry_exporter_moesif.redaction.spread import is_part
from opentelemetry_exporter_moesif.rendering import operations as op
from opentelemetry_exporter_moesif.rendering.known import Known
from opentelemetry_exporter_moesif.rendering.sample import UnusualError, leaf

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opentelemetry.sdk.trace import ReadableSpan

    from opentelemetry_exporter_moesif.mapping.rules import MappingRules
    from opentelemetry_exporter_moesif.rendering.known import Memory
    from opentelemetry_exporter_moesif.rendering.operations import Operation
    from opentelemetry_exporter_moesif.rendering.sample import Path, Sample


def header_texts(rules: MappingRules, memory: Memory) -> op.Fragments:
    """Captured headers without their secrets, by their values: whose header it is makes no difference.

    One that holds other characters than ASCII's is read as its instrumentation writes it, by the mapping.
    """

    def fragment(value: Any) -> bytes | None:
        text = header_value(value)
        return encode(rules.redaction.text(text)) if text.isascii() else None

    return Known(fragment, memory)


def header_operations(sample: Sample, texts: op.Fragments, side: str) -> list[Operation]:
    """The headers of the request, or of the response.

    Raises:
        UnusualError: It is a WebSocket's handshake with protocols.
    """
    operations: list[Operation] = []
    for name, value in sample.event[side]["headers"].items():
        if name == PROTOCOLS:
            raise UnusualError  # what is a secret in it, its text alone does not tell
        operations += op.member(name, _header(sample, texts, (side, "headers", name), value), is_first=not operations)
    return op.in_braces(operations)


def _header(sample: Sample, texts: op.Fragments, path: Path, value: str) -> list[Operation]:
    place = sample.place_of_copied(path)
    if place is None:
        substitutes = (*sample.shape.request.substitutes, *sample.shape.response.substitutes)
        if path[-1] in {header for header, *_ in substitutes}:
            raise UnusualError  # a masked one: whether it is there depends on a value
        return [sample.constant(path, value)]
    attribute = sample.names[place]
    if sample.attributes[attribute].__class__ is int:
        return [op.constant(b'"'), op.integer(place, least=1), op.constant(b'"')]  # a size
    captured = {captured for captured, _ in (*sample.shape.request.captured, *sample.shape.response.captured)}
    anonymous = (*sample.shape.anonymous, *sample.shape.secret_headers)
    if attribute in captured and path[-1] not in anonymous:
        return [op.text(place, texts)]
    return [op.looked_up((place,), _as_mapped(sample, attribute, path))]  # not every value of it is a header's


def metadata_operations(sample: Sample, rules: MappingRules) -> list[Operation]:
    """The metadata, with the resource and an exception at their end.

    Raises:
        UnusualError: One attribute may tell what another one holds.
    """
    if sum(map(is_part, sample.names)) > 1:
        raise UnusualError
    operations: list[Operation] = []
    for name, value in sample.event["metadata"].items():
        if name != "resource":
            operations += op.member(
                name, _metadata(sample, name, value, rules.redaction.tells_by_name), is_first=not operations
            )

    def exception(_attributes: Mapping[str, Any], span: ReadableSpan) -> bytes:
        metadata = {"exception": exception_metadata(span)}
        if not metadata["exception"]:
            return b""
        is_first = not (operations or rules.resource_metadata(span.resource))
        rules.redaction.metadata(metadata)
        return (b"" if is_first else b",") + encode(metadata)[1:-1]

    return op.in_braces([*operations, op.resource(b"," if operations else b""), op.events(exception)])


def _metadata(sample: Sample, name: str, value: Any, tells_by_name: Mapping[str, bool]) -> list[Operation]:
    path = ("metadata", name)
    if name not in sample.attributes:
        return [sample.constant(path, value)]
    (place,) = sample.places(name)
    others = _as_mapped(sample, name, path)
    if name == ROUTE_ATTRIBUTE:
        return [op.looked_up((place,), others)]
    if sample.place_of_copied(path) == place:
        return [op.looked_up((place,), others) if tells_by_name[name] else op.value(place, others)]
    return [op.asked(lambda attributes, _span: others.answer(attributes[name]))]  # by its name a secret, or of odd type


def check_presence(sample: Sample) -> None:
    """Refuses a span that lacks what a usual one has: the program would leave it out for each.

    Raises:
        UnusualError: It does.
    """
    sides = (("request", sample.shape.request), ("response", sample.shape.response))
    headers = [(side, "headers", name) for side, shape in sides for name, *_ in shape.substitutes]
    metadata = [("metadata", name) for name in sample.shape.metadata]
    response: list[Path] = [("response",)] if sample.statuses else []
    needed: list[Path] = [*response, ("transaction_id",), ("action_name",), *headers, *metadata]
    if any(leaf(sample.event, path) is None for path in needed):
        raise UnusualError


def _as_mapped(sample: Sample, attribute: str, path: Path) -> op.Fragments:
    """What stands at a place of the event by the attribute's value, as the mapping has it."""

    def fragment(value: Any) -> bytes | None:
        mapped = leaf(sample.event_with({attribute: value}), path)
        return None if mapped is None else encode(mapped)

    return sample.known(fragment)
