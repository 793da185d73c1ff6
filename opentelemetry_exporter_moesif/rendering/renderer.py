"""The renderer: batches in, bytes of events out, by programs that it compiles as shapes come by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry.attributes import BoundedAttributes
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.util import BoundedList
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import DEFAULT_TRACE_STATE, SpanContext, SpanKind, Status, StatusCode

from opentelemetry_exporter_moesif.json_codec import encode
from opentelemetry_exporter_moesif.mapping.span_reader import is_call
from opentelemetry_exporter_moesif.redaction.plain import LONGEST_WORD
from opentelemetry_exporter_moesif.rendering import _renderer
from opentelemetry_exporter_moesif.rendering.characters import classes
from opentelemetry_exporter_moesif.rendering.program import Compiler
from opentelemetry_exporter_moesif.rendering.rendered import Rendered

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from opentelemetry_exporter_moesif.mapping.rules import MappingRules
    from opentelemetry_exporter_moesif.rendering.program import Weigh

MOST_PROGRAMS = 1024
# A shape is worth a program when it comes for the eighth time: callers choose the headers that they send, and so the
# shapes. One that no program can be made of is looked at again once in a while: it may have been the span's fault.
_WORTH = 8
_AGAIN = 1024
_LONGEST_NAMES = 4096

# What the compiled renderer knows of the SDK by identity, in the order of native/span.h.
_GIVEN = (ReadableSpan, BoundedAttributes, SpanContext, BoundedList, InstrumentationScope, DEFAULT_TRACE_STATE)


class Renderer:
    """Makes the events of a batch: the usual ones by programs, the others by the mapping.

    Args:
        rules: The rules of the mapping.
        child_ids: Attributes that are read of a span that makes no event.
        weigh: Answers the JSON of a span's weight after a comma; nothing where it has none.
        is_weightless: Whether the sampler that decided on spans of a resource gives them no weight.
        is_ready: Whether calls may be rendered yet; before, the mapping sees each.
        worth: How often a shape has come when it gets a program.
    """

    def __init__(  # noqa: PLR0913 - one argument a source
        self,
        rules: MappingRules,
        child_ids: Collection[str],
        weigh: Weigh,
        is_weightless: Callable[[Resource], bool],
        *,
        is_ready: Callable[[], bool],
        worth: int = _WORTH,
    ) -> None:
        self._rules = rules
        self._child_ids = frozenset(child_ids)
        self._is_ready = is_ready
        self._is_weightless = is_weightless
        self._worth = worth
        self._compiler = Compiler(rules, weigh)
        self._programs: dict[int, Any] = {}  # a program, or how often its shape has come
        self._compiled = _renderer.Renderer(
            _GIVEN,
            classes(has_patterns=rules.redaction.has_patterns),
            LONGEST_WORD,
            self._programs,
            self._learn,
            self._describe,
            _renderer.Program,
        )

    def render(
        self,
        spans: Sequence[ReadableSpan],
        child_ids: Mapping[Any, Any],
        encode_span: Callable[[ReadableSpan], bytes | None],
    ) -> Rendered:
        """The events of spans, in order.

        Args:
            spans: The spans.
            child_ids: What is remembered, by trace id and span id, for spans that are yet to come.
            encode_span: The mapping, for a span in which anything is unusual: its event, or None.
        """
        return Rendered(*self._compiled.render(spans, child_ids, encode_span))

    def _describe(self, resource: Resource) -> tuple[bytes, bool]:
        metadata = self._rules.resource_metadata(resource)
        return b'"resource":' + encode(metadata) if metadata else b"", self._is_weightless(resource)

    def _learn(self, span: ReadableSpan, key: int) -> None:
        """Called for a span of a shape that has no program."""
        if span.kind is SpanKind.SERVER and not self._is_ready():
            return
        count = self._programs.get(key, 0) + 1
        known = self._program(span) if count == self._worth or count % _AGAIN == 0 else None
        if key not in self._programs and len(self._programs) >= MOST_PROGRAMS:
            self._programs.clear()
        self._programs[key] = count if known is None else known

    def _program(self, span: ReadableSpan) -> _renderer.Program | None:
        names = tuple(span.attributes or ())
        if sum(map(len, names)) > _LONGEST_NAMES:
            return None
        if any(is_call({name: "GET"}) for name in names):
            if span.kind is not SpanKind.SERVER:
                return None  # an outgoing call, or perhaps a call after all
            try:
                operations = self._compiler.operations(span)
            except Exception:  # noqa: BLE001 - the mapping meets what is odd about the span, and tells
                return None
        elif self._child_ids.isdisjoint(names):
            operations = ()  # it is passed over
        else:
            return None
        scope = span.instrumentation_scope
        scope_name, version = (scope.name, scope.version or "") if scope else ("", "")
        return _renderer.Program(span.kind, scope_name, version, names, operations)


def is_sdk_known() -> bool:
    """Whether the SDK keeps a span's parts where the compiled renderer looks for them."""
    attributes = BoundedAttributes(attributes={"a": 1}, immutable=False)
    context = SpanContext(1, 2, is_remote=False)
    scope = InstrumentationScope("a", "1")
    span = ReadableSpan(
        name="a",
        context=context,
        parent=context,
        resource=Resource({}),  # without one, the span would have every detector of resources run, and wait for it
        attributes=attributes,
        events=BoundedList(1),
        kind=SpanKind.SERVER,
        status=Status(StatusCode.OK),
        start_time=1,
        end_time=2,
        instrumentation_scope=scope,
    )
    inner: Any = span
    try:
        return (
            (inner._name, inner._kind, inner._start_time, inner._end_time) == ("a", SpanKind.SERVER, 1, 2)  # noqa: SLF001
            and inner._context is inner._parent is context  # noqa: SLF001
            and inner._attributes is attributes  # noqa: SLF001
            and type(inner._attributes._dict) is dict  # noqa: SLF001
            and inner._attributes._dict == {"a": 1}  # noqa: SLF001
            and len(inner._events._dq) == 0  # noqa: SLF001
            and inner._resource is span.resource  # noqa: SLF001
            and inner._status._status_code is StatusCode.OK  # noqa: SLF001
            and (inner._instrumentation_scope._name, inner._instrumentation_scope._version) == ("a", "1")  # noqa: SLF001
            and tuple(context) == (1, 2, False, context.trace_flags, DEFAULT_TRACE_STATE, True)
        )
    except AttributeError:
        return False
