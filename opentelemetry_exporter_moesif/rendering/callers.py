"""The operations that say whose call it was: address and ids."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from opentelemetry_exporter_moesif.json_codec import encode
from opentelemetry_exporter_moesif.mapping.client_address import anonymized, client_address
from opentelemetry_exporter_moesif.mapping.headers import header_value
from opentelemetry_exporter_moesif.mapping.identity import identity
from opentelemetry_exporter_moesif.rendering import operations as op
from opentelemetry_exporter_moesif.rendering.sample import by_name

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

    from opentelemetry_exporter_moesif.mapping.rules import MappingRules
    from opentelemetry_exporter_moesif.rendering.operations import Operation
    from opentelemetry_exporter_moesif.rendering.sample import Sample


Addresses = WeakValueDictionary[tuple[Any, ...], op.Fragments]
"""What is known of addresses, by what may tell them: shapes that differ in other things share it."""


def address_operation(sample: Sample, rules: MappingRules, addresses: Addresses) -> Operation:
    """The client's address, by the values of everything that may tell it."""
    shape = sample.shape
    attribute_of = {header: attribute for attribute, header in shape.request.captured}
    headers = [(header, attribute_of[header]) for header in shape.forwarding]
    names = (*(attribute for _, attribute in headers), *shape.client_addresses)

    def fragment(values: Any) -> bytes:
        attributes = by_name(names, values)
        forwarded = {header: header_value(attributes[attribute]) for header, attribute in headers}
        address = client_address(forwarded, attributes, shape, rules.proxies)
        return encode(anonymized(address) if rules.anonymize_ip else address)

    if not names:
        return op.constant(fragment(()))
    known = addresses.setdefault((shape.forwarding, shape.client_addresses), sample.known(fragment))
    return op.looked_up(sample.places(*names), known)


def _id(rules: MappingRules, value: Any) -> bytes | None:
    clean = rules.redaction.id(value)
    return None if clean is None else encode(clean)


def id_operations(sample: Sample, rules: MappingRules) -> list[Operation]:
    """The ids that the span's own attributes tell, and those that headers do where no attribute does."""
    shape = sample.shape
    operations = []
    for field, names in shape.ids:
        operations += [
            op.constant(b"," + encode(field) + b":"),
            op.identifier(sample.names.index(names[0]), sample.known(partial(_id, rules))),
        ]
    known_fields = {field for field, _ in shape.ids}
    readers = tuple((field, each) for field, each in rules.identity_readers if field not in known_fields)
    needed = _Asked()
    identity({}, (), needed, {}, readers)
    sources = [(attribute, header) for attribute, header in shape.request.captured if header in needed.names]
    if not sources:
        return operations

    def ids(attributes: Mapping[str, Any], _span: ReadableSpan) -> bytes:
        headers = {header: header_value(attributes[attribute]) for attribute, header in sources}
        callers = identity(attributes, (), headers, {}, readers)
        clean = {field: rules.redaction.id(each) for field, each in callers.items()}
        return b"".join(b"," + encode(field) + b":" + encode(each) for field, each in clean.items() if each is not None)

    return [*operations, op.asked(ids)]


class _Asked(dict[str, str]):
    """No header at all, and which ones were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        """Notes the name."""
        self.names.add(name)
        return default
