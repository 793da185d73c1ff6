"""The same span with something else in it: spans are not to be changed."""

from __future__ import annotations

from typing import Any

from opentelemetry.sdk.trace import ReadableSpan


def copied(span: ReadableSpan, **changes: Any) -> ReadableSpan:
    """A span with other values.

    Args:
        span: The one.
        changes: Arguments of `ReadableSpan`, in place of what the span has.
    """
    own = {
        "name": span.name,
        "context": span.context,
        "parent": span.parent,
        "resource": span.resource,
        "attributes": span.attributes,
        "events": span.events,
        "links": span.links,
        "kind": span.kind,
        "instrumentation_scope": span.instrumentation_scope,
        "status": span.status,
        "start_time": span.start_time,
        "end_time": span.end_time,
    }
    return ReadableSpan(**{**own, **changes})
