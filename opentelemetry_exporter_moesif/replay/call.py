"""What the readers of formats tell: calls, spans that are none, events; and to whom they tell it."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanKind

from opentelemetry_exporter_moesif.encoding.span_copy import copied

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.mapping.body import CapturedBodies

Key = Any
"""What stands for a span: its trace's id and its own, written one behind the other as the file has them."""


@dataclass(slots=True)
class Call:
    """A call, as a span of its server's.

    Args:
        span: What the mapping makes an event of.
        key: What other spans of the file know it by; None where it has no trace.
        parent: The key of its parent; None where it has none.
        trace: What all spans of its trace share.
        bodies: What the file holds of its bodies.
        content: What the id of its event is made of, where its span has none.
    """

    span: ReadableSpan
    key: Key = None
    parent: Key = None
    trace: Hashable = None
    bodies: CapturedBodies | None = None
    content: bytes = b""


class Findings(Protocol):
    """Takes what a reader finds in a record.

    Attributes:
        kinds: The kinds of spans that may be calls: those of a server's, and with `capture_outgoing` a client's.
    """

    kinds: Collection[SpanKind]

    def call(self, call: Call) -> None:
        """A call."""

    def inner(self, trace: Hashable, key: Key, parent: Key, *, passes: bool) -> None:
        """A span that is no call.

        Args:
            trace: What all spans of its trace share.
            key: The span's.
            parent: Its parent's, None where it has none.
            passes: Whether it does not leave the service: a call below it may be the one above it.
        """

    def ids(self, trace: Hashable, key: Key, ids: Mapping[str, Any], end: int) -> None:
        """Ids on a span that is no call, after `inner`.

        Args:
            trace: As above.
            key: As above.
            ids: By the names of attributes.
            end: When it ended, in nanoseconds: what was said last holds.
        """

    def event(self, event: Mapping[str, Any]) -> None:
        """An event as Moesif takes it."""

    def passed_over(self) -> None:
        """Something that is no call and has no ids."""

    def other_signal(self) -> None:
        """A record of metrics, or of logs that are of no calls."""

    def bad(self, reason: str, subject: str = "") -> None:
        """Something that cannot be read.

        Args:
            reason: Why: the same text for all of one kind.
            subject: What it is about: a span, by its name.
        """


@lru_cache(maxsize=64)
def service(name: str) -> Resource:
    """The resource of a service of which no more is known than its name, or nothing at all."""
    return Resource({"service.name": name} if name else {})


@lru_cache(maxsize=64)
def scope(name: str) -> InstrumentationScope:
    """The instrumentation scope of this name."""
    return InstrumentationScope(name)


def with_attributes(span: ReadableSpan, attributes: dict[str, Any], known: ReadableSpan | None = None) -> ReadableSpan:
    """The same span with other attributes.

    Args:
        span: The one.
        attributes: Those that it is to have.
        known: Another span of its call, whose name and events it takes where it has no better ones of its own.
    """
    has_route = (
        known is None or not (known.attributes or {}).get("http.route") or (span.attributes or {}).get("http.route")
    )
    return copied(
        span,
        name=span.name if known is None or has_route else known.name,
        attributes=attributes,
        events=span.events or (() if known is None else known.events),
    )


def as_server(span: ReadableSpan, *, has_parent: bool) -> ReadableSpan:
    """The span of a call that was made INTERNAL, as an instrumentation would have made it without a span around it.

    Args:
        span: The one.
        has_parent: Whether its parent is known; else it is the program's, and tells nothing.
    """
    return copied(span, parent=span.parent if has_parent else None, kind=SpanKind.SERVER)


def logged_call(  # noqa: PLR0913 - one argument a source
    attributes: dict[str, Any],
    start: int,
    end: int,
    *,
    content: bytes,
    name: str = "",
    service_name: str = "",
    bodies: CapturedBodies | None = None,
) -> Call:
    """A call that was written down without a trace.

    Args:
        attributes: By the names of the semantic conventions.
        start: When it began, in nanoseconds since the epoch.
        end: When it was answered.
        content: What the id of its event is made of.
        name: What it did.
        service_name: The service that answered.
        bodies: Its bodies.
    """
    span = ReadableSpan(
        name=name,
        resource=service(service_name),
        attributes=attributes,
        kind=SpanKind.SERVER,
        instrumentation_scope=scope(""),
        start_time=start,
        end_time=end,
    )
    return Call(span, bodies=bodies, content=content)
