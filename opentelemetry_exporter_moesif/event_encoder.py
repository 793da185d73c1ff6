"""From one span to the bytes of one event, or to none: what the exporter does before anything is sent."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any, TypeVar, cast

from opentelemetry_exporter_moesif.head_sampler import HeadSampler
from opentelemetry_exporter_moesif.hooks import Hooks, id_answer, load_hooks, metadata_answer
from opentelemetry_exporter_moesif.json_codec import encode
from opentelemetry_exporter_moesif.mapping import mapping_rules, span_to_event
from opentelemetry_exporter_moesif.mapping.span_reader import attributes_of
from opentelemetry_exporter_moesif.mapping.weight import round_unbiased, sampling_weight
from opentelemetry_exporter_moesif.telemetry import ThrottledLog

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from opentelemetry.sdk.trace import ReadableSpan

    from opentelemetry_exporter_moesif.config import Config
    from opentelemetry_exporter_moesif.mapping.body import CapturedBodies
    from opentelemetry_exporter_moesif.mapping.event import Event
    from opentelemetry_exporter_moesif.sampling import DynamicSampling

_ID_HOOKS = {"user_id": "identify_user", "company_id": "identify_company", "session_token": "get_session_token"}

_IS_ASYNC = "it is async, and nothing here can await its answer"
_NOT_LOADED = "an error when it was loaded"

_EVENTS_BEFORE_THE_HINT = 100
_NOT_CAPTURED = frozenset(("User-Agent", "Content-Length", "X-Moesif-Tags"))
_CAPTURE_HINT = (
    "Moesif exporter: the first %d calls came without a captured header, so that events have no headers, and behind a"
    " proxy the proxy's address. Set OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST and _RESPONSE to '.*'."
)

_logger = logging.getLogger(__name__)

_Answer = TypeVar("_Answer")


class MaskFailedError(Exception):
    """`mask_event` raised, or answered what is no event: the event must not leave."""


class EventEncoder:
    """Makes encoded events of spans, by one configuration.

    Args:
        config: The exporter's settings.
        sampling: Moesif's dynamic sampling, where it is on.
    """

    def __init__(self, config: Config, sampling: DynamicSampling | None = None) -> None:
        self._config = config
        self._sampling = sampling
        self._head_sampler = HeadSampler()
        self._rules = mapping_rules(config)
        self._loaded_hooks: Hooks | None = None
        self._log = ThrottledLog()
        self._calls_without_headers = itertools.count(1)
        self._is_hinted = False

    def encode(
        self, span: ReadableSpan, found: Mapping[str, Any] | None = None, bodies: CapturedBodies | None = None
    ) -> bytes | None:
        """The event of a span as JSON; None where the span makes none.

        Args:
            span: A SERVER or CLIENT span.
            found: What child spans and `identify()` left for it.
            bodies: What was captured of its call's bodies.

        Raises:
            MaskFailedError: `mask_event` failed on it.
            Exception: It cannot be mapped or encoded.
        """
        hooks = self._loaded_hooks or self._load_hooks()
        if hooks.skip and self._ask("skip", hooks.skip, span, bool):
            return None
        attributes = attributes_of(span)
        event = span_to_event(span, self._rules, found or {}, bodies, attributes)
        if event is None:
            return None
        if hooks.tell_more:
            self._ask_for_ids_and_metadata(event, hooks, span)
        weight = sampling_weight(span, attributes, self._head_sampler.of(span))
        if (weight > 1 or self._sampling is not None) and not self._weigh(event, span, weight):
            return None
        if not self._is_hinted:
            self._count_headers(event)
        return self.finish(event) if hooks.mask_event or hooks.send_nothing else encode(event)

    def finish(self, event: Event) -> bytes | None:
        """A redacted event as JSON, after `mask_event`; None where nothing is to be sent.

        Raises:
            MaskFailedError: `mask_event` failed on it.
            Exception: It cannot be encoded.
        """
        hooks = self._loaded_hooks or self._load_hooks()
        if hooks.send_nothing:
            raise MaskFailedError(_NOT_LOADED)
        masked = _masked(event, hooks.mask_event) if hooks.mask_event else event
        return None if masked is None else encode(masked)

    def _load_hooks(self) -> Hooks:
        self._loaded_hooks = load_hooks(self._config, self._log)
        return self._loaded_hooks

    def _ask(
        self, name: str, hook: Callable[..., Any], span: ReadableSpan, read: Callable[[Any], _Answer]
    ) -> _Answer | None:
        """A hook's answer; None where it fails. These hooks fail open: the call is told without what they know."""
        try:
            answer = hook(span)
            if isinstance(answer, Awaitable):
                raise TypeError(_IS_ASYNC)  # noqa: TRY301 - told as all else that is wrong with a hook
            return read(answer)
        except Exception as error:  # noqa: BLE001 - the user's code may raise anything
            text = f"the hook {name} failed ({{count}} times): {type(error).__name__}: {error}"
            self._log.log(name, logging.WARNING, 1, text)
            return None

    def _ask_for_ids_and_metadata(self, event: Event, hooks: Hooks, span: ReadableSpan) -> None:
        for field, name in _ID_HOOKS.items():
            hook = getattr(hooks, name)
            answer = self._ask(name, hook, span, id_answer) if hook else None
            if answer:
                event[field] = answer  # type: ignore[literal-required]  # a name of the table above
        if hooks.get_metadata:
            event["metadata"].update(self._ask("get_metadata", hooks.get_metadata, span, metadata_answer) or {})

    def _weigh(self, event: Event, span: ReadableSpan, weight: float) -> bool:
        """Gives an event its weight; False where dynamic sampling drops it."""
        context = span.context
        trace_id, span_id = (context.trace_id, context.span_id) if context else (0, 0)
        factor = 1.0 if self._sampling is None else self._sampling.weight_factor(event, trace_id, span_id)
        if factor is None:
            return False
        weight *= factor
        if weight > 1:
            event["weight"] = round_unbiased(weight, trace_id, span_id)
        return True

    def _count_headers(self, event: Event) -> None:
        """Says once, after the first hundred calls, where no header is ever captured."""
        headers = event["request"]["headers"].keys() | event.get("response", event["request"])["headers"].keys()
        if not headers <= _NOT_CAPTURED:
            self._is_hinted = True
        elif next(self._calls_without_headers) == _EVENTS_BEFORE_THE_HINT:  # so one thread says it, of any number
            self._is_hinted = True
            _logger.info(_CAPTURE_HINT, _EVENTS_BEFORE_THE_HINT)


def _masked(event: Event, mask: Callable[..., Any]) -> Event | None:
    metadata = event.get("metadata")
    if isinstance(metadata, dict) and isinstance(metadata.get("resource"), dict):
        metadata["resource"] = dict(metadata["resource"])  # the mask may change it, and other events share it
    try:
        masked = mask(event)
    except Exception as error:
        raise MaskFailedError(type(error).__name__) from error
    if masked is not None and not (isinstance(masked, dict) and isinstance(masked.get("request"), dict)):
        message = f"an answer that is no event, but of the type {type(masked).__name__}"
        raise MaskFailedError(message)
    return cast("Event | None", masked)
